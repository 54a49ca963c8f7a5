/**
 * dfilter is a sum over all rows of all pictures. A fragment keeps some filter elements, neighbours along kx and pairs of channels, in
 * registers and runs over the pixels of a slice of the rows; a second pass adds up the slices, in order. The number of slices follows
 * from sizes alone: enough fragments to fill a GPU, whatever the filter's size.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Conv2DGeometry } from './geometry.js';
import {
  forwardTile,
  locate,
  neededBy,
  pairOf,
  sourceName,
  sourceValue,
  type Tile,
  tapsOf,
  tileVariant,
  windowNumbers,
} from './webgl-columns.js';

/** Fragments that keep a GPU busy. */
const FRAGMENTS = 8192;

/** What a fragment keeps: filter columns, pairs of input channels, pairs of output channels. */
interface Block {
  readonly kx: number;
  readonly ci: number;
  readonly co: number;
}

/** As many sums as a program can write; more output than input channels, because dy is read once for all kx. */
function blockOf(g: Conv2DGeometry, most: number): Block {
  const groups = Math.ceil(g.filterWidth / most);
  const kx = Math.ceil(g.filterWidth / groups);
  const fits = (size: number, limit: number) => 2 ** Math.floor(Math.log2(Math.min(size, limit)));
  const room = Math.floor(most / kx);
  const square = 2 ** Math.ceil(Math.log2(room) / 2);
  const co = divisor(half(g.outChannels / g.groups), g.groups, fits(half(g.outChannels / g.groups), Math.min(room, square)));
  const ci = fits(half(g.inChannels / g.groups), Math.floor(room / co));
  return { kx, ci, co };
}

