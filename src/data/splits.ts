import { positiveInteger } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { mixSeeds, randomPermutation } from '../random.js';

/**
 * Cuts pictures into folds in which every class has the same share, but for one picture; sizes differ by one picture at most, too.
 *
 * @param labels class of every picture
 * @param folds  how many
 * @param seed   of which picture goes where
 * @returns      each fold's places, ascending
 * @throws ArgumentError for fewer pictures than folds
 */
export function stratifiedFolds(labels: Int32Array, folds: number, seed: number): Int32Array[] {
  positiveInteger('stratifiedFolds', 'folds', folds);
  if (labels.length < folds) {
    throw new ArgumentError(`stratifiedFolds: folds must be at most the number of pictures, ${labels.length}, got ${folds}`);
  }
  const parts: number[][] = Array.from({ length: folds }, () => []);
  let next = 0;
  for (const [label, places] of [...placesByLabel(labels)].sort(([a], [b]) => a - b)) {
    for (const i of randomPermutation(places.length, mixSeeds(seed, label))) {
      // Goes on where the class before ended: what is left over of the classes is spread over the folds.
      parts[next++ % folds]!.push(places[i]!);
    }
  }
  return parts.map((part) => Int32Array.from(part).sort());
}

function placesByLabel(labels: Int32Array): Map<number, number[]> {
  const places = new Map<number, number[]>();
  labels.forEach((label, place) => {
    const known = places.get(label);
    if (known) known.push(place);
    else places.set(label, [place]);
  });
  return places;
}
