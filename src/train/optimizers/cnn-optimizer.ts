import {
  clone,
  dispose,
  fill,
  getBackend,
  Optimizer,
  type Scalar,
  type serialization,
  type Tensor,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ReadyOp } from '../../backends/kernel-host.js';
import { nonNegativeNumber, onlyKnown, refuse, share } from '../../checks.js';
import { ArgumentError, GeometryError } from '../../geometry.js';
import { hostOf } from '../../op-kernels.js';
import { renewable, repeated } from '../../renewal.js';
import { chosen } from './gate/chosen.js';
import { GradientClipping } from './gradient-clipping.js';
import type { GradientScaler } from './gradient-scaler.js';
import { configuredGroups, groupsFromConfig } from './groups-config.js';
import { maxNorm } from './max-norm/max-norm.js';
import { checkGroups, checkPenalties, type ParameterGroup, type PenaltyOptions, settingsOf } from './parameter-groups.js';
import { placedSlots } from './placed-slots.js';
import { type PlannedUpdate, planned, UpdateQueue } from './planned-update.js';
import { type NamedTensor, SavedWeights, savedState } from './saved-weights.js';
import { checkState, type OptimizerState } from './state.js';
import type { TrackedWeight, WeightMoment } from './tracked-weight.js';
import type { UpdateGeometry } from './update-op.js';
import { registered, WeightNames } from './weight-names.js';

/** Options that all optimizers have. */
export interface OptimizerOptions extends PenaltyOptions {
  /** 0 or more; each optimizer has its own default. */
  readonly learningRate?: number;
  /** Weights with settings of their own. Default: none. */
  readonly groups?: readonly ParameterGroup[];
  /**
   * All gradients together are scaled down to this Euclidean norm where theirs is larger, before anything else is done with them.
   * Infinity clips nothing, but `gradientNorm` is known. Default: neither. Source: PyTorch's clip_grad_norm_.
   */
  readonly clipNorm?: number;
  /** Elements of the gradients are clipped to [-clipValue, clipValue], after clipNorm. Default: not. */
  readonly clipValue?: number;
}

/** Gradients as applyGradients takes them. */
type Gradients = Parameters<Optimizer['applyGradients']>[0];

/** What an optimizer has by itself. */
export interface OptimizerDefaults {
  /** Where the options give none. */
  readonly learningRate: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** Default true. */
  readonly decayBiasAndNorm?: boolean;
}

/** What an update reads, by name: value, gradient, slots, and scalars that may be absent; `open` where the backend's updates take it. */
export type Inputs = Readonly<Record<string, Tensor | undefined>>;

/** What all optimizers have in common, by the names of their options. */
const COMMON = ['learningRate', 'weightDecay', 'decayBiasAndNorm', 'l1', 'l2', 'maxNorm', 'groups', 'clipNorm', 'clipValue'];

/**
 * An optimizer whose every update is one kernel over parameter, gradient and slots. It is a tf.Optimizer: `minimize` and
 * tfjs-layers' `model.compile` take it.
 *
 * **How a step counts.** applyGradients counts `iterations`, and then, weight by weight, that weight's own steps: as in PyTorch one
 * that is unfrozen later begins its bias correction then. Both counts are `repeated`, all numbers that follow from them or from the
 * learning rate are made by `renewable`, and no kernel depends on values read back. So a recorded step that is played again computes
 * what a step run anew would, to the bit.
 */
export abstract class CnnOptimizer extends Optimizer {
  /** Names of what is kept of each weight, in order. @internal */
  protected abstract readonly slotNames: readonly string[];
  /** Whether weight decay takes from the weight itself, not through the gradient. @internal */
  protected readonly decoupledDecay: boolean = false;
  /** What slots begin with. @internal */
  protected readonly slotStart: number = 0;
  /** Options as they are, defaults filled in. @internal */
  protected readonly settings: Readonly<Required<PenaltyOptions>> & { readonly clipNorm?: number; readonly clipValue: number };
  /** For messages: Sgd. @internal */
  protected readonly where: string;
  private readonly groups: readonly ParameterGroup[];
  private readonly names = new WeightNames();
  /** By the variable's name, in the order of their first steps. */
  private readonly weights = new Map<string, TrackedWeight>();
  private rate: number;
  private readonly clipping: GradientClipping;
  /** Of a model's file, until the next step. */
  private saved: SavedWeights | undefined;
  /** What getWeights made: who asks for it does not dispose it. */
  private written: NamedTensor[] = [];

