/** Names that others gave to layers which the zoo calls as torchvision or Keras Applications do. */
import type { Keys } from './keys.js';

/** Other names for nets of the zoo. */
export interface Translation {
  /** Whose names. */
  readonly names: string;
  /** The same arrays under the zoo's names; undefined where the names are not these. */
  translate(keys: Keys): Keys | undefined;
}

function byTable(names: string, mark: string, table: readonly (readonly [RegExp, string])[]): Translation {
  return {
    names,
    translate: (keys) =>
      keys.has(mark)
        ? keys.renamed((name) => {
            const row = table.find(([pattern]) => pattern.test(name));
            return row ? name.replace(...row) : name;
          })
        : undefined,
  };
}

const timmVgg = byTable('timm', 'pre_logits.fc1.weight', [
  [/^pre_logits\.fc1\./, 'classifier.0.'],
  [/^pre_logits\.fc2\./, 'classifier.3.'],
  [/^head\.fc\./, 'classifier.6.'],
]);

/** Blocks before each of timm's stages. */
const MOBILE_STAGES = [0, 1, 3, 6, 10, 13, 16];

/** timm counts stages and blocks, torchvision blocks alone; what expands is there in all stages but the first. */
const timmMobileNetV2: Translation = {
  names: 'timm',
  translate(keys) {
    if (!keys.has('conv_stem.weight') || !keys.has('blocks.1.0.conv_pwl.weight')) return undefined;
    return keys.renamed((name) => {
      const [, stage, block, part, role] = /^blocks\.(\d)\.(\d)\.(\w+)\.(\w+)$/.exec(name) ?? [];
      if (stage === undefined || MOBILE_STAGES[Number(stage)] === undefined) {
        return name
          .replace(/^conv_stem\./, 'features.0.0.')
          .replace(/^bn1\./, 'features.0.1.')
          .replace(/^conv_head\./, 'features.18.0.')
          .replace(/^bn2\./, 'features.18.1.')
          .replace(/^classifier\./, 'classifier.1.');
      }
      const first = stage === '0';
      const place = MOBILE_STAGES[Number(stage)]! + Number(block) + 1;
      const inside: Readonly<Record<string, string>> = first
        ? { conv_dw: '0.0', bn1: '0.1', conv_pw: '1', bn2: '2' }
        : { conv_pw: '0.0', bn1: '0.1', conv_dw: '1.0', bn2: '1.1', conv_pwl: '2', bn3: '3' };
      return `features.${place}.conv.${inside[part!] ?? part}.${role}`;
    });
  },
};

/** As torchvision's own files of 2017 have them: `denselayer1.norm.1.weight`. */
const oldDenseNet: Translation = {
  names: 'torchvision, before 0.3',
  translate(keys) {
    if (!keys.has('features.denseblock1.denselayer1.norm.1.weight')) return undefined;
    return keys.renamed((name) => name.replace(/(\.denselayer\d+\.(?:norm|conv))\.(\d)\./, '$1$2.'));
  },
};

/** CIFAR ResNets whose last layer is called as in those for ImageNet. */
const cifarResNet: Translation = {
  names: 'pytorch-cifar-models',
  translate(keys) {
    const isOne = keys.has('layer3.0.conv1.weight') && !keys.has('layer4.0.conv1.weight') && keys.has('fc.weight');
    if (!isOne || keys.shape('conv1.weight')?.[2] !== 3) return undefined;
    return keys.renamed((name) => name.replace(/^fc\./, 'linear.').replace('.downsample.', '.shortcut.'));
  },
};

/** Keras 2's DenseNet had slashes where it has underscores now. */
const oldKerasDenseNet: Translation = {
  names: 'Keras Applications, before 2.2',
  translate(keys) {
    if (!keys.has('conv1/conv/kernel')) return undefined;
    return keys.renamed((name) => name.replace(/^conv1\/(conv|bn)\//, 'conv1_$1/'));
  },
};

/** Keras Applications called MobileNetV2's last layer so until 2.3. */
const oldKerasMobileNetV2: Translation = {
  names: 'Keras Applications, before 2.4',
  translate(keys) {
    return keys.has('Conv1/kernel') && keys.has('Logits/kernel')
      ? keys.renamed((name) => name.replace(/^Logits\//, 'predictions/'))
      : undefined;
  },
};

const RES_PARTS: Readonly<Record<string, string>> = { '2a': '1', '2b': '2', '2c': '3', '1': '0' };

/** What Keras's normalisation added to a variance then, and in these nets does now. */
const [OLD_EPSILON, EPSILON] = [1e-3, 1.001e-5];

/**
 * Keras's ResNet-50 of 2015 to 2018, with the names of the Caffe net that its weights came from: res2a_branch2a, bn2a_branch2a. Its larger
 * epsilon becomes a part of the variances.
 */
const caffeResNet: Translation = {
  names: 'Keras Applications, before 2.2',
  translate(keys) {
    if (!keys.has('res2a_branch2a/kernel')) return undefined;
    const shifted = keys.withData(/\/moving_variance$/, (variance) => variance + OLD_EPSILON - EPSILON);
    return shifted.renamed((name) => {
      const [, kind, stage, block, part, role] = /^(res|bn)(\d)([a-z])_branch(2[abc]|1)\/(\w+)$/.exec(name) ?? [];
      if (kind) {
        const number = block!.charCodeAt(0) - 'a'.charCodeAt(0) + 1;
        return `conv${stage}_block${number}_${RES_PARTS[part!]}_${kind === 'bn' ? 'bn' : 'conv'}/${role}`;
      }
      return name
        .replace(/^conv1\//, 'conv1_conv/')
        .replace(/^bn_conv1\//, 'conv1_bn/')
        .replace(/^fc1000\//, 'predictions/');
    });
  },
};

export const torchTranslations: readonly Translation[] = [timmVgg, timmMobileNetV2, oldDenseNet, cifarResNet];
export const kerasTranslations: readonly Translation[] = [oldKerasDenseNet, oldKerasMobileNetV2, caffeResNet];
