/**
 * The forward pass and dx are one sum seen from two sides: a picture is computed from another, the source, and the filter. A fragment
 * computes a tile of pairs of pixels by pairs of channels and keeps all of it in registers; each of its texels goes to a texture of its
 * own, from which a second pass gathers the picture. A tile of one texel is the picture's own.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { gather } from '../../backends/webgl/gather.js';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named } from '../../kernels.js';
import { activateCode, type Finish } from '../activation/webgl-fused.js';
import type { Conv2DGeometry } from './geometry.js';
import { locate, pairOf, readSource, type Tile, tileVariant, windowNumbers } from './webgl-columns.js';

/** Which of the two it is, and how large its tiles are. */
export interface PictureKernel {
  readonly part: 'forward' | 'dx';
  readonly tile: Tile;
  /** Pairs of channels a tile. */
  readonly channels: number;
}

/** Sizes of what is computed and of the source. */
export function sides(g: Conv2DGeometry, part: 'forward' | 'dx') {
  const x = { rows: g.inHeight, columns: g.inWidth, channels: g.inChannels };
  const y = { rows: g.outHeight, columns: g.outWidth, channels: g.outChannels };
  return part === 'forward' ? { made: y, source: x } : { made: x, source: y };
}

/** The row of the source that filter row ky of this row sees; leaves the loop's turn where there is none. */
function sourceRow(g: Conv2DGeometry, part: 'forward' | 'dx'): string {
  const { strideHeight: s, padTop: p, dilationHeight: d } = g;
  if (part === 'forward') return `int sy = y * ${s} - ${p} + ky * ${d}; if (sy < 0 || sy >= sourceRows) continue;`;
  const exact = s === 1 ? '' : ` || reach % ${s} != 0`;
  return `int reach = y + ${p} - ky * ${d}; if (reach < 0${exact}) continue; int sy = reach / ${s}; if (sy >= sourceRows) continue;`;
}

/** acc += source filter, for a pair of pixels or one of them; the texel of the filter is (c0o0, c0o1, c1o0, c1o1). */
function product(part: 'forward' | 'dx', acc: string, f: string, { pair, left, right }: ReturnType<typeof pairOf>): string[] {
  const [first, second] = part === 'forward' ? ['xy', 'zw'] : ['xz', 'yw'];
  if (pair) return [`p = ${pair}; ${acc} += p.xxzz * ${f}.${first}${first} + p.yyww * ${f}.${second}${second};`];
  const one = (half_: string, from: string) => `p.xy = ${from}; ${acc}.${half_} += p.xx * ${f}.${first} + p.yy * ${f}.${second};`;
  return [...(left ? [one('xy', left)] : []), ...(right ? [one('zw', right)] : [])];
}

