import { caffe } from './caffe.js';
import type { FuzzTarget } from './fuzz.js';
import { keras } from './keras.js';
import { kerasH5 } from './keras-h5.js';
import { npz } from './npz.js';
import { onnx } from './onnx.js';
import { pytorch } from './pytorch.js';
import { safetensors } from './safetensors.js';
import { tfjs } from './tfjs.js';

/** A target for each reader. */
export const targets: readonly FuzzTarget[] = [safetensors, pytorch, kerasH5, keras, npz, tfjs, onnx, caffe];