/** With groups a block must not reach into the next one. */
function divisor(size: number, groups: number, wanted: number): number {
  let fits = wanted;
  while (groups > 1 && size % fits !== 0) fits /= 2;
  return fits;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/**
 * The loop over the tiles of a row, for filter columns `first`, ... Where one tile's source texels are the next one's too, they are
 * handed on.
 */
function rowLoop(block: Block, tile: Tile, first: number, count: number, ragged: boolean): string {
  const taps = tapsOf(tile, first, count);
  const pairs = range(tile.texels);
  const channels = range(block.ci);
  const handed = taps.count > 1 ? taps.needed.filter((texel) => taps.needed.includes(texel + taps.step)) : [];
  const value = (texel: number, i: number) => sourceValue(taps, texel, 'x', `line + xChannel${i}`);
  const name = (texel: number, i: number) => `${sourceName(texel)}_${i}`;
  const fresh = { ...taps, needed: taps.needed.filter((texel) => !handed.includes(texel)) };
  const lines: string[] = [];
  if (handed.length > 0) {
    lines.push(...channels.flatMap((i) => handed.map((texel) => `vec4 ${name(texel, i)};`)));
    lines.push('{', 'int base = 0;', ...locate({ ...taps, needed: handed }, 'sourceDepth'));
    lines.push(...channels.flatMap((i) => handed.map((texel) => `${name(texel, i)} = ${value(texel, i)};`)), '}');
  }
  lines.push(taps.count > 1 ? `for (int tile = 0; tile < ${taps.count}; tile++) {` : '{ const int tile = 0;');
  lines.push(`int base = tile * ${tile.step};`, ...locate(fresh, 'sourceDepth'), 'vec4 p;');
  const read = new Set(handed);
  for (const t of pairs) {
    const column = `tile * ${tile.texels} + ${t}`;
    if (ragged) lines.push(`bvec4 in${t} = bvec4(bvec2(2 * (${column}) < outColumns), bvec2(2 * (${column}) + 1 < outColumns));`);
    for (const o of range(block.co)) {
      const at = `dy((dyLine + ${ragged ? `min(${column}, columns - 1)` : column}) * dyDepth + dyChannel${o})`;
      lines.push(`vec4 d${t}_${o} = ${ragged ? `mix(vec4(0), ${at}, in${t})` : at};`);
    }
    // What a pair of pixels sees is read when its turn comes: few values wait in registers.
    const seen = neededBy(taps, t, count).filter((texel) => !read.has(texel));
    for (const texel of seen) read.add(texel);
    for (const i of channels) {
      lines.push(...seen.map((texel) => `vec4 ${name(texel, i)} = ${value(texel, i)};`));
      for (const k of range(count)) {
        const pair = pairOf(taps, t, k).pair!.replace(/s(m?\d+)/g, `s$1_${i}`);
        lines.push(`p = ${ragged ? `mix(vec4(0), ${pair}, in${t})` : pair};`);
        for (const o of range(block.co)) lines.push(`acc${k}_${i}_${o} += p.xxyy * d${t}_${o}.xyxy + p.zzww * d${t}_${o}.zwzw;`);
      }
    }
  }
  for (const i of channels) lines.push(...handed.map((texel) => `${name(texel, i)} = ${name(texel + taps.step, i)};`));
  return [...lines, '}'].join('\n');
}

function code(g: Conv2DGeometry, block: Block, tile: Tile, ragged: boolean): string {
  const sums = range(block.kx).flatMap((k) => range(block.ci).flatMap((i) => range(block.co).map((o) => `acc${k}_${i}_${o}`)));
  const groups = Math.ceil(g.filterWidth / block.kx);
  const loops = range(groups).map((group) => {
    const first = group * block.kx;
    const loop = rowLoop(block, tile, first, Math.min(block.kx, g.filterWidth - first), ragged);
    return groups === 1 ? loop : `if (kxGroup == ${group}) {\n${loop}\n}`;
  });
  return [
    'void compute(int texel) {',
    `  int rest = quotient(texel, coTiles), co = (texel - rest * coTiles) * ${block.co};`,
    `  int next = quotient(rest, ciTiles), ci = (rest - next * ciTiles) * ${block.ci};`,
    `  int after = ${groups === 1 ? 'next' : `quotient(next, ${groups})`}, kxGroup = next - after * ${groups};`,
    `  int slice = quotient(after, ${g.filterHeight}), ky = after - slice * ${g.filterHeight};`,
    g.groups === 1 ? '  const int group = 0;' : '  int group = co / groupTexels;',
    // A block may reach beyond the last channels: it computes the last ones again.
    ...range(block.co).map((o) => `  int dyChannel${o} = min(co + ${o}, dyDepth - 1);`),
    ...range(block.ci).map((i) => `  int xChannel${i} = group * sourceGroupTexels + min(ci + ${i}, sourceGroupTexels - 1);`),
    ...sums.map((name) => `  vec4 ${name} = vec4(0);`),
    // Rows of dy that see a row of x: from the first one of each picture on, so many.
    `  int above = ${g.padTop} - ky * ${g.dilationHeight}, below = sourceRows - 1 + above;`,
    `  int firstRow = above > 0 ? quotient(above + ${g.strideHeight - 1}, ${g.strideHeight}) : 0;`,
    `  int seeing = max(below < 0 ? 0 : min(rows, quotient(below, ${g.strideHeight}) + 1) - firstRow, 0);`,
    '  int begin = slice * sliceRows, end = min(begin + sliceRows, pictures * seeing);',
    '  int picture = quotient(begin, max(seeing, 1)), y = begin - picture * seeing + firstRow;',
    '  for (int row = begin; row < end; row++) {',
    `    int line = (picture * sourceRows + y * ${g.strideHeight} - above) * sourceTexels * sourceDepth;`,
    '    int dyLine = (picture * rows + y) * columns;',
    ...loops,
    // Without a branch: where the GPU is a processor each has its price for every sum that is kept.
    '    int over = int(++y == firstRow + seeing);',
    '    picture += over;',
    '    y -= over * seeing;',
    '  }',
    ...sums.map((name, n) => `  out${n} = ${name};`),
    '}',
  ].join('\n');
}

/** One fragment adds up the slices of one texel of dfilter. */
function sumCode({ filterWidth }: Conv2DGeometry, { kx, ci, co }: Block): string {
  const count = kx * ci * co;
  const loop = (i: number) => `for (int slice = 0; slice < slices; slice++) sum += part${i}(at + slice * perSlice);`;
  const choices = range(count).map((i) => `${i + 1 < count ? `if (part == ${i}) ` : ''}${loop(i)}`);
  return [
    'void compute(int texel) {',
    '  int rest = quotient(texel, filterColumns), c = texel - rest * filterColumns;',
    '  int tap = quotient(rest, filterRows), r = rest - tap * filterRows;',
    `  int ky = quotient(tap, ${filterWidth}), k = tap - ky * ${filterWidth};`,
    `  int kGroup = quotient(k, ${kx}), ciTile = quotient(r, ${ci}), coTile = quotient(c, ${co});`,
    `  int part = ((k - kGroup * ${kx}) * ${ci} + r - ciTile * ${ci}) * ${co} + c - coTile * ${co};`,
    `  int at = ((ky * ${Math.ceil(filterWidth / kx)} + kGroup) * ciTiles + ciTile) * coTiles + coTile;`,
    '  vec4 sum = vec4(0);',
    `  ${choices.join('\n  else ')}`,
    '  out0 = sum;',
    '}',
  ].join('\n');
}

/** Pairs of pixels a turn of the loop: of a row's share, if it can be divided so, else as many as registers hold. */
function pairsATurn(columns: number): number {
  return [8, 7, 6, 5, 4, 3, 2].find((size) => columns % size === 0) ?? Math.min(4, columns);
}

export function runFilter(runner: WebglRunner, g: Conv2DGeometry, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const block = blockOf(g, runner.attachments);
  const columns = half(g.outWidth);
  const tile = forwardTile(g, pairsATurn(columns));
  const ragged = g.outWidth % (2 * tile.texels) !== 0;
  const filterRows = half(g.inChannels / g.groups);
  const filterColumns = half(g.outChannels);
  const ciTiles = Math.ceil(filterRows / block.ci);
  const coTiles = Math.ceil(filterColumns / block.co);
  const perSlice = g.filterHeight * Math.ceil(g.filterWidth / block.kx) * ciTiles * coTiles;
  const allRows = g.batch * g.outHeight;
  const sliceRows = Math.ceil(allRows / Math.max(1, Math.round(FRAGMENTS / perSlice)));
  const slices = Math.ceil(allRows / sliceRows);
  const variant = [...Object.values(block), tileVariant(tile), ragged, g.groups === 1, ...windowNumbers(g)].join(' ');
  const parts = runner.run({
    name: 'CnnConv2D dfilter',
    geometry: g,
    variant,
    code: () => code(g, block, tile, ragged),
    inputs: { x, dy },
    ints: {
      rows: g.outHeight,
      columns,
      outColumns: g.outWidth,
      dyDepth: filterColumns,
      sourceRows: g.inHeight,
      sourceTexels: half(g.inWidth),
      sourceDepth: half(g.inChannels),
      sourceGroupTexels: filterRows,
      groupTexels: half(g.outChannels / g.groups),
      ciTiles,
      coTiles,
      sliceRows,
      pictures: g.batch,
    },
    outputs: range(block.kx * block.ci * block.co).map(() => [slices * perSlice, 2, 2]),
  });
  const [dfilter] = runner.run({
    name: 'CnnConv2D dfilter, sum',
    geometry: g,
    variant,
    code: () => sumCode(g, block),
    inputs: Object.fromEntries(parts.map((each, i) => [`part${i}`, each])),
    ints: { filterColumns, filterRows, ciTiles, coTiles, perSlice, slices },
    outputs: [[g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels]],
  });
  runner.dispose(...parts);
  return dfilter!;
}
