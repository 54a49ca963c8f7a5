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

/** The options of a pool in the form that the ops take. */
export function poolingWindow(where: string, options: Pooling2DOptions & WindowLayerOptions): PoolingWindow {
  const size = pair(where, 'poolSize', options.poolSize ?? 2);
  return { ...windowParameters(where, options, size), size, ceilMode: options.ceilMode ?? false };
}

/** Output shape of a pool. */
export function poolingOutputShape(where: string, shape: Shape, window: PoolingWindow): Shape {
  return windowOutputShape(shape, windowSpan(window.size, window), (known) => poolGeometry(where, known, window));
}

/** What getConfig() holds of the window. */
export function poolingConfig(window: PoolingWindow): Config {
  return { poolSize: window.size, ...windowConfig(window), ceilMode: window.ceilMode };
}

/** A pool that slides a window over height and width. */
export abstract class Pooling2D extends OneInputLayer {
  readonly poolSize: [number, number];
  protected readonly window: PoolingWindow;

  constructor(options: Pooling2DOptions & WindowLayerOptions) {
    super(options);
    this.window = poolingWindow(this.where, options);
    this.poolSize = this.window.size;
    this.expectRank(4);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return poolingOutputShape(this.where, shape, this.window);
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(poolGeometry(this.where, inputShape, this.window));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...poolingConfig(this.window) };
  }
}
