/** What convolutions and their kin declare alike: a filter slides over x, a bias is added, an activation ends it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../geometry.js';
import type { OpDefinition } from '../op-definition.js';
import type { FusedActivation } from './activation/fused.js';
import { fusedActivationGrad } from './activation/fused-gradient.js';

type FilterGeometry = WindowGeometry & { readonly activation: FusedActivation };

/**
 * y of x, filter and bias; dx, dfilter and dbias, each a part of its own.
 * @param filter shape of the filter
 * @param bias   shape of the bias
 */
export function filterOp<Geometry extends FilterGeometry>(
  filter: (geometry: Geometry) => number[],
  bias: (geometry: Geometry) => number[] = (g) => [g.outChannels],
): Pick<OpDefinition<never, Geometry, Tensor>, 'forward' | 'backward' | 'unfuse'> {
  return {
    forward: {
      inputs: ['x', 'filter', 'bias'],
      outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] },
    },
    backward: {
      dx: { inputs: ['dy', 'filter'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
      dfilter: { inputs: ['x', 'dy'], outputs: { dfilter: filter } },
      dbias: { inputs: ['dy'], outputs: { dbias: bias } },
    },
    unfuse: (dy, y, { activation }) => fusedActivationGrad(dy, y, activation),
  };
}
