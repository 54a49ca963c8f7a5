import { positiveInteger } from '../../checks.js';
import { classesOf } from './expected.js';

/**
 * Share of the pictures whose class is among the k with the highest scores. Of equal scores the lower class comes first, as in
 * `evaluate`, so that a net which gives the same number for everything is not right by accident; a picture whose own score is NaN,
 * or has k others of NaN, is wrong.
 *
 * @param scores logits or probabilities, [pictures, classes]
 * @param labels classes [pictures]
 * @param k      as many guesses; from the number of classes on the answer is 1
 * @returns      in [0, 1]; NaN without pictures
 * @throws ArgumentError where k is no positive integer, the sizes do not fit, or a label is no class
 */
export function topKAccuracy(scores: ArrayLike<number>, labels: ArrayLike<number>, k: number): number {
  positiveInteger('topKAccuracy', 'k', k);
  if (labels.length === 0) return NaN;
  const classes = classesOf('topKAccuracy', 'scores', scores, labels);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (rankOf(scores, i * classes, classes, labels[i]!) < k) right++;
  return right / labels.length;
}

/** How many classes of a row come before this one. */
function rankOf(scores: ArrayLike<number>, begin: number, classes: number, label: number): number {
  const own = scores[begin + label]!;
  if (Number.isNaN(own)) return Infinity;
  let before = 0;
  for (let other = 0; other < classes; other++) {
    const score = scores[begin + other]!;
    // Written so that NaN counts as larger.
    if (!(score <= own) || (score === own && other < label)) before++;
  }
  return before;
}
