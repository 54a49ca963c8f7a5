/** Arrays whose numbers do not lie in their order. */
import type { StoredArray } from './weight-file.js';

/** Steps of each axis, in numbers, where the last axis runs fastest. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** Steps of each axis where the first axis runs fastest. */
export function columnMajor(shape: readonly number[]): number[] {
  return rowMajor([...shape].reverse()).reverse();
}

/** Whether numbers with these steps lie in their order, without gaps; the step of an axis of one number says nothing. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  const expected = rowMajor(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === expected[axis]);
}

/** The numbers in their order. @param numbers all that are stored, in which the first one of the array stands first */
export function gathered<T extends StoredArray['data']>(numbers: T, shape: readonly number[], strides: readonly number[]): T {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = new (numbers.constructor as new (count: number) => T)(count);
  if (count === 0) return values;
  const last = shape.length - 1;
  const length = last < 0 ? 1 : shape[last]!;
  const step = last < 0 ? 1 : strides[last]!;
  const place = new Array<number>(Math.max(0, last)).fill(0);
  let row = 0;
  for (let to = 0; to < count; ) {
    for (let i = 0, from = row; i < length; i++, from += step) values[to++] = numbers[from]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      row += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      row -= shape[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return values;
}
