export { randomPermutation, seededRandom } from '../random.js';
export type { BatchSource, TrainingBatch } from './batch-source.js';
export { CIFAR10, CIFAR10_CLASSES, CIFAR100, type CifarVariant, parseCifar } from './cifar.js';
export { parseCifarNames, parseCifarPython } from './cifar-python.js';
export { classWeights } from './class-weights.js';
export { type CsvOptions, type PixelCsvOptions, parsePixelCsv } from './csv.js';
export { DataLoader, type DataLoaderOptions } from './data-loader.js';
export { DataError, type DatasetSplit, type ImageDataset, type NamedBytes, selectFromDataset, sliceDataset } from './dataset.js';
export { decodePicture } from './decode-picture.js';
export { syntheticDigits } from './digits.js';
export type { BrokenPicture, PictureReader, PictureSource, PlacedPicture, WorkerAccess } from './loader/picture-source.js';
export type { Sampler } from './loader/sampler.js';
export {
  type BalancedSamplerOptions,
  balancedSampler,
  type WeightedSamplerOptions,
  weightedSampler,
} from './loader/weighted-sampler.js';
export { FASHION_CLASSES, parseMnist } from './mnist.js';
export { type Normalization, type Normalizer, normalizationOf, normalizationOfPictures, normalizer } from './normalization.js';
export type { Buildable, PickleGlobal, PickleGlobals, Spend } from './pickle/globals.js';
export { isPickledArray, numpyGlobals, type PickledArray } from './pickle/numpy-globals.js';
export { type Unpickled, type UnpickleOptions, unpickle } from './pickle/unpickle.js';
export { type Picture, resizeToCover } from './resize.js';
export { stratifiedFolds, stratifiedSplit } from './splits.js';
export {
  type TensorBatch,
  type TensorDataset,
  type TensorIterator,
  type TensorSourceOptions,
  tensorSource,
} from './tensor-source.js';
