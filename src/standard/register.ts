/** On wasm-cnn tfjs's own kernel names always mean our kernels. */
import '../backends/wasm-cnn/register.js';
import { wasmCnnHost } from '../backends/wasm-cnn/host.js';
import { activations } from './activation.js';
import { convolutions } from './convolution.js';
import { elementwise } from './elementwise.js';
import { installStandard } from './install.js';
import { matMuls } from './mat-mul.js';
import { normalizations } from './normalization.js';
import { pools } from './pooling.js';

installStandard(wasmCnnHost, [...convolutions, ...matMuls, ...pools, ...normalizations, ...activations, ...elementwise]);
