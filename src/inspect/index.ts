/** Looking inside: are the gradients right, and what does a net cost? */
export type { Named } from '../kernels.js';
export { type BackendCertificate, type Certificate, type Deviation, formatCertificate } from './certify/certificate.js';
export { type CertifyOptions, certify } from './certify/certify.js';
export { type CheckedOp, checkOps } from './check-ops.js';
export type { Comparison, WorstElement } from './comparison.js';
export { learningCurve, type TrainingCourse } from './curve.js';
export { type Calibration, type CalibrationBin, calibration } from './metrics/calibration.js';
export {
  type ClassificationReport,
  type ClassificationReportOptions,
  type ClassScore,
  classificationReport,
  formatClassificationReport,
  type PrecisionRecall,
} from './metrics/classification-report.js';
export { classify, type Predictions } from './metrics/classify.js';
export { confusionMatrix, formatConfusionMatrix } from './metrics/confusion-matrix.js';
export { confusionPicture } from './metrics/confusion-picture.js';
export { type DeadRelus, deadRelus } from './metrics/dead-relus.js';
export { type GradientNorm, gradientNorms } from './metrics/gradient-norms.js';
export { topKAccuracy } from './metrics/top-k.js';
export { type PictureLoss, topLosses } from './metrics/top-losses.js';
export { type UpdateRatio, updateRatios } from './metrics/update-ratios.js';
export { caseTensors, type OpCase } from './op-case.js';
export { opCases } from './op-cases.js';
export { formatProfile } from './profile/format.js';
export { type MaxBatchOptions, maxBatch } from './profile/max-batch.js';
export {
  type LayerProfile,
  type ModelProfile,
  type ParameterCount,
  type ProfileOptions,
  profile,
} from './profile/profile.js';
export type { ReceptiveField } from './profile/receptive-field.js';
export type { StepMemory } from './profile/step-memory.js';
export type { AnyOp } from './reference-run.js';
export { type GradientReport, type Oracle, type ValidateOptions, validateGradients } from './validate-gradients.js';
