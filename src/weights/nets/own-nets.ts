/** Small nets that only this zoo calls so, by the names that stateDict gives them. */
import type { NetName } from '../../zoo/catalog.js';
import type { Variant } from '../../zoo/net-options.js';
import type { Family } from './finding.js';

/** A net, and what tells it: how many arrays there are, and the shapes of some but for channels and classes. */
interface Own {
  readonly net: NetName;
  readonly variant: Variant | 'modern';
  readonly arrays: number;
  /** The first layer, and its shape with 0 for what may differ. */
  readonly first: readonly [name: string, shape: readonly number[]];
  readonly head: readonly [name: string, inputs: number];
}

const NETS: readonly Own[] = [
  { net: 'leNet5', variant: 'modern', arrays: 10, first: ['conv1', [6, 0, 5, 5]], head: ['fc3', 84] },
  { net: 'mnistConvNet', variant: 'paper', arrays: 11, first: ['conv1', [8, 0, 5, 5]], head: ['fc2', 32] },
  { net: 'multilayerPerceptron', variant: 'paper', arrays: 12, first: ['fc1', [128, 784]], head: ['fc3', 64] },
  { net: 'cifarConvNet', variant: 'keras', arrays: 12, first: ['conv2d', [32, 0, 3, 3]], head: ['dense_1', 512] },
  { net: 'nin', variant: 'paper', arrays: 18, first: ['conv1', [192, 0, 5, 5]], head: ['cccp6', 192] },
  { net: 'zfNet', variant: 'paper', arrays: 16, first: ['conv1', [96, 0, 7, 7]], head: ['fc8', 4096] },
];

export const ownNet: Family = (keys) => {
  for (const { net, variant, arrays, first, head } of NETS) {
    const begin = keys.shape(`${first[0]}.weight`);
    const [classes, inputs] = keys.shape(`${head[0]}.weight`) ?? [];
    const fits = begin?.length === first[1].length && first[1].every((size, axis) => size === 0 || size === begin[axis]);
    if (keys.arrays.size !== arrays || !fits || inputs !== head[1]) continue;
    const channels = begin.length === 4 ? begin[1]! : 1;
    return { net, variant: variant as Variant, channels, classes, names: 'tfjs-cnn' };
  }
  return undefined;
};
