import { tensor4d, where } from '@tensorflow/tfjs-core';
import { onlyKnown, positiveNumber } from '../../checks.js';
import { drawBelow } from '../draws.js';
import type { Random } from '../transform.js';
import type { BatchTransform } from './batch-transform.js';
import { drawBeta } from './beta.js';
import { blended, changedTensors, partnersOf } from './mixed-tensors.js';
import { mixedTargets, partnerOf } from './soft-targets.js';

/** Options of cutMix. */
export interface CutMixOptions {
  /** Of the beta distribution: near 0 boxes are tiny or nearly all, at 1 all areas are as likely; default 1. */
  alpha?: number;
}

/**
 * A box of every picture is replaced by that of the picture before it in the batch; shares of classes follow from its area. One
 * box a batch: its middle anywhere, its sides those of the picture times the root of 1 - Beta(alpha, alpha), what lies outside
 * cut off.
 * Source: Yun et al. 2019 (CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features); torchvision's
 * CutMix.
 *
 * @throws ArgumentError where alpha is not above 0
 */
export function cutMix(options: CutMixOptions = {}): BatchTransform {
  const { alpha = 1 } = onlyKnown('cutMix', options, ['alpha']);
  positiveNumber('cutMix', 'alpha', alpha);
  return {
    name: 'cutMix',
    apply(batch, classes, random) {
      const [height, width, channels] = batch.shape;
      const { top, bottom, left, right, own } = drawBox(random, alpha, height, width);
      const { images: from, size } = batch;
      const images = from.slice();
      const row = width * channels;
      for (let i = 0; i < size; i++) {
        const to = i * height * row;
        const other = partnerOf(i, size) * height * row;
        for (let y = top; y < bottom; y++) {
          const begin = y * row + left * channels;
          images.set(from.subarray(other + begin, other + y * row + right * channels), to + begin);
        }
      }
      return { ...batch, images, ...mixedTargets('cutMix', batch, classes, own) };
    },
    onTensors(batch, random) {
      return changedTensors('cutMix', batch, ({ x, targets }) => {
        const [, height, width] = x.shape;
        const { top, bottom, left, right, own } = drawBox(random, alpha, height, width);
        const mask = new Uint8Array(height * width);
        for (let y = top; y < bottom; y++) mask.fill(1, y * width + left, y * width + right);
        const inside = tensor4d(mask, [1, height, width, 1], 'bool');
        return { x: where(inside, partnersOf(x), x), targets: blended(targets, own) };
      });
    },
    getConfig: () => ({ alpha }),
  };
}

/** Rows top .. bottom - 1 and columns left .. right - 1, and the share of the picture that lies outside of them. */
interface DrawnBox {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly own: number;
}

function drawBox(random: Random, alpha: number, height: number, width: number): DrawnBox {
  const half = 0.5 * Math.sqrt(1 - drawBeta(random, alpha));
  const [left, right] = side(drawBelow(random, width), Math.floor(half * width), width);
  const [top, bottom] = side(drawBelow(random, height), Math.floor(half * height), height);
  return { top, bottom, left, right, own: 1 - ((right - left) * (bottom - top)) / (width * height) };
}

/** From half before the middle to half behind it, within 0 .. size. */
function side(middle: number, half: number, size: number): [number, number] {
  return [Math.max(0, middle - half), Math.min(size, middle + half)];
}
