import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MOST_BYTES } from '../../backends/wasm-cnn/memory.js';
import { ArgumentError } from '../../geometry.js';
import { inputShapesOf } from './input-shapes.js';
import type { ProfileOptions } from './profile.js';
import { stepMemory } from './step-memory.js';

/** Options of maxBatch: those of the step. */
export type MaxBatchOptions = Pick<ProfileOptions, 'inputShape' | 'optimizer'>;

/**
 * The largest batch of which a training step on 'wasm-cnn' holds at most `bytes` of memory at one time, as `profile`
 * foretells it, and that fits into the 4 GiB that WebAssembly can address; 0 where not even one picture does.
 *
 * @throws ArgumentError as profile does
 */
export function maxBatch(model: LayersModel, bytes: number, options: MaxBatchOptions = {}): number {
  if (!(bytes > 0)) throw new ArgumentError(`maxBatch: bytes must be above 0, got ${bytes}`);
  const { optimizer = 'sgd', inputShape } = options;
  const inputShapes = inputShapesOf('maxBatch', model, inputShape);
  return largestBelow(Math.min(bytes, MOST_BYTES), (batchSize) => {
    const { peak, reserved } = stepMemory('maxBatch', model, { inputShapes, batchSize, optimizer });
    return reserved > MOST_BYTES ? Number.POSITIVE_INFINITY : peak;
  });
}

/** How much further than known numbers one looks at a time. */
const REACH = 32;

/**
 * The largest n >= 1 with f(n) <= most, 0 if there is none. f grows almost as a straight line: one looks next where the
 * line through what is known meets `most`.
 */
function largestBelow(most: number, f: (n: number) => number): number {
  let below = { n: 0, value: 0 };
  let above = Number.POSITIVE_INFINITY;
  for (let n = 1; n < above; ) {
    const value = f(n);
    if (value > most) above = n;
    else {
      const slope = (value - below.value) / (n - below.n);
      below = { n, value };
      n += Math.max(1, Math.min(REACH * n, Math.floor((most - value) / slope)));
    }
    // Where the line leads too far, the middle.
    if (n >= above) n = Math.floor((below.n + above) / 2);
    if (n <= below.n) break;
  }
  return below.n;
}
