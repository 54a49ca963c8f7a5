/**
 * x with a x = b, by Gaussian elimination with row pivots; undefined where a is singular.
 * @param rows [a | b], n rows of n + 1; they are overwritten
 */
export function linearSolve(rows: number[][]): number[] | undefined {
  const n = rows.length;
  const scale = Math.max(...rows.flat().map(Math.abs));
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(rows[r]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    const row = rows[i]!;
    if (!(Math.abs(row[i]!) > scale * 1e-13)) return undefined;
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = rows[r]![i]! / row[i]!;
      for (let c = i; c <= n; c++) rows[r]![c]! -= factor * row[c]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}