  /** @internal */
  protected constructor(options: OptimizerOptions, own: readonly string[], defaults: OptimizerDefaults) {
    super();
    const where = this.getClassName().replace(/^Cnn/, '');
    onlyKnown(where, options, [...COMMON, ...own]);
    const { learningRate = defaults.learningRate, groups = [], clipNorm, clipValue = Infinity } = options;
    const { l1 = 0, l2 = 0, maxNorm = Infinity } = options;
    const { weightDecay = defaults.weightDecay ?? 0, decayBiasAndNorm = defaults.decayBiasAndNorm ?? true } = options;
    if (clipNorm !== undefined && !(clipNorm > 0)) refuse(where, 'clipNorm', 'a number above 0', clipNorm);
    if (!(clipValue > 0)) refuse(where, 'clipValue', 'a number above 0', clipValue);
    this.where = where;
    this.clipping = new GradientClipping(clipNorm);
    this.settings = { weightDecay, decayBiasAndNorm, l1, l2, maxNorm, clipNorm, clipValue };
    checkPenalties(where, this.settings);
    checkGroups(where, groups);
    this.groups = groups;
    this.rate = nonNegativeNumber(where, 'learningRate', learningRate);
  }

  /** Of the next step. */
  get learningRate(): number {
    return this.rate;
  }

  /** From the next step on; 0 is allowed. @throws ArgumentError for NaN, infinities and below 0 */
  setLearningRate(learningRate: number): void {
    this.rate = nonNegativeNumber(this.where, 'learningRate', learningRate);
  }

  /**
   * From the next step on: the momentum of Sgd, RmsProp and Lars, beta1 of Adam and its kin; one-cycle schedules move it.
   *
   * @throws ArgumentError where it is not in [0, 1), or the optimizer has or keeps none
   */
  setMomentum(momentum: number): void {
    this.changeMomentum(share(this.where, 'momentum', momentum));
  }

  /** @internal */
  protected changeMomentum(_momentum: number): void {
    throw new ArgumentError(`${this.where} has no momentum that could be set`);
  }

  /**
   * Tells the optimizer of a model's weights: slots are called as in the model's saved weights, whatever else there is in the process,
   * and groups see each layer's depth in the whole model. Needed only for these two.
   *
   * @param weights a model, or variables by the names they are to have, in order
   */
  bind(weights: LayersModel | Readonly<Record<string, Variable>>): this {
    this.names.bind(this.where, weights);
    for (const weight of this.weights.values()) weight.settings = this.settingsFor(weight.variable);
    return this;
  }

  /**
   * Takes one step. Weights without a gradient stay as they are.
   *
   * @param gradients by the variables' names
   * @param scaler    where they are those of a scaled loss: the scale is taken out, and where they are not finite, weights and slots
   *                  stay as they are. The step counts all the same: whether it was taken is known to the backend only
   */
  override applyGradients(gradients: Gradients, scaler?: GradientScaler): void {
    const named = Array.isArray(gradients) ? gradients : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const given = named.filter(({ tensor }) => tensor != null);
    this.adopt(given.map(({ name }) => name));
    const moving = given.map(({ name, tensor }) => ({ weight: this.track(name, tensor), gradient: tensor }));
    repeated(() => this.incrementIterations());
    tidy(() => {
      const { scale, open } = this.clipping.of(
        given.map(({ tensor }) => tensor),
        scaler,
      );
      const gated = open && hostOf(getBackend())?.gatedUpdates ? { open } : undefined;
      const before = new Map<TrackedWeight, Tensor[]>();
      const updates = new UpdateQueue((weight: TrackedWeight, outputs) => {
        const old = before.get(weight);
        this.take(weight, old ? chosen(outputs, old, open!) : outputs, open);
      });
      for (const { weight, gradient } of moving) {
        repeated(() => this.count(weight));
        // What has a clone is not written over.
        if (open && !gated) before.set(weight, this.valuesOf(weight).map(clone));
        updates.add(weight, this.update(weight, { value: weight.variable, gradient, scale, ...gated, ...weight.slots }));
      }
      updates.finish();
    });
  }

