/**
 * DenseNets for ImageNet.
 * Source: Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional networks, arXiv 1608.06993, table 1.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { positiveInteger, positiveIntegers } from '../checks.js';
import { DenseBlock } from '../layers/dense-block.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { TransitionBlock } from '../layers/transition-block.js';
import { type DenseNetVariant, denseNetVariants } from './dense-net-variants.js';
import { Draft } from './draft.js';
import type { NetOptions } from './net-options.js';

/** What a DenseNet is, apart from the options that all nets have. */
export interface DenseNetConfiguration {
  /** Layers of each dense block. */
  readonly blocks: readonly number[];
  /** Channels that each layer adds, half of those of the first convolution; k in the paper; default 32. */
  readonly growthRate?: number;
}

type VariantName = keyof typeof denseNetVariants;

const configurations = {
  denseNet121: { blocks: [6, 12, 24, 16], growthRate: 32 },
  denseNet161: { blocks: [6, 12, 36, 24], growthRate: 48 },
  denseNet169: { blocks: [6, 12, 32, 32], growthRate: 32 },
  denseNet201: { blocks: [6, 12, 48, 32], growthRate: 32 },
} satisfies Record<string, DenseNetConfiguration>;

function build(net: string, { blocks, growthRate = 32 }: DenseNetConfiguration, options: NetOptions): LayersModel {
  positiveIntegers(net, 'blocks', 'one for each dense block', blocks);
  positiveInteger(net, 'growthRate', growthRate);
  // Keras has no DenseNet-161.
  const variants: readonly [VariantName, ...VariantName[]] = net === 'denseNet161' ? ['torch'] : ['torch', 'keras'];
  // The stem's two steps and each transition halve the picture.
  const traits = { net, variants, inputShape: [224, 224, 3], smallest: 2 ** (blocks.length + 1) } as const;
  const draft = new Draft(options, traits, ({ variant }) => variantOf(variant).habits);
  const { names } = variantOf(draft.options.variant);
  const { dropout } = draft.options;
  let x = draft.conv(draft.input, names.stemConv, {
    filters: 2 * growthRate,
    kernelSize: 7,
    strides: 2,
    padding: 3,
    useBias: false,
  });
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
export const denseNet121 = (options: NetOptions = {}): LayersModel => build('denseNet121', configurations.denseNet121, options);
/** DenseNet-161: 28,681,000 parameters. Variant 'torch'. */
export const denseNet161 = (options: NetOptions = {}): LayersModel => build('denseNet161', configurations.denseNet161, options);
/** DenseNet-169: 14,149,480 parameters. Variants as of denseNet121. */
export const denseNet169 = (options: NetOptions = {}): LayersModel => build('denseNet169', configurations.denseNet169, options);
/** DenseNet-201: 20,013,928 parameters. Variants as of denseNet121. */
export const denseNet201 = (options: NetOptions = {}): LayersModel => build('denseNet201', configurations.denseNet201, options);

/** Builds a DenseNet of your own, on the plan of those for ImageNet. Variants as of denseNet121. */
export function denseNet({ blocks, growthRate, ...options }: DenseNetConfiguration & NetOptions): LayersModel {
  return build('denseNet', { blocks, growthRate }, options);
}
