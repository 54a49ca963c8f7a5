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
  /** Tiles in a row, and columns of the source. */
  readonly count: number;
  readonly columns: number;
}

/** Columns of x that `texels` pairs of outputs see. */
export function forwardTile(g: WindowGeometry, texels: number): Tile {
  const at = (j: number, kx: number) => j * g.strideWidth - g.padLeft + kx * g.dilationWidth;
  const count = Math.ceil(half(g.outWidth) / texels);
  return tile(g.filterWidth, { texels, step: texels * g.strideWidth, count, columns: g.inWidth }, at);
}

/** Columns of dy that reach `texels` pairs of inputs; undefined where no tile of that size begins at a whole texel. */
export function backwardTile(g: WindowGeometry, texels: number): Tile | undefined {
  const step = texels / g.strideWidth;
  if (!Number.isInteger(step)) return undefined;
  const at = (j: number, kx: number) => {
    const ox = (j + g.padLeft - kx * g.dilationWidth) / g.strideWidth;
    return Number.isInteger(ox) ? ox : undefined;
  };
  return tile(g.filterWidth, { texels, step, count: Math.ceil(half(g.inWidth) / texels), columns: g.outWidth }, at);
}

function tile(
  taps: number,
  sizes: Pick<Tile, 'texels' | 'step' | 'count' | 'columns'>,
  at: (j: number, kx: number) => number | undefined,
): Tile {
  const seen = (j: number, kx: number): Column | undefined => {
    const column = at(j, kx);
    return column === undefined ? undefined : { texel: Math.floor(column / 2), right: (column & 1) === 1 };
  };
  return tapsOf({ ...sizes, seen, needed: [] }, 0, taps);
}

/** The tile with some of its taps only. */
export function tapsOf(whole: Tile, first: number, count: number): Tile {
  const taps = { ...whole, seen: (j: number, k: number) => whole.seen(j, first + k) };
  const needed = new Set(Array.from({ length: whole.texels }, (_, texel) => neededBy(taps, texel, count)).flat());
  return { ...taps, needed: [...needed].sort((a, b) => a - b) };
}

/** Source texels that the first so many taps of a pair of pixels need, each once. */
export function neededBy({ seen }: Pick<Tile, 'seen'>, texel: number, taps: number): number[] {
  const needed = new Set<number>();
  for (const j of [2 * texel, 2 * texel + 1]) {
    for (let k = 0; k < taps; k++) {
      const column = seen(j, k);
      if (column) needed.add(column.texel);
    }
  }
  return [...needed];
}

/** All that the code depends on, as far as g and the number of texels do not tell it. */
export const tileVariant = ({ texels, count, columns }: Tile): string => `${texels} ${count} ${columns}`;

/** Where a source texel is in the source, of all tiles: always, never, or it depends on the tile or the pixel. */
function inside({ count, step, columns }: Tile, texel: number): 'always' | 'never' | 'some' {
  const last = (count - 1) * step + texel;
  if (texel >= 0 && 2 * last + 1 < columns) return 'always';
  return last < 0 || 2 * texel >= columns ? 'never' : 'some';
}

/** GLSL's name of a source texel. */
export const sourceName = (texel: number): string => `s${texel < 0 ? `m${-texel}` : texel}`;

/** GLSL before the loops: where each source texel's column is, and what of it is defined. `base` is there. */
export function locate(tile: Tile, deep: string): string[] {
  const { needed, columns } = tile;
  return needed.flatMap((texel) => {
    const name = sourceName(texel);
    const column = `(base + ${texel})`;
    const where = inside(tile, texel);
    if (where === 'never') return [];
    if (where === 'always') return [`int at_${name} = ${column} * ${deep};`];
    return [
      `int at_${name} = clamp${column.replace(')', `, 0, ${half(columns) - 1})`)} * ${deep};`,
      `bool left_${name} = ${column} >= 0 && 2 * ${column} < ${columns}, right_${name} = ${column} >= 0 && 2 * ${column} + 1 < ${columns};`,
      `bvec4 in_${name} = bvec4(left_${name}, left_${name}, right_${name}, right_${name});`,
    ];
  });
}

/** GLSL of a source texel's value; `offset` is what is added to its place. */
export function sourceValue(tile: Tile, texel: number, sampler: string, offset: string): string {
  const name = sourceName(texel);
  const where = inside(tile, texel);
  if (where === 'never') return 'vec4(0)';
  const read = `${sampler}(at_${name} + ${offset})`;
  return where === 'always' ? read : `mix(vec4(0), ${read}, in_${name})`;
}

/** GLSL that reads all source texels of a row. `odd`: the second channel is undefined. */
export function readSource(tile: Tile, sampler: string, offset: string, odd: boolean): string[] {
  return tile.needed.map((texel) => {
    const name = sourceName(texel);
    return `vec4 ${name} = ${sourceValue(tile, texel, sampler, offset)};${odd ? ` ${name}.yw = vec2(0);` : ''}`;
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

/** What of a window a program's text depends on. */
export function windowNumbers(g: WindowGeometry): number[] {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = g;
  return [filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft];
}
