import type { LayerWindow } from '../../layers/layer-window.js';

/**
 * Which pixels of the model's input an output depends on: output number i along an axis sees the `size` pixels from
 * start + i * jump on. Pixels below 0 and behind the last one are padding.
 */
export interface ReceptiveField {
  /** Pixels from first to last, [height, width]. */
  readonly size: readonly [number, number];
  /** Pixels from one output's field to the next one's, [height, width]. */
  readonly jump: readonly [number, number];
  /** First pixel of output 0, [height, width]. */
  readonly start: readonly [number, number];
}

/** Of the input itself. */
export const pixel: ReceptiveField = { size: [1, 1], jump: [1, 1], start: [0, 0] };

/**
 * Behind a layer that sees `window` of what has `field`.
 * Source: Araujo, Norris, Sim: Computing receptive fields of convolutional neural networks, Distill 2019, section 2.
 */
export function seenThrough({ size, jump, start }: ReceptiveField, window: LayerWindow): ReceptiveField {
  return {
    size: sides((axis) => size[axis] + (window.size[axis] - 1) * jump[axis]),
    jump: sides((axis) => jump[axis] * window.strides[axis]),
    start: sides((axis) => start[axis] - window.before[axis] * jump[axis]),
  };
}

/** What outputs that are put together see: the smallest field around all of theirs. */
export function around(fields: readonly ReceptiveField[]): ReceptiveField {
  const start = sides((axis) => Math.min(...fields.map((field) => field.start[axis])));
  return {
    start,
    size: sides((axis) => Math.max(...fields.map((field) => field.start[axis] + field.size[axis])) - start[axis]),
    jump: sides((axis) => Math.max(...fields.map((field) => field.jump[axis]))),
  };
}

function sides(value: (axis: 0 | 1) => number): readonly [number, number] {
  return [value(0), value(1)];
}
