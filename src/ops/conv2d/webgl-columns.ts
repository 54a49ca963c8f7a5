/**
 * Which columns of a picture the taps of a filter need, known when a program is written. A tile is a run of pixels of one row of what is
 * computed (or summed over); its taps see columns of the source at fixed distances from the source's texel `base`, the tile's number
 * times `step`.
 */
import { half } from '../../backends/webgl/layout.js';
import type { WindowGeometry } from '../../geometry.js';

/** A column of the source: `texel` counts from the tile's base, `right` is the second of its pixels. */
interface Column {
  readonly texel: number;
  readonly right: boolean;
}

/** A tile of `texels` pairs of pixels. */
export interface Tile {
  readonly texels: number;
  /** Texels of the source from one tile to the next. */
  readonly step: number;
  /** Source texels that any tap needs, from the base. */
  readonly needed: readonly number[];
  /** What tap kx of pixel j sees; undefined where the stride leaves it out. */
  readonly seen: (j: number, kx: number) => Column | undefined;
  /** Whether a tap may fall outside of the source, or on what is undefined there. */
  readonly masked: boolean;
}

/** Columns of x that `texels` pairs of outputs see. */
export function forwardTile(g: WindowGeometry, texels: number): Tile {
  const at = (j: number, kx: number) => j * g.strideWidth - g.padLeft + kx * g.dilationWidth;
  const tiles = Math.ceil(half(g.outWidth) / texels);
  const last = at(2 * tiles * texels - 1, g.filterWidth - 1);
  return tile(g, texels, texels * g.strideWidth, at, g.padLeft > 0 || last >= g.inWidth);
}

/** Columns of dy that reach `texels` pairs of inputs; undefined where no tile of that size begins at a whole texel. */
export function backwardTile(g: WindowGeometry, texels: number): Tile | undefined {
  const step = texels / g.strideWidth;
  if (!Number.isInteger(step)) return undefined;
  const at = (j: number, kx: number) => {
    const ox = (j + g.padLeft - kx * g.dilationWidth) / g.strideWidth;
    return Number.isInteger(ox) ? ox : undefined;
  };
  return tile(g, texels, step, at, true);
}

function tile(
  { filterWidth }: WindowGeometry,
  texels: number,
  step: number,
  at: (j: number, kx: number) => number | undefined,
  masked: boolean,
): Tile {
  const seen = (j: number, kx: number): Column | undefined => {
    const column = at(j, kx);
    return column === undefined ? undefined : { texel: Math.floor(column / 2), right: (column & 1) === 1 };
  };
  const needed = new Set<number>();
  for (let j = 0; j < 2 * texels; j++) {
    for (let kx = 0; kx < filterWidth; kx++) {
      const column = seen(j, kx);
      if (column) needed.add(column.texel);
    }
  }
  return { texels, step, needed: [...needed].sort((a, b) => a - b), seen, masked };
}

/** GLSL's name of a source texel. */
export const sourceName = (texel: number, prefix = 's'): string => `${prefix}${texel < 0 ? `m${-texel}` : texel}`;

/** GLSL before the loops: where each source texel's column is, and what of it is defined. `base` and `sourceColumns` are there. */
export function locate({ needed, masked }: Tile, texelsWide: string, texelsDeep: string): string[] {
  return needed.flatMap((texel) => {
    const name = sourceName(texel);
    const column = `base + ${texel}`;
    const at = `int at_${name} = clamp(${column}, 0, ${texelsWide} - 1) * ${texelsDeep};`;
    if (!masked) return [at];
    return [
      at,
      `bool left_${name} = ${column} >= 0 && 2 * (${column}) < sourceColumns;`,
      `bool right_${name} = ${column} >= 0 && 2 * (${column}) + 1 < sourceColumns;`,
      `bvec4 in_${name} = bvec4(left_${name}, left_${name}, right_${name}, right_${name});`,
    ];
  });
}

/** GLSL that reads all source texels of a row; `offset` is what is added to their places. `odd`: its second channel is undefined. */
export function readSource({ needed, masked }: Tile, sampler: string, offset: string, odd: boolean): string[] {
  return needed.map((texel) => {
    const name = sourceName(texel);
    const read = `${sampler}(at_${name} + ${offset})`;
    const inside = masked ? `mix(vec4(0), ${read}, in_${name})` : read;
    return `vec4 ${name} = ${inside};${odd ? ` ${name}.yw = vec2(0);` : ''}`;
  });
}

/** What tap kx of the pair of pixels `texel` sees, as GLSL: (left, left, right, right), or one half of it alone. */
export function pairOf({ seen }: Tile, texel: number, kx: number): { pair?: string; left?: string; right?: string } {
  const [a, b] = [seen(2 * texel, kx), seen(2 * texel + 1, kx)];
  const part = (column: Column | undefined) => column && `${sourceName(column.texel)}.${column.right ? 'zw' : 'xy'}`;
  if (a && b) {
    const whole = a.texel === b.texel && !a.right && b.right;
    return { pair: whole ? sourceName(a.texel) : `vec4(${part(a)}, ${part(b)})` };
  }
  return { left: part(a), right: part(b) } as { left?: string; right?: string };
}
