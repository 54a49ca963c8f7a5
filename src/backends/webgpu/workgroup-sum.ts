/** Threads of a workgroup that reduces together. */
export const TEAM = 64;

/** What the threads of a workgroup of 64 put together: every one gets the result. */
export interface Team {
  /** f32, vec2<f32>, ... */
  readonly type: string;
  /** WGSL expression of two values, a and b; the same for b and a, up to rounding. */
  readonly combine: string;
}

/** The largest; NaN gives way to anything else. */
export const LARGEST: Team = { type: 'f32', combine: 'select(b, a, a > b)' };

/** The sum of numbers. */
export const TOTAL: Team = { type: 'f32', combine: 'a + b' };

/**
 * WGSL of a function `name(local, value)` that puts the values of all threads of a workgroup together, pair by pair and always in the same
 * order. Called by all threads alike.
 *
 * @param subgroups whether threads of a subgroup hand their values to each other, not through workgroup memory
 */
export function teamText(name: string, { type, combine }: Team, subgroups: boolean): string {
  const values = `${name}Values`;
  if (!subgroups) {
    return `
var<workgroup> ${values}: array<${type}, ${TEAM}>;
fn ${name}(local: u32, value: ${type}) -> ${type} {
  workgroupBarrier();
  ${values}[local] = value;
  for (var half = ${TEAM / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      let a = ${values}[local];
      let b = ${values}[local + half];
      ${values}[local] = ${combine};
    }
  }
  workgroupBarrier();
  return ${values}[0];
}`;
  }
  return `
var<workgroup> ${values}: array<${type}, ${TEAM}>;
fn ${name}(local: u32, value: ${type}) -> ${type} {
  let lanes = subgroupAdd(1u);
  var all = value;
  for (var apart = 1u; apart < lanes; apart *= 2u) {
    let a = all;
    let b = subgroupShuffleXor(all, apart);
    all = ${combine};
  }
  workgroupBarrier();
  if (local % lanes == 0u) { ${values}[local / lanes] = all; }
  workgroupBarrier();
  all = ${values}[0];
  for (var i = 1u; i < ${TEAM}u / lanes; i++) {
    let a = all;
    let b = ${values}[i];
    all = ${combine};
  }
  return all;
}`;
}
