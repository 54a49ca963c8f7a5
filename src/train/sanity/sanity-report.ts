/** What each check holds its loss against, and how it says so. */

/** One check. */
export interface SanityCheck {
  readonly name: 'initial loss' | 'regularisation' | 'overfitting';
  /** Whether what was found is near enough. */
  readonly passed: boolean;
  /** The loss that was found. */
  readonly found: number;
  /** What it was held against. */
  readonly expected: number;
  /** Both in words; where it failed, what to look at. */
  readonly message: string;
}

/** What sanityChecks found. */
export interface SanityReport {
  /** Whether all checks passed. */
  readonly passed: boolean;
  /** One by one. */
  readonly checks: readonly SanityCheck[];
}

/** Losses that differ from chance by more than half of it say that something is wrong, not that weights are not small. */
const CHANCE = 0.5;

/** The cross-entropy of an untrained net. */
export function checkInitialLoss(found: number, classes: number): SanityCheck {
  const expected = Math.log(classes);
  const passed = Math.abs(found - expected) <= CHANCE * expected;
  const message =
    `initial loss: ${text(found)}, chance among ${classes} classes gives ${text(expected)}` +
    (passed ? '' : '; look at the scale of the pictures and of the first weights');
  return { name: 'initial loss', passed, found, expected, message };
}

/** @param penalty of the weights, which is added to the loss */
export function checkRegularisation(without: number, penalty: number): SanityCheck {
  const passed = penalty > 0 && Number.isFinite(penalty);
  const found = without + penalty;
  const message =
    `regularisation: the loss is ${text(found)} with penalties, ${text(without)} without` +
    (passed ? '' : '; penalties must be above 0, look at the strength of the regularizers');
  return { name: 'regularisation', passed, found, expected: without, message };
}

/** @param expected counts as zero */
export function checkOverfitting(
  { loss, steps }: { loss: number; steps: number },
  expected: number,
  pictures: number,
): SanityCheck {
  const passed = loss <= expected;
  const message =
    `overfitting: the loss of ${pictures} pictures is ${text(loss)} after ${steps} steps` +
    (passed ? '' : `, expected at most ${text(expected)}; look at the learning rate, at frozen layers and at the gradients`);
  return { name: 'overfitting', passed, found: loss, expected, message };
}

function text(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
