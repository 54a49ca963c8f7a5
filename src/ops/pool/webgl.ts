import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named } from '../../kernels.js';
import type { PoolWindows, WindowSizes } from './webgl-windows.js';

/** A part of a pool: what one fragment does for each of its two pixels. */
export interface PoolPart<Geometry extends WindowSizes> {
  /** Op and part, for errors. */
  readonly name: string;
  readonly variant?: string;
  readonly windows: PoolWindows<Geometry>;
  /** Whose pixels are computed: those of y, or those of x. */
  readonly pixels: 'y' | 'x';
  /** How many tensors of that size it writes; default 1. */
  readonly outputs?: number;
  /** GLSL functions. */
  readonly functions?: string;
  /** GLSL that sets the vec2s result0, result1, ... of channel pair `c` at (py, px) of `picture`. */
  readonly body: string;
}

/** What a part reads. `vec2 dyPixel(line, column, c)` is a pair of channels of a pixel of dy, say. */
export interface PoolReads {
  /** Pictures like x, by name. */
  readonly likeX?: Named<TensorInfo>;
  /** Pictures like y. */
  readonly likeY?: Named<TensorInfo>;
  /** Other tensors, read by texels. */
  readonly others?: Named<TensorInfo>;
}

function pixelCode(name: string, side: 'in' | 'out'): string {
  return `vec2 ${name}Pixel(int line, int column, int c) {
  vec4 two = ${name}((line * ((${side}Width + 1) >> 1) + (column >> 1)) * ${side}Depth + c);
  return (column & 1) == 0 ? two.xy : two.zw;
}`;
}

function code<Geometry extends WindowSizes>(part: PoolPart<Geometry>, { likeX = {}, likeY = {} }: PoolReads): string {
  const { windows, pixels, outputs = 1, functions = '', body } = part;
  const side = pixels === 'y' ? 'out' : 'in';
  const results = (name: string) => Array.from({ length: outputs }, (_, i) => `${name}${i}`);
  return [
    windows.functions,
    functions,
    ...Object.keys(likeX).map((name) => pixelCode(name, 'in')),
    ...Object.keys(likeY).map((name) => pixelCode(name, 'out')),
    `void pixel(int row, int px, int c, ${results('out vec2 result').join(', ')}) {`,
    `  int picture = quotient(row, ${side}Height), py = row - picture * ${side}Height;`,
    body,
    '}',
    'void compute(int texel) {',
    `  int rest = quotient(texel, ${side}Depth), c = texel - rest * ${side}Depth;`,
    `  int wide = (${side}Width + 1) >> 1, row = quotient(rest, wide), column = (rest - row * wide) << 1;`,
    ...results('left').map((left) => `  vec2 ${left};`),
    ...results('right').map((right) => `  vec2 ${right} = vec2(0);`),
    `  pixel(row, column, c, ${results('left').join(', ')});`,
    `  if (column + 1 < ${side}Width) pixel(row, column + 1, c, ${results('right').join(', ')});`,
    ...results('out').map((out, i) => `  ${out} = vec4(left${i}, right${i});`),
    '}',
  ].join('\n');
}

/** Runs it; gives what it writes. */
export function runPool<Geometry extends WindowSizes>(
  runner: WebglRunner,
  part: PoolPart<Geometry>,
  reads: PoolReads,
  g: Geometry,
): TensorInfo[] {
  const { name, variant, windows, pixels, outputs = 1 } = part;
  const shape =
    pixels === 'y' ? [g.batch, g.outHeight, g.outWidth, g.outChannels] : [g.batch, g.inHeight, g.inWidth, g.inChannels];
  return runner.run({
    name,
    geometry: g,
    variant,
    code: () => code(part, reads),
    inputs: { ...reads.likeX, ...reads.likeY, ...reads.others },
    ints: windows.ints(g),
    outputs: Array.from({ length: outputs }, () => shape),
  });
}
