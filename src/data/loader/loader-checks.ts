/** Checks of what a DataLoader is given. */
import crc32c from 'crc-32/crc32c.js';
import type { PictureSize, Transform } from '../../augment/transform.js';
import { serializedTransform, transformFrom } from '../../augment/transform-registry.js';
import { refuse } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { DataError, type ImageDataset } from '../dataset.js';
import { type Normalization, normalizationOf } from '../normalization.js';
import type { PictureSource } from './picture-source.js';
import type { Sampler } from './sampler.js';

export function ownNormalization(dataset: ImageDataset | PictureSource): Normalization {
  if ('images' in dataset) return normalizationOf(dataset);
  throw new ArgumentError(
    'DataLoader: pictures that are not in memory need the option normalization; normalizationOfPictures(train) measures it',
  );
}

export function expectChannels({ mean }: Normalization, channels: number): void {
  if (mean.length === channels) return;
  throw new ArgumentError(`DataLoader: normalization is for ${mean.length} channels, the pictures have ${channels}`);
}

/** Of pictures that have several sizes, the transforms must make one. */
export function sizeAfter(source: PictureSource, transforms: readonly Transform[]): PictureSize {
  const after = (height: number, width: number) =>
    transforms.reduce<PictureSize>((size, transform) => transform.sizeAfter(size), { height, width, channels: source.channels });
  const { height, width } = source;
  if (height !== undefined && width !== undefined) return after(height, width);
  const [one, other] = PROBES.map((side) => after(side, side + 1)) as [PictureSize, PictureSize];
  if (one.height === other.height && one.width === other.width) return one;
  throw new ArgumentError(
    'DataLoader: the pictures have several sizes; give them one when they are opened (height, width), or a transform that does ' +
      '(RandomResizedCrop, say)',
  );
}

/** Sides of squares, more or less, that every crop fits into. */
const PROBES = [10_000, 9_000];

/** What is sent to workers is a class's name: of a class that has another's name, they would make that one. */
export function expectPortable(source: PictureSource, transforms: readonly Transform[]): void {
  const advice = 'use workers: 0';
  if (!source.worker) throw new ArgumentError(`DataLoader: workers cannot read ${source.sourceDescription}; ${advice}`);
  for (const transform of transforms) {
    const again = transformFrom(serializedTransform(transform));
    if (again.constructor === transform.constructor) continue;
    throw new ArgumentError(
      `DataLoader: workers know the package's transforms alone, not ${transform.constructor.name}; ${advice}`,
    );
  }
}

/** @throws DataError naming the first picture whose label is none */
export function expectLabels({ labels, count, classNames, sourceDescription }: PictureSource): void {
  if (labels.length !== count)
    throw new DataError(sourceDescription, `${count} labels, one for each picture`, `${labels.length}`);
  for (let place = 0; place < count; place++) {
    const label = labels[place]!;
    if (label >= 0 && label < classNames.length && Number.isInteger(label)) continue;
    const expected = `labels from 0 to ${classNames.length - 1}, one for each of the classNames`;
    throw new DataError(sourceDescription, expected, `label ${label} of picture ${place}`);
  }
}

/** @throws ArgumentError where it is no sampler, or one of another dataset */
export function expectSampler(sampler: Sampler, count: number): Sampler {
  if (typeof sampler?.places !== 'function') refuse('DataLoader', 'sampler', 'a sampler, weightedSampler(weights) say', sampler);
  const strange = sampler.places(0).find((place) => !(place >= 0 && place < count));
  if (strange !== undefined) refuse('DataLoader', 'sampler', `of places below ${count}, the number of pictures`, strange);
  return sampler;
}

/** A number that two lists have in common only if they are alike, or by a chance of one in four thousand millions. */
export function fingerprint(numbers: ArrayLike<number>): number {
  return crc32c.buf(new Uint8Array(Int32Array.from(numbers).buffer));
}
