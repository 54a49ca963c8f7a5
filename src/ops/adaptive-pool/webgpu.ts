import type { Program } from '../../backends/webgpu/program.js';
import { averageOver } from '../avg-pool/webgpu.js';
import { maxOver } from '../max-pool/webgpu.js';
import type { PoolWindows } from '../pool/webgpu-windows.js';
import type { AdaptivePoolGeometry } from './geometry.js';

type Grid = 'in' | 'out';
type Side = 'Height' | 'Width';

const GRIDS: readonly [Grid, Grid][] = [
  ['out', 'in'],
  ['in', 'out'],
];
const SIDES: readonly Side[] = ['Height', 'Width'];

/** Of a grid's bins over the other one: its size, and how many pixels of the other each has, in whole and what is left over for all. */
const uniforms: Program['uniforms'] = {
  ...{ size: 'u32', channels: 'i32' },
  ...Object.fromEntries(
    GRIDS.flatMap(([grid]) =>
      SIDES.flatMap((side) => ['', 'Whole', 'Rest'].map((of) => [`${grid}${of}${side}`, 'i32' as const])),
    ),
  ),
};

function numbers(g: AdaptivePoolGeometry, size: number): Record<string, number> {
  const sizes = GRIDS.flatMap(([grid, other]) =>
    SIDES.flatMap((side): [string, number][] => {
      const [bins, pixels] = [g[`${grid}${side}`], g[`${other}${side}`]];
      return [
        [`${grid}${side}`, bins],
        [`${grid}Whole${side}`, Math.floor(pixels / bins)],
        [`${grid}Rest${side}`, pixels % bins],
      ];
    }),
  );
  return { size, channels: g.inChannels, ...Object.fromEntries(sizes) };
}

/** WGSL: where the bin of o begins, or ends. */
const edge = (which: 'Begin' | 'End', o: string, grid: Grid, side: Side): string =>
  `bin${which}(${o}, u.${grid}${side}, u.${grid}Whole${side}, u.${grid}Rest${side})`;

/** WGSL: loops over the bin of (py, px) of a grid; `at` is the element of each pair (y, x). */
const overBin = (grid: Grid, [y, x, at]: readonly [string, string, string], other: Grid, body: string): string => `
  let bottom = ${edge('End', 'py', grid, 'Height')};
  let left = ${edge('Begin', 'px', grid, 'Width')};
  let right = ${edge('End', 'px', grid, 'Width')};
  for (var ${y} = ${edge('Begin', 'py', grid, 'Height')}; ${y} < bottom; ${y}++) {
    for (var ${x} = left; ${x} < right; ${x}++) {
      let ${at} = ((picture * u.${other}Height + ${y}) * u.${other}Width + ${x}) * u.channels + c;
      ${body}
    }
  }`;

/**
 * Bin o of `out` is [floor(o in / out), ceil((o + 1) in / out)). It holds i just where i's bin of `in` over `out` holds o: the way back
 * runs over bins, too.
 */
const bins: PoolWindows<AdaptivePoolGeometry> = {
  uniforms,
  numbers,
  // Only what is left of whole pixels is multiplied by o, so that sides up to 65536 do not overflow.
  functions: `
fn binBegin(o: i32, bins: i32, whole: i32, rest: i32) -> i32 { return o * whole + i32(u32(o) * u32(rest) / u32(bins)); }
fn binEnd(o: i32, bins: i32, whole: i32, rest: i32) -> i32 {
  return (o + 1) * whole + i32((u32(o + 1) * u32(rest) + u32(bins - 1)) / u32(bins));
}
fn count(oy: i32, ox: i32) -> f32 {
  let tall = ${edge('End', 'oy', 'out', 'Height')} - ${edge('Begin', 'oy', 'out', 'Height')};
  return f32(tall * (${edge('End', 'ox', 'out', 'Width')} - ${edge('Begin', 'ox', 'out', 'Width')}));
}`,
  over: (body) => overBin('out', ['iy', 'ix', 'at'], 'in', body),
  holding: (body) => overBin('in', ['oy', 'ox', 'o'], 'out', body),
};

/** The loops of avgPool over adaptive bins. */
export const averageWebgpu = averageOver('adaptiveAvgPool', bins);

/** The loops of maxPool over adaptive bins. */
export const maxWebgpu = maxOver('adaptiveMaxPool', bins);
