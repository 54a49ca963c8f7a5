import { positiveInteger, refuse } from '../../checks.js';
import { likeliest } from '../../data/likeliest.js';
import { classesOf } from './expected.js';

/** Pictures of about the same confidence: a bar of the reliability diagram. */
export interface CalibrationBin {
  /** Confidences in (from, to]. */
  readonly from: number;
  /** The bin's end, which belongs to it. */
  readonly to: number;
  /** Pictures. */
  readonly count: number;
  /** Mean confidence; NaN without pictures. */
  readonly confidence: number;
  /** Share of right answers; NaN without pictures. */
  readonly accuracy: number;
}

/** Whether a net is right as often as it says. */
export interface Calibration {
  /** The reliability diagram, from confidence 0 to 1. */
  readonly bins: readonly CalibrationBin[];
  /** ECE: the mean distance of confidence and accuracy, bins weighed by their pictures. 0 is perfect. */
  readonly expectedError: number;
  /** MCE: the largest distance. */
  readonly maximumError: number;
}

/**
 * Calibration of the answers: a picture's confidence is its largest probability, the answer that class, the first of equals.
 * Source: Guo, Pleiss, Sun, Weinberger (2017), arXiv 1706.04599, section 2.
 *
 * @param probabilities [pictures, classes]; NaN is refused
 * @param labels        classes [pictures]
 * @param bins          of equal width; default 15, as in the paper
 * @throws ArgumentError where a number is no probability, the sizes do not fit, or a label is no class
 */
export function calibration(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { bins = 15 }: { bins?: number } = {},
): Calibration {
  positiveInteger('calibration', 'bins', bins);
  const classes = labels.length === 0 ? 1 : classesOf('calibration', 'probabilities', probabilities, labels);
  expectProbabilities(probabilities);
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < labels.length; i++) {
    const answer = likeliest(probabilities, i * classes, classes);
    const confidence = probabilities[i * classes + answer]!;
    const sum = sums[Math.min(bins, Math.max(1, Math.ceil(confidence * bins))) - 1]!;
    sum.count++;
    sum.confidence += confidence;
    if (answer === labels[i]) sum.right++;
  }
  const filled = sums.map(({ count, confidence, right }, i) => ({
    from: i / bins,
    to: (i + 1) / bins,
    count,
    confidence: confidence / count,
    accuracy: right / count,
  }));
  const gaps = filled.filter(({ count }) => count > 0).map((bin) => ({ ...bin, gap: Math.abs(bin.accuracy - bin.confidence) }));
  return {
    bins: filled,
    expectedError: gaps.reduce((sum, { gap, count }) => sum + gap * count, 0) / labels.length,
    maximumError: gaps.length === 0 ? NaN : Math.max(...gaps.map(({ gap }) => gap)),
  };
}

/** @throws ArgumentError naming the first number that is no probability */
function expectProbabilities(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    // Softmax in float32 may end a rounding above 1.
    if (values[i]! >= 0 && values[i]! <= 1 + 1e-6) continue;
    refuse('calibration', `probabilities[${i}]`, 'a probability, 0 to 1; logits become some by tf.softmax', values[i]);
  }
}
