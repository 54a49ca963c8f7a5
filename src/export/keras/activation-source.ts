import type { OperationOf } from '../graph.js';
import type { LayerSource } from './layer-source.js';

/** Functions of keras.ops that are called so, or as they are here. */
const functions: Readonly<Record<string, (x: string, alpha: number) => string>> = {
  relu: (x) => `ops.relu(${x})`,
  relu6: (x) => `ops.relu6(${x})`,
  elu: (x, alpha) => (alpha === 1 ? `ops.elu(${x})` : `ops.elu(${x}, ${alpha})`),
  selu: (x) => `ops.selu(${x})`,
  leakyRelu: (x, alpha) => `ops.leaky_relu(${x}, ${alpha})`,
  sigmoid: (x) => `ops.sigmoid(${x})`,
  tanh: (x) => `ops.tanh(${x})`,
  softplus: (x) => `ops.softplus(${x})`,
  hardSigmoid: (x) => `ops.hard_sigmoid(${x})`,
  hardSwish: (x) => `ops.hard_silu(${x})`,
  gelu: (x) => `ops.gelu(${x}, approximate=False)`,
  geluTanh: (x) => `ops.gelu(${x}, approximate=True)`,
  silu: (x) => `ops.silu(${x})`,
  mish: (x) => `${x} * ops.tanh(ops.softplus(${x}))`,
  scaledTanh: (x) => `ScaledTanh()(${x})`,
  softmax: (x) => `ops.softmax(${x})`,
  logSoftmax: (x) => `ops.log_softmax(${x})`,
};

/** An activation. */
export function activationSource({ name, alpha }: OperationOf<'activation'>): LayerSource {
  return { run: ([x]) => functions[name]!(x!, alpha), needs: name === 'scaledTanh' ? ['ScaledTanh'] : [] };
}
