/**
 * Tests that need more than `npm ci` brings (real data, a browser, TensorFlow, other Nodes) name it here.
 * Where it is absent they are skipped, and their names say what is missing and how to get it;
 * with TFJS_CNN_NO_SKIP=1, as in CI, they fail instead.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findChromium } from '../src/cli/chromium/find-chromium.js';

const root = resolve(__dirname, '..');

/** Folder of the real data sets: ../shared/data beside the checkout, or TFJS_CNN_TEST_DATA. */
export const sharedData = process.env['TFJS_CNN_TEST_DATA'] ?? resolve(root, '../shared/data');

/** Absolute path of a file or folder in the real data, e.g. sharedPath('mnist'). */
export function sharedPath(...parts: string[]): string {
  return join(sharedData, ...parts);
}

/** Chromium's software driver for Vulkan, which build-first.mjs names to Vulkan's loader. */
export const vulkanDriver = process.env['TFJS_CNN_VULKAN_DRIVER'] ?? '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Mesa's software driver, which has what that one lacks: scripts/install-lavapipe.sh puts it there. */
export const lavapipeDriver = join(root, 'build/lavapipe/lvp_icd.json');

/** Vulkan's loader, which Dawn opens. */
const vulkanLoader =
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib']
    .map((folder) => join(folder, 'libvulkan.so.1'))
    .find((path) => existsSync(path)) ?? 'libvulkan.so.1';

/** Folder in which scripts/build-tfjs-node.mjs puts tfjs-node, built against pip's TensorFlow. */
export const tfjsNodeFolder = join(root, 'build/tfjs-node');

/** Folder in which scripts/install-tensorboard.mjs puts TensorBoard and what it imports. */
export const tensorboardFolder = join(root, 'build/tensorboard');

/** Folder in which scripts/install-python.mjs puts PyTorch, Keras, ONNX and their kin: PYTHONPATH of a test's python3. */
export const pythonFolder = join(root, 'build/python');

/** Folder in which scripts/install-nvcc.mjs puts NVIDIA's compiler. */
export const nvccFolder = join(root, 'build/nvcc-13.0');

/** The node binary that scripts/install-nodes.mjs puts in build/nodes. */
export function nodeBinary(major: number): string {
  return join(root, 'build/nodes', String(major), 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');
}

/** Node's major versions under which the package is tested. */
export const nodeVersions = [20, 22, 24, 26];

/** What can be required, each with a check that returns undefined, or what is missing and how to get it. */
const components = {
  /** all of ../shared/data */
  'shared data': () => missingFile(sharedData, 'put the real data sets there, or name their folder in TFJS_CNN_TEST_DATA'),
  mnist: () => missingFile(sharedPath('mnist'), 'the four idx files of MNIST'),
  golden: () => missingFile(sharedPath('golden/ops.json'), 'golden cases computed by PyTorch'),
  'course fixtures': () => missingFile(sharedPath('course-fixtures.json'), 'published numbers of two courses'),
  chromium: () => (findChromium() ? undefined : 'no Chromium found: apt-get install chromium, or name one in TFJS_CNN_CHROMIUM'),
  /** WebGPU in Node, on a software driver */
  vulkan: () =>
    missingFile(vulkanDriver, 'apt-get install chromium, or name a driver in TFJS_CNN_VULKAN_DRIVER') ??
    missingFile(vulkanLoader, 'apt-get install libvulkan1'),
  /** WebGPU in Node, on a software driver that has halves */
  lavapipe: () =>
    missingFile(lavapipeDriver, "run scripts/install-lavapipe.sh: Mesa's software driver for Vulkan, of Debian") ??
    missingFile(vulkanLoader, 'apt-get install libvulkan1'),
  'tfjs-node': () =>
    missingFile(
      join(tfjsNodeFolder, 'node_modules/@tensorflow/tfjs-node/tfjs-cnn.json'),
      'run scripts/build-tfjs-node.mjs: tfjs-node on TensorFlow from pip, with native ops',
    ),
  nvcc: () => missingFile(nvccFolder, "run scripts/install-nvcc.mjs: NVIDIA's compiler from pip; it needs no GPU"),
  tensorboard: () => missingFile(join(tensorboardFolder, 'ready'), 'run scripts/install-tensorboard.mjs: TensorBoard from pip'),
  python: () => missingFile(join(pythonFolder, 'ready'), 'run scripts/install-python.mjs: PyTorch, Keras, ONNX from pip'),
  nodes: () =>
    nodeVersions.map((major) => missingFile(nodeBinary(major), 'run scripts/install-nodes.mjs')).find((reason) => reason),
} satisfies Record<string, () => string | undefined>;

/** What a test can require. */
export type Component = keyof typeof components;

const found = new Map<Component, string | undefined>();

/** Undefined where the component is there, else what is missing and how to get it. */
export function absent(component: Component): string | undefined {
  if (!found.has(component)) found.set(component, components[component]());
  return found.get(component);
}

/**
 * `describe(name, body)` where everything required is there; else one test that is skipped, or fails
 * in CI, and says by its name why. The body is not run then, so it may read what it requires.
 */
export function describeIf(required: Component | readonly Component[], name: string, body: () => void): void {
  const reason = firstAbsent(required);
  if (reason === undefined) describe(name, body);
  else refuse(`${name} (${reason})`);
}

/** `test(name, body)` where everything required is there; else it is skipped, or fails in CI, as describeIf does. */
export function testIf(required: Component | readonly Component[], name: string, body: () => unknown, timeout?: number): void {
  const reason = firstAbsent(required);
  if (reason === undefined) test(name, async () => void (await body()), timeout);
  else refuse(`${name} (${reason})`);
}

function firstAbsent(required: Component | readonly Component[]): string | undefined {
  const list = typeof required === 'string' ? [required] : required;
  const component = list.find((each) => absent(each) !== undefined);
  return component && `needs ${component}: ${absent(component)}`;
}

function refuse(name: string): void {
  if (process.env['TFJS_CNN_NO_SKIP']) {
    test(name, () => {
      throw new Error(`${name}; nothing may be skipped here (TFJS_CNN_NO_SKIP is set)`);
    });
  } else {
    test.skip(name, () => undefined);
  }
}

function missingFile(path: string, remedy: string): string | undefined {
  return existsSync(path) ? undefined : `${path} is missing; ${remedy}`;
}
