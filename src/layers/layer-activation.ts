import { logSoftmax, mul, softmax, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import { activation, gatedActivation } from '../ops/activation/activation.js';
import { type ActivationKind, activationCode, isGated } from '../ops/activation/functions.js';
import { type FusedActivation, fusedActivation } from '../ops/activation/fused.js';

/**
 * Every activation that a layer can be given by name. 'hardSigmoid' is relu6(x + 3) / 6, as in PyTorch and
 * Keras 3 (tfjs-layers has Keras 1's); 'leakyRelu' has PyTorch's slope 0.01, the layer Activation takes
 * another; 'scaledTanh' is LeNet's 1.7159 tanh(2 x / 3); the softmaxes run over the last axis.
 */
export type ActivationName = ActivationKind | 'scaledTanh' | 'softmax' | 'logSoftmax';

/** The activations that are no kernel of their own. */
const composed = {
  scaledTanh: (x: Tensor) => tidy(() => mul(activation(mul(x, 2 / 3), 'tanh'), 1.7159)),
  softmax: (x: Tensor) => softmax(x),
  logSoftmax: (x: Tensor) => logSoftmax(x),
};

/** @throws ArgumentError naming the layer where there is no such activation */
export function checkActivationName(where: string, name: string): asserts name is ActivationName {
  if (Object.hasOwn(activationCode, name) || Object.hasOwn(composed, name)) return;
  const names = [...Object.keys(activationCode), ...Object.keys(composed)];
  throw new ArgumentError(`${where}: activation must be one of ${names.join(', ')}, got ${JSON.stringify(name)}`);
}

/** The function of that name; alpha as the ops leakyRelu and elu have it. */
export function activationFunction(name: ActivationName, alpha?: number): (x: Tensor) => Tensor {
  if (name in composed) return composed[name as keyof typeof composed];
  const kind = name as ActivationKind;
  const slope = alpha ?? (kind === 'leakyRelu' ? 0.01 : 1);
  return isGated(kind) ? (x) => gatedActivation(x, kind) : (x) => activation(x, kind, slope);
}

/** What of a layer's activation its kernel can do itself, and what comes after. */
export function splitActivation(name: ActivationName): { fused: FusedActivation; after?: (x: Tensor) => Tensor } {
  if (Object.hasOwn(fusedActivation, name)) return { fused: name as FusedActivation };
  return { fused: 'linear', after: activationFunction(name) };
}
