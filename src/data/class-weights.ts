import { refuse } from '../checks.js';

/**
 * Weights that make up for classes of different sizes: count / (classes * count of the class), so that all classes weigh alike and
 * the mean over all pictures is 1. Source: scikit-learn's class_weight='balanced'.
 *
 * @param labels  class of every picture
 * @param classes number of classes; default: as many as the labels name. A class without pictures gets weight 0
 */
export function classWeights(labels: ArrayLike<number>, classes?: number): Float32Array {
  if (labels.length === 0) refuse('classWeights', 'labels', 'a list of at least one class', []);
  const largest = Array.from(labels).reduce((a, b) => Math.max(a, b), 0);
  const length = classes ?? largest + 1;
  if (length <= largest) refuse('classWeights', 'classes', `above the largest label, ${largest}`, length);
  const counts = new Float64Array(length);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count > 0 ? labels.length / (present * count) : 0));
}
