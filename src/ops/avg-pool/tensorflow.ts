import { composed } from '../../backends/tensorflow/composition.js';
import { alignment, framed, frameShape, unframed } from '../conv2d/tensorflow-window.js';
import { poolAttributes } from '../pool/tensorflow.js';
import { type AvgPoolGeometry, averagingAxes } from './geometry.js';
import { portable } from './portable.js';

/**
 * Where the average is taken: of the picture, as TensorFlow counts pixels, or of the picture with its pads, all of which count. Neither
 * where windows of ceil mode leave the padding, or pads that do not count have no word in TensorFlow.
 */
function placeOf(g: AvgPoolGeometry): 'picture' | 'frame' | undefined {
  const aligned = alignment(g);
  if (aligned === 'VALID' || (aligned && !g.countIncludePad)) return 'picture';
  const whole = averagingAxes(g).every(({ divisor }, axis) => {
    const window = axis === 0 ? g.filterHeight : g.filterWidth;
    return divisor.every((count) => count === window);
  });
  return whole ? 'frame' : undefined;
}

/** The frame itself has no pads. */
function withoutPads(g: AvgPoolGeometry): AvgPoolGeometry {
  const [, inHeight, inWidth] = frameShape(g, g.inChannels) as [number, number, number, number];
  return { ...g, inHeight, inWidth, padTop: 0, padBottom: 0, padLeft: 0, padRight: 0 };
}

/** Average pooling by TensorFlow's kernels. */
export const tensorflow = composed<AvgPoolGeometry>(
  {
    forward({ x }, g, run) {
      const place = placeOf(g);
      if (place === 'picture') return [run.op('AvgPool', [x!], poolAttributes(run, g))];
      return place && [run.op('AvgPool', [framed(run, x!, g)], poolAttributes(run, withoutPads(g)))];
    },
    dx({ dy }, g, run) {
      const place = placeOf(g);
      if (place === 'picture') {
        return [run.op('AvgPoolGrad', [run.ints([g.batch, g.inHeight, g.inWidth, g.inChannels]), dy!], poolAttributes(run, g))];
      }
      if (!place) return undefined;
      const dFrame = run.op('AvgPoolGrad', [run.ints(frameShape(g, g.inChannels)), dy!], poolAttributes(run, withoutPads(g)));
      return [unframed(run, dFrame, g)];
    },
  },
  portable,
);
