import type { DepthwiseConv2DGeometry } from './geometry.js';

/** What meets in one output or input element: pixels of the source, and the filter elements they are multiplied by. */
export class Meetings {
  count = 0;
  /** Number before the first channel of the pixel, and of the filter element. */
  readonly pixel: Int32Array;
  readonly element: Int32Array;

  constructor(g: DepthwiseConv2DGeometry) {
    this.pixel = new Int32Array(g.filterHeight * g.filterWidth);
    this.element = new Int32Array(g.filterHeight * g.filterWidth);
  }

  add(pixel: number, element: number): void {
    this.pixel[this.count] = pixel;
    this.element[this.count++] = element;
  }

  /** The pixels of x under the window of output (oy, ox) of picture b. */
  ofOutput(g: DepthwiseConv2DGeometry, b: number, oy: number, ox: number): void {
    this.count = 0;
    for (let ky = 0; ky < g.filterHeight; ky++) {
      const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
      if (iy < 0 || iy >= g.inHeight) continue;
      for (let kx = 0; kx < g.filterWidth; kx++) {
        const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
        if (ix < 0 || ix >= g.inWidth) continue;
        this.add(((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels, (ky * g.filterWidth + kx) * g.outChannels);
      }
    }
  }

  /** The pixels of dy whose windows hold input (iy, ix) of picture b. */
  ofInput(g: DepthwiseConv2DGeometry, b: number, iy: number, ix: number): void {
    this.count = 0;
    for (let ky = 0; ky < g.filterHeight; ky++) {
      const down = iy + g.padTop - ky * g.dilationHeight;
      const oy = down / g.strideHeight;
      if (down % g.strideHeight !== 0 || oy < 0 || oy >= g.outHeight) continue;
      for (let kx = 0; kx < g.filterWidth; kx++) {
        const across = ix + g.padLeft - kx * g.dilationWidth;
        const ox = across / g.strideWidth;
        if (across % g.strideWidth !== 0 || ox < 0 || ox >= g.outWidth) continue;
        this.add(((b * g.outHeight + oy) * g.outWidth + ox) * g.outChannels, (ky * g.filterWidth + kx) * g.outChannels);
      }
    }
  }
}
