import type { ReadyOp } from '../backends/kernel-host.js';
import { activation } from '../ops/activation/activation.js';
import type { ActivationKind } from '../ops/activation/functions.js';
import { activationGeometry } from '../ops/activation/geometry.js';
import { allFloat, type StandardKernel } from './standard-kernel.js';

const op = activation.definition as unknown as ReadyOp<object>;

function elementByElement(kernelName: string, kind: ActivationKind): StandardKernel {
  return {
    kernelName,
    plan({ inputs, attrs }) {
      if (!allFloat(inputs) || inputs['x']!.shape.includes(0)) return undefined;
      const geometry = activationGeometry(kind, inputs['x']!.shape, attrs?.['alpha'] as number | undefined);
      return { op, part: 'forward', inputs, geometry };
    },
  };
}

export const activations: readonly StandardKernel[] = [
  elementByElement('Relu', 'relu'),
  elementByElement('Relu6', 'relu6'),
  elementByElement('LeakyRelu', 'leakyRelu'),
  elementByElement('Elu', 'elu'),
  elementByElement('Sigmoid', 'sigmoid'),
  elementByElement('Tanh', 'tanh'),
];
