import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mixSeeds, randomPermutation } from '../random.js';
import { DataError, type DatasetSplit, type ImageDataset, selectFromDataset } from './dataset.js';
import { decodePicture } from './decode-picture.js';
import { resizeToCover } from './resize.js';

/** Options of readImageFolder. */
export interface ImageFolderOptions {
  /** All pictures are scaled to cover this size and their middle is cut out. */
  readonly height: number;
  /** In pixels, as the height. */
  readonly width: number;
  /** 1: grey, 3: RGB. */
  readonly channels: 1 | 3;
  /** 'fail' (default): the first picture that does not decode is an error; 'skip': it is left out and named. */
  readonly undecodable?: 'fail' | 'skip';
  /** Called for each picture left out. */
  readonly onSkipped?: (error: DataError) => void;
  /** Which pictures become the test part where the folder has none; default 1. */
  readonly seed?: number;
}

const PICTURE = /\.(jpe?g|png)$/i;
const TRAIN_FOLDERS = ['train', 'training'];
const TEST_FOLDERS = ['test', 'val', 'valid', 'validation'];
/** Share of each class that becomes the test part where the folder has none. */
const TEST_SHARE = 0.2;

/** True where a folder holds class folders of pictures, at once or in parts (train, and test or val). */
export function hasClassFolders(folder: string): boolean {
  const root = partFolder(folder, TRAIN_FOLDERS) ?? folder;
  return foldersIn(root).some((name) => readdirSync(join(root, name)).some((file) => PICTURE.test(file)));
}

/**
 * Reads JPEGs and PNGs from one folder a class: `cats/1.jpg`, `dogs/2.png`. They may lie in `train` and
 * `test` (or `val`); if not, every fifth picture of a class, drawn by the seed, becomes the test part.
 *
 * @throws DataError naming the picture that does not decode, the class missing from the test part, ...
 */
export async function readImageFolder(folder: string, options: ImageFolderOptions): Promise<DatasetSplit> {
  const train = partFolder(folder, TRAIN_FOLDERS);
  const test = partFolder(folder, TEST_FOLDERS);
  if (train && test) {
    const classNames = foldersIn(train);
    return { train: await readPart(train, classNames, options), test: await readPart(test, classNames, options) };
  }
  const root = train ?? folder;
  return splitByClass(await readPart(root, foldersIn(root), options), options.seed ?? 1);
}

async function readPart(folder: string, classNames: string[], options: ImageFolderOptions): Promise<ImageDataset> {
  const { height, width, channels, undecodable = 'fail', onSkipped } = options;
  if (classNames.length < 2) throw new DataError(folder, 'at least two class folders', `${classNames.length}`);
  const unknown = foldersIn(folder).find((name) => !classNames.includes(name));
  if (unknown !== undefined) throw new DataError(folder, `the class folders ${classNames.join(', ')}`, `another one, ${unknown}`);
  const files = classNames.flatMap((name, label) => picturesIn(join(folder, name)).map((path) => ({ path, label })));

  const pixels = height * width * channels;
  const images = new Uint8Array(files.length * pixels);
  const labels = new Int32Array(files.length);
  let count = 0;
  for (const { path, label } of files) {
    try {
      const picture = await decodePicture(readFileSync(path), path, channels);
      images.set(resizeToCover(picture, height, width).pixels, count * pixels);
      labels[count++] = label;
    } catch (error) {
      if (!(error instanceof DataError) || undecodable === 'fail') throw error;
      onSkipped?.(error);
    }
  }
  if (count === 0) throw new DataError(folder, 'at least one picture that decodes', 'none');
  return {
    images: images.subarray(0, count * pixels),
    labels: labels.subarray(0, count),
    count,
    height,
    width,
    channels,
    classNames,
    sourceDescription: folder,
  };
}

function splitByClass(dataset: ImageDataset, seed: number): DatasetSplit {
  const train: number[] = [];
  const test: number[] = [];
  dataset.classNames.forEach((name, label) => {
    const places = [...dataset.labels.keys()].filter((place) => dataset.labels[place] === label);
    if (places.length < 2) {
      throw new DataError(
        dataset.sourceDescription,
        `two pictures of the class ${name}, one of them to test`,
        `${places.length}`,
      );
    }
    const testCount = Math.max(1, Math.round(TEST_SHARE * places.length));
    randomPermutation(places.length, mixSeeds(seed, label)).forEach(
      (k, i) => void (i < testCount ? test : train).push(places[k]),
    );
  });
  return {
    train: selectFromDataset(dataset, Int32Array.from(train)),
    test: selectFromDataset(dataset, Int32Array.from(test)),
  };
}

function partFolder(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path) && statSync(path).isDirectory());
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

function picturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => PICTURE.test(name))
    .sort()
    .map((name) => join(folder, name));
}
