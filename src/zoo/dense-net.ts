/**
 * DenseNets for ImageNet.
 * Source: Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional networks, arXiv 1608.06993, table 1.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { DenseBlock } from '../layers/dense-block.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { TransitionBlock } from '../layers/transition-block.js';
import { type DenseNetVariant, denseNetVariants } from './dense-net-variants.js';
import { Draft } from './draft.js';
import type { NetOptions } from './net-options.js';

/** A column of the paper's table. */
interface DenseNetTable {
  readonly growthRate: number;
  /** Channels of the first convolution. */
  readonly stem: number;
  /** Layers of each dense block. */
  readonly blocks: readonly number[];
  readonly variants: readonly [keyof typeof denseNetVariants, ...(keyof typeof denseNetVariants)[]];
}

const tables = {
  denseNet121: { growthRate: 32, stem: 64, blocks: [6, 12, 24, 16], variants: ['torch', 'keras'] },
  denseNet161: { growthRate: 48, stem: 96, blocks: [6, 12, 36, 24], variants: ['torch'] },
  denseNet169: { growthRate: 32, stem: 64, blocks: [6, 12, 32, 32], variants: ['torch', 'keras'] },
  denseNet201: { growthRate: 32, stem: 64, blocks: [6, 12, 48, 32], variants: ['torch', 'keras'] },
} as const satisfies Record<string, DenseNetTable>;

function denseNet(net: keyof typeof tables, options: NetOptions): LayersModel {
  const { growthRate, stem, blocks, variants }: DenseNetTable = tables[net];
  const traits = { net, variants, inputShape: [224, 224, 3], smallest: 32 } as const;
  const draft = new Draft(options, traits, ({ variant }) => variantOf(variant).habits);
  const { names } = variantOf(draft.options.variant);
  const { dropout } = draft.options;
  let x = draft.conv(draft.input, names.stemConv, { filters: stem, kernelSize: 7, strides: 2, padding: 3, useBias: false });
  x = draft.norm(x, names.stemNorm);
  x = draft.through(new MaxPooling2D({ name: names.stemPool, poolSize: 3, strides: 2, padding: 1 }), x);
  blocks.forEach((layers, i) => {
    const name = names.block(i + 1);
    const parts = { names: namesOfLayers(names, name, layers), seed: draft.seed(), ...draft.blockOptions };
    x = draft.through(new DenseBlock({ name, layers, growthRate, dropout, ...parts }), x);
    if (i === blocks.length - 1) return;
    const transition = names.transition(i + 1);
    x = draft.through(
      new TransitionBlock({ name: transition, names: names.transitionParts?.(transition), ...draft.blockOptions }),
      x,
    );
  });
  x = draft.norm(x, names.lastNorm);
  return draft.model(draft.head(x, names.classifier, names.pool, 0));
}

function variantOf(variant: string): DenseNetVariant {
  return denseNetVariants[variant as keyof typeof denseNetVariants];
}

/** Of all parts of all layers of a block, as DenseBlock takes them. */
function namesOfLayers({ layerParts }: DenseNetVariant['names'], block: string, layers: number): Record<string, string> {
  const names: Record<string, string> = {};
  for (let layer = 1; layer <= layers; layer++) {
    for (const [part, name] of Object.entries(layerParts?.(block, layer) ?? {})) names[`denselayer${layer}.${part}`] = name;
  }
  return names;
}

/**
 * DenseNet-121: 7,978,856 parameters. Variants 'torch' (default) and 'keras'; `dropout` is torchvision's drop_rate, in every
 * dense layer.
 */
export const denseNet121 = (options: NetOptions = {}): LayersModel => denseNet('denseNet121', options);
/** DenseNet-161: 28,681,000 parameters. Variant 'torch'. */
export const denseNet161 = (options: NetOptions = {}): LayersModel => denseNet('denseNet161', options);
/** DenseNet-169: 14,149,480 parameters. Variants as {@link denseNet121}. */
export const denseNet169 = (options: NetOptions = {}): LayersModel => denseNet('denseNet169', options);
/** DenseNet-201: 20,013,928 parameters. Variants as {@link denseNet121}. */
export const denseNet201 = (options: NetOptions = {}): LayersModel => denseNet('denseNet201', options);
