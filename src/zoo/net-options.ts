/** Options that all builders share, and their checks. */
import { flag, oneOf, positiveInteger, refuse, share } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import type { InitializerOption } from '../layers/serializable-options.js';

/** Whose net it is, in every detail: torchvision's, Keras Applications', or the paper's. */
export type Variant = 'torch' | 'keras' | 'paper';

/** Options of the builders. */
export interface NetOptions {
  /**
   * Whose padding, strides, biases, normalisation, names and starting weights: torchvision's, Keras Applications' or the
   * paper's; which of them there are, and which is the default, each net says.
   */
  variant?: Variant;
  /** [height, width, channels]; height and width may be null where the net takes pictures of any size. */
  inputShape?: readonly [number | null, number | null, number];
  /** Units of the last layer; default 1000, ImageNet's. */
  classes?: number;
  /** With the classifier at the end; default true. Without it the net gives feature maps, or see `pooling`. */
  includeTop?: boolean;
  /** Where there is no top: what makes vectors of the feature maps; default none. */
  pooling?: 'avg' | 'max' | null;
  /** Default 'softmax' for 'keras', else 'linear' (logits), as the originals have it; softmaxCrossEntropy wants logits. */
  classifierActivation?: 'linear' | 'softmax';
  /** Share of the values that dropout zeroes, where the net has it or can have it; default as published. */
  dropout?: number;
  /** Start of all random numbers: equal seeds give equal nets. Default: others each time. */
  seed?: number;
  /** How every kernel begins; default as the original does. */
  initializer?: InitializerOption;
  /** Blocks keep only their inputs in training and compute the rest again; default false. */
  recompute?: boolean;
  /** Name of the model. */
  name?: string;
}

/** What a net says of itself, so that its options can be checked and completed. */
export interface NetTraits {
  /** Name of the builder. */
  readonly net: string;
  /** The variants there are, the default first. */
  readonly variants: readonly [Variant, ...Variant[]];
  /** Default of `inputShape`. */
  readonly inputShape: readonly [number, number, number];
  /** Smallest height and width that leave something after the last layer. */
  readonly smallest: number;
  /** Whether the classifier is made for pictures of the default size alone. */
  readonly fixedSize?: boolean;
  /** What needs a picture of known size, beside nets of `fixedSize`: the classifier, or already the first layer; default neither. */
  readonly flattens?: 'top' | 'always';
  /** Default of `classes`; 1000 where nothing is said. */
  readonly classes?: number;
  /** Default of `dropout`; where it is not given, the net has none. */
  readonly dropout?: number;
  /** Options the net takes besides NetOptions. */
  readonly more?: readonly string[];
}

/** Options with every default in place. */
export interface SettledOptions {
  readonly variant: Variant;
  readonly inputShape: readonly [number | null, number | null, number];
  readonly classes: number;
  readonly includeTop: boolean;
  readonly pooling: 'avg' | 'max' | null;
  readonly classifierActivation: 'linear' | 'softmax';
  readonly dropout: number;
  readonly seed: number;
  readonly initializer: InitializerOption | undefined;
  readonly recompute: boolean;
  readonly name: string;
}

const COMMON = [
  'variant',
  'inputShape',
  'classes',
  'includeTop',
  'pooling',
  'classifierActivation',
  'dropout',
  'seed',
  'initializer',
  'recompute',
  'name',
];

/** Options that are true or false, of whichever nets have them. */
const FLAGS = ['includeTop', 'recompute', 'batchNormalization', 'auxiliary', 'zeroInitResidual', 'preActivation', 'bottleneck'];

/**
 * Options checked and completed.
 * @throws ArgumentError naming the net, the option, what is valid, and what came
 */
export function settle(options: NetOptions, traits: NetTraits): SettledOptions {
  const { net, variants, smallest, fixedSize, more = [] } = traits;
  const known = [...COMMON, ...more];
  checkNames(net, options, known);
  const given = options as Readonly<Record<string, unknown>>;
  for (const option of FLAGS) if (given[option] !== undefined) flag(net, option, given[option]);
  const variant = oneOf(net, 'variant', options.variant ?? variants[0], variants);
  const { includeTop = true, recompute = false } = options;
  const { inputShape = traits.inputShape, classes = traits.classes ?? 1000, dropout = traits.dropout ?? 0 } = options;
  const isShape = Array.isArray(inputShape) && inputShape.length === 3;
  const [height, width, channels] = isShape ? inputShape : [];
  const flattens = traits.flattens === 'always' || (traits.flattens === 'top' && includeTop);
  const size = (pixels: number | null) => (pixels === null ? !flattens : Number.isInteger(pixels) && pixels >= smallest);
  if (!isShape || !size(height!) || !size(width!) || !(Number.isInteger(channels) && channels! > 0)) {
    const expected = `[height, width, channels], of at least ${smallest} x ${smallest} pixels${flattens ? '' : ' (null: any size)'}`;
    refuse(net, 'inputShape', expected, inputShape);
  }
  const [ownHeight, ownWidth] = traits.inputShape;
  if (fixedSize && includeTop && (height !== ownHeight || width !== ownWidth)) {
    const expected = `[${ownHeight}, ${ownWidth}, channels] with includeTop; includeTop: false takes other sizes`;
    refuse(net, 'inputShape', expected, inputShape);
  }
  const { seed = Math.floor(Math.random() * 2 ** 32) } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) refuse(net, 'seed', 'an integer in [0, 2^32)', seed);
  return {
    variant,
    inputShape,
    classes: positiveInteger(net, 'classes', classes),
    includeTop,
    pooling: oneOf(net, 'pooling', options.pooling ?? null, [null, 'avg', 'max']),
    classifierActivation: oneOf(
      net,
      'classifierActivation',
      options.classifierActivation ?? (variant === 'keras' ? 'softmax' : 'linear'),
      ['linear', 'softmax'],
    ),
    dropout: share(net, 'dropout', dropout),
    seed,
    initializer: options.initializer,
    recompute,
    name: nameOf(net, options.name ?? net),
  };
}

/** @throws ArgumentError for an option that is none of those known, naming these */
export function checkNames(net: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) refuse(net, 'options', 'an object', options);
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) throw new ArgumentError(`${net}: there is no option '${option}'; there are ${known.join(', ')}`);
  }
}

function nameOf(net: string, name: unknown): string {
  return typeof name === 'string' && name !== '' ? name : refuse(net, 'name', 'a string', name);
}

/**
 * Scales a net's channels to the width of its first layer.
 * @param width channels of the first layer, as asked for
 * @param usual as published
 * @throws ArgumentError where it is no positive integer
 */
export function widthScale(net: string, width: number, usual: number): (channels: number) => number {
  positiveInteger(net, 'width', width);
  return (channels) => Math.max(1, Math.round((channels * width) / usual));
}

/**
 * How often a pattern of layers repeats in a net of so many.
 * @param depth layers of the net, as asked for
 * @param pattern layers that each repeat adds
 * @param outside layers that every such net has
 * @throws ArgumentError where no number of repeats gives that depth
 */
export function repeats(net: string, depth: number, pattern: number, outside: number): number {
  const n = (depth - outside) / pattern;
  if (Number.isInteger(n) && n > 0) return n;
  const first = [1, 2, 3].map((count) => count * pattern + outside).join(', ');
  return refuse(net, 'depth', `${first} or another ${pattern}n + ${outside}`, depth);
}
