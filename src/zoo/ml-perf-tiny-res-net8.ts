/**
 * The ResNet of 8 layers by which small devices are measured.
 * Source: Banbury et al.: MLPerf Tiny benchmark, arXiv 2106.07597; details and names as in its reference for image classification, of
 * which Keras saved the weights.
 */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { heNormal } from '../initializers/index.js';
import { AddRelu } from '../layers/add-relu.js';
import { Draft, type Habits } from './draft.js';
import type { NetOptions } from './net-options.js';

const habits: Habits = {
  kernels: heNormal,
  dense: heNormal,
  normalization: { epsilon: 1e-3, momentum: 0.99 },
};

/** Keras calls the first layer of a kind by the kind alone, the others with a number. */
function numbered(kind: string): () => string {
  let count = 0;
  return () => {
    const number = count++;
    return number === 0 ? kind : `${kind}_${number}`;
  };
}

/**
 * ResNet-8: 78,186 parameters, 78,666 with the moving statistics. Three blocks of two convolutions with biases; where the channels
 * change, a projection without normalisation stands for the shortcut, and what is left over of 'same' padding lies at the bottom and right.
 * Variant 'keras'. Its pictures are bytes as they are, 0 to 255.
 */
export function mlPerfTinyResNet8(options: NetOptions = {}): LayersModel {
  const traits = {
    net: 'mlPerfTinyResNet8',
    variants: ['keras'],
    inputShape: [32, 32, 3],
    smallest: 4,
    classes: 10,
  } as const;
  const draft = new Draft(options, traits, () => habits);
  const [conv, norm] = [numbered('conv2d'), numbered('batch_normalization')];
  const convolution = (x: SymbolicTensor, filters: number, kernelSize: number, strides: number) =>
    draft.conv(x, conv(), { filters, kernelSize, strides, padding: 'same' });
  let x = draft.norm(convolution(draft.input, 16, 3, 1), norm());
  [16, 32, 64].forEach((filters, block) => {
    const strides = block === 0 ? 1 : 2;
    const first = draft.norm(convolution(x, filters, 3, strides), norm());
    const second = convolution(first, filters, 3, 1);
    const around = block === 0 ? x : convolution(x, filters, 1, strides);
    const branch = draft.norm(second, norm(), { activation: 'linear' });
    x = draft.through(new AddRelu({ name: `add${block === 0 ? '' : `_${block}`}` }), [branch, around]);
  });
  return draft.model(draft.head(x, 'dense', 'average_pooling2d'));
}
