import { composed } from '../../backends/tensorflow/composition.js';
import { type GlobalPoolGeometry, globalPoolShape } from './geometry.js';

/** The mean of a picture; its gradient is one number a channel, broadcast. */
export const averageTensorflow = composed<GlobalPoolGeometry>({
  forward: ({ x }, g, run) => [run.reshape(run.op('Mean', [x!, run.ints([1, 2])]), globalPoolShape(g))],
  dx({ dy }, g, run) {
    const pixels = g.inHeight * g.inWidth;
    const rows = run.reshape(dy!, [g.batch, 1, 1, g.outChannels]);
    return [run.op('Mul', [rows, run.filled([1, g.inHeight, g.inWidth, 1], 1 / pixels)])];
  },
});