function code(g: Conv2DGeometry, { part, tile, channels }: PictureKernel, { bias, activation }: Finish): string {
  // What is gathered afterwards is finished there.
  const finished = tile.texels * channels === 1;
  const pairs = Array.from({ length: tile.texels }, (_, t) => t);
  const outs = Array.from({ length: channels }, (_, o) => o);
  const acc = (t: number, o: number) => `acc${t}_${o}`;
  const sourceDepth = sides(g, part).source.channels / g.groups;
  const depth = Math.floor(sourceDepth / 2);
  const filterAt = (kx: number, o: number, c: string) =>
    part === 'forward'
      ? `filterTexel((tap + ${kx}) * filterRows + ${c}, made${o})`
      : `filterTexel((tap + ${kx}) * filterRows + made${o}, sourceGroup + ${c})`;
  const turn = (c: string, odd: boolean): string[] => [
    ...readSource(tile, 'source', `line + ${c}`, odd),
    'vec4 p;',
    ...Array.from({ length: g.filterWidth }, (_, kx) => kx).flatMap((kx) => [
      ...outs.map((o) => `vec4 f${kx}_${o} = filterOf(${filterAt(kx, o, c)});${odd ? oddFilter(part, `f${kx}_${o}`) : ''}`),
      ...pairs.flatMap((t) => outs.flatMap((o) => product(part, acc(t, o), `f${kx}_${o}`, pairOf(tile, t, kx)))),
    ]),
  ];
  return [
    activateCode(finished ? activation : 'linear'),
    'int filterTexel(int row, int column) { return row * filterColumns + column; }',
    'void compute(int texel) {',
    `  int rest = quotient(texel, channelTiles), first = (texel - rest * channelTiles) * ${channels};`,
    `  int line0 = quotient(rest, tiles), base = (rest - line0 * tiles) * ${tile.step};`,
    '  int picture = quotient(line0, rows), y = line0 - picture * rows;',
    g.groups === 1
      ? '  int inGroup = first, sourceGroup = 0;'
      : '  int group = first / groupTexels, inGroup = first - group * groupTexels, sourceGroup = group * sourceGroupTexels;',
    // A tile may reach beyond the last channels: it computes the last ones again.
    ...outs.map(
      (o) =>
        `  int made${o} = min(${part === 'forward' ? 'first' : 'inGroup'} + ${o}, ${part === 'forward' ? 'madeTexels' : 'groupTexels'} - 1);`,
    ),
    ...locate(tile, 'sourceDepth'),
    ...pairs.flatMap((t) => outs.map((o) => `  vec4 ${acc(t, o)} = vec4(0);`)),
    `  for (int ky = 0; ky < ${g.filterHeight}; ky++) {`,
    sourceRow(g, part),
    `    int tap = ky * ${g.filterWidth};`,
    '    int line = (picture * sourceRows + sy) * sourceTexels * sourceDepth + sourceGroup;',
    depth > 0 ? `    for (int c = 0; c < ${depth}; c++) {\n${turn('c', false).join('\n')}\n    }` : '',
    sourceDepth % 2 === 1 ? `    {\n${turn(`${depth}`, true).join('\n')}\n    }` : '',
    '  }',
    ...pairs.flatMap((t) =>
      outs.map((o) => `  out${t * channels + o} = activate(${acc(t, o)}${finished && bias ? ' + bias(first).xyxy' : ''});`),
    ),
    '}',
  ].join('\n');
}

/** The second of a pair of the source's channels is none: its filter values are undefined. */
function oddFilter(part: 'forward' | 'dx', name: string): string {
  return ` ${name}.${part === 'forward' ? 'zw' : 'yw'} = vec2(0);`;
}

/** Runs it: `source` is x or dy. */
export function runPicture(
  runner: WebglRunner,
  g: Conv2DGeometry,
  kernel: PictureKernel,
  { source, filterOf }: Named<TensorInfo>,
  finish: Finish,
): TensorInfo {
  const { part, tile, channels } = kernel;
  const { made, source: from } = sides(g, part);
  const name = `CnnConv2D ${part}`;
  const tiles = Math.ceil(half(made.columns) / tile.texels);
  const channelTiles = Math.ceil(half(made.channels) / channels);
  const count = tile.texels * channels;
  const shape = [g.batch, made.rows, made.columns, made.channels];
  const fragments = [g.batch * made.rows * tiles * channelTiles];
  const parts = runner.run({
    name,
    geometry: g,
    variant: variantOf(g, kernel, finish),
    code: () => code(g, kernel, finish),
    inputs: { source: source!, filterOf: filterOf!, ...(count === 1 && finish.bias && { bias: finish.bias }) },
    ints: {
      rows: made.rows,
      tiles,
      channelTiles,
      madeTexels: half(made.channels),
      groupTexels: half(made.channels / g.groups),
      sourceRows: from.rows,
      sourceTexels: half(from.columns),
      sourceDepth: half(from.channels),
      sourceGroupTexels: half(from.channels / g.groups),
      filterRows: half(g.inChannels / g.groups),
      filterColumns: half(g.outChannels),
    },
    outputs: count === 1 ? [shape] : Array.from({ length: count }, () => [...fragments, 2, 2]),
  });
  if (count === 1) return parts[0]!;
  return gather(runner, { name, geometry: g, rows: tile.texels, columns: channels, ...finish }, parts, shape);
}

/** All that the code depends on. */
function variantOf(g: Conv2DGeometry, { tile, channels }: PictureKernel, { activation }: Finish): string {
  return [...windowNumbers(g), g.groups, g.inChannels, g.outChannels, activation, channels, tileVariant(tile)].join(' ');
}
