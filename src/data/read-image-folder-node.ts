import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onlyKnown } from '../checks.js';
import { DataError, type DatasetSplit, type ImageDataset, selectFromDataset } from './dataset.js';
import {
  loadPictures,
  PICTURE_FILES_OPTIONS,
  type PictureFiles,
  type PictureFilesOptions,
  type PictureList,
  pictureFiles,
} from './picture-files-node.js';
import { stratifiedSplit } from './splits.js';

/** Options of readImageFolder. */
export interface ImageFolderOptions {
  /** All pictures are scaled to cover this size and their middle is cut out. */
  readonly height: number;
  /** In pixels, as the height. */
  readonly width: number;
  /** Length in pixels that the shorter side is scaled to before; default: height x width just fit in. */
  readonly resize?: number | undefined;
  /** 1: grey, 3: RGB. */
  readonly channels: 1 | 3;
  /** 'skip' (default): a picture that does not decode is left out and named; 'fail': it is an error. */
  readonly undecodable?: 'fail' | 'skip';
  /** Called for each picture left out; default: a warning on the console. */
  readonly onSkipped?: (error: DataError) => void;
  /** Which pictures become the test part where the folder has none; default 1. */
  readonly seed?: number;
}

const OPTIONS: readonly (keyof ImageFolderOptions)[] = [
  'height',
  'width',
  'resize',
  'channels',
  'undecodable',
  'onSkipped',
  'seed',
];

const PICTURE = /\.(jpe?g|png)$/i;
const TRAIN_FOLDERS = ['train', 'training'];
const TEST_FOLDERS = ['test'];
const VALIDATION_FOLDERS = ['val', 'valid', 'validation'];
/** Share of each class that becomes the test part where the folder has none. */
const TEST_SHARE = 0.2;

/** True where a folder holds class folders of pictures, at once or in parts (train, and test or val). */
export function hasClassFolders(folder: string): boolean {
  const root = partFolder(folder, TRAIN_FOLDERS) ?? folder;
  return foldersIn(root).some((name) => readdirSync(join(root, name)).some((file) => PICTURE.test(file)));
}

/**
 * Reads JPEGs and PNGs from one folder a class: `cats/1.jpg`, `dogs/2.png`. They may lie in `train` and
 * `test` (or `val`, or both); if not, every fifth picture of a class, drawn by the seed, becomes the test part.
 *
 * @throws DataError naming the class missing from the test part, ...
 */
export async function readImageFolder(folder: string, options: ImageFolderOptions): Promise<DatasetSplit> {
  onlyKnown('readImageFolder', options, OPTIONS);
  const { undecodable = 'skip', onSkipped = ({ message }) => console.warn(`left out: ${message}`), seed, ...size } = options;
  const load = (list: PictureList): Promise<ImageDataset> =>
    loadPictures(list, size, undecodable === 'skip' ? onSkipped : undefined);
  const { train, test, validation } = listImageFolder(folder);
  if (!test) {
    const whole = await load(train);
    const [trainPlaces, testPlaces] = splitPlaces(whole.labels, train, seed);
    return { train: selectFromDataset(whole, trainPlaces), test: selectFromDataset(whole, testPlaces) };
  }
  return { train: await load(train), test: await load(test), ...(validation && { validation: await load(validation) }) };
}

/** Options of openImageFolder. */
export interface OpenImageFolderOptions extends PictureFilesOptions {
  /** Which pictures become the test part where the folder has none; default 1. */
  readonly seed?: number;
}

/**
 * The same folders, whose pictures are decoded when they are needed: for a DataLoader, by its workers too.
 *
 * @throws DataError where there are no two classes, or one is missing from a part
 */
export function openImageFolder(folder: string, options: OpenImageFolderOptions = {}): DatasetSplit<PictureFiles> {
  const { seed, ...rest } = onlyKnown('openImageFolder', options, [...PICTURE_FILES_OPTIONS, 'seed']);
  const { train, test, validation } = listImageFolder(folder);
  const open = (list: PictureList) => pictureFiles(list, rest);
  if (!test) {
    const whole = open(train);
    const [trainPlaces, testPlaces] = splitPlaces(whole.labels, train, seed);
    return { train: whole.select(trainPlaces), test: whole.select(testPlaces) };
  }
  return { train: open(train), test: open(test), ...(validation && { validation: open(validation) }) };
}

function listImageFolder(folder: string): { train: PictureList; test?: PictureList; validation?: PictureList } {
  const train = partFolder(folder, TRAIN_FOLDERS);
  const tests = partFolder(folder, TEST_FOLDERS);
  const validation = partFolder(folder, VALIDATION_FOLDERS);
  const root = train ?? folder;
  const classNames = foldersIn(root);
  const list = (part: string) => listPart(part, classNames);
  if (!train || !(tests ?? validation)) return { train: list(root) };
  return { train: list(train), test: list((tests ?? validation)!), ...(tests && validation && { validation: list(validation) }) };
}

function listPart(folder: string, classNames: string[]): PictureList {
  if (classNames.length < 2) throw new DataError(folder, 'at least two class folders', `${classNames.length}`);
  const unknown = foldersIn(folder).find((name) => !classNames.includes(name));
  if (unknown !== undefined) throw new DataError(folder, `the class folders ${classNames.join(', ')}`, `another one, ${unknown}`);
  const files = classNames.flatMap((name, label) => picturesIn(join(folder, name)).map((path) => ({ path, label })));
  return {
    paths: files.map(({ path }) => path),
    labels: Int32Array.from(files, ({ label }) => label),
    classNames,
    sourceDescription: folder,
  };
}

function splitPlaces(labels: Int32Array, { classNames, sourceDescription }: PictureList, seed = 1): [Int32Array, Int32Array] {
  classNames.forEach((name, label) => {
    const { length } = labels.filter((each) => each === label);
    if (length >= 2) return;
    throw new DataError(sourceDescription, `two pictures of the class ${name}, one of them to test`, `${length}`);
  });
  const [train, test] = stratifiedSplit(labels, [1 - TEST_SHARE, TEST_SHARE], seed);
  return [train!, test!];
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
