/**
 * Sine and cosine of degrees by + - * / alone: ECMAScript leaves the last bits of Math.sin to the engine, and on them may depend
 * which of two pixels is the nearest. Multiples of 90 degrees are exact.
 */
export function sinCos(degrees: number): { sin: number; cos: number } {
  const quarters = Math.round(degrees / 90);
  const angle = ((degrees - 90 * quarters) * Math.PI) / 180;
  const square = angle * angle;
  // Taylor's series for at most 45 degrees.
  let sin = 0;
  let cos = 0;
  for (let n = 18; n > 0; n -= 2) {
    cos = 1 - (cos * square) / (n * (n - 1));
    sin = 1 - (sin * square) / (n * (n + 1));
  }
  sin *= angle;
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return { sin, cos };
    case 1:
      return { sin: cos, cos: -sin };
    case 2:
      return { sin: -sin, cos: -cos };
    default:
      return { sin: -cos, cos: sin };
  }
}
