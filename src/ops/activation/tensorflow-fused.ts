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

/** act(z + bias): what a forward kernel does last. */
export function biasAndActivation(run: TensorflowRunner, z: Value, bias: Value | undefined, kind: FusedActivation): Value {
  const shifted = bias ? run.op('BiasAdd', [z, bias]) : z;
  return kind === 'linear' ? shifted : run.op(names[kind], [shifted]);
}
