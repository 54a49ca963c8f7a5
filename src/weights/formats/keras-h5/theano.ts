import { isRecord } from '../../../checks.js';
import type { StoredArray } from '../weight-file.js';
import { isKeras1 } from './names.js';
import type { KerasMetadata } from './read.js';

/** What was found of the kernels of convolutions in a file. */
export interface KernelsFound {
  /** Axes in the file. */
  readonly order: 'OIHW' | 'HWIO';
  /** Theano convolves as mathematics does, with filters turned by half a circle: they were turned back. */
  readonly flipped: boolean;
  /** Where the order was read from. */
  readonly by: 'config' | 'shapes' | 'version';
}

/** Windows are smaller than this, numbers of filters mostly greater. */
const WIDEST = 11;

/**
 * Keras 1 kept kernels as its backend had them: turns those of Theano, in place, to HWIO and to correlation, as Keras's own
 * `convert_all_kernels_in_model` does. Files that say nothing of their backend are taken to be Theano's where the axes are.
 * A dense layer that follows a flattened map of channels first is not turned: files of weights do not tell which is one.
 *
 * @returns undefined where there is nothing that was or could have been turned
 */
export function turnTheanoKernels(arrays: Record<string, StoredArray>, metadata: KerasMetadata): KernelsFound | undefined {
  const kernels = Object.keys(arrays).filter((name) => name.endsWith('/kernel') && arrays[name]?.shape.length === 4);
  const old = isKeras1(metadata.kerasVersion);
  if (kernels.length === 0 || (!old && metadata.backend !== 'theano')) return undefined;
  const { order, by } = old ? orderOf(arrays, kernels, metadata) : ({ order: 'HWIO', by: 'version' } as const);
  const flipped = metadata.backend === undefined ? order === 'OIHW' : metadata.backend === 'theano';
  for (const name of kernels) arrays[name] = turned(arrays[name] as StoredArray, order, flipped);
  return { order, flipped, by };
}

function orderOf(
  arrays: Readonly<Record<string, StoredArray>>,
  kernels: readonly string[],
  { config }: KerasMetadata,
): Pick<KernelsFound, 'order' | 'by'> {
  const said = dimOrderings(config);
  if (said.size === 1) return { order: said.has('th') ? 'OIHW' : 'HWIO', by: 'config' };
  // Each kernel may fit both; all of them together do not.
  const fits = (window: readonly [number, number], filters: number) =>
    kernels.every((name) => {
      const { shape } = arrays[name] as StoredArray;
      const bias = arrays[name.replace(/kernel$/, 'bias')];
      return window.every((axis) => (shape[axis] as number) <= WIDEST) && (!bias || bias.shape[0] === shape[filters]);
    });
  return { order: fits([2, 3], 0) && !fits([0, 1], 3) ? 'OIHW' : 'HWIO', by: 'shapes' };
}

/** Every `dim_ordering` that layers of a config have. */
function dimOrderings(config: unknown): Set<unknown> {
  const found = new Set<unknown>();
  const open = [config];
  for (let next = open.pop(); open.length > 0 || next !== undefined; next = open.pop()) {
    if (isRecord(next) && typeof next['dim_ordering'] === 'string') found.add(next['dim_ordering']);
    if (typeof next === 'object' && next !== null)
      open.push(...Object.values(next).filter((value) => typeof value === 'object' && value));
  }
  return found;
}

function turned(kernel: StoredArray, order: KernelsFound['order'], flipped: boolean): StoredArray {
  if (order === 'HWIO' && !flipped) return kernel;
  const [a, b, c, d] = kernel.shape as [number, number, number, number];
  const [height, width, inputs, outputs] = order === 'OIHW' ? [c, d, b, a] : [a, b, c, d];
  const data = kernel.data.slice();
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromY, fromX] = flipped ? [height - 1 - y, width - 1 - x] : [y, x];
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) {
          const from =
            order === 'OIHW'
              ? ((o * inputs + i) * height + fromY) * width + fromX
              : ((fromY * width + fromX) * inputs + i) * outputs + o;
          data[to++] = kernel.data[from] as number;
        }
      }
    }
  }
  return { ...kernel, shape: [height, width, inputs, outputs], data };
}
