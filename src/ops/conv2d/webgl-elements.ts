/**
 * Convolution element by element, for what the packed kernels leave out: groups of an odd number of channels, whose pairs would belong to
 * two groups, and input gradients of strides that no tile fits. Slow, and right for every geometry.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named } from '../../kernels.js';
import { activateCode, type Finish } from '../activation/webgl-fused.js';
import type { Conv2DGeometry } from './geometry.js';

/** Element (matrix, row, column) of a packed tensor of `rows` by `columns`. */
const element = (name: string, rows: string, columns: string): string => `float ${name}At(int matrix, int r, int c) {
  vec4 four = ${name}((matrix * ((${rows} + 1) >> 1) + (r >> 1)) * ((${columns} + 1) >> 1) + (c >> 1));
  vec2 two = (r & 1) == 0 ? four.xy : four.zw;
  return (c & 1) == 0 ? two.x : two.y;
}`;

const PICTURE_X = element('x', 'inWidth', 'inChannels');
const PICTURE_DY = element('dy', 'outWidth', 'outChannels');
const FILTER = element('filterOf', 'groupIn', 'outChannels');

/** `sum(matrix, row, column)` of the result, by part. */
const sums: Readonly<Record<'forward' | 'dx' | 'dfilter', string>> = {
  forward: `${PICTURE_X}
${FILTER}
float sum(int line, int ox, int co) {
  int picture = line / outHeight, oy = line - picture * outHeight, ci0 = co / groupOut * groupIn;
  float total = 0.;
  for (int ky = 0; ky < filterHeight; ky++) {
    int iy = oy * strideHeight - padTop + ky * dilationHeight;
    if (iy < 0 || iy >= inHeight) continue;
    for (int kx = 0; kx < filterWidth; kx++) {
      int ix = ox * strideWidth - padLeft + kx * dilationWidth;
      if (ix < 0 || ix >= inWidth) continue;
      for (int ci = 0; ci < groupIn; ci++)
        total += xAt(picture * inHeight + iy, ix, ci0 + ci) * filterOfAt(ky * filterWidth + kx, ci, co);
    }
  }
  return total;
}`,
  dx: `${PICTURE_DY}
${FILTER}
float sum(int line, int ix, int ci) {
  int picture = line / inHeight, iy = line - picture * inHeight, group = ci / groupIn, inGroup = ci - group * groupIn;
  float total = 0.;
  for (int ky = 0; ky < filterHeight; ky++) {
    int reachY = iy + padTop - ky * dilationHeight, oy = reachY / strideHeight;
    if (reachY < 0 || oy * strideHeight != reachY || oy >= outHeight) continue;
    for (int kx = 0; kx < filterWidth; kx++) {
      int reachX = ix + padLeft - kx * dilationWidth, ox = reachX / strideWidth;
      if (reachX < 0 || ox * strideWidth != reachX || ox >= outWidth) continue;
      for (int co = group * groupOut; co < (group + 1) * groupOut; co++)
        total += dyAt(picture * outHeight + oy, ox, co) * filterOfAt(ky * filterWidth + kx, inGroup, co);
    }
  }
  return total;
}`,
  dfilter: `${PICTURE_X}
${PICTURE_DY}
float sum(int tap, int inGroup, int co) {
  int ky = tap / filterWidth, kx = tap - ky * filterWidth, ci = co / groupOut * groupIn + inGroup;
  float total = 0.;
  for (int line = 0; line < lines; line++) {
    int picture = line / outHeight, iy = (line - picture * outHeight) * strideHeight - padTop + ky * dilationHeight;
    if (iy < 0 || iy >= inHeight) continue;
    float row = 0.;
    for (int ox = 0; ox < outWidth; ox++) {
      int ix = ox * strideWidth - padLeft + kx * dilationWidth;
      if (ix >= 0 && ix < inWidth) row += xAt(picture * inHeight + iy, ix, ci) * dyAt(line, ox, co);
    }
    total += row;
  }
  return total;
}`,
};

const COMPUTE = `void compute(int texel) {
  int width = (columns + 1) >> 1, height = (rows + 1) >> 1;
  int line = texel / width, c = (texel - line * width) << 1;
  int matrix = line / height, r = (line - matrix * height) << 1;
  bool right = c + 1 < columns, below = r + 1 < rows;
  vec4 z = vec4(sum(matrix, r, c), right ? sum(matrix, r, c + 1) : 0., below ? sum(matrix, r + 1, c) : 0.,
    right && below ? sum(matrix, r + 1, c + 1) : 0.);`;

export function runElements(
  runner: WebglRunner,
  g: Conv2DGeometry,
  part: 'forward' | 'dx' | 'dfilter',
  inputs: Named<TensorInfo>,
  { bias, activation }: Finish,
): TensorInfo {
  const { activation: _own, padBottom: _bottom, padRight: _right, outPitch: _pitch, ...sizes } = g;
  const shape = {
    forward: [g.batch, g.outHeight, g.outWidth, g.outChannels],
    dx: [g.batch, g.inHeight, g.inWidth, g.inChannels],
    dfilter: [g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels],
  }[part];
  const [made] = runner.run({
    name: `CnnConv2D ${part}, by elements`,
    geometry: g,
    variant: activation,
    code: () =>
      `${activateCode(activation)}\n${sums[part]}\n${COMPUTE}\n  out0 = activate(${bias ? 'z + bias(c >> 1).xyxy' : 'z'});\n}`,
    inputs: { ...inputs, ...(bias && { bias }) },
    ints: {
      ...(sizes as unknown as Record<string, number>),
      groupIn: g.inChannels / g.groups,
      groupOut: g.outChannels / g.groups,
      lines: g.batch * g.outHeight,
      rows: shape[2]!,
      columns: shape[3]!,
    },
    outputs: [shape],
  });
  return made!;
}

/** Whether pairs of channels belong to one group. */
export function pairsFit(g: Conv2DGeometry): boolean {
  return (
    g.groups === 1 ||
    (half(g.inChannels / g.groups) * 2 * g.groups === g.inChannels &&
      half(g.outChannels / g.groups) * 2 * g.groups === g.outChannels)
  );
}
