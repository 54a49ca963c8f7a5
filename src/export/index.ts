/** Nets for other frameworks: to train them on more than one machine, and to serve them. */
export { EXPORT_TARGETS, type ExportModelOptions, type ExportTarget, exportModel } from './export-model.js';
export { importWeights } from './import-weights.js';
export { kerasConfig } from './keras/model-config.js';
export type { PictureLayout } from './onnx/onnx-model.js';
