/** Small tasks that trainers are tested on. */
import * as tfl from '@tensorflow/tfjs-layers';
import { DataLoader, type DataLoaderOptions } from '../src/data/data-loader.js';
import type { ImageDataset } from '../src/data/dataset.js';
import { normalizationOf } from '../src/data/normalization.js';
import type { Snapshot, StoredCheckpoint } from '../src/train/checkpoints/checkpoint-store.js';
import { Sgd, Trainer, type TrainerOptions } from '../src/train/index.js';

/**
 * Pictures of 2 x 2, left half bright or right half bright, with some grain: two classes that a line divides, but for every
 * `wrong`-th picture, whose label is the other class.
 */
export function halves(count: number, wrong = Infinity): ImageDataset {
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % 2);
  const images = Uint8Array.from({ length: 4 * count }, (_, k) => ((k & 1) === labels[k >> 2] ? 200 : 40) + ((k * 13) % 30));
  for (let i = wrong - 1; i < count; i += wrong) labels[i] = 1 - labels[i]!;
  return { images, labels, count, height: 2, width: 2, channels: 1, classNames: ['left', 'right'], sourceDescription: 'halves' };
}

/** The line. */
export function linear(): tfl.LayersModel {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
  return tfl.sequential({
    layers: [tfl.layers.flatten({ inputShape: [2, 2, 1] }), tfl.layers.dense({ units: 2, kernelInitializer })],
  });
}

/** Keeps every checkpoint, as text and numbers: nothing is shared with the training that wrote it. */
export class Kept {
  readonly checkpoints: { snapshot: Snapshot; step: number; score?: number }[] = [];

  async save(snapshot: Snapshot, step: number, score?: number): Promise<string> {
    this.checkpoints.push({ snapshot: structuredClone(snapshot), step, score });
    return `checkpoint-${step}`;
  }

  async latest(): Promise<StoredCheckpoint | undefined> {
    const last = this.checkpoints.at(-1);
    return last && { name: `checkpoint-${last.step}`, step: last.step, snapshot: structuredClone(last.snapshot), damaged: [] };
  }

  best = () => this.latest();

  async newest(count: number): Promise<StoredCheckpoint[]> {
    const last = this.checkpoints.slice(-count).reverse();
    return last.map(({ snapshot, step }) => ({
      name: `checkpoint-${step}`,
      step,
      snapshot: structuredClone(snapshot),
      damaged: [],
    }));
  }

  /** As if it had been killed after the first `count` checkpoints. */
  cutTo(count: number): Kept {
    const cut = new Kept();
    cut.checkpoints.push(...this.checkpoints.slice(0, count));
    return cut;
  }
}

/** The pictures in mixed batches of eight. */
export function loaderOf(count: number, options: Partial<DataLoaderOptions> & { wrong?: number } = {}): DataLoader {
  const { wrong, ...rest } = options;
  const pictures = halves(count, wrong);
  return new DataLoader(pictures, { batchSize: 8, shuffle: true, seed: 1, normalization: normalizationOf(pictures), ...rest });
}

export type Choice = Partial<TrainerOptions> & { epochs?: number; data?: DataLoader };

/** Trains from the start, with an optimizer of its own, and lets go of all. */
export async function train(
  make: () => tfl.LayersModel,
  choose: Choice | ((model: tfl.LayersModel) => Choice) = {},
): Promise<{ losses: readonly number[]; weights: number[][]; model: tfl.LayersModel }> {
  const model = make();
  const { epochs = 2, data = loaderOf(50), ...rest } = typeof choose === 'function' ? choose(model) : choose;
  const optimizer = rest.optimizer ?? new Sgd({ learningRate: 0.1, momentum: 0.9 });
  const trainer = new Trainer(model, { ...rest, optimizer });
  const { losses } = await trainer.fit(data, { epochs });
  trainer.dispose();
  optimizer.dispose();
  rest.average?.dispose();
  return { losses, weights: model.getWeights().map((weight) => Array.from(weight.dataSync())), model };
}
