/** Looking inside: are the gradients right? */
export type { Named } from '../kernels.js';
export { type CheckedOp, checkOps } from './check-ops.js';
export type { Comparison, WorstElement } from './comparison.js';
export { caseTensors, type OpCase } from './op-case.js';
export { opCases } from './op-cases.js';
export type { AnyOp } from './reference-run.js';
export { type GradientReport, type Oracle, type ValidateOptions, validateGradients } from './validate-gradients.js';
