import type { FuzzTarget } from './fuzz.js';
import { encoded, floats, type Message } from './messages.js';

/** Initialisers in every way in which numbers are kept. */
const tensors: readonly Message[] = [
  [
    [1, 2],
    [1, 3],
    [2, 1],
    [8, 'raw'],
    [9, floats(1, 2, 3, 4, 5, 6)],
  ],
  [
    [1, Uint8Array.of(2)],
    [2, 1],
    [4, floats(1, 2)],
    [8, 'floats'],
  ],
  [
    [1, 3],
    [2, 10],
    [5, Uint8Array.of(0x80, 0x78, 1, 2)],
    [8, 'halves'],
  ],
  [
    [1, 2],
    [2, 7],
    [7, 5],
    [7, 6],
    [8, 'longs'],
  ],
  [
    [1, 1],
    [2, 8],
    [6, 'text'],
    [8, 'texts'],
  ],
  [
    [2, 13],
    [11, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 1)],
    [8, 'unsigned'],
  ],
];

export const onnx: FuzzTarget = {
  format: 'onnx',
  endsAnywhere: true,
  async seeds() {
    const graph: Message = [[2, 'net'], ...tensors.map((tensor): Message[number] => [5, tensor])];
    return [
      {
        bytes: encoded([
          [1, 8],
          [2, 'here'],
          [7, graph],
          [8, [[2, 17]]],
        ]),
      },
    ];
  },
};
