import { Add } from './add.js';
import { AddRelu } from './add-relu.js';
import type { BatchNormalization } from './batch-normalization.js';
import type { Walk } from './block.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import type { Conv2D } from './conv2d.js';
import { Dropout } from './dropout.js';
import { ZeroPaddedShortcut } from './zero-padded-shortcut.js';

/** What goes around the convolutions of a residual block. */
export type Shortcut = 'identity' | 'projection' | 'zeroPadded';

/** Options of ResidualBlock. */
export interface ResidualBlockOptions extends ConvBlockOptions {
  /** Channels of the output. */
  filters: number;
  /** Of the first convolution; default 1. */
  strides?: number;
  /**
   * 'identity' where input and output have one shape; 'projection', a 1x1 convolution (option B of the paper), or
   * 'zeroPadded', without weights (option A), where they have not. Default 'identity' at stride 1, else 'projection'.
   */
  shortcut?: Shortcut;
  /** Normalisation and relu before each convolution (arXiv 1603.05027) instead of behind it; default false. */
  preActivation?: boolean;
  /** The last batch normalisation of the branch begins with gamma 0: the block begins as its shortcut. Default false. */
  zeroInitResidual?: boolean;
  /** Rate of dropout between the convolutions (arXiv 1605.07146); default 0. */
  dropout?: number;
  /** Seed of dropout's masks, as the layer Dropout has it. */
  seed?: number | null;
}

const SHORTCUTS: readonly Shortcut[] = ['identity', 'projection', 'zeroPadded'];

/**
 * Two 3x3 convolutions and a shortcut around them. Parts, as torchvision calls them: conv1, bn1, conv2, bn2,
 * downsample.0, downsample.1.
 * Source: He et al. (2015), arXiv 1512.03385, figure 2; with preActivation: He et al. (2016), arXiv 1603.05027, figure 1b;
 * dropout: Zagoruyko and Komodakis (2016), arXiv 1605.07146.
 */
export class ResidualBlock extends ConvBlock {
  static className = 'CnnResidualBlock';
  private readonly given: ReturnType<typeof settled>;
  private readonly conv1: Conv2D;
  private readonly bn1: BatchNormalization;
  private readonly conv2: Conv2D;
  private readonly bn2: BatchNormalization;
  private readonly dropout: Dropout | undefined;
  private readonly shortcut: CnnLayer[] = [];
  private readonly join: Add | AddRelu;

  constructor(options: ResidualBlockOptions) {
    super(options);
    this.given = settled(options);
    const { filters, strides, shortcut, preActivation, zeroInitResidual, dropout: rate, seed } = this.given;
    this.positiveInteger('filters', filters);
    this.positiveInteger('strides', strides);
    if (!SHORTCUTS.includes(shortcut)) this.refuse('shortcut', `one of ${SHORTCUTS.join(', ')}`, shortcut);
    if (preActivation && zeroInitResidual) {
      // relu's gradient at 0 would never let it begin to learn.
      this.refuse('zeroInitResidual', 'false with preActivation, where no normalisation ends the branch', zeroInitResidual);
    }
    const conv = { filters, kernelSize: 3, padding: 1 };
    const last = {
      activation: preActivation ? 'relu' : 'linear',
      gammaInitializer: zeroInitResidual ? 'zeros' : 'ones',
    } as const;
    this.conv1 = this.conv('conv1', { ...conv, strides });
    this.bn1 = this.norm('bn1');
    this.conv2 = this.conv('conv2', conv);
    this.bn2 = this.norm('bn2', last);
    if (rate > 0) this.dropout = this.part(Dropout, 'dropout', { rate, seed });
    if (shortcut === 'projection') {
      this.shortcut.push(this.conv('downsample.0', { filters, kernelSize: 1, strides }));
      if (!preActivation) this.shortcut.push(this.norm('downsample.1', { activation: 'linear' }));
    }
    if (shortcut === 'zeroPadded') this.shortcut.push(this.part(ZeroPaddedShortcut, 'downsample', { filters, strides }));
    this.join = preActivation ? this.part(Add, 'add', {}) : this.part(AddRelu, 'relu', {});
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    const { conv1, bn1, conv2, bn2, dropout, shortcut, join } = this;
    const chain = (layers: (CnnLayer | undefined)[], from: T) =>
      layers.reduce((y, layer) => (layer ? through(layer, y) : y), from);
    if (!this.given.preActivation) {
      return through(join, [chain([conv1, bn1, dropout, conv2, bn2], x!), chain(shortcut, x!)]);
    }
    const activated = through(bn1, x!);
    // A projection sees what the branch sees; an identity carries x itself on.
    const around = chain(shortcut, this.given.shortcut === 'projection' ? activated : x!);
    return through(join, [chain([conv1, bn2, dropout, conv2], activated), around]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.given };
  }
}
registerLayer(ResidualBlock);

function settled(options: ResidualBlockOptions) {
  const { filters, strides = 1, preActivation = false, zeroInitResidual = false, dropout = 0, seed = null } = options;
  const shortcut: Shortcut = options.shortcut ?? (strides === 1 ? 'identity' : 'projection');
  return { filters, strides, shortcut, preActivation, zeroInitResidual, dropout, seed };
}
