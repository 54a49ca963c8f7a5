import { InvalidArgumentError } from 'commander';
import {
  type BatchTransform,
  ColorJitter,
  Cutout,
  choiceOf,
  cutMix,
  mixup,
  RandAugment,
  RandomCrop,
  RandomErasing,
  RandomHorizontalFlip,
  RandomResizedCrop,
  RandomRotation,
  type Transform,
  TrivialAugmentWide,
} from '../augment/index.js';
import { ArgumentError } from '../geometry.js';

/** Makes a transform for pictures of a size, in pixels, with the number that stood behind the colon. */
type Maker = (number: number | undefined, height: number, width: number) => Transform;

const ofPictures: Readonly<Record<string, Maker>> = {
  crop: (padding = 4, height, width) => new RandomCrop({ size: [height, width], padding }),
  resizedCrop: (least = 0.35, height, width) => new RandomResizedCrop({ size: [height, width], scale: [least, 1] }),
  flip: () => new RandomHorizontalFlip(),
  rotate: (degrees = 10) => new RandomRotation({ degrees, interpolation: 'bilinear' }),
  color: (range = 0.2) => new ColorJitter({ brightness: range, contrast: range, saturation: range, hue: range / 4 }),
  erase: (p = 0.5) => new RandomErasing({ p }),
  cutout: (size = 8) => new Cutout({ size }),
  randAugment: (numOps = 2) => new RandAugment({ numOps }),
  trivialAugment: () => new TrivialAugmentWide(),
};

const ofBatches: Readonly<Record<string, (number: number | undefined) => BatchTransform>> = {
  mixup: (alpha = 0.2) => mixup({ alpha }),
  cutmix: (alpha = 1) => cutMix({ alpha }),
};

/** Words that --augment takes. */
export const AUGMENTATIONS = ['none', ...Object.keys(ofPictures), ...Object.keys(ofBatches)];

/** What --augment names: changes of single pictures, in order, and one of whole batches. */
export interface Augmentations {
  readonly transforms: readonly Transform[];
  readonly batchTransform?: BatchTransform;
}

/** Takes what --augment takes: whatever is wrong with it is said before data are read, which may take minutes. */
export function augmentationList(text: string): string {
  try {
    augmentations(text, 1, 1);
  } catch (error) {
    throw error instanceof ArgumentError ? new InvalidArgumentError(error.message) : error;
  }
  return text;
}

/**
 * @param text words with commas between them, each with a number of its own behind a colon, if need be: crop:4,flip
 * @throws ArgumentError listing what there is; what the transforms throw of numbers
 */
export function augmentations(text: string, height: number, width: number): Augmentations {
  const words = text === 'none' ? [] : text.split(',').map(parse);
  const batch = words.flatMap(({ name, number }) => ofBatches[name]?.(number) ?? []);
  return {
    transforms: words.flatMap(({ name, number }) => ofPictures[name]?.(number, height, width) ?? []),
    ...(batch.length > 0 && { batchTransform: batch.length === 1 ? batch[0]! : choiceOf(batch) }),
  };
}

function parse(word: string): { name: string; number: number | undefined } {
  const [name, text] = word.trim().split(':') as [string, string | undefined];
  const known = Object.hasOwn(ofPictures, name) || Object.hasOwn(ofBatches, name);
  const number = text === undefined ? undefined : Number(text);
  if (known && text !== '' && !Number.isNaN(number)) return { name, number };
  throw new ArgumentError(
    `Expected ${AUGMENTATIONS.join(', ')} with commas between them, each with :<number> behind it if need be, found '${word}'.`,
  );
}