  /** The weight and what is kept of it, in the order of an update's outputs. */
  private valuesOf({ variable, slots }: TrackedWeight): Variable[] {
    return [variable, ...this.slotNames.map((slot) => slots[slot]!)];
  }

  /**
   * Euclidean norm of all gradients of the last step, before clipping: a live scalar to be read when it is wanted. Undefined before the
   * first step, and without `clipNorm`.
   */
  get gradientNorm(): Scalar | undefined {
    return this.clipping.norm;
  }

  /** @param open of a limit, too: where it is 0 the weight stays as it is */
  private take(weight: TrackedWeight, [value, ...slots]: Tensor[], open: Scalar | undefined): void {
    const { variable, settings } = weight;
    variable.assign(value!);
    // Let go at once: a tensor that shares the variable's data would keep the next kernel from writing in place.
    value!.dispose();
    this.slotNames.forEach((slot, i) => {
      weight.slots[slot]!.assign(slots[i]!);
      slots[i]!.dispose();
    });
    if (settings.maxNorm === Infinity) return;
    const before = open && [clone(variable)];
    const limited = [maxNorm(variable, settings.maxNorm, settings.unitAxes)];
    variable.assign((before ? chosen(limited, before, open) : limited)[0]!);
  }

  /** One more step of a weight. @internal */
  protected count({ state }: TrackedWeight): void {
    state.step++;
  }

  /** What gives the new value and the new slots of a weight. @internal */
  protected abstract update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate;

  /** A weight's update by an op; `numbers` gives what the kernel needs beside what all need. @internal */
  protected planned<Geometry extends UpdateGeometry>(
    op: ReadyOp<Geometry>,
    weight: TrackedWeight,
    inputs: Inputs,
    numbers: (moment: WeightMoment) => Omit<Geometry, Exclude<keyof UpdateGeometry, 'rate'>> & { readonly shrinkage?: number },
  ): PlannedUpdate {
    const { shape, size } = weight.variable;
    const geometry = renewable(() => {
      const { weightDecay, l1, l2, learningRateScale } = weight.settings;
      const rate = this.rate * learningRateScale;
      const own = numbers({ rate, weightDecay, state: weight.state });
      const decay = this.decoupledDecay ? { l2, shrinkage: rate * weightDecay } : { l2: l2 + weightDecay, shrinkage: 0 };
      return { shape, size, clip: this.settings.clipValue, l1, ...decay, ...own } as unknown as Geometry;
    });
    return planned(op, inputs, geometry);
  }

  /** What is kept of each weight, live: `<weight>/<slot>`, in the order of the weights' first steps. */
  slots(): Record<string, Variable> {
    const all: Record<string, Variable> = {};
    for (const { variable, slots } of this.weights.values()) {
      for (const slot of this.slotNames) all[`${this.names.of(variable).name}/${slot}`] = slots[slot]!;
    }
    return all;
  }

  /**
   * Goes on with the slots of another run; those of weights that are not among them begin anew. The tensors stay the caller's.
   *
   * @param tensors as `slots()` names them; all are checked before one is taken
   * @throws ArgumentError for a name that is no weight's slot, or a slot that is missing; GeometryError for another shape
   */
  loadSlots(tensors: Readonly<Record<string, Tensor>>): void {
    const placed = placedSlots(this.where, tensors, this.slotNames, (name) => this.names.variable(this.where, name));
    tidy(() => {
      for (const { variable, slots } of this.weights.values()) {
        for (const slot of this.slotNames) slots[slot]!.assign(fill(variable.shape, this.slotStart));
      }
    });
    for (const [variable, slots] of placed) {
      const weight = this.track(variable.name);
      for (const slot of this.slotNames) weight.slots[slot]!.assign(slots[slot]!);
    }
  }

