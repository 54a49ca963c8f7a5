import { autocontrastOperation } from '../colour/autocontrast.js';
import { brightnessOperation } from '../colour/brightness.js';
import { contrastOperation } from '../colour/contrast.js';
import { equalizeOperation } from '../colour/equalize.js';
import { invertOperation } from '../colour/invert.js';
import { wholeLevels } from '../colour/level-operation.js';
import { posterizeOperation } from '../colour/posterize.js';
import { saturationOperation } from '../colour/saturation.js';
import { sharpnessOperation } from '../colour/sharpness.js';
import { solarizeOperation } from '../colour/solarize.js';
import { drawBelow } from '../draws.js';
import { type AffineOptions, affineFor } from '../geometry/affine.js';
import type { WarpOptions } from '../geometry/warp-options.js';
import { inSequence, unchanged } from '../operation.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import type { AugmentationSpace, PolicyOperation } from './augmentation-space.js';

const degreesOf = (slope: number): number => (Math.atan(slope) * 180) / Math.PI;

/**
 * An operation of that magnitude; tensors hold whole grey levels after it, whatever interpolation says. Shears leave the upper left corner where it is.
 * Source: torchvision's _apply_image_or_video_transform.
 */
export function policyOperation(name: PolicyOperation, magnitude: number, size: PictureSize, warp: WarpOptions): Operation {
  const affine = (options: AffineOptions): Operation => inSequence([affineFor(name, { ...options, ...warp })(size), wholeLevels]);
  switch (name) {
    case 'Identity':
      return unchanged;
    case 'ShearX':
      return affine({ shear: [degreesOf(magnitude), 0], center: [0, 0] });
    case 'ShearY':
      return affine({ shear: [0, degreesOf(magnitude)], center: [0, 0] });
    case 'TranslateX':
      return affine({ translate: [Math.trunc(magnitude), 0] });
    case 'TranslateY':
      return affine({ translate: [0, Math.trunc(magnitude)] });
    case 'Rotate':
      // Counter-clockwise, and affine maps turn clockwise.
      return affine({ angle: -magnitude });
    case 'Brightness':
      return brightnessOperation(1 + magnitude);
    case 'Color':
      return saturationOperation(1 + magnitude, size);
    case 'Contrast':
      return contrastOperation(1 + magnitude, size);
    case 'Sharpness':
      return sharpnessOperation(1 + magnitude, size);
    case 'Posterize':
      return posterizeOperation(magnitude);
    case 'Solarize':
      // In float32, as torchvision: 255 times two thirds is 170, not a bit more.
      return solarizeOperation(Math.fround(255 * Math.fround(magnitude)));
    case 'AutoContrast':
      return autocontrastOperation;
    case 'Equalize':
      return equalizeOperation;
    case 'Invert':
      return invertOperation;
  }
}

/** The operation in one of its strengths; draws one number, the sign's. */
export function drawStrength(
  space: AugmentationSpace,
  name: PolicyOperation,
  bin: number,
  bins: number,
  { random, size, warp }: { random: Random; size: PictureSize; warp: WarpOptions },
): Operation {
  const { of, signed } = space[name]!;
  const sign = random() < 0.5 && signed ? -1 : 1;
  return policyOperation(name, sign * (of(bins, size)?.[bin] ?? 0), size, warp);
}

/** One of the operations, all alike likely; draws one number. */
export function drawName(space: AugmentationSpace, random: Random): PolicyOperation {
  const names = Object.keys(space) as PolicyOperation[];
  return names[drawBelow(random, names.length)]!;
}
