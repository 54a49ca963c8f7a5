/** Training steps without tfjs's tape, scopes and garbage. */
import { engine, getBackend, getKernel, type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { OutOfMemoryError } from '../../backends/wasm-cnn/runtime.js';
import { leavesOf } from '../../layers/leaves.js';
import { winogradAllowed } from '../../ops/conv2d/winograd.js';
import { lossWeights } from '../../zoo/loss-weights.js';
import type { Trainable } from '../trainable.js';
import { unknownIn } from './known-layers.js';
import { newPlayer, whyNoPlayer } from './players.js';
import type { PlayableStep, RecordedStep, Step, StepInput, StepPlayer } from './step-player.js';

export type { StepInput } from './step-player.js';

/** Steps that may be recorded until two in a row are alike: an optimizer's first one makes what it keeps. */
const ATTEMPTS = 5;
/** Plans that are kept: the last batch of an epoch is smaller. */
const PLANS = 4;

/** What is known of the steps with inputs of certain shapes. */
interface Kind {
  plan?: PlayableStep;
  recording?: RecordedStep;
  attempts: number;
}

/**
 * A training step that is recorded and played again. The first steps with inputs of certain shapes run eagerly; once two in a
 * row have called the same kernels with the same attributes, the following ones are those calls, on memory that is planned
 * ahead. They change the same variables to the same bits, draw the same seeds, and may be mixed with eager steps and with
 * whatever else reads or changes the weights in between.
 *
 * Only on 'wasm-cnn', 'tensorflow' and, accelerated, 'webgpu', and only for models whose layers are known to do the same at every step;
 * elsewhere every step runs eagerly, and `whyEager` says why. The step must depend on nothing that changes but its inputs, the net's and optimizer's state, and
 * what goes through `renewable`: call `forget` after changing anything else.
 */
export class CompiledStep {
  private readonly kinds = new Map<string, Kind>();
  private player: StepPlayer | undefined;
  private backend: object | undefined;
  /** What else decides which kernels a step calls, as it was when the plans were made. */
  private settings: readonly unknown[] = [];
  private readonly switches: readonly { readonly trainable: boolean }[];
  private refusal: string | undefined;

  /**
   * @param net  what is trained
   * @param step one eager step on tensors: forward pass, backward pass and update; gives what is wanted of it, first of all the loss
   * @param isSound whether a step is to be played to its end, once its first result is there: else no variable changes. Of the others
   *   only those count then that the first one was made of. Not asked for steps that run eagerly, nor on a GPU
   */
  constructor(
    private readonly net: Trainable,
    private readonly step: Step,
    private readonly isSound: (first: Float32Array) => boolean = () => true,
  ) {
    this.refusal = unknownIn(net);
    this.switches =
      net instanceof LayersModel ? [net, ...leavesOf(net), ...net.weights.map((weight) => weight.read() as Variable)] : [];
  }

  /** Why steps run eagerly; undefined where they do not, or are not known to yet. */
  get whyEager(): string | undefined {
    return this.refusal ?? whyNoPlayer();
  }

  /** Whether steps with inputs of these shapes are played. */
  isCompiled(shapes: readonly (readonly number[])[]): boolean {
    return this.kinds.get(keyOf(shapes))?.plan !== undefined;
  }

  /** Takes a step. The inputs are float32; the results are the caller's to dispose. */
  run(inputs: readonly StepInput[]): Tensor[] {
    if (this.whyEager) return this.runEagerly(inputs, this.step);
    this.look();
    const kind = this.kindOf(inputs.map(({ shape }) => shape));
    if (kind.plan?.lost) forgetPlan(kind);
    if (kind.plan && this.isReady(kind.plan)) return kind.plan.play(inputs);
    return this.refusal ? this.runEagerly(inputs, this.step) : this.record(inputs, kind);
  }

  /** Gives the memory back that steps need and hold between them only for speed; the next step takes it again. */
  rest(): void {
    this.player?.rest();
  }

  /** Records anew: after a change of what the step computes, or once there is memory again. */
  forget(): void {
    this.dispose();
    this.refusal = unknownIn(this.net);
  }

  /** Gives all memory back. */
  dispose(): void {
    for (const kind of this.kinds.values()) forgetPlan(kind);
    this.kinds.clear();
    this.player?.rest();
  }

  /** Notices what has changed since the last step. */
  private look(): void {
    const { backend } = engine();
    const settings = this.settingsNow();
    if (backend === this.backend && settings.every((setting, i) => setting === this.settings[i])) return;
    this.dispose();
    if (backend !== this.backend) {
      this.player = newPlayer();
      this.backend = backend;
    }
    this.settings = settings;
  }

  private settingsNow(): unknown[] {
    const weights = this.net instanceof LayersModel ? lossWeights(this.net) : [];
    // Of a backend that is accelerated, or no longer, all kernels are others.
    const kernel = getKernel('CnnConv2D', getBackend());
    return [kernel, winogradAllowed(), ...weights, ...this.switches.map(({ trainable }) => trainable)];
  }

  private kindOf(shapes: readonly (readonly number[])[]): Kind {
    const key = keyOf(shapes);
    const kind = this.kinds.get(key) ?? { attempts: 0 };
    // The one that was used longest ago is the first.
    this.kinds.delete(key);
    this.kinds.set(key, kind);
    const [oldest] = this.kinds.keys();
    if (this.kinds.size > PLANS) {
      forgetPlan(this.kinds.get(oldest!)!);
      this.kinds.delete(oldest!);
    }
    return kind;
  }

  private isReady(plan: PlayableStep): boolean {
    try {
      plan.prepare();
      return true;
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      this.dispose();
      this.refusal = `there is no memory for a compiled step: ${error.message}`;
      return false;
    }
  }

  private runEagerly(inputs: readonly StepInput[], step: Step): Tensor[] {
    return tidy(() => step(inputs.map(({ values, shape }) => tensor(values, [...shape]))));
  }

  private record(inputs: readonly StepInput[], kind: Kind): Tensor[] {
    const player = this.player!;
    return this.runEagerly(inputs, (tensors) => {
      const [outputs, recording] = player.record(tensors, this.step);
      this.learn(kind, recording, player);
      return outputs;
    });
  }

  /** Makes a plan once two steps in a row were alike. */
  private learn(kind: Kind, recording: RecordedStep, player: StepPlayer): void {
    kind.attempts++;
    const { recording: before } = kind;
    const difference = recording.complaint ?? (before && (before.complaint ?? player.differenceOf(before, recording)));
    kind.recording = recording;
    if (before && !difference) {
      kind.plan = player.planOf(recording, this.isSound);
      kind.recording = undefined;
      return;
    }
    if (kind.attempts >= ATTEMPTS) {
      this.dispose();
      this.refusal = `the steps are not alike: ${difference}`;
    }
  }
}

function keyOf(shapes: readonly (readonly number[])[]): string {
  return shapes.join(';');
}

function forgetPlan(kind: Kind): void {
  kind.plan?.dispose();
  kind.plan = undefined;
  kind.recording = undefined;
  kind.attempts = 0;
}
