import { DataError } from '../../../data/dataset.js';
import type { StoredArray } from '../weight-file.js';
import type { CaffeLayer } from './read.js';

/** A layer's arrays by PyTorch's names, whose layouts Caffe has: OIHW and [out, in]. */
export function namedBlobs({ name, kind, blobs }: CaffeLayer, source: string): [string, StoredArray][] {
  const where = `${source}, layer '${name}'`;
  const roles = kind === 'BatchNorm' ? ['running_mean', 'running_var'] : ['weight', 'bias'];
  const arrays = kind === 'BatchNorm' ? movingStatistics(blobs, where) : blobs;
  return arrays.map((array, i) => {
    const role = roles[i] ?? `${i}`;
    // Deconvolutions and convolutions keep four axes; a matrix has two, all else is a list, as Scale's and PReLU's numbers are.
    if (kind === 'InnerProduct' && role === 'weight') return [role, shaped(array, 2)];
    return [role, role === 'bias' ? shaped(array, 1) : array];
  });
}

/** Sums of statistics and how many were summed up, weighed: Caffe divides by that whenever it runs. */
function movingStatistics(blobs: readonly StoredArray[], where: string): StoredArray[] {
  const [mean, variance, factor, ...others] = blobs;
  if (!mean || !variance || !factor || others.length > 0 || factor.data.length !== 1) {
    throw new DataError(where, 'mean, variance and one factor of a BatchNorm', `${blobs.length} arrays`, 'the file is damaged');
  }
  // As Caffe does: without any training the factor is 0, and so are the statistics.
  const scale = Number(factor.data[0]) === 0 ? 0 : Math.fround(1 / Number(factor.data[0]));
  return [mean, variance].map((sums) => ({ ...sums, data: (sums.data as Float32Array).map((sum) => sum * scale) }));
}

/** Without the leading axes of 1 that old files have. */
function shaped(array: StoredArray, rank: number): StoredArray {
  const extra = array.shape.length - rank;
  return extra > 0 && array.shape.slice(0, extra).every((size) => size === 1)
    ? { ...array, shape: array.shape.slice(extra) }
    : array;
}
