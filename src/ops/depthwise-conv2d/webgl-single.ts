/** Depthwise convolution with one filter a channel: a pair of channels of y is that of x, and nothing is added up across channels. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { FusedActivation } from '../activation/fused.js';
import { activateCode, type Finish, UNCHANGED } from '../activation/webgl-fused.js';
import { forwardTile, locate, pairOf, readSource, type Tile, tileVariant } from '../conv2d/webgl-columns.js';
import { runPool } from '../pool/webgl.js';
import { slidingWindows, windowInts } from '../pool/webgl-windows.js';

/** What it needs to know; the filter lies as [height, width, channels, 1], or as conv2d has it, [height, width, 1, channels]. */
export interface Single extends WindowGeometry {
  readonly activation: FusedActivation;
  readonly name: string;
  readonly filterShape: readonly number[];
}

/** The filter's two channels of a texel, by how it lies. */
const lanes = ({ filterShape }: Single): 'xy' | 'xz' => (filterShape[3] === 1 && filterShape[2] !== 1 ? 'xz' : 'xy');

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

function windowOf(g: Single): string {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = g;
  return [filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft].join(' ');
}

function forwardCode(g: Single, tile: Tile, bias: boolean): string {
  const swizzle = lanes(g);
  return [
    activateCode(g.activation),
    'void compute(int texel) {',
    '  int rest = quotient(texel, inDepth), c = texel - rest * inDepth, wide = (outWidth + 1) >> 1;',
    `  int line0 = quotient(rest, wide), base = (rest - line0 * wide) * ${tile.step};`,
    '  int picture = quotient(line0, outHeight), y = line0 - picture * outHeight, sourceTexels = (inWidth + 1) >> 1;',
    ...locate(tile, 'inDepth'),
    '  vec4 acc = vec4(0), p;',
    `  for (int ky = 0; ky < ${g.filterHeight}; ky++) {`,
    `    int sy = y * ${g.strideHeight} - ${g.padTop} + ky * ${g.dilationHeight};`,
    '    if (sy < 0 || sy >= inHeight) continue;',
    '    int line = (picture * inHeight + sy) * sourceTexels * inDepth + c;',
    ...readSource(tile, 'x', 'line', false),
    ...range(g.filterWidth).map(
      (kx) =>
        `acc += ${pairOf(tile, 0, kx).pair} * filterOf((ky * ${g.filterWidth} + ${kx}) * inDepth + c).${swizzle}${swizzle};`,
    ),
    '  }',
    `  out0 = activate(acc${bias ? ' + bias(c).xyxy' : ''});`,
    '}',
  ].join('\n');
}

export function forward(runner: WebglRunner, g: Single, x: TensorInfo, filterOf: TensorInfo, bias?: TensorInfo): TensorInfo[] {
  const tile = forwardTile(g, 1);
  return runner.run({
    name: `${g.name} forward, one filter a channel`,
    geometry: g,
    variant: `${windowOf(g)} ${g.activation} ${tileVariant(tile)} ${lanes(g)}`,
    code: () => forwardCode(g, tile, bias !== undefined),
    inputs: { x, filterOf, ...(bias && { bias }) },
    ints: windowInts(g),
    outputs: [[g.batch, g.outHeight, g.outWidth, g.outChannels]],
  });
}

export function dx(
  runner: WebglRunner,
  g: Single,
  dy: TensorInfo,
  filterOf: TensorInfo,
  { bias, activation }: Finish = UNCHANGED,
): TensorInfo[] {
  const product = `dyPixel(line, ox, c) * filterOf((ky * filterWidth + kx) * inDepth + c).${lanes(g)}`;
  const part = {
    name: `${g.name} dx, one filter a channel`,
    variant: `${lanes(g)} ${activation}`,
    ...{ windows: slidingWindows, pixels: 'x' as const, functions: activateCode(activation) },
    body: `  vec2 sum = vec2(0);
${slidingWindows.holding(`      sum += ${product};`)}
  result0 = activate((${bias ? 'sum + bias(c).xy' : 'sum'}).xyxy).xy;`,
  };
  return runPool(runner, part, { likeY: { dy }, others: { filterOf, ...(bias && { bias }) } }, g);
}

/** Fragments that keep a GPU busy. */
const FRAGMENTS = 4096;

