import { caffeReader } from './caffe/read.js';
import { kerasReader } from './keras/read.js';
import { kerasH5Reader } from './keras-h5/read.js';
import { npzReader } from './npz/read.js';
import { onnxReader } from './onnx/read.js';
import { pytorchReader } from './pytorch/read.js';
import { safetensorsReader } from './safetensors/read.js';
import { tfjsReader } from './tfjs/read.js';
import type { WeightReader } from './weight-file.js';

/** All formats that are read, in the order in which a file is held against them. */
export const readers: readonly WeightReader[] = [
  safetensorsReader,
  kerasH5Reader,
  kerasReader,
  pytorchReader,
  npzReader,
  tfjsReader,
  onnxReader,
  caffeReader,
];
