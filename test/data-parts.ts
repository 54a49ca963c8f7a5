import { DataLoader, type DataLoaderOptions, type ImageDataset, type Normalization } from '../src/data/index.js';

/** Pictures of 3 x 4 x 2 without two equal bytes in a row; class i % 3. */
export function numbered(count: number): ImageDataset {
  const images = Uint8Array.from({ length: 24 * count }, (_, i) => (i * 37 + Math.floor(i / 24)) % 251);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  return { images, labels, count, height: 3, width: 4, channels: 2, classNames: ['a', 'b', 'c'], sourceDescription: 'numbers' };
}

/** Leaves bytes as they are. */
export const asBytes = (channels: number): Normalization => ({
  mean: new Array<number>(channels).fill(0),
  std: new Array<number>(channels).fill(1 / 255),
});

/** A batch, copied. */
export interface CopiedBatch {
  images: number[];
  labels: number[];
  places: number[];
  size: number;
}

/** Everything that an epoch gives. */
export async function epochOf(loader: DataLoader, epoch: number, first?: number): Promise<CopiedBatch[]> {
  const batches: CopiedBatch[] = [];
  for await (const { images, labels, places, size } of loader.epoch(epoch, first)) {
    batches.push({ images: Array.from(images), labels: Array.from(labels), places: Array.from(places), size });
  }
  return batches;
}

const open: DataLoader[] = [];

/** Loaders that a test opens and `afterEach` closes. */
export const loaders = {
  open(dataset: ConstructorParameters<typeof DataLoader>[0], options: DataLoaderOptions): DataLoader {
    const loader = new DataLoader(dataset, { normalization: asBytes(dataset.channels), ...options });
    open.push(loader);
    return loader;
  },
  async closeAll(): Promise<void> {
    for (const loader of open.splice(0)) await loader.close();
  },
};
