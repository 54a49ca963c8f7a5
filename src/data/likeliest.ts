/** The class of the largest of `classes` values from `begin` on, the first of equals. */
export function likeliest(values: ArrayLike<number>, begin: number, classes: number): number {
  let best = 0;
  for (let i = 1; i < classes; i++) if (values[begin + i]! > values[begin + best]!) best = i;
  return best;
}
