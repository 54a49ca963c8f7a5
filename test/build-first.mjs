// Runs once before all tests: bundles the loaders' workers, and compiles the WebAssembly kernels if a source is newer than the binary.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWorkers } from '../scripts/build-workers.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const binary = join(root, 'src/backends/wasm-cnn/binary.generated.ts');
const script = join(root, 'scripts/build-wasm.mjs');

/** Time of the last change, 0 where there is no such file. */
const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function sources() {
  const files = readdirSync(join(root, 'src'), { recursive: true });
  return files.filter((file) => file.endsWith('.asm.ts') || /(^|\/)asm(\/|$)/.test(file)).map((file) => join(root, 'src', file));
}

/** Chromium's software driver for Vulkan: WebGPU in Node is tested on it, whatever GPU there is. */
const driver = process.env.TFJS_CNN_VULKAN_DRIVER ?? '/usr/lib/chromium/vk_swiftshader_icd.json';

export default async function buildFirst() {
  // Vulkan's loader asks the process, of which jest shows tests a copy: here, before its workers are started, it is the same.
  process.env.VK_DRIVER_FILES = driver;
  process.env.VK_ICD_FILENAMES = driver;
  await buildWorkers();
  const newest = Math.max(changed(script), ...sources().map(changed));
  if (changed(binary) >= newest) return;
  const { status } = spawnSync(process.execPath, [script], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The WebAssembly kernels do not compile; see the messages above');
}