  /** What a checkpoint needs beside the slots: plain JSON. */
  state(): OptimizerState {
    const weights: Record<string, TrackedWeight['state']> = {};
    for (const { variable, state } of this.weights.values()) weights[this.names.of(variable).name] = { ...state };
    return { iterations: this.iterations, weights };
  }

  /** Goes on from there. @throws ArgumentError where it is no state of an optimizer, or of other weights */
  restore(state: OptimizerState): void {
    const { iterations, weights } = checkState(this.where, state);
    const placed = Object.entries(weights).map(([name, of]) => [this.names.variable(this.where, name), of] as const);
    for (const weight of this.weights.values()) weight.state = { step: 0 };
    for (const [variable, of] of placed) this.track(variable.name).state = { ...of };
    this.iterations_ = iterations;
  }

  /** Steps, slots and state, as tfjs saves them; the optimizer's to dispose. */
  override async getWeights(): Promise<NamedTensor[]> {
    dispose(this.written.map(({ tensor }) => tensor));
    this.written = [await this.saveIterations(), savedState(this.saved?.state ?? this.state())];
    const slots = this.saved?.tensors ?? Object.entries(this.slots()).map(([name, tensor]) => ({ name, tensor }));
    return [this.written[0]!, ...slots, this.written[1]!];
  }

  /**
   * Goes on from what getWeights gave, from the next step on.
   *
   * @throws ArgumentError where they are no weights of such an optimizer
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const text = await SavedWeights.stateText(this.where, weights);
    const saved = new SavedWeights(this.where, await this.extractIterations(weights), text);
    this.saved?.dispose();
    this.saved = saved;
  }

  private adopt(names: readonly string[]): void {
    if (!this.saved) return;
    const { slots, state } = this.saved.named(names.map((name) => this.names.of(registered(this.where, name)).name));
    this.loadSlots(slots);
    this.restore(state);
    this.saved.dispose();
    this.saved = undefined;
  }

  /** Disposes the slots; the next step would begin with new ones. */
  override dispose(): void {
    for (const { slots } of this.weights.values()) dispose(slots as Record<string, Variable>);
    this.weights.clear();
    this.clipping.dispose();
    this.saved?.dispose();
    this.saved = undefined;
    dispose(this.written.map(({ tensor }) => tensor));
    this.written = [];
  }

  /** The options; of `groups` as text. @throws ArgumentError where a group is chosen by a function: it cannot be saved */
  override getConfig(): serialization.ConfigDict {
    const { weightDecay, decayBiasAndNorm, l1, l2, ...limits } = this.settings;
    const config: serialization.ConfigDict = { learningRate: this.rate, weightDecay, decayBiasAndNorm, l1, l2 };
    // JSON has no infinity.
    for (const [name, limit] of Object.entries(limits)) if (limit !== undefined && limit < Infinity) config[name] = limit;
    if (this.groups.length > 0) config['groups'] = configuredGroups(this.where, this.groups);
    return config;
  }

  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: serialization.ConfigDict,
  ): T {
    // tfjs-layers adds the classes it was told of.
    const { customObjects: _, groups, ...options } = config;
    return new cls(groups === undefined ? options : { ...options, groups: groupsFromConfig(groups) });
  }

  /** The record of a weight, made with its slots on first use. */
  private track(name: string, gradient?: Tensor): TrackedWeight {
    const known = this.weights.get(name);
    const variable = registered(this.where, name);
    if (gradient && String(gradient.shape) !== String(variable.shape)) {
      throw new GeometryError(
        `${this.where}: the gradient of '${name}' has shape [${gradient.shape}], expected [${variable.shape}]`,
      );
    }
    if (known?.variable === variable) return known;
    if (known) dispose(known.slots as Record<string, Variable>);
    const slots = tidy(() =>
      Object.fromEntries(this.slotNames.map((slot) => [slot, fill(variable.shape, this.slotStart).variable(false)])),
    );
    const weight: TrackedWeight = { variable, slots, state: { step: 0 }, settings: this.settingsFor(variable) };
    this.weights.set(name, weight);
    return weight;
  }

  private settingsFor(variable: Variable): TrackedWeight['settings'] {
    return settingsOf({ ...this.names.of(variable), rank: variable.rank }, this.settings, this.groups);
  }
}
