import type { LayersModel } from '@tensorflow/tfjs-layers';
import { refuse, shown } from '../checks.js';
import { DataError } from '../data/dataset.js';
import { ArgumentError } from '../geometry.js';
import { getModel, listModels, modelInfo, type NetName } from '../zoo/catalog.js';
import type { NetOptions } from '../zoo/net-options.js';
import type { LoadReport } from './load-report.js';
import { type LoadSource, type LoadWeightsOptions, loadRecognised, readSource } from './load-weights.js';
import { type ModelInput, modelInput, setModelInput } from './model-input.js';
import { type DetectedNet, type Recognised, recognise } from './nets/recognise.js';
import { type OwnModelOptions, ownModel, PRETRAINED, type PretrainedName } from './own-models.js';

/** Options of fromPretrained, beside those of the net's builder. */
export interface FromPretrainedOptions extends NetOptions, Omit<LoadWeightsOptions, 'adapt'> {
  /** What the pictures must look like, as far as it differs from what is known of the weights: mean, std, order, size, names of classes. */
  readonly input?: Partial<ModelInput> | undefined;
  /** Called with what was loaded, renamed and adapted. */
  readonly onReport?: ((report: LoadReport) => void) | undefined;
  /** Options that only this net's builder has: alpha, width, auxiliary, ... */
  readonly [option: string]: unknown;
}

/** Names that fromPretrained takes for a net of the zoo, beside its own. */
const ALIASES: Readonly<Record<string, NetName>> = {
  resnet8: 'mlPerfTinyResNet8',
  resnet20: 'cifarResNet20',
  resnet32: 'cifarResNet32',
  resnet44: 'cifarResNet44',
  resnet56: 'cifarResNet56',
  resnet110: 'cifarResNet110',
  mobilenet: 'mobileNetV1',
  squeezenet: 'squeezeNet1_1',
  mobilenetv2100: 'mobileNetV2',
};

/**
 * A net that this package trained on real data; how, and how good it is, its card.md tells. What its pictures must look like,
 * `modelInput(model)` does. It gives logits and can be trained on.
 *
 *     const model = await fromPretrained('leNet5-mnist');
 *
 * @throws ArgumentError for another name, DataError where a file is absent or damaged
 */
export function fromPretrained(name: PretrainedName, options?: OwnModelOptions): Promise<LayersModel>;
/**
 * A net of the zoo with weights from a file, whoever saved them. The file tells which variant, how many classes and channels: the net is
 * built so, with logits at the end, unless the options say otherwise. With other `classes` its head begins anew, with other channels in
 * `inputShape` its first layer is adapted; all else must fit. What its pictures must look like, `modelInput(model)` tells.
 *
 *     const model = await fromPretrained('resNet18', 'resnet18.pth', { classes: 2 });
 *
 * @param name   of the zoo, or torchvision's or timm's; 'resNet20' to 'resNet110' are those for CIFAR; 'auto': what the file holds
 * @param source a path (Node), an address, a `File`, bytes, what readWeights gave, or arrays by name
 * @throws ArgumentError where the file holds another net, StateDictError where weights do not fit, DataError where the file is damaged or
 *   its net is not known
 */
export function fromPretrained(name: string, source: LoadSource, options?: FromPretrainedOptions): Promise<LayersModel>;
export async function fromPretrained(
  name: string,
  source?: LoadSource | OwnModelOptions,
  options: FromPretrainedOptions = {},
): Promise<LayersModel> {
  const own = PRETRAINED.find((each) => each === name);
  if (!own && source === undefined && nameKnown(name)) refuse('fromPretrained', 'source', `given for '${name}'`, source);
  if (own || source === undefined) return ownModel(name as PretrainedName, source as OwnModelOptions | undefined);
  const { strict, freshHead, input, onReport, cacheDir, sha256, signal, onProgress, key, ...netOptions } = options;
  const wanted = name === 'auto' ? undefined : netNamed(name);
  const file = await readSource('fromPretrained', source as LoadSource, { cacheDir, sha256, signal, onProgress, key });
  const recognised = recognise(file);
  const net = netOf(recognised, wanted);
  // Whoever names classes wants a head, whether the file has one or not.
  const top = netOptions.classes === undefined ? {} : { includeTop: true };
  const model = getModel(net.name, { ...net.options, ...top, classifierActivation: 'linear', ...netOptions });
  try {
    const report = loadRecognised(model, recognised, { strict, freshHead, adapt: true });
    if (input) setModelInput(model, completed(model, input));
    onReport?.(report);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function nameKnown(name: string): boolean {
  try {
    return name === 'auto' || netNamed(name) !== undefined;
  } catch {
    return false;
  }
}

/** The net of that name. @throws ArgumentError listing the names there are */
function netNamed(name: string): NetName {
  const plain = String(name)
    .toLowerCase()
    .replace(/[-_\s]/g, '');
  const alias = ALIASES[plain];
  if (alias) return alias;
  try {
    // torchvision's vgg16_bn is vgg16: what the file holds says the rest.
    return modelInfo(plain.replace(/bn$/, '')).name as NetName;
  } catch {
    const names = [...listModels().map((model) => model.name), ...PRETRAINED];
    throw new ArgumentError(`fromPretrained: name must be 'auto' or one of ${names.join(', ')}, got ${shown(name)}`);
  }
}

/** What is to be built: what the file holds, or what was asked for, where the file does not tell. */
function netOf({ net, weights }: Recognised, wanted: NetName | undefined): { name: NetName; options: object } {
  if (net && (wanted === undefined || net.net === wanted)) return { name: net.net, options: net.options };
  if (net) throw new ArgumentError(`fromPretrained: the weights are those of ${describeNet(net)}, not of ${wanted}`);
  if (wanted === undefined) {
    const names = [...weights.arrays.keys()].slice(0, 3).join(', ');
    throw new DataError(
      'the weights',
      'a net of the zoo',
      `arrays called ${names}, ...`,
      'name the net, or build it and use loadWeights',
    );
  }
  const variants = modelInfo(wanted).variants.map(({ variant }) => variant);
  return { name: wanted, options: variants.includes(weights.framework) ? { variant: weights.framework } : {} };
}

const describeNet = ({ net, options, names }: DetectedNet) => `${net} ${JSON.stringify(options)} (names of ${names})`;

/** What was said, and what is known for the rest. */
function completed(model: LayersModel, input: Partial<ModelInput>): ModelInput {
  const [, height, width, channels] = model.inputs[0]!.shape;
  const known = { height: height!, width: width!, channels: channels as 1 | 3, classNames: [], ...modelInput(model), ...input };
  if (known.mean && known.std) return known as ModelInput;
  throw new ArgumentError('fromPretrained: input must have mean and std, as nothing is known of the pictures of these weights');
}
