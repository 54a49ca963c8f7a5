/** A small model of Keras 3 and its weights. */
import type { StoredArray } from '../../src/weights/index.js';

const layer = (class_name: string, name: string, more: object = {}) => ({ class_name, config: { name, ...more } });
const numbers = (...shape: number[]): StoredArray => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: count }, (_, i) => Math.sin(i)) };
};

export const kerasWeights = {
  config: {
    class_name: 'Sequential',
    config: {
      layers: [
        layer('Conv2D', 'conv'),
        layer('BatchNormalization', 'norm', { scale: false }),
        { class_name: 'Functional', config: { name: 'block', layers: [layer('Dense', 'dense')] } },
      ],
    },
  },
  arrays: {
    'conv/kernel': numbers(3, 3, 1, 2),
    'conv/bias': { shape: [2], dtype: 'bfloat16', data: Float32Array.of(1, 2) } as StoredArray,
    'norm/beta': numbers(2),
    'norm/moving_mean': numbers(2),
    'norm/moving_variance': numbers(2),
    'block/dense/kernel': numbers(2, 3),
  },
};
