/**
 * Nets whose layers Keras called by their kind and a number. The number begins at nothing or 1, or goes on where the net that was built
 * before in the same program ended, so that only the order tells.
 */
import type { NetName } from '../../zoo/catalog.js';
import { Keys } from '../keys/keys.js';
import type { PlainArray } from '../keys/plain-weights.js';
import type { Finding } from './finding.js';

/** A net, and how it is told: its convolutions' shapes, some of them, and how many there are. */
interface Numbered {
  readonly net: NetName;
  readonly convolutions: number;
  readonly normalizations: number;
  /** Height, width and output channels of convolutions by their place. */
  readonly kernels: Readonly<Record<number, readonly [number, number, number]>>;
  /** What the zoo calls the first of a kind. */
  readonly first: '' | 1;
  /** Whose last convolution gives the classes, not a dense layer. */
  readonly convolutionalHead?: true;
  readonly dense?: string;
  readonly names: string;
}

const NETS: readonly Numbered[] = [
  {
    net: 'inceptionV3',
    convolutions: 94,
    normalizations: 94,
    kernels: { 0: [3, 3, 32], 3: [1, 1, 80] },
    first: '',
    dense: 'predictions',
    names: 'Keras Applications',
  },
  {
    net: 'mlPerfTinyResNet8',
    convolutions: 9,
    normalizations: 7,
    kernels: { 0: [3, 3, 16], 5: [1, 1, 32], 8: [1, 1, 64] },
    first: '',
    dense: 'dense',
    names: 'MLPerf Tiny',
  },
  {
    net: 'tinyDarknet',
    convolutions: 16,
    normalizations: 15,
    kernels: { 0: [3, 3, 16], 13: [3, 3, 512], 14: [1, 1, 128] },
    first: 1,
    convolutionalHead: true,
    names: 'Darknet',
  },
];

const NUMBERED = /^(conv2d|batch_normalization|dense)(?:_(\d+))?$/;

/** The net, and the arrays under the zoo's names. */
export function numberedNet(keys: Keys): { finding: Finding; keys: Keys } | undefined {
  const layers = layersByKind(keys);
  const convolutions = layers.get('conv2d') ?? [];
  const shapeOf = (layer: string | undefined) => keys.shape(`${layer}/kernel`) ?? [];
  const found = NETS.find(
    ({ convolutions: count, normalizations, kernels }) =>
      convolutions.length === count &&
      layers.get('batch_normalization')?.length === normalizations &&
      Object.entries(kernels).every(([place, kernel]) => {
        const [height, width, , filters] = shapeOf(convolutions[Number(place)]);
        return String([height, width, filters]) === String(kernel);
      }),
  );
  if (!found) return undefined;
  const { net, first, dense, convolutionalHead, names } = found;
  const renamed = new Map<string, string>();
  for (const [kind, numbered] of layers) {
    if (kind === 'dense') continue;
    numbered.forEach((layer, i) => renamed.set(layer, first === 1 ? `${kind}_${i + 1}` : i === 0 ? kind : `${kind}_${i}`));
  }
  const head = dense && (keys.has(`${dense}/kernel`) ? dense : layers.get('dense')?.[0]);
  if (dense && head) renamed.set(head, dense);
  const arrays = new Map<string, PlainArray>();
  for (const [name, array] of keys.arrays) {
    const [layer, role] = [name.slice(0, name.lastIndexOf('/')), name.slice(name.lastIndexOf('/'))];
    arrays.set((renamed.get(layer) ?? layer) + role, array);
  }
  const classes = convolutionalHead ? shapeOf(convolutions.at(-1)).at(-1) : head ? shapeOf(head).at(-1) : undefined;
  const channels = shapeOf(convolutions[0])[2]!;
  return { finding: { net, variant: 'keras', channels, classes, names }, keys: new Keys(arrays) };
}

/** Names of layers by their kind, in the order of their numbers. */
function layersByKind(keys: Keys): Map<string, string[]> {
  const layers = new Map<string, Set<string>>();
  for (const name of keys.arrays.keys()) {
    const layer = name.slice(0, name.lastIndexOf('/'));
    const [, kind] = NUMBERED.exec(layer) ?? [];
    if (kind) layers.set(kind, (layers.get(kind) ?? new Set()).add(layer));
  }
  const number = (layer: string) => Number(NUMBERED.exec(layer)?.[2] ?? 0);
  return new Map([...layers].map(([kind, names]) => [kind, [...names].sort((a, b) => number(a) - number(b))]));
}
