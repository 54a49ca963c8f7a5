/** What residual blocks have in common: a branch of convolutions, a shortcut around it, and how the two join. */
import type { Shape } from '@tensorflow/tfjs-layers';
import { Add } from './add.js';
import { AddRelu } from './add-relu.js';
import { chained, type Walk } from './block.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import { type CnnLayer, type Config, onlyShape, shapeText } from './cnn-layer.js';
import type { Conv2DOptions } from './conv2d.js';
import { Dropout } from './dropout.js';
import { MaxPooling2D } from './max-pooling2d.js';
import { ZeroPaddedShortcut } from './zero-padded-shortcut.js';

/** What goes around the convolutions of a residual block. */
export type Shortcut = 'identity' | 'projection' | 'zeroPadded';

/** Options of every residual block. */
export interface ResidualOptions extends ConvBlockOptions {
  /** Channels of the output. */
  filters: number;
  /** How much smaller than the input the output is; default 1. */
  strides?: number;
  /**
   * 'identity', where the channels stay; with `strides` it keeps one pixel of each window. 'projection', a 1x1 convolution (option B
   * of the paper), or 'zeroPadded', without weights (option A), where they do not. Default 'identity' at stride 1, else 'projection'.
   */
  shortcut?: Shortcut;
  /** Normalisation and relu before each convolution (arXiv 1603.05027) instead of behind it; default false. */
  preActivation?: boolean;
  /** Default false. With preActivation only of the convolutions that no normalisation follows, as Keras has them. */
  useBias?: boolean;
  /** The last batch normalisation of the branch begins with gamma 0: the block begins as its shortcut. Default false. */
  zeroInitResidual?: boolean;
  /** Rate of dropout before the last convolution (arXiv 1605.07146); default 0. */
  dropout?: number;
  /** Seed of dropout's masks, as the layer Dropout has it. */
  seed?: number | null;
}

const SHORTCUTS: readonly Shortcut[] = ['identity', 'projection', 'zeroPadded'];

/**
 * Base of the residual blocks, which say only what their convolutions are. Parts, as torchvision calls them: conv1, bn1, conv2, bn2, ...;
 * of the shortcut downsample.0, a convolution, and downsample.1, its normalisation, or downsample where it has no weights.
 * Source: He et al. (2015), arXiv 1512.03385, figure 2; with preActivation: He et al. (2016), arXiv 1603.05027, figure 1b.
 */
export abstract class Residual extends ConvBlock {
  protected readonly filters: number;
  protected readonly strides: number;
  private readonly settled: Pick<
    Required<ResidualOptions>,
    'shortcut' | 'preActivation' | 'zeroInitResidual' | 'dropout' | 'seed'
  >;
  private readonly branch: CnnLayer[] = [];
  private readonly around: CnnLayer[] = [];
  private join!: Add | AddRelu;

  constructor(options: ResidualOptions) {
    super(options);
    const { filters, strides = 1, preActivation = false, zeroInitResidual = false, dropout = 0, seed = null } = options;
    const { shortcut = strides === 1 ? 'identity' : 'projection' } = options;
    this.filters = this.positiveInteger('filters', filters);
    this.strides = this.positiveInteger('strides', strides);
    this.settled = { shortcut, preActivation, zeroInitResidual, dropout, seed };
    if (!SHORTCUTS.includes(shortcut)) this.refuse('shortcut', `one of ${SHORTCUTS.join(', ')}`, shortcut);
    this.share('dropout', dropout);
    if (preActivation && zeroInitResidual) {
      // relu's gradient at 0 would never let it begin to learn.
      this.refuse('zeroInitResidual', 'false with preActivation, where no normalisation ends the branch', zeroInitResidual);
    }
  }

  /** Makes all parts; `convolutions` are those of the branch, from input to output. To be called once, in the constructor. */
  protected assemble(convolutions: readonly Omit<Conv2DOptions, 'name'>[]): void {
    const { preActivation, zeroInitResidual, dropout: rate, seed } = this.settled;
    convolutions.forEach((options, i) => {
      const last = i === convolutions.length - 1;
      const conv = this.conv(`conv${i + 1}`, preActivation && !last ? { ...options, useBias: false } : options);
      const ending = { activation: 'linear', gammaInitializer: zeroInitResidual ? 'zeros' : 'ones' } as const;
      const norm = this.norm(`bn${i + 1}`, last && !preActivation ? ending : {});
      const dropout = last && rate > 0 ? [this.part(Dropout, 'dropout', { rate, seed })] : [];
      this.branch.push(...(preActivation ? [norm, ...dropout, conv] : [...dropout, conv, norm]));
    });
    this.around.push(...this.madeShortcut());
    this.join = preActivation ? this.part(Add, 'add', {}) : this.part(AddRelu, 'relu', {});
  }

  private madeShortcut(): CnnLayer[] {
    const { filters, strides, settled } = this;
    const { shortcut, preActivation } = settled;
    if (shortcut === 'zeroPadded') return [this.part(ZeroPaddedShortcut, 'downsample', { filters, strides })];
    if (shortcut === 'identity') return strides === 1 ? [] : [this.part(MaxPooling2D, 'downsample', { poolSize: 1, strides })];
    const projection = this.conv('downsample.0', { filters, kernelSize: 1, strides });
    return preActivation ? [projection] : [projection, this.norm('downsample.1', { activation: 'linear' })];
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    if (this.settled.shortcut === 'identity' && shape[3] != null && shape[3] !== this.filters) {
      const expected = `'projection' or 'zeroPadded' where an input ${shapeText(shape)} becomes ${this.filters} channels`;
      this.refuse('shortcut', expected, 'identity');
    }
    super.build(inputShape);
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    const { branch, around, join, settled } = this;
    if (!settled.preActivation) return through(join, [chained(branch, x!, through), chained(around, x!, through)]);
    const [norm, ...rest] = branch;
    const activated = through(norm!, x!);
    // A projection sees what the branch sees; an identity carries x itself on.
    const carried = chained(around, settled.shortcut === 'projection' ? activated : x!, through);
    return through(join, [chained(rest, activated, through), carried]);
  }

  override getConfig(): Config {
    const { filters, strides, settled } = this;
    return { ...super.getConfig(), filters, strides, ...settled };
  }
}
