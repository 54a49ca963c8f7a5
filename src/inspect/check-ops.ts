import * as tf from '@tensorflow/tfjs-core';
import { caseTensors, type OpCase } from './op-case.js';
import { opCases } from './op-cases.js';
import { type GradientReport, validateGradients } from './validate-gradients.js';

/** One row of `checkOps`. */
export interface CheckedOp {
  /** The case, as OpCase has it. */
  name: string;
  /** What the comparisons gave. */
  report: GradientReport;
}

/**
 * Validates every op of the package on the current backend: the table that `tfjs-cnn check` prints.
 *
 * @param cases   default: the package's own table
 * @param onRow   called after each case
 */
export async function checkOps(cases: readonly OpCase[] = opCases, onRow?: (row: CheckedOp) => void): Promise<CheckedOp[]> {
  const rows: CheckedOp[] = [];
  for (const opCase of cases) {
    const tensors = caseTensors(opCase);
    const { op, terms, builtin } = opCase;
    const against = builtin ? (['reference', 'builtin', 'differences'] as const) : (['reference', 'differences'] as const);
    const report = await validateGradients(op, opCase.args(tensors), { against, terms, samples: 24, builtin: builtin as never });
    const row = { name: opCase.name, report };
    rows.push(row);
    onRow?.(row);
    tf.dispose(tensors);
  }
  return rows;
}
