import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair } from '../geometry.js';
import { poolGeometry } from '../ops/pool/geometry.js';
import { type Config, type ImageLayerOptions, OneInputLayer } from './cnn-layer.js';
import { type LayerWindow, slidingWindow } from './layer-window.js';
import {
  type WindowLayerOptions,
  type WindowParameters,
  windowConfig,
  windowOutputShape,
  windowParameters,
  windowSpan,
} from './window-layer.js';

/** Options of average and L2 pools; those of max pools add dilationRate. */
export interface Pooling2DOptions extends ImageLayerOptions, Omit<WindowLayerOptions, 'dilationRate'> {
  /** A number, or [height, width]; default 2. */
  poolSize?: Pair;
  /** Step of the window; default: poolSize, so that windows neither overlap nor leave gaps. */
  strides?: Pair;
  /** Keep a last window that is cut off by the picture's edge, as PyTorch's ceil_mode does; default false. */
  ceilMode?: boolean;
}

/** A window as the ops take it. */
export interface PoolingWindow extends WindowParameters {
  /** [height, width]. */
  readonly size: [number, number];
  /** Whether a last window that is cut off by the edge is kept. */
  readonly ceilMode: boolean;
}

/** A pool that slides a window over height and width. */
export abstract class Pooling2D extends OneInputLayer {
  readonly poolSize: [number, number];
  protected readonly window: PoolingWindow;

  constructor(options: Pooling2DOptions & WindowLayerOptions) {
    super(options);
    this.poolSize = pair(this.where, 'poolSize', options.poolSize ?? 2);
    this.window = {
      ...windowParameters(this.where, options, this.poolSize),
      size: this.poolSize,
      ceilMode: options.ceilMode ?? false,
    };
    this.expectRank(4);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return windowOutputShape(shape, windowSpan(this.poolSize, this.window), (known) =>
      poolGeometry(this.where, known, this.window),
    );
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(poolGeometry(this.where, inputShape, this.window));
  }

  override getConfig(): Config {
    const { poolSize, window } = this;
    return { ...super.getConfig(), poolSize, ...windowConfig(window), ceilMode: window.ceilMode };
  }
}
