import { DataError, type ImageDataset, type NamedBytes } from './dataset.js';

/** Layout of CIFAR's binary batches: label bytes, then the 32 x 32 planes of red, green and blue. */
export interface CifarVariant {
  /** Number of classes. */
  readonly classes: number;
  /** CIFAR-100 has a coarse label before the fine one, which is the last. */
  readonly labelBytes: number;
}

/** CIFAR-10: ten classes, one label. */
export const CIFAR10: CifarVariant = { classes: 10, labelBytes: 1 };
/** CIFAR-100: a coarse label, then the fine one. */
export const CIFAR100: CifarVariant = { classes: 100, labelBytes: 2 };

/** Names of the ten classes, in the order of their labels. */
export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const SIDE = 32;
const PLANE = SIDE * SIDE;

/**
 * Joins CIFAR's binary batches into one dataset, planes interleaved to NHWC.
 *
 * @param classNames default: CIFAR-10's names, or the numbers
 * @throws DataError where a file is no whole number of records or a label has no class
 */
export function parseCifar(
  files: readonly NamedBytes[],
  variant: CifarVariant,
  sourceDescription: string,
  classNames: readonly string[] = variant.classes === 10
    ? CIFAR10_CLASSES
    : Array.from({ length: variant.classes }, (_, i) => `${i}`),
): ImageDataset {
  const record = variant.labelBytes + 3 * PLANE;
  for (const { name, bytes } of files) {
    if (bytes.length === 0 || bytes.length % record !== 0) {
      throw new DataError(name, `a whole number of records of ${record} bytes`, `${bytes.length} bytes`);
    }
  }
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / record, 0);
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Int32Array(count);
  let place = 0;
  for (const { name, bytes } of files) {
    for (let at = 0; at < bytes.length; at += record, place++) {
      const label = bytes[at + variant.labelBytes - 1];
      if (label >= variant.classes) {
        throw new DataError(name, `labels below ${variant.classes}`, `${label} in record ${at / record}`);
      }
      labels[place] = label;
      const red = at + variant.labelBytes;
      const out = place * 3 * PLANE;
      for (let p = 0; p < PLANE; p++) {
        images[out + 3 * p] = bytes[red + p];
        images[out + 3 * p + 1] = bytes[red + PLANE + p];
        images[out + 3 * p + 2] = bytes[red + 2 * PLANE + p];
      }
    }
  }
  return { images, labels, count, height: SIDE, width: SIDE, channels: 3, classNames, sourceDescription };
}
