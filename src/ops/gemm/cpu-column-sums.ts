/** sums[column] = sum over the rows of values [rows, columns], in float64: the gradient of every bias. */
export function columnSums(values: Float32Array, rows: number, columns: number, sums: Float32Array): void {
  const wide = new Float64Array(columns);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) wide[column] += values[at++]!;
  }
  sums.set(wide);
}
