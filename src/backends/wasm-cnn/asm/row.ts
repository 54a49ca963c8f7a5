// What losses and normalisations ask of a row of numbers.

export function sumLanes(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** The largest of n >= 1 numbers; NaN if one is NaN. */
export function largest(row: usize, n: i32): f32 {
  let max = f32x4.splat(load<f32>(row));
  const bytes = <usize>n << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) max = f32x4.max(max, v128.load(row + at));
  for (; at < bytes; at += 4) max = f32x4.max(max, f32x4.splat(load<f32>(row + at)));
  // Lanes: 0 with 2 and 1 with 3, then the two left.
  max = f32x4.max(max, v128.shuffle<f32>(max, max, 2, 3, 0, 1));
  max = f32x4.max(max, v128.shuffle<f32>(max, max, 1, 0, 3, 2));
  return f32x4.extract_lane(max, 0);
}

/**
 * log x for a positive finite x, else NaN, to 1e-10: the mantissa m in [0.7, 1.42) by
 * log m = 2 artanh((m - 1) / (m + 1)). The library's logarithm has a table, for which there is no room here.
 */
export function natural(value: f32): f64 {
  const x = <f64>value;
  if (!(x > 0 && x < Infinity)) return NaN;
  const bits = reinterpret<i64>(x);
  let exponent = <f64>((bits >> 52) - 1023);
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  const series = 1 + z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z * (1.0 / 11)))));
  return 2 * s * series + exponent * 0.6931471805599453;
}
