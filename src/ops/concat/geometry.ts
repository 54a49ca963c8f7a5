import { GeometryError } from '../../geometry.js';

/** Arrays of [rows, channels_k] side by side as [rows, total]. */
export interface ConcatGeometry {
  readonly rows: number;
  /** The axes before the last. */
  readonly outer: readonly number[];
  readonly channels: readonly number[];
  /** Channels before each array. */
  readonly offsets: readonly number[];
  readonly total: number;
}

/** @throws GeometryError where anything but the last axis differs */
export function concatGeometry(shapes: readonly (readonly number[])[]): Readonly<ConcatGeometry> {
  const first = shapes[0]!;
  const outer = first.slice(0, -1);
  const channels: number[] = [];
  const offsets: number[] = [];
  let total = 0;
  shapes.forEach((shape, i) => {
    const same = shape.length === first.length && shape.length > 0 && outer.every((size, axis) => size === shape[axis]);
    if (!same)
      throw new GeometryError(
        `concatChannels: all shapes must be equal but for the last axis, got [${first}] and, at ${i}, [${shape}]`,
      );
    offsets.push(total);
    channels.push(shape.at(-1)!);
    total += shape.at(-1)!;
  });
  return Object.freeze({ rows: outer.reduce((a, b) => a * b, 1), outer, channels, offsets, total });
}
