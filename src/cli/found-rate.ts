import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { DataLoader } from '../data/data-loader.js';
import { replaceFiles } from '../data/write-file-node.js';
import { ArgumentError } from '../geometry.js';
import { lrFind } from '../train/lr-find/lr-find.js';
import { AdamW } from '../train/optimizers/adam-w.js';
import { FeatureSource } from '../transfer/features/feature-source.js';
import { freezeUntil } from '../transfer/freeze.js';
import { splitFrozen } from '../transfer/split-frozen.js';

/** A rate for the head, by a sweep that leaves the net as it was. */
export async function foundRate(
  model: LayersModel,
  data: DataLoader,
  out: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  freezeUntil(model, 'head');
  const split = splitFrozen(model);
  if (!split) throw new ArgumentError('--lr-find: this net has no layers before its head');
  const features = new FeatureSource(data, split.prefix);
  const optimizer = new AdamW({ learningRate: 2e-3, weightDecay: 0.01 });
  try {
    const { suggestion, svg } = await lrFind(split.rest, features, { optimizer, signal });
    await replaceFiles(out, [['lr-find.svg', await svg('learning rates of the head')]]);
    say(`learning rate ${suggestion.toPrecision(2)} suggested by the sweep: ${join(out, 'lr-find.svg')}`);
    return suggestion;
  } finally {
    optimizer.dispose();
    await features.close();
    split.dispose();
  }
}