/** One fragment: all filter columns of a row of the filter, two channels, over a slice of the rows of dy; two columns an output. */
function sliceCode(g: Single, tile: Tile): string {
  const ragged = g.outWidth % 2 === 1;
  const count = g.filterWidth;
  return [
    'void compute(int texel) {',
    '  int rest = quotient(texel, inDepth), c = texel - rest * inDepth;',
    `  int slice = quotient(rest, ${g.filterHeight}), ky = rest - slice * ${g.filterHeight};`,
    '  int sourceTexels = (inWidth + 1) >> 1, wide = (outWidth + 1) >> 1;',
    ...range(count).map((k) => `  vec2 acc${k} = vec2(0);`),
    '  int end = min((slice + 1) * sliceRows, allRows);',
    '  for (int row = slice * sliceRows; row < end; row++) {',
    '    int picture = quotient(row, outHeight), y = row - picture * outHeight;',
    `    int sy = y * ${g.strideHeight} - ${g.padTop} + ky * ${g.dilationHeight};`,
    '    if (sy < 0 || sy >= inHeight) continue;',
    '    int line = (picture * inHeight + sy) * sourceTexels * inDepth + c;',
    '    for (int column = 0; column < wide; column++) {',
    `      int base = column * ${tile.step};`,
    ...locate(tile, 'inDepth'),
    ...readSource(tile, 'x', 'line', false),
    '      vec4 d = dy((row * wide + column) * inDepth + c), p;',
    ragged ? '      bool two = 2 * column + 1 < outWidth;' : '',
    ...range(count).flatMap((k) => [
      `p = ${pairOf(tile, 0, k).pair} * d;`,
      ragged ? `acc${k} += two ? p.xy + p.zw : p.xy;` : `acc${k} += p.xy + p.zw;`,
    ]),
    '    }',
    '  }',
    ...range(Math.ceil(count / 2)).map(
      (i) => `  out${i} = vec4(acc${2 * i}, ${2 * i + 1 < count ? `acc${2 * i + 1}` : '0., 0.'});`,
    ),
    '}',
  ].join('\n');
}

/** One fragment adds up the slices of a texel of dfilter. */
function sumCode(g: Single, parts: number): string {
  const choices = range(parts).map((i) => `${i + 1 < parts ? `if (k >> 1 == ${i}) ` : ''}v = part${i}(at);`);
  return [
    'void compute(int texel) {',
    '  int tap = quotient(texel, depth), c = texel - tap * depth;',
    `  int ky = quotient(tap, ${g.filterWidth}), k = tap - ky * ${g.filterWidth}, at = ky * depth + c;`,
    '  vec2 sum = vec2(0);',
    '  vec4 v;',
    '  for (int slice = 0; slice < slices; slice++) {',
    `    ${choices.join('\n    else ')}`,
    '    sum += (k & 1) == 0 ? v.xy : v.zw;',
    `    at += ${g.filterHeight} * depth;`,
    '  }',
    `  out0 = ${lanes(g) === 'xz' ? 'vec4(sum.x, 0., sum.y, 0.)' : 'vec4(sum, 0., 0.)'};`,
    '}',
  ].join('\n');
}

/** Whether all columns of the filter fit a fragment's outputs. */
export function fits(runner: WebglRunner, g: WindowGeometry): boolean {
  return g.filterWidth <= 2 * runner.attachments;
}

export function dfilter(runner: WebglRunner, g: Single, x: TensorInfo, dy: TensorInfo): TensorInfo[] {
  const tile = forwardTile(g, 1);
  const depth = half(g.inChannels);
  const allRows = g.batch * g.outHeight;
  const sliceRows = Math.ceil(allRows / Math.max(1, Math.round(FRAGMENTS / (g.filterHeight * depth))));
  const slices = Math.ceil(allRows / sliceRows);
  const count = Math.ceil(g.filterWidth / 2);
  const name = `${g.name} dfilter, one filter a channel`;
  const parts = runner.run({
    name,
    geometry: g,
    variant: `${windowOf(g)} ${tileVariant(tile)} ${g.outWidth % 2}`,
    code: () => sliceCode(g, tile),
    inputs: { x, dy },
    ints: { ...windowInts(g), sliceRows, allRows },
    outputs: range(count).map(() => [slices * g.filterHeight * depth, 2, 2]),
  });
  const made = runner.run({
    name: `${name}, sum`,
    geometry: g,
    variant: `${windowOf(g)} ${lanes(g)}`,
    code: () => sumCode(g, count),
    inputs: Object.fromEntries(parts.map((part, i) => [`part${i}`, part])),
    ints: { depth, slices },
    outputs: [g.filterShape],
  });
  runner.dispose(...parts);
  return made;
}
