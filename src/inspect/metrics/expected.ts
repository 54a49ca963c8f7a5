/** Checks that the metrics have in common. */
import { refuse } from '../../checks.js';

/** @throws ArgumentError where a label is no class, 0 .. classes - 1: it is named with its place */
export function expectLabels(where: string, argument: string, labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      refuse(where, `${argument}[${i}]`, `a class, 0 to ${classes - 1}`, label);
    }
  }
}

/** @throws ArgumentError where there are not as many as labels */
export function expectAsMany(where: string, argument: string, values: ArrayLike<number>, labels: ArrayLike<number>): void {
  if (values.length !== labels.length) refuse(where, argument, `as many as labels (${labels.length})`, values.length);
}

/**
 * The number of classes behind [pictures, classes] numbers in one row.
 * @throws ArgumentError where the numbers are no such rows, or a label is none of their classes
 */
export function classesOf(where: string, argument: string, values: ArrayLike<number>, labels: ArrayLike<number>): number {
  const classes = values.length / labels.length;
  if (!Number.isInteger(classes) || classes < 1) {
    refuse(where, `the length of ${argument}`, `a multiple of the ${labels.length} labels: [pictures, classes]`, values.length);
  }
  expectLabels(where, 'labels', labels, classes);
  return classes;
}
