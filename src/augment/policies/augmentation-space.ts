/** What policies choose from: operations and how strong they are. */
import type { PictureSize } from '../transform.js';

/** Operations of policies, by torchvision's names. */
export type PolicyOperation =
  | 'Identity'
  | 'ShearX'
  | 'ShearY'
  | 'TranslateX'
  | 'TranslateY'
  | 'Rotate'
  | 'Brightness'
  | 'Color'
  | 'Contrast'
  | 'Sharpness'
  | 'Posterize'
  | 'Solarize'
  | 'AutoContrast'
  | 'Equalize'
  | 'Invert';

/** How strong an operation can be. */
export interface Magnitudes {
  /** From the weakest to the strongest, for a number of bins; null where there is but one strength. */
  of(bins: number, size: PictureSize): readonly number[] | null;
  /** Whether the opposite direction is as likely. */
  readonly signed: boolean;
}

/** Operations with their magnitudes. */
export type AugmentationSpace = Readonly<Partial<Record<PolicyOperation, Magnitudes>>>;

const always: Magnitudes = { of: () => null, signed: false };

/** Evenly from 0 to the largest. */
function upTo(largest: (size: PictureSize) => number): Magnitudes {
  return { of: (bins, size) => steps(bins, (part) => part * largest(size)), signed: true };
}

function steps(bins: number, value: (part: number) => number): number[] {
  return Array.from({ length: bins }, (_, i) => value(i / (bins - 1)));
}

/** Bits that are kept: 8 and down to 8 - dropped. */
function bits(dropped: number): Magnitudes {
  return { of: (bins) => steps(bins, (part) => roundHalfToEven(8 - part * dropped)), signed: false };
}

/** As torch.round does. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** Share of the grey levels that stay. */
const threshold: Magnitudes = { of: (bins) => steps(bins, (part) => 1 - part), signed: false };

/** What all three have, of their sizes. */
function space(
  shear: number,
  right: (size: PictureSize) => number,
  down: (size: PictureSize) => number,
  degrees: number,
  blend: number,
  dropped: number,
) {
  return {
    ShearX: upTo(() => shear),
    ShearY: upTo(() => shear),
    TranslateX: upTo(right),
    TranslateY: upTo(down),
    Rotate: upTo(() => degrees),
    Brightness: upTo(() => blend),
    Color: upTo(() => blend),
    Contrast: upTo(() => blend),
    Sharpness: upTo(() => blend),
    Posterize: bits(dropped),
    Solarize: threshold,
    AutoContrast: always,
    Equalize: always,
  } satisfies AugmentationSpace;
}

const ofAutoAugment = space(
  0.3,
  ({ width }) => (150 / 331) * width,
  ({ height }) => (150 / 331) * height,
  30,
  0.9,
  4,
);

/** AutoAugment's: Cubuk et al. 2018. */
export const autoAugmentSpace: AugmentationSpace = { ...ofAutoAugment, Invert: always };

/** RandAugment's: Cubuk et al. 2019. */
export const randAugmentSpace: AugmentationSpace = { Identity: always, ...ofAutoAugment };

/** TrivialAugment's wide one: Müller and Hutter 2021. */
export const trivialAugmentWideSpace: AugmentationSpace = {
  Identity: always,
  ...space(
    0.99,
    () => 32,
    () => 32,
    135,
    0.99,
    6,
  ),
};
