/** Random changes of pictures: drawn from a seed, on bytes and on tensors alike. */

export { Augmentation, type AugmentationOptions, augmentation } from './augmentation-layer.js';
export { autocontrast, RandomAutocontrast } from './colour/autocontrast.js';
export { adjustBrightness } from './colour/brightness.js';
export { ColorJitter, type ColorJitterOptions, type JitterRange } from './colour/color-jitter.js';
export { adjustContrast } from './colour/contrast.js';
export { equalize, RandomEqualize } from './colour/equalize.js';
export { adjustGamma } from './colour/gamma.js';
export { GaussianBlur, type GaussianBlurOptions, gaussianBlur } from './colour/gaussian-blur.js';
export { greyscale, RandomGrayscale } from './colour/greyscale.js';
export { adjustHue } from './colour/hue.js';
export { invert, RandomInvert } from './colour/invert.js';
export {
  GaussianNoise,
  type GaussianNoiseOptions,
  SaltAndPepperNoise,
  type SaltAndPepperNoiseOptions,
} from './colour/noise.js';
export { type ColourPca, colourPca, PcaColour, type PcaColourOptions } from './colour/pca-colour.js';
export { posterize, RandomPosterize, type RandomPosterizeOptions } from './colour/posterize.js';
export { RgbShift, type RgbShiftOptions, type ShiftLimit, shiftRgb } from './colour/rgb-shift.js';
export { adjustSaturation } from './colour/saturation.js';
export { adjustSharpness, RandomAdjustSharpness, type RandomAdjustSharpnessOptions } from './colour/sharpness.js';
export { RandomSolarize, type RandomSolarizeOptions, solarize } from './colour/solarize.js';
export {
  Compose,
  type ComposeOptions,
  RandomApply,
  type RandomApplyOptions,
  RandomChoice,
  type RandomChoiceOptions,
} from './compose.js';
export { Cutout, type CutoutOptions } from './erase/cutout.js';
export { erase } from './erase/erase.js';
export { RandomErasing, type RandomErasingOptions } from './erase/random-erasing.js';
export { type AffineOptions, affine, RandomAffine, type RandomAffineOptions } from './geometry/affine.js';
export type { Center } from './geometry/centre.js';
export {
  type Box,
  CenterCrop,
  type CenterCropOptions,
  centerCrop,
  centerCropBox,
  crop,
  RandomCrop,
  type RandomCropOptions,
} from './geometry/crop.js';
export { type Displacement, ElasticTransform, type ElasticTransformOptions, elastic } from './geometry/elastic.js';
export { flipHorizontal, flipVertical, RandomHorizontalFlip, RandomVerticalFlip } from './geometry/flip.js';
export { Pad, type PaddingOptions, type PadOptions, type PicturePadding, pad } from './geometry/pad.js';
export { perspective, type Quadrilateral, RandomPerspective, type RandomPerspectiveOptions } from './geometry/perspective.js';
export { Resize, type ResizeOptions, type ResizeTransformOptions, resize } from './geometry/resize.js';
export { RandomResizedCrop, type RandomResizedCropOptions, resizedCrop } from './geometry/resized-crop.js';
export { RandomRotation, type RandomRotationOptions, type RotateOptions, rotate } from './geometry/rotate.js';
export { fiveCrop, fiveCropBoxes, type TenCropOptions, tenCrop } from './geometry/test-time-crops.js';
export type { WarpOptions } from './geometry/warp-options.js';
export type { BatchTransform, TensorBatch } from './mix/batch-transform.js';
export { choiceOf } from './mix/choice-of.js';
export { type CutMixOptions, cutMix } from './mix/cut-mix.js';
export { type LabelSmoothingOptions, labelSmoothing } from './mix/label-smoothing.js';
export { type MixupOptions, mixup } from './mix/mixup.js';
export type { ChanceOptions, Fill } from './options.js';
export { PictureTransform } from './picture-transform.js';
export type { Pixels } from './pixels.js';
export { AutoAugment, type AutoAugmentOptions } from './policies/auto-augment.js';
export type { AutoAugmentPolicy } from './policies/auto-augment-policies.js';
export { RandAugment, type RandAugmentOptions } from './policies/rand-augment.js';
export { TrivialAugmentWide, type TrivialAugmentWideOptions } from './policies/trivial-augment-wide.js';
export type { PaddingMode } from './primitives/padding-mode.js';
export type { Interpolation } from './primitives/sample-pixels.js';
export type { Operation, PictureSize, Random, Transform } from './transform.js';
export {
  registerTransform,
  type SerializedTransform,
  serializedTransform,
  type TransformClass,
  transformFrom,
} from './transform-registry.js';
