import { onlyKnown, positiveNumber } from '../../checks.js';
import type { BatchTransform } from './batch-transform.js';
import { drawBeta } from './beta.js';
import { blended, changedTensors } from './mixed-tensors.js';
import { mixedTargets, partnerOf } from './soft-targets.js';

/** Options of mixup. */
export interface MixupOptions {
  /** Of the beta distribution: near 0 pictures are hardly mixed, at 1 all shares are as likely; default 1. */
  alpha?: number;
}

/**
 * Every picture becomes share x + (1 - share) z, z the picture before it in the batch, and so do the shares of classes; one share
 * a batch, of the distribution Beta(alpha, alpha).
 * Source: Zhang et al. 2017 (mixup: Beyond Empirical Risk Minimization); torchvision's MixUp.
 *
 * @throws ArgumentError where alpha is not above 0
 */
export function mixup(options: MixupOptions = {}): BatchTransform {
  const { alpha = 1 } = onlyKnown('mixup', options, ['alpha']);
  positiveNumber('mixup', 'alpha', alpha);
  return {
    name: 'mixup',
    apply(batch, classes, random) {
      const own = drawBeta(random, alpha);
      const { images: from, size } = batch;
      const images = new Float32Array(from.length);
      const length = from.length / size;
      for (let i = 0; i < size; i++) {
        const back = (partnerOf(i, size) - i) * length;
        const end = (i + 1) * length;
        for (let k = i * length; k < end; k++) images[k] = own * from[k]! + (1 - own) * from[k + back]!;
      }
      return { ...batch, images, ...mixedTargets('mixup', batch, classes, own) };
    },
    onTensors(batch, random) {
      const own = drawBeta(random, alpha);
      return changedTensors('mixup', batch, ({ x, targets }) => ({ x: blended(x, own), targets: blended(targets, own) }));
    },
    getConfig: () => ({ alpha }),
  };
}
