import { positiveInteger, refuse } from '../../checks.js';
import { textTable } from '../text-table.js';
import { expectAsMany, expectLabels } from './expected.js';

/**
 * How often each class was taken for each: `matrix[actual][predicted]` pictures. The diagonal holds the right answers.
 *
 * @param labels      classes as they are [pictures]
 * @param predictions classes as the net says [pictures]
 * @param classes     how many there are
 * @throws ArgumentError where a label or prediction is no class, or there are not as many of both
 */
export function confusionMatrix(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: number): number[][] {
  positiveInteger('confusionMatrix', 'classes', classes);
  expectAsMany('confusionMatrix', 'predictions', predictions, labels);
  expectLabels('confusionMatrix', 'labels', labels, classes);
  expectLabels('confusionMatrix', 'predictions', predictions, classes);
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) matrix[labels[i]!]![predictions[i]!]!++;
  return matrix;
}

/**
 * A confusion matrix as text: a line a class, what it was taken for in columns; zeros are left out.
 *
 * @param classNames default: the classes' numbers
 */
export function formatConfusionMatrix(matrix: readonly (readonly number[])[], classNames?: readonly string[]): string {
  const names = namesFor('formatConfusionMatrix', matrix, classNames);
  // Columns are told apart by their heads, so these get the numbers of the classes in front where names are not unique.
  const heads = new Set(names).size === names.length ? names : names.map((name, i) => `${i} ${name}`);
  const rows = matrix.map((row, i) => [heads[i]!, ...row.map((count) => (count === 0 ? '.' : `${count}`))]);
  return textTable([['actual \\ predicted', ...heads], ...rows], heads).join('\n');
}

/** Names of the classes of a matrix. @throws ArgumentError where the matrix is not square, or there are not as many names */
export function namesFor(
  where: string,
  matrix: readonly (readonly number[])[],
  classNames: readonly string[] = matrix.map((_, i) => `${i}`),
): readonly string[] {
  const ragged = matrix.find((row) => row.length !== matrix.length);
  if (ragged) refuse(where, 'matrix', `square, with rows of ${matrix.length} numbers`, ragged);
  if (classNames.length !== matrix.length) refuse(where, 'classNames', `${matrix.length} names`, classNames);
  return classNames;
}
