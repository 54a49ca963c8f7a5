import { positiveInteger, refuse } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { mixSeeds, randomPermutation } from '../random.js';

/**
 * Deals pictures out to parts, so that every part has the same mixture of classes, as nearly as whole pictures allow.
 *
 *     const [train, test] = stratifiedSplit(labels, [0.8, 0.2], 1);
 *     new DataLoader(selectFromDataset(dataset, train), ...)
 *
 * @param labels class of every picture
 * @param shares of the parts, above 0; they add up to 1, or to less: what is left goes nowhere
 * @param seed   which pictures go where
 * @returns      for each share the places of its pictures, in ascending order
 * @throws ArgumentError where the shares make no sense, or a class has fewer pictures than there are parts
 */
export function stratifiedSplit(labels: ArrayLike<number>, shares: readonly number[], seed: number): Int32Array[] {
  const fits = Array.isArray(shares) && shares.length > 0 && shares.every((share) => share > 0);
  const sum = fits ? shares.reduce((total, share) => total + share, 0) : NaN;
  if (!(sum <= 1 + 1e-9)) refuse('stratifiedSplit', 'shares', 'numbers above 0 that add up to 1 at most', shares);
  const parts = shares.map((): number[] => []);
  for (const [label, places] of placesByLabel(labels)) {
    if (places.length < shares.length) {
      throw new ArgumentError(
        `stratifiedSplit: every class must have a picture for each of the ${shares.length} parts, class ${label} has ${places.length}`,
      );
    }
    let taken = 0;
    let share = 0;
    const order = randomPermutation(places.length, mixSeeds(seed, label)).map((k) => places[k]!);
    parts.forEach((part, i) => {
      share += shares[i]!;
      // Every part gets one at least, and leaves one for each that follows.
      const wanted = Math.round(share * places.length);
      const end = Math.min(places.length - (parts.length - 1 - i), Math.max(taken + 1, wanted));
      part.push(...order.subarray(taken, end));
      taken = end;
    });
  }
  return parts.map((part) => Int32Array.from(part).sort());
}

/**
 * Cuts pictures into folds in which every class has the same share, but for one picture; sizes differ by one picture at most, too.
 *
 * @param labels class of every picture
 * @param folds  how many
 * @param seed   of which picture goes where
 * @returns      each fold's places, ascending
 * @throws ArgumentError for fewer pictures than folds
 */
export function stratifiedFolds(labels: ArrayLike<number>, folds: number, seed: number): Int32Array[] {
  positiveInteger('stratifiedFolds', 'folds', folds);
  if (labels.length < folds) {
    throw new ArgumentError(`stratifiedFolds: folds must be at most the number of pictures, ${labels.length}, got ${folds}`);
  }
  const parts: number[][] = Array.from({ length: folds }, () => []);
  let next = 0;
  for (const [label, places] of placesByLabel(labels)) {
    for (const i of randomPermutation(places.length, mixSeeds(seed, label))) {
      // Goes on where the class before ended: what is left over of the classes is spread over the folds.
      parts[next++ % folds]!.push(places[i]!);
    }
  }
  return parts.map((part) => Int32Array.from(part).sort());
}

/** In ascending order of labels. */
function placesByLabel(labels: ArrayLike<number>): [number, number[]][] {
  const places = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const known = places.get(label);
    if (known) known.push(i);
    else places.set(label, [i]);
  }
  return [...places].sort(([a], [b]) => a - b);
}
