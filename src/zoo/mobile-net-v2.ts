/**
 * MobileNetV2.
 * Source: Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: inverted residuals and linear bottlenecks, arXiv 1801.04381, table 2.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { positiveNumber } from '../checks.js';
import { InvertedResidual } from '../layers/inverted-residual.js';
import { Draft } from './draft.js';
import { type MobileNetV2Variant, mobileNetV2Variants } from './mobile-net-v2-variants.js';
import { multipleOf8 } from './mobile-net-width.js';
import type { NetOptions } from './net-options.js';

/** Options of mobileNetV2. */
export interface MobileNetV2Options extends NetOptions {
  /** Factor of all channels, which become multiples of 8; the last convolution has at least 1280; default 1. */
  alpha?: number;
}

/** Blocks alike, but that only the first has the strides: expansion, channels, how many, strides. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * MobileNetV2: 3,504,872 parameters. Variants 'torch' (default, dropout 0.2 before the classifier) and 'keras' (no dropout;
 * 3,538,984 with the moving statistics).
 */
export function mobileNetV2(options: MobileNetV2Options = {}): LayersModel {
  const { dropout } = variantOf(options.variant ?? 'torch') ?? {};
  const traits = { net: 'mobileNetV2', variants: ['torch', 'keras'], inputShape: [224, 224, 3], smallest: 32 } as const;
  const habitsOf = ({ variant }: { variant: string }) => variantOf(variant)!.habits;
  const draft = new Draft(options, { ...traits, dropout, more: ['alpha'] }, habitsOf);
  const variant = variantOf(draft.options.variant)!;
  const { names, depthwise } = variant;
  const alpha = positiveNumber('mobileNetV2', 'alpha', options.alpha ?? 1);
  const channels = (count: number) => multipleOf8(variant.rounded(count * alpha));
  const stem = { filters: multipleOf8(32 * alpha), kernelSize: 3, strides: 2, padding: variant.stemPadding, useBias: false };
  let x = draft.conv(draft.input, names.stemConv, stem);
  x = draft.norm(x, names.stemNorm, { activation: 'relu6' });
  let i = 0;
  for (const [expansion, count, repeats, stride] of STAGES) {
    for (let n = 0; n < repeats; n++, i++) {
      const strides = n === 0 ? stride : 1;
      const block = new InvertedResidual({
        name: names.block(i),
        names: names.parts?.(i),
        filters: channels(count),
        expansion,
        strides,
        padding: strides === 1 ? 1 : variant.padding(x.shape[1]!),
        depthwiseInitializer: draft.options.initializer ? undefined : depthwise?.({ seed: draft.seed() }),
        ...draft.blockOptions,
      });
      x = draft.through(block, x);
    }
  }
  x = draft.conv(x, names.lastConv, { filters: multipleOf8(1280 * Math.max(1, alpha)), kernelSize: 1, useBias: false });
  x = draft.norm(x, names.lastNorm, { activation: 'relu6' });
  return draft.model(draft.head(x, names.classifier));
}

/** Undefined for a name that settle() refuses. */
function variantOf(name: string): MobileNetV2Variant | undefined {
  return mobileNetV2Variants[name as keyof typeof mobileNetV2Variants];
}
