import { positiveInteger } from '../../checks.js';
import { likeliest } from '../../data/likeliest.js';
import { classesOf, expectAsMany } from './expected.js';

/** A picture and how wrong the net is about it. */
export interface PictureLoss {
  /** The picture's place in its dataset. */
  readonly place: number;
  /** Its class. */
  readonly actual: number;
  /** The class that the net takes it for, the first of equals. */
  readonly predicted: number;
  /** What the net gives its class. */
  readonly probability: number;
  /** What the net gives the class that it takes it for. */
  readonly predictedProbability: number;
  /** -ln(probability): cross-entropy in nats; Infinity where the probability is 0. */
  readonly loss: number;
}

/**
 * The pictures about which a net is most wrong, the worst first: wrong labels and strange pictures come to light there.
 * Of equal losses the earlier picture comes first; NaN is worse than everything.
 * Source: fastai's ClassificationInterpretation.top_losses and plot_top_losses.
 *
 * @param probabilities [pictures, classes]
 * @param labels        classes [pictures]
 * @param options       count: how many; default 9. places: of the pictures in their dataset; default 0, 1, 2, ...
 * @throws ArgumentError where the sizes do not fit, or a label is no class
 */
export function topLosses(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { count = 9, places }: { count?: number; places?: ArrayLike<number> } = {},
): PictureLoss[] {
  positiveInteger('topLosses', 'count', count);
  if (places) expectAsMany('topLosses', 'places', places, labels);
  if (labels.length === 0) return [];
  const classes = classesOf('topLosses', 'probabilities', probabilities, labels);
  const own = (i: number) => probabilities[i * classes + labels[i]!]!;
  // The least probable first: the logarithm need not be taken of all.
  const badness = (i: number) => (Number.isNaN(own(i)) ? -1 : own(i));
  const order = Array.from(labels, (_, i) => i).sort((a, b) => badness(a) - badness(b) || a - b);
  return order.slice(0, count).map((i) => {
    const predicted = likeliest(probabilities, i * classes, classes);
    return {
      place: places ? places[i]! : i,
      actual: labels[i]!,
      predicted,
      probability: own(i),
      predictedProbability: probabilities[i * classes + predicted]!,
      loss: -Math.log(own(i)),
    };
  });
}
