import { type Team, teamText } from './workgroup-sum.js';

/** Elements of a buffer as a program sees them. */
export type Element = 'f32' | 'vec4<f32>' | 'i32' | 'vec4<i32>';

/** Number types of uniforms. */
type NumberType = 'u32' | 'i32' | 'f32';

/** A compute program, before it is compiled. All sizes are uniforms, so that another batch compiles nothing. */
export interface Program {
  /** Buffers that it reads, at most 8 with those it writes: WebGPU promises no more. */
  readonly reads: Readonly<Record<string, Element>>;
  /** Buffers that it writes; an update reads them, too. */
  readonly writes: Readonly<Record<string, Element>>;
  /** Numbers, in WGSL as u.name. */
  readonly uniforms: Readonly<Record<string, NumberType>>;
  /** Functions that put the values of a workgroup's threads together, by name: called as name(local, value). */
  readonly teams?: Readonly<Record<string, Team>>;
  /** WGSL extensions; the device must have them. */
  readonly enables?: readonly string[];
  /** WGSL of everything else, with a function `main`: see `entry`. */
  readonly text: string;
}

/** A program ready to run. */
export interface Compiled {
  /** Op and part: 'conv2d dx'. */
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Names of the buffers, in the order of their bindings; the uniforms' comes after them. */
  readonly buffers: readonly string[];
  readonly uniforms: readonly (readonly [name: string, type: NumberType])[];
}

/** WGSL with its bindings. @param subgroups whether its teams may use them */
export function sourceOf({ reads, writes, uniforms, teams = {}, enables = [], text }: Program, subgroups: boolean): string {
  const functions = Object.entries(teams).map(([name, team]) => teamText(name, team, subgroups));
  const extensions = new Set([...enables, ...(subgroups && functions.length > 0 ? ['subgroups'] : [])]);
  const bindings = [
    ...Object.entries(reads).map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    ...Object.entries(writes).map(([name, type]) => `var<storage, read_write> ${name}: array<${type}>;`),
    'var<uniform> u: Uniforms;',
  ];
  const fields = Object.entries(uniforms).map(([name, type]) => `  ${name}: ${type},`);
  return [
    ...[...extensions].map((extension) => `enable ${extension};`),
    // How many lanes there are is asked of the subgroup, so WGSL takes it for something that may differ in it.
    ...(extensions.has('subgroups') ? ['diagnostic(off, subgroup_uniformity);'] : []),
    `struct Uniforms {\n${fields.join('\n')}\n}`,
    ...bindings.map((binding, i) => `@group(0) @binding(${i}) ${binding}`),
    ...functions,
    text,
  ].join('\n');
}

/**
 * The function `main` over a line of workgroups, which is laid in rows where it is longer than WebGPU allows: `group` is a
 * workgroup's place in the line, `local` a thread's in its workgroup. Those behind the end of the line leave.
 *
 * @param groups how many workgroups there are, in WGSL
 */
export function entry(threads: number, groups: string, body: string): string {
  return `
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) place: vec3<u32>, @builtin(num_workgroups) rows: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let group = place.y * rows.x + place.x;
  if (group >= ${groups}) { return; }
${body}
}`;
}

/** Threads of a workgroup of programs that give each element a thread. */
export const THREADS = 64;

/** The function `main` of a program that gives each of `count` elements a thread: `i` is the element's number. */
export function forEach(count: string, body: string): string {
  return entry(
    THREADS,
    `(${count} + ${THREADS - 1}u) / ${THREADS}u`,
    `  let i = group * ${THREADS}u + local;
  if (i >= ${count}) { return; }
${body}`,
  );
}
