import { existsSync, statSync } from 'node:fs';
import { DataError, type DatasetSplit } from './dataset.js';
import { mnistFolderIn } from './find-mnist-node.js';
import { cifarVariantOf, readCifar10, readCifar100 } from './read-cifar-node.js';
import { hasCsv, readCsvFolder } from './read-csv-node.js';
import { hasClassFolders, type ImageFolderOptions, readImageFolder } from './read-image-folder-node.js';
import { readMnist } from './read-mnist-node.js';

/** What a folder can hold. */
export const DATA_FORMATS = ['mnist', 'cifar10', 'cifar100', 'folder', 'csv'] as const;
/** One of DATA_FORMATS. */
export type DataFormat = (typeof DATA_FORMATS)[number];

/** Tells a folder's format by the names in it. */
export function detectFormat(folder: string): DataFormat | undefined {
  if (mnistFolderIn(folder)) return 'mnist';
  const variant = cifarVariantOf(folder);
  if (variant) return variant;
  if (hasClassFolders(folder)) return 'folder';
  return hasCsv(folder) ? 'csv' : undefined;
}

/**
 * Reads a training and a test part from a folder of any supported format.
 *
 * @param format   default: told by the names in the folder
 * @param pictures size and colours of the pictures, for the format 'folder'
 * @throws DataError
 */
export async function loadDataset(
  folder: string,
  format: DataFormat | 'auto',
  pictures: ImageFolderOptions,
): Promise<DatasetSplit> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new DataError(folder, 'a folder', 'none');
  const found = format === 'auto' ? detectFormat(folder) : format;
  switch (found) {
    case 'mnist':
      return readMnist(mnistFolderIn(folder) ?? folder);
    case 'cifar10':
      return readCifar10(folder);
    case 'cifar100':
      return readCifar100(folder);
    case 'folder':
      return readImageFolder(folder, pictures);
    case 'csv':
      return readCsvFolder(folder, { seed: pictures.seed });
    default:
      throw new DataError(
        folder,
        'the idx files of MNIST, batches of CIFAR, a folder of pictures for each class, or a table train.csv of pixels',
        'none of them',
      );
  }
}
