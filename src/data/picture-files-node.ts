import { onlyKnown, positiveInteger } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { DataError, type ImageDataset } from './dataset.js';
import { FileReader } from './loader/file-reader-node.js';
import { PictureCache } from './loader/picture-cache.js';
import type { PictureSource } from './loader/picture-source.js';

/** Labelled pictures in files, decoded when they are needed: what `openImageFolder` and `openCsv` give. */
export interface PictureFiles extends PictureSource {
  /** File of every picture. */
  readonly paths: readonly string[];
  readonly channels: 1 | 3;
  /** Those at the given places, in that order, with a cache of their own. */
  select(places: Int32Array): PictureFiles;
}

/** Options of pictures in files. */
export interface PictureFilesOptions {
  /** 1: grey, 3: RGB; default 3. */
  readonly channels?: 1 | 3;
  /** All pictures are scaled to cover this size and their middle is cut out; default: each keeps its own. */
  readonly height?: number;
  /** In pixels, as the height. */
  readonly width?: number;
  /** Length in pixels that the shorter side is scaled to before; default: height x width just fit in. */
  readonly resize?: number | undefined;
  /**
   * 'replace' (default): in place of a picture that does not decode the next of its class is shown, and `DataLoader.broken` names it;
   * 'fail': it is an error.
   */
  readonly undecodable?: 'fail' | 'replace';
  /** Bytes of decoded pictures that are kept in memory, those of the first epoch that come first; default 256 MB. */
  readonly cacheBytes?: number;
}

/** Names of PictureFilesOptions. */
export const PICTURE_FILES_OPTIONS: readonly (keyof PictureFilesOptions)[] = [
  'channels',
  'height',
  'width',
  'resize',
  'undecodable',
  'cacheBytes',
];

/** What is known of pictures before any is opened. */
export interface PictureList {
  /** File of every picture. */
  readonly paths: readonly string[];
  /** Class of every picture. */
  readonly labels: Int32Array;
  /** Names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
  /** Where the pictures come from, for people. */
  readonly sourceDescription: string;
}

/**
 * A dataset of pictures that are read when they are needed, by workers too.
 *
 * @throws ArgumentError where one of height and width is given alone
 */
export function pictureFiles(list: PictureList, options: PictureFilesOptions = {}): PictureFiles {
  const { paths, labels, classNames, sourceDescription } = list;
  const {
    channels = 3,
    height,
    width,
    resize,
    undecodable = 'replace',
    cacheBytes = 2 ** 28,
  } = onlyKnown('pictureFiles', options, PICTURE_FILES_OPTIONS);
  if ((height === undefined) !== (width === undefined)) {
    throw new ArgumentError(`pictureFiles: height and width must be given together, got ${height} x ${width}`);
  }
  if (resize !== undefined) {
    positiveInteger('pictureFiles', 'resize', resize);
    if (height === undefined) throw new ArgumentError('pictureFiles: resize goes with height and width');
  }
  const size = height !== undefined && width !== undefined ? { height, width, resize } : undefined;
  const cache = PictureCache.memory(paths.length, cacheBytes);
  const origin = { paths, labels, channels, size, undecodable, cache };
  return {
    paths,
    labels,
    classNames,
    count: paths.length,
    channels,
    height,
    width,
    sourceDescription,
    open: () => new FileReader(origin),
    worker: {
      program: async () => (await import('./loader/worker/file-worker.generated.js')).program,
      origin,
      bytesEach: 0,
    },
    select(places) {
      const chosen = Array.from(places, (place) => paths[place]!);
      return pictureFiles({ ...list, paths: chosen, labels: places.map((place) => labels[place]!) }, options);
    },
  };
}

/**
 * Decodes all pictures into one block of memory.
 *
 * @param onBroken called for each picture that does not decode; those are left out. Without it they are errors
 */
export async function loadPictures(
  list: PictureList,
  size: { readonly height: number; readonly width: number; readonly channels: 1 | 3; readonly resize?: number | undefined },
  onBroken?: (error: DataError) => void,
): Promise<ImageDataset> {
  const { paths, labels, classNames, sourceDescription } = list;
  const { height, width, channels, resize } = size;
  const pixels = height * width * channels;
  const images = new Uint8Array(paths.length * pixels);
  const kept = new Int32Array(paths.length);
  let count = 0;
  const reader = pictureFiles(list, { height, width, channels, resize, undecodable: 'fail', cacheBytes: 0 }).open();
  for (let place = 0; place < paths.length; place++) {
    try {
      const { picture } = await reader.read(place, 0);
      images.set(picture.pixels, count * pixels);
      kept[count++] = labels[place]!;
    } catch (error) {
      if (!(error instanceof DataError) || !onBroken) throw error;
      onBroken(error);
    }
  }
  if (count === 0) throw new DataError(sourceDescription, 'at least one picture that decodes', 'none');
  const block = { images: images.subarray(0, count * pixels), labels: kept.subarray(0, count), count };
  return { ...block, height, width, channels, classNames, sourceDescription };
}
