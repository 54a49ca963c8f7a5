/**
 * Columns as wide as their widest cell, two blanks apart.
 *
 * @param rows    the heads first
 * @param numbers heads of the columns whose cells stand at the right
 * @returns       a line a row
 */
export function textTable(rows: readonly (readonly string[])[], numbers: readonly string[]): string[] {
  const heads = rows[0]!;
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const padded = (cell: string, column: number) =>
    numbers.includes(heads[column]!) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return rows.map((row) => row.map(padded).join('  ').trimEnd());
}
