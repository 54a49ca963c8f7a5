/**
 * AlexNet, as torchvision has it and as it was published.
 * Sources: Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks, NIPS 2012, section 3;
 * torchvision's: Krizhevsky: One weird trick for parallelizing convolutional neural networks, arXiv 1404.5997.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { oneOf } from '../checks.js';
import { smallRandom, torchDefault } from '../initializers/index.js';
import { AdaptiveAveragePooling2D } from '../layers/adaptive-pooling2d.js';
import type { Conv2DOptions } from '../layers/conv2d.js';
import { LocalResponseNormalization } from '../layers/local-response-normalization.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { withDenseHead } from './dense-head.js';
import { Draft, type Habits } from './draft.js';
import { type NetOptions, type NetTraits, widthScale } from './net-options.js';

/** Options of AlexNet. */
export interface AlexNetOptions extends NetOptions {
  /**
   * Of the paper's second, fourth and fifth convolution: 2 (default), as it was trained on two GPUs that exchanged little,
   * or 1. torchvision's has no groups.
   */
  groups?: 1 | 2;
  /** Channels of the first convolution, of which all others and the dense layers are multiples; default as published. */
  width?: number;
}

/** One convolution and what follows it. */
interface Row {
  readonly conv: Pick<Conv2DOptions, 'filters' | 'kernelSize' | 'strides' | 'padding' | 'groups'>;
  /** Response normalisation. */
  readonly normalized?: boolean;
  /** Max pooling, 3x3 at stride 2. */
  readonly pooled?: boolean;
  /** The convolution's name. */
  readonly name: string;
}

const torchRows: readonly Row[] = [
  { name: 'features.0', conv: { filters: 64, kernelSize: 11, strides: 4, padding: 2 }, pooled: true },
  { name: 'features.3', conv: { filters: 192, kernelSize: 5, padding: 2 }, pooled: true },
  { name: 'features.6', conv: { filters: 384, kernelSize: 3, padding: 1 } },
  { name: 'features.8', conv: { filters: 256, kernelSize: 3, padding: 1 } },
  { name: 'features.10', conv: { filters: 256, kernelSize: 3, padding: 1 }, pooled: true },
];

const paperRows = (groups: number): readonly Row[] => [
  { name: 'conv1', conv: { filters: 96, kernelSize: 11, strides: 4 }, normalized: true, pooled: true },
  { name: 'conv2', conv: { filters: 256, kernelSize: 5, padding: 2, groups }, normalized: true, pooled: true },
  { name: 'conv3', conv: { filters: 384, kernelSize: 3, padding: 1 } },
  { name: 'conv4', conv: { filters: 384, kernelSize: 3, padding: 1, groups } },
  { name: 'conv5', conv: { filters: 256, kernelSize: 3, padding: 1, groups }, pooled: true },
];

const torch: Habits = { kernels: torchDefault };
const paper: Habits = { kernels: smallRandom, dense: smallRandom };

/** Biases that begin at 1, so that relu lets something through at once (section 5). */
const ONES_IN_PAPER = ['conv2', 'conv4', 'conv5'];

/**
 * AlexNet: 'torch' (default) 61,100,840 parameters; 'paper' 60,965,224 in two groups, 62,378,344 in one. The paper's picture
 * has 227 x 227 pixels: with the 224 it speaks of, its own numbers do not fit together.
 */
export function alexNet(options: AlexNetOptions = {}): LayersModel {
  const net = 'alexNet';
  const isPaper = options.variant === 'paper';
  const traits: NetTraits = {
    net,
    variants: ['torch', 'paper'],
    inputShape: isPaper ? [227, 227, 3] : [224, 224, 3],
    smallest: isPaper ? 67 : 63,
    fixedSize: isPaper,
    dropout: 0.5,
    more: isPaper ? ['groups', 'width'] : ['width'],
  };
  const draft = new Draft(options, traits, () => (isPaper ? paper : torch));
  const rows = isPaper ? paperRows(oneOf(net, 'groups', options.groups ?? 2, [1, 2])) : torchRows;
  const usual = rows[0]!.conv.filters;
  const channels = widthScale(net, options.width ?? usual, usual);
  let x = draft.input;
  rows.forEach(({ name, conv, normalized, pooled }, i) => {
    const biasInitializer = ONES_IN_PAPER.includes(name) ? 'ones' : 'zeros';
    x = draft.conv(x, name, { ...conv, filters: channels(conv.filters), biasInitializer, activation: 'relu' });
    // Section 3.3; the sum's factor is not divided by the number of channels.
    if (normalized) {
      const lrn = { size: 5, k: 2, alpha: 1e-4, beta: 0.75, divideAlpha: false };
      x = draft.through(new LocalResponseNormalization({ name: `norm${i + 1}`, ...lrn }), x);
    }
    if (pooled) x = draft.through(new MaxPooling2D({ name: `pool${i + 1}`, poolSize: 3, strides: 2 }), x);
  });
  if (!isPaper && draft.options.includeTop) {
    x = draft.through(new AdaptiveAveragePooling2D({ name: 'avgpool', outputSize: 6 }), x);
  }
  const names = isPaper ? (['fc6', 'fc7', 'fc8'] as const) : (['classifier.1', 'classifier.4', 'classifier.6'] as const);
  return withDenseHead(draft, x, { names, units: channels(4096), dropoutFirst: !isPaper });
}
