import type { FuzzTarget } from './fuzz.js';
import { npz } from './npz.js';
import { pytorch } from './pytorch.js';
import { safetensors } from './safetensors.js';
import { tfjs } from './tfjs.js';

/** A target for each reader. */
export const targets: readonly FuzzTarget[] = [safetensors, pytorch, npz, tfjs];
