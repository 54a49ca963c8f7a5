import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { forEachWindow, pixelCode, REACH, twoPixels, windowInts } from '../pool/webgl.js';
import type { AvgPoolGeometry } from './geometry.js';

/** What a window's sum is divided by, along one axis: its elements in the picture, or with the padding that lies in it. */
function counted(countIncludePad: boolean): string {
  return `float counted(int start, int size, int after, int window, int dilation) {
  int count = 0;
  for (int k = 0; k < window; k++) {
    int i = start + k * dilation;
    if (${countIncludePad ? 'i < size + after' : 'i >= 0 && i < size'}) count++;
  }
  return float(count);
}
float divisor(int oy, int ox) {
  return counted(oy * strideHeight - padTop, inHeight, padBottom, filterHeight, dilationHeight) *
    counted(ox * strideWidth - padLeft, inWidth, padRight, filterWidth, dilationWidth);
}`;
}

const FORWARD = `${pixelCode('x', 'inWidth')}
vec2 pixel(int line, int column, int c) {
  int picture = quotient(line, outHeight), oy = line - picture * outHeight;
  vec2 sum = vec2(0);
  for (int ky = 0; ky < filterHeight; ky++) {
    int iy = oy * strideHeight - padTop + ky * dilationHeight;
    if (iy < 0 || iy >= inHeight) continue;
    for (int kx = 0; kx < filterWidth; kx++) {
      int ix = column * strideWidth - padLeft + kx * dilationWidth;
      if (ix >= 0 && ix < inWidth) sum += xPixel(picture * inHeight + iy, ix, c);
    }
  }
  return sum / divisor(oy, column);
}
${twoPixels('outWidth')}`;

const BACK = `${REACH}
${pixelCode('dy', 'outWidth')}
vec2 pixel(int line, int column, int c) {
  int picture = quotient(line, inHeight), y = line - picture * inHeight;
  vec2 sum = vec2(0);
${forEachWindow('      sum += dyPixel(picture * outHeight + oy, ox, c) / divisor(oy, ox);')}
  return sum;
}
${twoPixels('inWidth')}`;

export const webgl: Parts<RunnerKernel<AvgPoolGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) =>
    runner.run({
      name: 'CnnAvgPool forward',
      geometry: g,
      variant: String(g.countIncludePad),
      code: () => `${counted(g.countIncludePad)}\n${FORWARD}`,
      inputs: { x: x! },
      ints: windowInts(g),
      outputs: [[g.batch, g.outHeight, g.outWidth, g.outChannels]],
    }),

  dx: ({ dy }, g, runner) =>
    runner.run({
      name: 'CnnAvgPool dx',
      geometry: g,
      variant: String(g.countIncludePad),
      code: () => `${counted(g.countIncludePad)}\n${BACK}`,
      inputs: { dy: dy! },
      ints: windowInts(g),
      outputs: [[g.batch, g.inHeight, g.inWidth, g.inChannels]],
    }),
};
