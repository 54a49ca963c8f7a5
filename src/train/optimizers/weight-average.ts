import { type NamedTensorMap, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { flag, isRecord, nonNegativeInteger, onlyKnown, share } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { renewable, repeated } from '../../renewal.js';
import { lerp } from './lerp/lerp.js';
import { placedSlots } from './placed-slots.js';
import { WeightNames } from './weight-names.js';

/** Options of WeightAverage. */
export interface WeightAverageOptions {
  /** Share of the average that stays at each update, in [0, 1). Default 0.9999. */
  readonly decay?: number;
  /**
   * Begins with a smaller decay, min(decay, (1 + updates) / (10 + updates)), so that the first weights are soon forgotten. Default true.
   * Source: `num_updates` of TensorFlow's ExponentialMovingAverage.
   */
  readonly warmUp?: boolean;
  /** So many updates only copy the weights. Default 0. */
  readonly updateAfterStep?: number;
}

/** What a checkpoint keeps of a WeightAverage beside its tensors: plain JSON. */
export interface WeightAverageState {
  /** Updates so far. */
  readonly updates: number;
}

const SLOT = 'average';

/**
 * An exponential moving average of a net's weights: average += (1 - decay) (weight - average) after each step. Of batch
 * normalisations the moving statistics are averaged, too (as timm's ModelEmaV2 does with all floating buffers): they belong to the
 * averaged weights more than the last ones do.
 *
 *     const average = new WeightAverage(model, { decay: 0.999 });
 *     optimizer.minimize(...); average.update();        // after each step
 *     await average.during(() => evaluate(model, test)); // the model has the average meanwhile
 */
export class WeightAverage {
  private readonly decay: number;
  private readonly warmUp: boolean;
  private readonly updateAfterStep: number;
  private readonly names = new WeightNames();
  private readonly pairs: { readonly weight: Variable; readonly average: Variable }[];
  private updates = 0;
  private swapped = false;

  /** @param weights a model, all its weights, or variables by name; the average begins with their values */
  constructor(weights: LayersModel | Readonly<Record<string, Variable>>, options: WeightAverageOptions = {}) {
    const where = 'WeightAverage';
    onlyKnown(where, options, ['decay', 'warmUp', 'updateAfterStep']);
    const { decay = 0.9999, warmUp = true, updateAfterStep = 0 } = options;
    this.decay = share(where, 'decay', decay);
    this.warmUp = flag(where, 'warmUp', warmUp);
    this.updateAfterStep = nonNegativeInteger(where, 'updateAfterStep', updateAfterStep);
    const variables = this.names.bind(where, weights).filter(({ dtype }) => dtype === 'float32');
    this.pairs = tidy(() => variables.map((weight) => ({ weight, average: weight.clone().variable(false) })));
  }

  /** Moves the average towards the weights: after each step, before `swap`. */
  update(): void {
    if (this.swapped) throw new ArgumentError('WeightAverage: the net has the average now; swap back before the next step');
    repeated(() => {
      this.updates++;
    });
    for (const { weight, average } of this.pairs) {
      const { shape, size } = weight;
      const moved = lerp(
        average,
        weight,
        renewable(() => ({ shape, size, share: this.share() })),
      );
      average.assign(moved);
      moved.dispose();
    }
  }

  /** Of the weights that goes into the average at the update that was counted last. */
  private share(): number {
    const updates = this.updates - this.updateAfterStep;
    if (updates <= 0) return 1;
    return 1 - (this.warmUp ? Math.min(this.decay, (1 + updates) / (10 + updates)) : this.decay);
  }

  /** Gives the net the average, and the average the net's weights: a second time puts them back. */
  swap(): void {
    for (const { weight, average } of this.pairs) {
      const value = weight.clone();
      weight.assign(average);
      average.assign(value);
      value.dispose();
    }
    this.swapped = !this.swapped;
  }

  /** Runs `work` while the net has the average; puts the weights back whatever happens. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    this.swap();
    try {
      return await work();
    } finally {
      this.swap();
    }
  }

  /** The averages, live: `<weight>/average`. */
  slots(): Record<string, Variable> {
    return Object.fromEntries(this.pairs.map(({ weight, average }) => [`${this.names.of(weight).name}/${SLOT}`, average]));
  }

  /**
   * Goes on with the averages of another run; the tensors stay the caller's.
   *
   * @param tensors as `slots()` names them, of all weights
   * @throws ArgumentError for a name that is no weight's, or a missing one; GeometryError for another shape. Nothing is changed then
   */
  loadSlots(tensors: Readonly<NamedTensorMap>): void {
    const where = 'WeightAverage';
    const placed = placedSlots(where, tensors, [SLOT], (name) => this.names.variable(where, name));
    const found = this.pairs.map(({ weight }) => {
      const slots = placed.get(weight);
      if (!slots)
        throw new ArgumentError(`${where}: the average of '${this.names.of(weight).name}' is not among those to be loaded`);
      return slots[SLOT]!;
    });
    this.pairs.forEach(({ average }, i) => void average.assign(found[i]!));
  }

  /** What a checkpoint needs beside the averages. */
  state(): WeightAverageState {
    return { updates: this.updates };
  }

  /** Goes on from there. @throws ArgumentError where it is no state of a WeightAverage */
  restore(state: WeightAverageState): void {
    const updates: unknown = isRecord(state) ? state['updates'] : undefined;
    this.updates = nonNegativeInteger('WeightAverage', "the state's updates", updates);
  }

  /** Lets go of the averages; the net keeps what it has. */
  dispose(): void {
    for (const { average } of this.pairs) average.dispose();
    this.pairs.length = 0;
  }
}
