import type { Normalization } from '../../data/normalization.js';
import { modelInfo, type NetName } from '../../zoo/catalog.js';
import { type PicturePreprocessing, preprocessings } from '../../zoo/model-info.js';
import type { WeightFile } from '../formats/weight-file.js';
import { Keys } from '../keys/keys.js';
import { type PlainWeights, plainWeights } from '../keys/plain-weights.js';
import { torchView } from '../keys/torch-view.js';
import { kerasTranslations, type Translation, torchTranslations } from '../keys/translations.js';
import type { Framework } from '../layouts.js';
import type { StateDict } from '../state-dict.js';
import type { Family, Finding } from './finding.js';
import * as keras from './keras-nets.js';
import { numberedNet } from './keras-numbered.js';
import { ownNet } from './own-nets.js';
import { googLeNet, inceptionV3 } from './torch-inceptions.js';
import { cifarResNet, cifarWideResNet, torchResNet } from './torch-res-nets.js';
import { alexNet, cifarDenseNet, denseNet, mobileNetV2, squeezeNet, vgg } from './torch-stacks.js';

const FAMILIES: Readonly<Record<Framework, readonly Family[]>> = {
  torch: [
    torchResNet,
    cifarResNet,
    cifarWideResNet,
    denseNet,
    cifarDenseNet,
    googLeNet,
    inceptionV3,
    mobileNetV2,
    squeezeNet,
    alexNet,
    vgg,
    ownNet,
  ],
  keras: Object.values(keras),
};

const TRANSLATIONS: Readonly<Record<Framework, readonly Translation[]>> = { torch: torchTranslations, keras: kerasTranslations };

/** Whose names the zoo's variants have. */
const USUAL_NAMES: Readonly<Record<Framework, string>> = { torch: 'torchvision', keras: 'Keras Applications' };

/** A file's arrays, under the zoo's names where the net was recognised. */
export interface Recognised {
  readonly weights: PlainWeights;
  readonly keys: Keys;
  readonly net: DetectedNet | undefined;
}

/** What a file's names and shapes tell of the net that its weights are of. */
export interface DetectedNet {
  /** Its name in the catalogue. */
  readonly net: NetName;
  /** What getModel must be given for the weights to fit: variant, classes, inputShape, ... */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whose names the file has: 'torchvision', 'timm', 'Keras Applications', 'akamaster', ... */
  readonly names: string;
  /** Whose layout. */
  readonly framework: Framework;
  /** Of the classifier; undefined where the file has none. */
  readonly classes: number | undefined;
  /** How the pictures of these weights are prepared, as far as is known: as those of the published weights with these names. */
  readonly pictures: Normalization;
  /** Share of a picture's shorter side that is cut out of its middle for them. */
  readonly crop: number;
}

/**
 * Tells from names and shapes which net of the zoo a file's weights are of: family, depth, width, variant, classes, channels. It knows the
 * names of torchvision (old ones too), timm, Keras Applications (old ones too), this zoo, and of some well-known checkpoints for CIFAR-10.
 *
 *     const net = detectNet(await readWeights('model.pth'));
 *     const model = getModel(net.net, net.options);
 *
 * @param source what readWeights gives, or arrays by name
 * @returns      undefined where it is none of them
 */
export function detectNet(source: WeightFile | StateDict): DetectedNet | undefined {
  return recognise(source).net;
}

/** detectNet, and the arrays under the names that the net has here. */
export function recognise(source: WeightFile | StateDict): Recognised {
  const weights = plainWeights(source);
  const { framework } = weights;
  let keys = new Keys(weights.arrays);
  let names: string | undefined;
  for (const translation of TRANSLATIONS[framework]) {
    const translated = translation.translate(keys);
    if (!translated) continue;
    keys = translated;
    names = translation.names;
    break;
  }
  const finding = first(FAMILIES[framework], keys);
  if (finding) return { weights, keys, net: described({ ...finding, names: names ?? finding.names }, framework) };
  const numbered = framework === 'keras' ? numberedNet(keys) : undefined;
  if (numbered) return { weights, keys: numbered.keys, net: described(numbered.finding, framework) };
  // A net with torchvision's names that this package wrote in a format of Keras's.
  const asTorch = framework === 'keras' ? torchView(keys) : undefined;
  const own = asTorch && first(FAMILIES.torch, asTorch);
  return { weights, keys, net: own && described({ ...own, names: 'tfjs-cnn' }, framework) };
}

/** The same on the scale 0 to 1. */
export function asNormalization({ order, scale, mean, deviation }: PicturePreprocessing): Normalization {
  const onUnitScale = (values: readonly number[]) => values.map((value) => value / (255 * scale));
  return { mean: onUnitScale(mean), std: onUnitScale(deviation), ...(order === 'BGR' && { order }) };
}

function first(families: readonly Family[], keys: Keys): Finding | undefined {
  for (const family of families) {
    const finding = family(keys);
    if (finding) return finding;
  }
  return undefined;
}

function described(finding: Finding, framework: Framework): DetectedNet {
  const { net, variant, channels, classes, more, names = USUAL_NAMES[framework], pictures } = finding;
  const { inputShape: usual, variants } = modelInfo(net);
  const info = variants.find((each) => each.variant === variant) ?? variants[0];
  const [height, width] = info.inputShape ?? usual;
  const options = {
    variant,
    inputShape: [height, width, channels],
    ...(classes === undefined ? { includeTop: false } : { classes }),
    ...more,
  };
  const prepared = pictures ? preprocessings[pictures] : info.preprocessing;
  return { net, options, names, framework, classes, pictures: asNormalization(prepared), crop: prepared.crop };
}
