// Puts NVIDIA's compiler into build/nvcc-13.0, from pip, so that tests compile the CUDA sources of native ops. It needs no GPU.
import { join } from 'node:path';
import { importBundled, root } from './bundled.mjs';

const { fetchCuda } = await importBundled('backends/tensorflow/install/cuda-node.ts');
const { version } = fetchCuda(join(root, 'build'));
console.log(`build/nvcc-13.0 is ready: CUDA ${version}`);
