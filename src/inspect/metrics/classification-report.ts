import { oneOf } from '../../checks.js';
import { textTable } from '../text-table.js';
import { confusionMatrix, namesFor } from './confusion-matrix.js';

/** Precision, recall and their harmonic mean. */
export interface PrecisionRecall {
  /** Share of the pictures said to be of the class that are. */
  readonly precision: number;
  /** Share of the pictures of the class that are said to be. */
  readonly recall: number;
  /** 2 precision recall / (precision + recall) = 2 right / (said + there). */
  readonly f1: number;
}

/** Of one class. */
export interface ClassScore extends PrecisionRecall {
  readonly name: string;
  /** Pictures of it. */
  readonly support: number;
}

/** What classificationReport tells. */
export interface ClassificationReport {
  /** In the order of their numbers. */
  readonly classes: readonly ClassScore[];
  /** Share of right answers. */
  readonly accuracy: number;
  /** Means over the classes, all alike. */
  readonly macro: PrecisionRecall;
  /** Of all answers together: where each picture has one class, the accuracy three times. */
  readonly micro: PrecisionRecall;
  /** Means over the classes by their numbers of pictures. */
  readonly weighted: PrecisionRecall;
  /** Pictures. */
  readonly support: number;
}

/** Options of classificationReport. */
export interface ClassificationReportOptions {
  /** One for each class; default: the classes' numbers, as many as the largest one asks for. */
  readonly classNames?: readonly string[];
  /**
   * What 0 / 0 is: the precision of a class that was never said, the recall of one that has no pictures, the f1 of one with neither.
   * 0 (default), 1 or NaN; with NaN such classes are left out of the means.
   */
  readonly zeroDivision?: number;
}

/**
 * Precision, recall and F1 of every class and their means. Source: scikit-learn's classification_report, `zero_division` too.
 *
 * @param labels      classes as they are [pictures]
 * @param predictions classes as the net says [pictures]
 * @throws ArgumentError where a label or prediction is no class, or there are not as many of both
 */
export function classificationReport(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  { classNames, zeroDivision = 0 }: ClassificationReportOptions = {},
): ClassificationReport {
  oneOf('classificationReport', 'zeroDivision', zeroDivision, [0, 1, NaN]);
  const matrix = confusionMatrix(labels, predictions, classNames?.length ?? 1 + largest(labels, predictions));
  const names = namesFor('classificationReport', matrix, classNames);
  const ratio = (part: number, whole: number) => (whole === 0 ? zeroDivision : part / whole);
  const scores = (right: number, said: number, there: number): PrecisionRecall => ({
    precision: ratio(right, said),
    recall: ratio(right, there),
    f1: ratio(2 * right, said + there),
  });
  const classes = names.map((name, i): ClassScore => {
    const support = sum(matrix[i]!);
    return { name, ...scores(matrix[i]![i]!, sum(matrix.map((row) => row[i]!)), support), support };
  });
  const support = labels.length;
  const right = sum(matrix.map((row, i) => row[i]!));
  return {
    classes,
    accuracy: right / support,
    macro: means(classes, () => 1, zeroDivision),
    micro: scores(right, support, support),
    weighted: means(classes, (score) => score.support, zeroDivision),
    support,
  };
}

/** A report as text, a line a class, with scikit-learn's columns. */
export function formatClassificationReport(report: ClassificationReport): string {
  const heads = ['precision', 'recall', 'f1', 'pictures'];
  const line = (name: string, { precision, recall, f1 }: PrecisionRecall, support: number) => [
    name,
    ...[precision, recall, f1].map((value) => value.toFixed(4)),
    `${support}`,
  ];
  const { classes, support } = report;
  const rows = [
    ...classes.map((score) => line(score.name, score, score.support)),
    ...(['macro', 'micro', 'weighted'] as const).map((name) => line(`${name} mean`, report[name], support)),
    ['accuracy', '', '', report.accuracy.toFixed(4), `${support}`],
  ];
  return textTable([['class', ...heads], ...rows], heads).join('\n');
}

/** Means without what is NaN; of nothing what 0 / 0 is. */
function means(classes: readonly ClassScore[], weight: (score: ClassScore) => number, zeroDivision: number): PrecisionRecall {
  const mean = (of: (score: ClassScore) => number) => {
    const known = classes.filter((score) => !Number.isNaN(of(score)));
    const total = sum(known.map(weight));
    return total === 0 ? zeroDivision : sum(known.map((score) => weight(score) * of(score))) / total;
  };
  return {
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function largest(...lists: ArrayLike<number>[]): number {
  let most = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) most = Math.max(most, list[i]!);
  return most;
}
