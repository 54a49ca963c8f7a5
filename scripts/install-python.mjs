// Puts the frameworks that tests hold ours against into build/python: PyTorch, torchvision, timm, Keras 3 with JAX,
// ONNX and its runtime. Needs python3 with pip; a test calls them with PYTHONPATH=build/python.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = [
  'torch==2.15.0',
  'torchvision==0.29.2',
  'timm==1.0.31',
  'keras==3.15.1',
  'jax==0.10.2',
  'h5py==3.14.0',
  'safetensors==0.8.0',
  'onnx==1.23.2',
  'onnxruntime==1.32.0',
];

const folder = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'build/python');
const ready = join(folder, 'ready');
const made = `${PACKAGES.join('\n')}\n`;

if (existsSync(ready) && readFileSync(ready, 'utf8') === made) {
  console.log('build/python is ready');
} else {
  rmSync(folder, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, ...PACKAGES], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  writeFileSync(ready, made);
  console.log(`build/python is installed: ${PACKAGES.join(', ')}`);
}
