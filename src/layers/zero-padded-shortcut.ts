import { type Tensor, type Tensor4D, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { concatChannels } from '../ops/concat/concat.js';
import { maxPool } from '../ops/max-pool/max-pool.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';
import type { LayerWindow } from './layer-window.js';

/** Options of the layer ZeroPaddedShortcut. */
export interface ZeroPaddedShortcutOptions extends ImageLayerOptions {
  /** Channels of the output. */
  filters: number;
  /** Every how many pixels of each axis one is kept; default 1. */
  strides?: number;
}

/**
 * The shortcut without weights that changes size: one pixel of each `strides` x `strides` stays, and channels of
 * zeros come around the others.
 * Source: He et al. (2015), arXiv 1512.03385, section 3.3, option A.
 */
export class ZeroPaddedShortcut extends OneInputLayer {
  static className = 'CnnZeroPaddedShortcut';
  private readonly filters: number;
  private readonly strides: number;

  constructor(options: ZeroPaddedShortcutOptions) {
    super(options);
    this.filters = this.positiveInteger('filters', options.filters);
    this.strides = this.positiveInteger('strides', options.strides ?? 1);
    this.expectRank(4);
  }

  protected override forward(x: Tensor): Tensor {
    const { strides, filters } = this;
    return tidy(() => {
      const kept = strides === 1 ? (x as Tensor4D) : maxPool(x as Tensor4D, { size: 1, strides });
      const [batch, height, width, channels] = kept.shape as [number, number, number, number];
      const before = (filters - channels) >> 1;
      const padding = [before, filters - channels - before].map((count) => zeros([batch, height, width, count]));
      const [left, right] = padding as [Tensor4D, Tensor4D];
      return concatChannels([left, kept, right].filter(({ shape }) => shape[3]! > 0));
    });
  }

  protected override outputShapeOf(shape: Shape): Shape {
    const [batch, height, width, channels] = shape;
    if (this.known('number of channels', channels, shape) > this.filters) {
      this.refuse('filters', `at least the ${channels} channels of the input`, this.filters);
    }
    const kept = (size: number | null | undefined) => (size == null ? null : Math.ceil(size / this.strides));
    return [batch!, kept(height), kept(width), this.filters];
  }

  override windowOf(): LayerWindow {
    return { size: [1, 1], strides: [this.strides, this.strides], before: [0, 0] };
  }

  override getConfig(): Config {
    return { ...super.getConfig(), filters: this.filters, strides: this.strides };
  }
}
registerLayer(ZeroPaddedShortcut);
