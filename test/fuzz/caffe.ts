import type { FuzzTarget } from './fuzz.js';
import { encoded, floats, type Message } from './messages.js';

const blob = (shape: readonly number[], values: readonly number[]): Message => [
  [7, [[1, Uint8Array.from(shape)]]],
  [5, floats(...values)],
];
const old = (shape: readonly number[], values: readonly number[]): Message => [
  ...shape.map((size, i): Message[number] => [i + 1, size]),
  [5, floats(...values)],
];

export const caffe: FuzzTarget = {
  format: 'caffe',
  endsAnywhere: true,
  async seeds() {
    const conv: Message = [
      [1, 'conv'],
      [2, 'Convolution'],
      [7, blob([1, 1, 2, 2], [1, 2, 3, 4])],
      [7, blob([1], [5])],
    ];
    const norm: Message = [[1, 'norm'], [2, 'BatchNorm'], ...[1, 2, 3].map((value): Message[number] => [7, blob([1], [value])])];
    const dense: Message = [
      [4, 'fc'],
      [5, 14],
      [6, old([1, 1, 2, 2], [1, 2, 3, 4])],
      [6, old([1, 1, 1, 2], [5, 6])],
    ];
    return [
      {
        bytes: encoded([
          [1, 'net'],
          [100, conv],
          [100, norm],
        ]),
      },
      {
        bytes: encoded([
          [1, 'old'],
          [2, dense],
        ]),
      },
    ];
  },
};
