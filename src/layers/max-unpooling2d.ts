import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair } from '../geometry.js';
import { unpooledSize } from '../ops/max-unpool/geometry.js';
import { maxUnpool2d } from '../ops/max-unpool/max-unpool.js';
import { CnnLayer, type Config, type ImageLayerOptions, registerLayer, sameShape } from './cnn-layer.js';
import { adjointWindow, type LayerWindow } from './layer-window.js';

/** Options of the layer MaxUnpooling2D: those of the pool that it undoes. */
export interface MaxUnpooling2DOptions extends ImageLayerOptions {
  /** A number, or [height, width]; default 2. */
  poolSize?: Pair;
  /** Step of the pool's window; default: poolSize. */
  strides?: Pair;
  /** Pads of the pool, the same on both sides: a number, or [height, width]; default 0. */
  padding?: number | readonly [number, number];
  /**
   * Height and width of the output: those of the picture that was pooled. Default: the smallest that the pool makes the
   * input of, (size - 1) strides - 2 padding + poolSize.
   */
  outputSize?: Pair | null;
}

/**
 * Max unpooling of two inputs [y, switches], as MaxPoolingWithSwitches2D gives them (what lies between may change y, but
 * not its shape): each value goes back to where the largest of its window was, all other places are 0.
 */
export class MaxUnpooling2D extends CnnLayer {
  static className = 'CnnMaxUnpooling2D';
  private readonly pool: { size: [number, number]; strides: [number, number]; pads: readonly [number, number] };
  private readonly outputSize: [number, number] | undefined;

  constructor(options: MaxUnpooling2DOptions = {}) {
    super(options);
    const { poolSize = 2, strides, padding = 0, outputSize } = options;
    const size = pair(this.where, 'poolSize', poolSize);
    const pads = typeof padding === 'number' ? ([padding, padding] as const) : padding;
    if (!Array.isArray(pads) || pads.length !== 2 || !pads.every((pad) => Number.isInteger(pad) && pad >= 0)) {
      this.refuse('padding', 'a non-negative integer or two of them [height, width]', padding);
    }
    this.pool = { size, strides: pair(this.where, 'strides', strides ?? size), pads };
    this.outputSize = outputSize == null ? undefined : pair(this.where, 'outputSize', outputSize);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const [y, switches] = inputs as Tensor4D[];
    return maxUnpool2d(y!, switches!, this.outputSize ? { outputSize: this.outputSize } : this.pool);
  }

  override computeOutputShape(shapes: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = sameShape(this.where, shapes) as [number, number, number, number];
    if (this.outputSize) return [batch, ...this.outputSize, channels];
    // A size that is not known gives none; 2 pads + 1 is one of which something is left.
    const roomy = this.pool.pads.map((pad) => 2 * pad + 1) as [number, number];
    const [outHeight, outWidth] = unpooledSize(this.where, [height ?? roomy[0], width ?? roomy[1]], this.pool);
    return [batch, height === null ? null : outHeight, width === null ? null : outWidth, channels];
  }

  override windowOf(): LayerWindow {
    const { size, strides, pads } = this.pool;
    return adjointWindow(size, strides, pads);
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { size: poolSize, strides, pads } = this.pool;
    const outputSize = this.outputSize ?? null;
    return { ...super.getConfig(), poolSize, strides, padding: [...pads], outputSize, dataFormat: 'channelsLast' };
  }
}
registerLayer(MaxUnpooling2D);
