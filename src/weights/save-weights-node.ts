import { basename, dirname } from 'node:path';
import { replaceFiles } from '../data/write-file-node.js';
import { ArgumentError } from '../geometry.js';
import type { WeightFormat } from './formats/weight-file.js';
import { type WritableWeights, type WriteWeightsOptions, writtenFiles } from './write-weights.js';

/** Options of saveWeights. */
export interface SaveWeightsOptions extends WriteWeightsOptions {
  /** Default: what the path's ending says. */
  readonly format?: WeightFormat | undefined;
}

/** By how a path ends; the longest ending is meant. */
const ENDINGS: readonly (readonly [string, WeightFormat])[] = [
  ['.safetensors', 'safetensors'],
  ['.weights.h5', 'keras-weights'],
  ['.keras', 'keras'],
  ['.h5', 'keras-h5'],
  ['.hdf5', 'keras-h5'],
  ['.npz', 'npz'],
  ['.json', 'tfjs'],
  ['.pt', 'pytorch'],
  ['.pth', 'pytorch'],
  ['.th', 'pytorch'],
];

/** The format that a file of that name is written in. @throws ArgumentError where its ending says nothing */
export function formatOfPath(where: string, path: string): WeightFormat {
  const found = ENDINGS.find(([ending]) => path.toLowerCase().endsWith(ending));
  if (found) return found[1];
  throw new ArgumentError(
    `${where}: path must end in one of ${ENDINGS.map(([ending]) => ending).join(', ')}, got '${path}'; or name a format`,
  );
}

/**
 * Writes weights to a disk: at any moment the old file is there or the new one, whole. Of tfjs's format the path is that of
 * model.json, and the shard lies beside it.
 *
 * @throws ArgumentError as writeWeights; the system's error where it cannot be written
 */
export async function saveWeights(path: string, weights: WritableWeights, options: SaveWeightsOptions = {}): Promise<void> {
  const { format = formatOfPath('saveWeights', path), ...others } = options;
  const files = await writtenFiles('saveWeights', weights, format, others);
  // What the first file names is there before it is.
  const inOrder = [...files].reverse().map(({ name, pieces }) => [name ?? basename(path), pieces] as const);
  await replaceFiles(dirname(path), inOrder);
}
