import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import { type LossGeometry, lossShape, rowWeight } from './geometry.js';

/** A NaN: what a row's loss is whose class does not exist. */
export const NONE = 'intBitsToFloat(0x7fc00000)';

/** One fragment adds up all rows; they go in pairs, as texels have them. */
const TOTAL = `void compute(int texel) {
  float sum = 0.;
  for (int pair = 0; pair < (batch + 1) / 2; pair++) {
    vec2 loss = losses(pair).xy;
    sum += 2 * pair + 1 < batch ? loss.x + loss.y : loss.x;
  }
  out0 = vec4(sum * weight, 0., 0., 0.);
}`;

/** The loss of the batch of those of its rows [batch], which it lets go where they are not the result. */
export function reduceLosses(runner: WebglRunner, name: string, g: LossGeometry, losses: TensorInfo): TensorInfo {
  if (g.reduction === 'none') return losses;
  const [loss] = runner.run({
    ...{ name: `${name}, total`, geometry: g, code: () => TOTAL, inputs: { losses } },
    ...{ ints: { batch: g.batch }, floats: { weight: rowWeight(g) }, outputs: [lossShape(g)] },
  });
  runner.dispose(losses);
  return loss!;
}
