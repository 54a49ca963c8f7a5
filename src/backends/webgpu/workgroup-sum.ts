/** Threads of a workgroup that reduces together. */
export const TEAM = 64;

/**
 * WGSL of a function `name` that puts the values of all threads of a workgroup of 64 together, pair by pair and always in the same
 * order; every thread gets the result. Called by all threads alike.
 *
 * @param type    f32, vec2<f32>, ...
 * @param combine WGSL expression of two values, a and b
 */
export function teamText(name: string, type: string, combine: string): string {
  return `
var<workgroup> ${name}Values: array<${type}, ${TEAM}>;
fn ${name}(local: u32, value: ${type}) -> ${type} {
  workgroupBarrier();
  ${name}Values[local] = value;
  for (var half = ${TEAM / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      let a = ${name}Values[local];
      let b = ${name}Values[local + half];
      ${name}Values[local] = ${combine};
    }
  }
  workgroupBarrier();
  return ${name}Values[0];
}`;
}
