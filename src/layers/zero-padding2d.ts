import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import type { Pads } from '../geometry.js';
import { zeroPad2d } from '../ops/zero-pad/zero-pad.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';
import type { LayerWindow } from './layer-window.js';

/** Options of the layer ZeroPadding2D. */
export interface ZeroPadding2DOptions extends ImageLayerOptions {
  /** Every side, [height, width], [[top, bottom], [left, right]] or {top, bottom, left, right}; default 1. */
  padding?: number | readonly [number, number] | readonly [readonly [number, number], readonly [number, number]] | Readonly<Pads>;
}

/** Zeros around the picture. */
export class ZeroPadding2D extends OneInputLayer {
  static className = 'CnnZeroPadding2D';
  readonly padding: Readonly<Pads>;

  constructor(options: ZeroPadding2DOptions = {}) {
    super(options);
    const { padding = 1 } = options;
    this.padding = sides(padding);
    const pixels = Object.values(this.padding);
    if ((Array.isArray(padding) && padding.length !== 2) || !pixels.every((count) => Number.isInteger(count) && count >= 0)) {
      this.refuse(
        'padding',
        'a non-negative integer, [height, width], [[top, bottom], [left, right]] or {top, bottom, left, right}',
        padding,
      );
    }
    this.expectRank(4);
  }

  protected override forward(x: Tensor): Tensor {
    return zeroPad2d(x as Tensor4D, this.padding);
  }

  protected override outputShapeOf([batch, height, width, channels]: Shape): Shape {
    const { top, bottom, left, right } = this.padding;
    return [batch!, height == null ? null : height + top + bottom, width == null ? null : width + left + right, channels!];
  }

  override windowOf(): LayerWindow {
    return { size: [1, 1], strides: [1, 1], before: [this.padding.top, this.padding.left] };
  }

  override getConfig(): Config {
    return { ...super.getConfig(), padding: { ...this.padding }, dataFormat: 'channelsLast' };
  }
}
registerLayer(ZeroPadding2D);

function sides(padding: NonNullable<ZeroPadding2DOptions['padding']>): Pads {
  if (typeof padding === 'number') return { top: padding, bottom: padding, left: padding, right: padding };
  if (!Array.isArray(padding)) {
    const { top, bottom, left, right } = padding as Pads;
    return { top, bottom, left, right };
  }
  const [[top, bottom], [left, right]] = padding.map((side) => (Array.isArray(side) ? side : [side, side])) as number[][] as [
    [number, number],
    [number, number],
  ];
  return { top, bottom, left, right };
}
