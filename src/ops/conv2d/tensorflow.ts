import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import { type Composition, composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { Parts } from '../../kernels.js';
import { biasAndActivation, biasGradient } from '../activation/tensorflow-fused.js';
import type { Conv2DGeometry } from './geometry.js';
import { portable } from './portable.js';
import { alignment, explicitPads, framed, frameShape, unframed, windowAttributes } from './tensorflow-window.js';

/**
 * Ops that TensorFlow has only in builds with oneDNN, or on GPUs: groups, and gradients of dilated convolutions. Where it refuses
 * them the portable composition does it.
 */
function maybe(g: Conv2DGeometry, kernel: () => Value[]): Value[] | undefined {
  if (g.groups === 1 && g.dilationHeight === 1 && g.dilationWidth === 1) return kernel();
  try {
    return kernel();
  } catch {
    return undefined;
  }
}

/** y without bias and activation. */
function correlate(run: TensorflowRunner, x: Value, filter: Value, g: Conv2DGeometry): Value {
  const attributes = windowAttributes(run, g);
  const aligned = alignment(g);
  if (aligned) return run.op('Conv2D', [x, filter], [...attributes, run.text('padding', aligned)]);
  const pads = explicitPads(g);
  if (pads) {
    return run.op('Conv2D', [x, filter], [...attributes, run.text('padding', 'EXPLICIT'), run.int('explicit_paddings', pads)]);
  }
  return run.op('Conv2D', [framed(run, x, g), filter], [...attributes, run.text('padding', 'VALID')]);
}

/**
 * Attributes of a gradient, and whether it is one of the frame: pads that TensorFlow has no word for are refused by its older CPU
 * kernels, and slow in newer ones.
 */
function gradientOf(run: TensorflowRunner, g: Conv2DGeometry): { inFrame: boolean; attributes: OpAttribute[] } {
  const aligned = alignment(g);
  return { inFrame: !aligned, attributes: [...windowAttributes(run, g), run.text('padding', aligned ?? 'VALID')] };
}

/** Convolution as TensorFlow's kernels have it; convTranspose2d uses them in other roles. */
export const compositions: Parts<Composition<Conv2DGeometry>> = {
  forward: ({ x, filter, bias }, g, run) =>
    maybe(g, () => [biasAndActivation(run, correlate(run, x!, filter!, g), bias, g.activation)]),

  dx: ({ dy, filter }, g, run) =>
    maybe(g, () => {
      const { inFrame, attributes } = gradientOf(run, g);
      const shape = inFrame ? frameShape(g, g.inChannels) : [g.batch, g.inHeight, g.inWidth, g.inChannels];
      const dx = run.op('Conv2DBackpropInput', [run.ints(shape), filter!, dy!], attributes);
      return [inFrame ? unframed(run, dx, g) : dx];
    }),

  dfilter: ({ x, dy }, g, run) =>
    maybe(g, () => {
      const { inFrame, attributes } = gradientOf(run, g);
      const sizes = run.ints([g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels]);
      return [run.op('Conv2DBackpropFilter', [inFrame ? framed(run, x!, g) : x!, sizes, dy!], attributes)];
    }),

  dbias: ({ dy }, _g, run) => [biasGradient(run, dy!)],
};

export const tensorflow = composed(compositions, portable);
