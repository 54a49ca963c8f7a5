import {
  add,
  greaterEqual,
  lessEqual,
  maximum,
  minimum,
  mul,
  reciprocal,
  type Scalar,
  scalar,
  type Tensor,
  tidy,
  type Variable,
  where,
} from '@tensorflow/tfjs-core';
import { flag, onlyKnown, positiveInteger, refuse } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import type { GradientScaler } from '../optimizers/gradient-scaler.js';

/** Options of LossScaler. */
export interface LossScalerOptions {
  /** What the loss is multiplied by at first, above 0 and at most 2 ** 64; default 65536. */
  readonly initialScale?: number;
  /** What the scale is multiplied by after `growthInterval` good steps, 1 or more; default 2. */
  readonly growthFactor?: number;
  /** What it is multiplied by after a step that is left out, in (0, 1); default 0.5. It does not fall below 1. */
  readonly backoffFactor?: number;
  /** Good steps in a row after which it grows; default 2000. */
  readonly growthInterval?: number;
  /** Whether it changes at all; default true. A static scale leaves steps out, too. */
  readonly dynamic?: boolean;
}

/** The largest finite float32: what is not at most this is infinite, or no number. */
const FINITE = 3.4028234663852886e38;

/** The squares of what is scaled by more are infinite, be it as small as 1. */
const MOST = 2 ** 64;

const OPTIONS = ['initialScale', 'growthFactor', 'backoffFactor', 'growthInterval', 'dynamic'] as const;

/**
 * Scales the loss up, so that gradients of half precision do not vanish, and the gradients down again. A step whose gradients are not all
 * finite changes no weight and no slot; the scale is halved then, and doubled after 2000 good steps. All of it is computed where the
 * gradients are, nothing is read back: so such a step counts for optimizers that count (Adam's bias correction) and for schedules, which
 * PyTorch's, who waits for it, does not. Source: torch.amp.GradScaler.
 *
 *     const { grads } = autocast('float16', () => optimizer.computeGradients(() => scaler.scaled(loss())));
 *     optimizer.applyGradients(grads, scaler);
 */
export class LossScaler implements GradientScaler {
  private readonly settings: Readonly<Required<LossScalerOptions>>;
  private readonly live: Readonly<Record<'scale' | 'goodSteps' | 'skipped', Variable>>;

  /** @throws ArgumentError for numbers that make no sense */
  constructor(options: LossScalerOptions = {}) {
    onlyKnown('LossScaler', options, OPTIONS);
    const { initialScale = 65536, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000, dynamic = true } = options;
    const expect = (valid: boolean, name: string, expected: string, value: unknown) =>
      valid || refuse('LossScaler', name, expected, value);
    expect(initialScale > 0 && initialScale <= MOST, 'initialScale', 'a number above 0, at most 2 ** 64', initialScale);
    expect(growthFactor >= 1 && growthFactor < Infinity, 'growthFactor', 'a number, 1 or more', growthFactor);
    expect(backoffFactor > 0 && backoffFactor < 1, 'backoffFactor', 'a number in (0, 1)', backoffFactor);
    positiveInteger('LossScaler', 'growthInterval', growthInterval);
    flag('LossScaler', 'dynamic', dynamic);
    this.settings = { initialScale, growthFactor, backoffFactor, growthInterval, dynamic };
    const begin = (value: number) => tidy(() => scalar(value).variable(false));
    this.live = { scale: begin(initialScale), goodSteps: begin(0), skipped: begin(0) };
  }

  /** What the next loss is multiplied by: a live scalar, to be read when it is wanted. */
  get scale(): Scalar {
    return this.live.scale as Scalar;
  }

  /** Steps that were left out so far, live. */
  get skipped(): Scalar {
    return this.live.skipped as Scalar;
  }

  /** The loss that gradients are to be taken of. */
  scaled(loss: Scalar): Scalar {
    return mul(loss, this.scale);
  }

  /** What takes the scale out of the gradients. */
  inverse(): Scalar {
    return reciprocal(this.scale);
  }

  /** Counts the step, and moves the scale. */
  judge(squares: Tensor): Scalar {
    const { growthFactor, backoffFactor, growthInterval, dynamic } = this.settings;
    const { scale, goodSteps, skipped } = this.live;
    const finite = lessEqual(squares, FINITE);
    const [one, none] = [scalar(1), scalar(0)];
    skipped.assign(where(finite, skipped, add(skipped, 1)));
    if (dynamic) {
      const good = add(goodSteps, 1);
      const full = greaterEqual(good, growthInterval);
      const better = where(full, minimum(mul(scale, growthFactor), MOST), scale);
      scale.assign(where(finite, better, minimum(scale, maximum(mul(scale, backoffFactor), 1))));
      goodSteps.assign(where(finite, where(full, none, good), none));
    }
    return where(finite, one, none);
  }

  /** What a checkpoint keeps, live. */
  slots(): Record<string, Variable> {
    return { ...this.live };
  }

  /** Goes on with the slots of another run; the tensors stay the caller's. @throws ArgumentError where one is missing, or no number */
  loadSlots(tensors: Readonly<Record<string, Tensor>>): void {
    for (const name of Object.keys(this.live)) {
      if (tensors[name]?.size !== 1) throw new ArgumentError(`LossScaler: the slot '${name}' must be a number`);
    }
    for (const [name, variable] of Object.entries(this.live)) variable.assign(tensors[name]!);
  }

  /** Lets go of its numbers. */
  dispose(): void {
    for (const variable of Object.values(this.live)) variable.dispose();
  }
}
