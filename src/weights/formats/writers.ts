import { kerasWeightsWriter, kerasWriter } from './keras/write.js';
import { kerasH5Writer } from './keras-h5/write.js';
import { npzWriter } from './npz/write.js';
import { pytorchWriter } from './pytorch/write.js';
import { safetensorsWriter } from './safetensors/write.js';
import { tfjsWriter } from './tfjs/write.js';
import type { WeightWriter } from './weight-file.js';

/** All formats that are written. */
export const writers: readonly WeightWriter[] = [
  safetensorsWriter,
  pytorchWriter,
  kerasH5Writer,
  kerasWriter,
  kerasWeightsWriter,
  npzWriter,
  tfjsWriter,
];
