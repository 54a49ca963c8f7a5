/** Labelled pictures of one size, as bytes in one block: 60,000 MNIST digits are 47 MB. */
export interface ImageDataset {
  /** 0..255, [count, height, width, channels]. */
  readonly images: Uint8Array;
  /** Class of every picture, 0 .. classNames.length - 1. */
  readonly labels: Int32Array;
  /** Number of pictures. */
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
  /** Where the pictures come from, for people: goes into progress output and model cards. */
  readonly sourceDescription: string;
}

/** A training and a test part of the same kind. */
export interface DatasetSplit<Part = ImageDataset> {
  /** To learn from. */
  readonly train: Part;
  /** To measure on. */
  readonly test: Part;
  /** To choose by, where the data come with such a part beside the test part. */
  readonly validation?: Part;
}

/** Uncompressed bytes of a file and the name that errors call it by. */
export interface NamedBytes {
  readonly name: string;
  /** The contents. */
  readonly bytes: Uint8Array;
}

/** Data that cannot be used: the message names the file, what was expected and what was found. */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(source: string, expected: string, found: string, advice?: string) {
    super(`${source}: expected ${expected}, found ${found}${advice ? `; ${advice}` : ''}`);
  }

  /** One that another thread has thrown, of which only the message comes over. */
  static ofMessage(message: string): DataError {
    return Object.assign(new DataError('', '', ''), { message });
  }
}

/**
 * The pictures [begin, end), sharing memory with the whole.
 *
 * @param end default: the number of pictures; larger numbers are cut to it
 */
export function sliceDataset(dataset: ImageDataset, begin: number, end: number = dataset.count): ImageDataset {
  const last = Math.min(end, dataset.count);
  const pixels = dataset.height * dataset.width * dataset.channels;
  return {
    ...dataset,
    images: dataset.images.subarray(begin * pixels, last * pixels),
    labels: dataset.labels.subarray(begin, last),
    count: last - begin,
  };
}

/** The pictures at the given places, in that order, copied. */
export function selectFromDataset(dataset: ImageDataset, places: Int32Array): ImageDataset {
  const pixels = dataset.height * dataset.width * dataset.channels;
  const images = new Uint8Array(places.length * pixels);
  const labels = new Int32Array(places.length);
  places.forEach((place, i) => {
    images.set(dataset.images.subarray(place * pixels, (place + 1) * pixels), i * pixels);
    labels[i] = dataset.labels[place];
  });
  return { ...dataset, images, labels, count: places.length };
}
