/** Labels as shares of classes. */
import { positiveInteger, refuse } from '../../checks.js';
import type { TrainingBatch } from '../../data/batch-source.js';

/**
 * Shares [size, classes]: those the batch has, else 1 for the label of every picture.
 *
 * @throws ArgumentError where a label is no class, or shares are of another number of classes
 */
export function targetsOf(where: string, { labels, targets, size }: TrainingBatch, classes: number): Float32Array {
  positiveInteger(where, 'classes', classes);
  if (targets !== undefined) {
    if (targets.length === size * classes) return targets;
    refuse(where, 'targets of the batch', `${size} x ${classes} shares of classes`, targets.length);
  }
  const shares = new Float32Array(size * classes);
  for (let i = 0; i < size; i++) {
    const label = labels[i]!;
    if (!(label >= 0 && label < classes)) refuse(where, `label ${i} of the batch`, `a class from 0 to ${classes - 1}`, label);
    shares[i * classes + label] = 1;
  }
  return shares;
}

/** Which picture number i is mixed with: the one before it, the last one for the first. Batches are shuffled already. */
export function partnerOf(i: number, size: number): number {
  return i === 0 ? size - 1 : i - 1;
}

/**
 * Shares and weights where `own` of every picture is its own and the rest its partner's. The loss of a mixture of weights v and w
 * is own v (loss for the one's shares) + (1 - own) w (loss for the other's), as if both were computed.
 */
export function mixedTargets(
  where: string,
  batch: TrainingBatch,
  classes: number,
  own: number,
): Pick<TrainingBatch, 'targets' | 'weights'> {
  const { size, weights } = batch;
  const before = targetsOf(where, batch, classes);
  const targets = new Float32Array(before.length);
  const mixed = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const partner = partnerOf(i, size);
    const mine = own * (weights?.[i] ?? 1);
    const weight = mine + (1 - own) * (weights?.[partner] ?? 1);
    const share = weight > 0 ? mine / weight : own;
    for (let c = 0; c < classes; c++) {
      targets[i * classes + c] = share * before[i * classes + c]! + (1 - share) * before[partner * classes + c]!;
    }
    mixed[i] = weight;
  }
  return weights === undefined ? { targets } : { targets, weights: mixed };
}
