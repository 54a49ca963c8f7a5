import { pytorchReader } from './pytorch/read.js';
import { safetensorsReader } from './safetensors/read.js';
import type { WeightReader } from './weight-file.js';

/** All formats that are read, in the order in which a file is held against them. */
export const readers: readonly WeightReader[] = [safetensorsReader, pytorchReader];
