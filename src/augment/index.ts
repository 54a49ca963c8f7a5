/** Random changes of pictures: drawn from a seed, on bytes and on tensors alike. */
export {
  Compose,
  type ComposeOptions,
  RandomApply,
  type RandomApplyOptions,
  RandomChoice,
  type RandomChoiceOptions,
} from './compose.js';
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
export { flipHorizontal, flipVertical, RandomHorizontalFlip, RandomVerticalFlip } from './geometry/flip.js';
export { Pad, type PaddingOptions, type PadOptions, type PicturePadding, pad } from './geometry/pad.js';
export type { ChanceOptions, Fill } from './options.js';
export { PictureTransform } from './picture-transform.js';
export type { Pixels } from './pixels.js';
export type { PaddingMode } from './primitives/padding-mode.js';
export type { Operation, PictureSize, Random, Transform } from './transform.js';
export {
  registerTransform,
  type SerializedTransform,
  serializedTransform,
  type TransformClass,
  transformFrom,
} from './transform-registry.js';
