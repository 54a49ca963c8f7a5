import { npzWriter } from './npz/write.js';
import { pytorchWriter } from './pytorch/write.js';
import { safetensorsWriter } from './safetensors/write.js';
import { tfjsWriter } from './tfjs/write.js';
import type { WeightWriter } from './weight-file.js';

/** All formats that are written. */
export const writers: readonly WeightWriter[] = [safetensorsWriter, pytorchWriter, npzWriter, tfjsWriter];
