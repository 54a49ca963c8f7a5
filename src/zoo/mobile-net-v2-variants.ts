/** What differs between torchvision's and Keras Applications' MobileNetV2 (their mobilenetv2.py and mobilenet_v2.py). */
import type { Padding } from '../geometry.js';
import { heNormal, smallRandom, xavierUniform } from '../initializers/index.js';
import type { Habits, Start } from './draft.js';
import { heFanOut, torchNormalization } from './torch-habits.js';

/** Names of layers, by which checkpoints know them; blocks count from 0. */
interface Names {
  readonly stemConv: string;
  readonly stemNorm: string;
  readonly block: (block: number) => string;
  /** Of a block's parts, where they are not what torchvision calls them; block 0 does not expand. */
  readonly parts?: (block: number) => Record<string, string>;
  readonly lastConv: string;
  readonly lastNorm: string;
  readonly classifier: string;
}

/** One of the published variants. */
export interface MobileNetV2Variant {
  readonly habits: Habits;
  /** How depthwise kernels begin, where it is not as others do. */
  readonly depthwise?: Start;
  readonly dropout: number;
  /** Of 3x3 windows at stride 2, at the first convolution and elsewhere, where the height may be open. */
  readonly stemPadding: Padding;
  readonly padding: (height: number | null) => Padding;
  /** `count * alpha` before it becomes a multiple of 8. */
  readonly rounded: (channels: number) => number;
  readonly names: Names;
}

const torch: MobileNetV2Variant = {
  habits: {
    kernels: heFanOut,
    dense: smallRandom,
    normalization: torchNormalization,
  },
  // PyTorch takes a depthwise kernel's outputs for what one input reaches, 9 * channels; here that is the fan in.
  depthwise: heNormal,
  dropout: 0.2,
  stemPadding: 1,
  padding: () => 1,
  rounded: (channels) => channels,
  names: {
    stemConv: 'features.0.0',
    stemNorm: 'features.0.1',
    block: (block) => `features.${block + 1}`,
    lastConv: 'features.18.0',
    lastNorm: 'features.18.1',
    classifier: 'classifier.1',
  },
};

const keras: MobileNetV2Variant = {
  habits: {
    kernels: xavierUniform,
    dense: xavierUniform,
    normalization: { epsilon: 1e-3, momentum: 0.999 },
  },
  dropout: 0,
  stemPadding: 'same',
  // 'same' where the size is known; else as if it were even.
  padding: (height) => (height === null ? { top: 0, bottom: 1, left: 0, right: 1 } : 'same'),
  rounded: Math.floor,
  names: {
    stemConv: 'Conv1',
    stemNorm: 'bn_Conv1',
    block: (block) => (block === 0 ? 'expanded_conv' : `block_${block}`),
    parts(block) {
      const name = this.block(block);
      const [expand, depthwise, project] = ['expand', 'depthwise', 'project'].map((part) => `${name}_${part}`) as [
        string,
        string,
        string,
      ];
      const convolutions = block === 0 ? [depthwise] : [expand, depthwise];
      const names = convolutions.flatMap((conv, i) => [
        [`conv.${i}.0`, conv],
        [`conv.${i}.1`, `${conv}_BN`],
      ]);
      const last = convolutions.length;
      return Object.fromEntries([...names, [`conv.${last}`, project], [`conv.${last + 1}`, `${project}_BN`]]) as Record<
        string,
        string
      >;
    },
    lastConv: 'Conv_1',
    lastNorm: 'Conv_1_bn',
    classifier: 'predictions',
  },
};

export const mobileNetV2Variants = { torch, keras };
