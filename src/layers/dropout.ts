import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { dropout } from '../ops/dropout/dropout.js';
import type { Recomputation } from '../recompute.js';
import { repeated } from '../renewal.js';
import { type Config, type LayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';

/** Options of the layer Dropout. */
export interface DropoutOptions extends LayerOptions {
  /** Part of the values that become 0 in training, in [0, 1). */
  rate: number;
  /**
   * An integer in [0, 2^32). With it and the number of training steps so far, every mask is determined, on every
   * backend; layers with equal seeds and shapes drop the same. Default: another one each time.
   */
  seed?: number | null;
}

/** Masks of one seed before they begin again; with 32 bits of seed they fill a safe integer. */
const STEPS = 2 ** 21;

/** In training drops values at random and scales up what is left; else gives back its input. Any shape. */
export class Dropout extends OneInputLayer {
  static className = 'CnnDropout';
  readonly rate: number;
  /** As given: a net that is loaded again draws anew where there was none. */
  private readonly givenSeed: number | null;
  private firstMask: number;
  private step = 0;

  constructor(options: DropoutOptions) {
    super(options);
    const { rate, seed = null } = options;
    if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
      this.refuse('seed', 'an integer in [0, 2^32)', seed);
    this.rate = this.share('rate', rate);
    this.givenSeed = seed;
    this.firstMask = (seed ?? Math.floor(Math.random() * 2 ** 32)) * STEPS;
  }

  protected override forward(x: Tensor, training: boolean, recomputation?: Recomputation): Tensor {
    if (!training || this.rate === 0) return x;
    const mask = recomputation ? recomputation.draw(() => this.nextMask()) : this.nextMask();
    return dropout(x, { rate: this.rate, seed: () => mask.seed });
  }

  /** The next mask, whose seed is another one in each step that is played again. */
  private nextMask(): { readonly seed: number } {
    const mask = { seed: 0 };
    repeated(() => {
      mask.seed = this.firstMask + this.step;
      this.step = (this.step + 1) % STEPS;
    });
    return mask;
  }

  override trainingState(): Readonly<Record<string, number>> {
    return { firstMask: this.firstMask, step: this.step };
  }

  override restoreTrainingState({ firstMask, step }: Readonly<Record<string, number>>): void {
    this.firstMask = firstMask!;
    this.step = step!;
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return shape;
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate, seed: this.givenSeed };
  }
}
registerLayer(Dropout);
