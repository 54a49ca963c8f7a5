import { refuse } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import type { Snapshot, StoredTensor } from './checkpoints/checkpoint-store.js';
import type { Trainable } from './trainable.js';
import { loadCheckpointWeights } from './training-state.js';

/**
 * Gives a net the mean of the weights of several checkpoints of one training: one net that is about as good as their ensemble.
 * Moving statistics of batch normalisation are averaged, too, but those of the averaged weights are others: call
 * `updateBatchNormStatistics` after it where the net has such layers.
 * Source: Izmailov et al.: Averaging weights leads to wider optima (2018); CS231n notes, neural-networks-3, "Model ensembles".
 *
 *     const last = await store.newest(5);
 *     averageCheckpoints(model, last.map(({ snapshot }) => snapshot));
 *
 * @param snapshots of checkpoints of this net
 * @throws ArgumentError without snapshots, or where they have other weights than the first; CheckpointError where they are not the net's.
 *   The net is left as it was then
 */
export function averageCheckpoints(net: Trainable, snapshots: readonly Snapshot[]): void {
  if (!Array.isArray(snapshots) || snapshots.length === 0) {
    refuse('averageCheckpoints', 'snapshots', "a list of checkpoints' snapshots", snapshots);
  }
  const [first] = snapshots as [Snapshot];
  const names = Object.keys(first.tensors).filter((name) => name.startsWith('weights/'));
  const tensors = Object.fromEntries(names.map((name) => [name, meanOf(name, snapshots)]));
  loadCheckpointWeights(net, { state: first.state, tensors }, 'the average of the checkpoints');
}

function meanOf(name: string, snapshots: readonly Snapshot[]): StoredTensor {
  const all = snapshots.map(({ tensors }) => tensors[name]);
  const { shape, values } = all[0]!;
  const sum = new Float64Array(values.length);
  for (const each of all) {
    if (String(each?.shape) !== String(shape)) {
      throw new ArgumentError(
        `averageCheckpoints: snapshots must be of one net, but '${name}' is [${shape}] in one and ` +
          `${each ? `[${each.shape}]` : 'missing'} in another`,
      );
    }
    each!.values.forEach((value, i) => {
      sum[i]! += value;
    });
  }
  return { shape, values: Float32Array.from(sum, (value) => value / all.length) };
}
