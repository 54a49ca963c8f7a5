import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { FusedActivation } from './fused.js';

/** TensorFlow's names of the activations that forward kernels apply. */
const names: Readonly<Record<Exclude<FusedActivation, 'linear'>, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
};

/** TensorFlow takes rows one by one: where they are shorter than this, those of a line of pixels are taken as one. */
const NARROW = 64;

/** Pixels that go together as one row; 1 where rows are long enough. */
function pixelsOfRow({ shape }: Value): number {
  return shape.length === 4 && shape[3]! < NARROW ? shape[2]! : 1;
}

/** act(z + bias): what a forward kernel does last. */
export function biasAndActivation(run: TensorflowRunner, z: Value, bias: Value | undefined, kind: FusedActivation): Value {
  return activated(run, bias ? withBias(run, z, bias) : z, kind);
}

export function activated(run: TensorflowRunner, z: Value, kind: FusedActivation): Value {
  return kind === 'linear' ? z : run.op(names[kind], [z]);
}

function withBias(run: TensorflowRunner, z: Value, bias: Value): Value {
  const pixels = pixelsOfRow(z);
  if (pixels === 1) return run.op('BiasAdd', [z, bias]);
  const wide = run.reshape(z, [-1, pixels * bias.shape[0]!]);
  return run.reshape(run.op('BiasAdd', [wide, run.op('Tile', [bias, run.ints([pixels])])]), z.shape);
}

/** The bias's gradient: the sum of dy over everything but channels. */
export function biasGradient(run: TensorflowRunner, dy: Value): Value {
  if (run.runsNatively('TfjsCnnBiasGrad')) return run.op('TfjsCnnBiasGrad', [dy]);
  const pixels = pixelsOfRow(dy);
  if (pixels === 1) return run.op('BiasAddGrad', [dy]);
  const channels = dy.shape[3]!;
  const sums = run.op('BiasAddGrad', [run.reshape(dy, [-1, pixels * channels])]);
  return run.op('Sum', [run.reshape(sums, [pixels, channels]), run.ints([0])]);
}
