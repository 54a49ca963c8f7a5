import type { OperationOf } from '../graph.js';
import type { LayerSource } from './layer-source.js';

/** Functions of torch.nn.functional that are called so, or as they are here. */
const functions: Readonly<Record<string, (x: string, alpha: number) => string>> = {
  relu: (x) => `F.relu(${x})`,
  relu6: (x) => `F.relu6(${x})`,
  elu: (x, alpha) => (alpha === 1 ? `F.elu(${x})` : `F.elu(${x}, ${alpha})`),
  selu: (x) => `F.selu(${x})`,
  leakyRelu: (x, alpha) => `F.leaky_relu(${x}, ${alpha})`,
  sigmoid: (x) => `torch.sigmoid(${x})`,
  tanh: (x) => `torch.tanh(${x})`,
  softplus: (x) => `F.softplus(${x})`,
  hardSigmoid: (x) => `F.hardsigmoid(${x})`,
  hardSwish: (x) => `F.hardswish(${x})`,
  gelu: (x) => `F.gelu(${x})`,
  geluTanh: (x) => `F.gelu(${x}, approximate='tanh')`,
  silu: (x) => `F.silu(${x})`,
  mish: (x) => `F.mish(${x})`,
  scaledTanh: (x) => `1.7159 * torch.tanh(${x} * (2 / 3))`,
  softmax: (x) => `F.softmax(${x}, 1)`,
  logSoftmax: (x) => `F.log_softmax(${x}, 1)`,
};

/** Modules for activations that are layers of their own. */
const modules: Readonly<Record<string, string>> = {
  relu: 'nn.ReLU()',
  relu6: 'nn.ReLU6()',
  sigmoid: 'nn.Sigmoid()',
  tanh: 'nn.Tanh()',
};

/** An activation: a submodule where it is a layer, a function where it stands at the end of one. */
export function activationSource({ name, alpha }: OperationOf<'activation'>, main: boolean): LayerSource {
  const module = main ? modules[name] : undefined;
  if (module) return { module, run: ([x], layer) => `${layer}(${x})` };
  return { run: ([x]) => functions[name]!(x!, alpha) };
}
