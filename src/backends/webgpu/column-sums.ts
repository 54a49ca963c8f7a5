import type { TensorInfo } from '@tensorflow/tfjs-core';
import { forEach, type Program } from './program.js';
import type { WebgpuRunner } from './runner.js';

/** Rows that one thread adds up. */
const ROWS = 64;

/** @param term of the sums, in WGSL, of the element `v` */
const program = (term: string): Program => ({
  reads: { x: 'f32' },
  writes: { y: 'f32' },
  uniforms: { rows: 'u32', columns: 'u32', size: 'u32' },
  text: forEach(
    'u.size',
    `  let column = i % u.columns;
  let first = i / u.columns * ${ROWS}u;
  let end = min(first + ${ROWS}u, u.rows);
  var sum = 0.0;
  for (var row = first; row < end; row++) {
    let v = x[row * u.columns + column];
    sum += ${term};
  }
  y[i] = sum;`,
  ),
});

/**
 * Sums over the rows of x [rows, columns]: of 64 rows by a thread, then of these sums, in an order that sizes decide.
 * @param shape of the result; default [columns]
 * @param term  what is added up, in WGSL, of each element `v`
 */
export function columnSums(
  runner: WebgpuRunner,
  x: TensorInfo,
  rows: number,
  columns: number,
  shape = [columns],
  term = 'v',
): TensorInfo {
  const compiled = runner.program('column sums', term, { rows, columns }, () => program(term));
  const pieces = Math.ceil(rows / ROWS);
  const size = pieces * columns;
  const numbers = { rows, columns, size };
  if (pieces === 1) {
    const y = runner.output(shape);
    runner.launchForEach(compiled, { x, y }, numbers, size);
    return y;
  }
  return runner.withScratch(size, (y) => {
    runner.launchForEach(compiled, { x, y }, numbers, size);
    return columnSums(runner, y, pieces, columns, shape);
  });
}
