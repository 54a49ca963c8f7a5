/**
 * WebGPU in Node, through Dawn: importing this puts `gpu` into `globalThis.navigator` (which Node has from 21 on and is made before) and
 * WebGPU's classes beside it, so that tfjs's webgpu backend runs as in a browser. It has to come first, since that backend looks
 * for a GPU only when it is loaded:
 *
 *     import 'tfjs-cnn/node-webgpu';
 *     import '@tensorflow/tfjs-backend-webgpu';
 *
 * Dawn is the npm package `webgpu`, an optional peer, or the addon (a `dawn.node`) whose path stands in the variable DAWN_NODE. On
 * Linux it takes the Vulkan loader (`libvulkan.so.1`) and a driver, which VK_DRIVER_FILES can name. Nothing can be read synchronously
 * there: `await tensor.data()`, not `dataSync()`. A process ends by itself.
 */

import { nodeModule } from '../node-module.js';
import { ownUrl } from '../own-url.js';

/** What the addon exports. */
interface Dawn {
  create(options: string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Who computes. */
export interface NodeAdapter {
  /** Of the hardware or the software driver: 'nvidia', 'google'. */
  readonly vendor: string;
  /** Family of it: 'hopper', 'swiftshader'. Maybe empty. */
  readonly architecture: string;
  /** Its number or name, as the driver gives it. */
  readonly device: string;
  /** The driver's own words. */
  readonly description: string;
}

const WHERE = 'tfjs-cnn/node-webgpu';

const NO_ADAPTER =
  `${WHERE}: Dawn found no GPU. On Linux it takes the Vulkan loader (libvulkan.so.1, Debian's libvulkan1) and a driver; ` +
  "VK_DRIVER_FILES names the driver's .json where the loader does not find it (Chromium brings a software driver, vk_swiftshader_icd.json)";

/** The addon, of DAWN_NODE or of the package `webgpu`, whose own entry is an ES module that cannot be required everywhere. */
function loadDawn(): Dawn {
  const { createRequire } = nodeModule<typeof import('node:module')>('node:module')!;
  const { env, platform, arch } = process;
  const path = env['DAWN_NODE'];
  const addon = path ?? `webgpu/dist/${platform}-${platform === 'darwin' ? 'universal' : arch}/dawn.node`;
  // Beside this package, or where the program runs: bundled code does not know where it came from.
  const places = [ownUrl(), `${process.cwd()}/`].filter((place) => place !== undefined);
  const reasons: unknown[] = [];
  for (const place of path ? places.slice(-1) : places) {
    try {
      return createRequire(place)(addon) as Dawn;
    } catch (error) {
      reasons.push(error);
    }
  }
  const [first] = reasons;
  const reason = first instanceof Error ? first.message.split('\n')[0] : String(first);
  const remedy = path
    ? 'DAWN_NODE must be the path of a dawn.node for this platform'
    : 'npm install webgpu, or give the path of a dawn.node in DAWN_NODE';
  throw new Error(`${WHERE}: Dawn cannot be loaded (${reason}); ${remedy}`, { cause: first });
}

/** WebGPU answers null where there is no adapter, and tfjs then fails over it: here it is said why. */
function explained(gpu: GPU): GPU {
  const request = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const adapter = await request(options);
    if (!adapter) throw new Error(NO_ADAPTER);
    return adapter;
  };
  return gpu;
}

/** Puts `gpu` where browsers have it; one that is there already stays. */
function install(): GPU {
  const { navigator } = globalThis as { navigator?: Navigator & { gpu?: GPU } };
  if (navigator?.gpu) return navigator.gpu;
  const { create, globals } = loadDawn();
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const gpu = explained(create([]));
  if (navigator) Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  else {
    const value = { gpu, userAgent: `Node.js/${process.versions.node.split('.')[0]}` };
    Object.defineProperty(globalThis, 'navigator', { value, configurable: true, writable: true });
  }
  return gpu;
}

const gpu = install();

/**
 * Who computes: what tfjs's webgpu backend runs on in this process.
 *
 * @throws Error where there is no GPU, saying what is missing
 */
export async function nodeAdapter(): Promise<NodeAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  const { vendor, architecture, device, description } = adapter!.info;
  return { vendor, architecture, device, description };
}
