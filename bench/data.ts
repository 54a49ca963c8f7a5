/** Batches: how fast they are prepared, and how long a training waits for them. */
import { existsSync } from 'node:fs';
import { leNet5, Sgd, Trainer } from 'tfjs-cnn';
import { RandomCrop } from 'tfjs-cnn/augment';
import { DataLoader, type ImageDataset, openImageFolder, type PictureSource } from 'tfjs-cnn/data/node';
import { ways } from './backends.js';
import { type Contestant, measure, timing } from './measure.js';
import { type Row, row } from './table.js';

const WORKERS = [0, 1, 2];
const DIGITS = 60_000;
const PHOTOGRAPHS = '../shared/data/hymenoptera';

/** As large as MNIST's training part; what is in the pictures makes no difference. */
function digits(): ImageDataset {
  const images = Uint8Array.from({ length: DIGITS * 784 }, (_, i) => (i * 2654435761) >>> 24);
  const labels = Int32Array.from({ length: DIGITS }, (_, i) => i % 10);
  const classNames = Array.from({ length: 10 }, (_, i) => `${i}`);
  return { images, labels, count: DIGITS, height: 28, width: 28, channels: 1, classNames, sourceDescription: 'bench' };
}

const augmented = (workers: number) => ({
  batchSize: 64,
  shuffle: true,
  workers,
  normalization: { mean: [0.13], std: [0.31] },
  transforms: [new RandomCrop({ size: 28, padding: 2 })],
});

const named = (workers: number, milliseconds: number, count: number): string =>
  `${workers} workers: ${Math.round((1000 * count) / milliseconds).toLocaleString('en-US')} pictures/s`;

async function readAll(loader: DataLoader, epoch: number): Promise<void> {
  let pictures = 0;
  for await (const { size } of loader.epoch(epoch)) pictures += size;
  if (pictures !== loader.count) throw new Error(`bench: ${pictures} pictures came instead of ${loader.count}`);
}

/** Whole epochs that nobody trains on, in turn with 0, 1 and 2 workers. */
async function rates(
  what: string,
  source: ImageDataset | PictureSource,
  options: (workers: number) => ConstructorParameters<typeof DataLoader>[1],
) {
  const loaders = WORKERS.map((workers) => new DataLoader(source, options(workers)));
  const epochs = loaders.map(() => 0);
  const contestants = loaders.map((loader, i): Contestant => ({ name: `${i}`, run: () => readAll(loader, epochs[i]!++) }));
  const timings = await measure(contestants, { rounds: 3, warmUp: 1 });
  await Promise.all(loaders.map((loader) => loader.close()));
  return row(
    what,
    timings.map(({ median, runs }, i) => timing(named(WORKERS[i]!, median, loaders[i]!.count), runs)),
  );
}

/** An epoch of LeNet-5 and the part of it spent waiting, in turn with 0, 1 and 2 workers. */
async function waiting(source: ImageDataset): Promise<Row[]> {
  await ways.wasmCnn.use();
  const results = WORKERS.map((workers) => ({ workers, seconds: [] as number[], waited: [] as number[] }));
  for (let round = 0; round < 3; round++) {
    for (const { workers, seconds, waited } of results) {
      const loader = new DataLoader(source, augmented(workers));
      const net = leNet5();
      const trainer = new Trainer(net, { optimizer: new Sgd({ learningRate: 0.01, momentum: 0.9 }) });
      const { epochs } = await trainer.fit(loader, { epochs: 1 });
      seconds.push(1000 * epochs[0]!.seconds);
      waited.push(1000 * epochs[0]!.waitedSeconds);
      await loader.close();
      trainer.dispose();
      net.dispose();
    }
  }
  return results.map(({ workers, seconds, waited }) => {
    const share = timing(
      '',
      waited.map((ms, i) => (100 * ms) / seconds[i]!),
    ).median;
    const parts = [timing('an epoch', seconds), timing(`waiting: ${share.toFixed(1)} % of it`, waited)];
    return row(`LeNet-5 on ${DIGITS.toLocaleString('en-US')} digits, ${workers} workers`, parts);
  });
}

/** Photographs are decoded every time: no cache. */
function photographs(): Promise<Row> {
  const whole = openImageFolder(PHOTOGRAPHS, { height: 224, width: 224, cacheBytes: 0 }).train;
  const train = whole.select(Int32Array.from({ length: 64 }, (_, i) => i));
  const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  return rates(`${train.count} JPEGs of 256 pixels`, train, (workers) => ({ batchSize: 8, workers, normalization }));
}

export async function dataLoading(): Promise<Row[]> {
  const source = digits();
  const rows = [
    await rates(`${DIGITS.toLocaleString('en-US')} digits, padded random crop`, source, augmented),
    ...(await waiting(source)),
  ];
  return existsSync(PHOTOGRAPHS) ? [...rows, await photographs()] : rows;
}
