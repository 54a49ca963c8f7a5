/**
 * LeNet-5, the net that read cheques, as it is taught today and as it was published.
 * Source: LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition,
 * Proceedings of the IEEE 86 (1998), section II.
 */
import { initializers, type Sequential, sequential } from '@tensorflow/tfjs-layers';
import { positiveInteger, refuse } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { Conv2D } from '../layers/conv2d.js';
import { Dense } from '../layers/dense.js';
import { Flatten } from '../layers/flatten.js';
import type { ActivationName } from '../layers/layer-activation.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { RbfOutput } from '../layers/rbf-output.js';
import type { Initializer } from '../layers/serializable-options.js';
import { Subsampling2D } from '../layers/subsampling2d.js';
import { TableConv2D } from '../layers/table-conv2d.js';
import { UniformWithin } from '../layers/uniform-within.js';
import { digitCodes } from './digit-codes.js';
import { checkNames } from './net-options.js';

/** Options of both variants. */
interface CommonOptions {
  /** Start of the weights' random numbers: equal seeds give equal nets. Default: others each time. */
  seed?: number;
  /** Name of the model; default 'le_net5'. */
  name?: string;
}

/** Options of leNet5 as it is taught today. */
export interface ModernLeNetOptions extends CommonOptions {
  /** The default. */
  variant?: 'modern';
  /** [height, width, channels]; default [28, 28, 1], which is padded to the paper's 32 x 32; no other size is. */
  inputShape?: [number, number, number];
  /** Default 10. */
  classes?: number;
  /** Of all layers but the last, which gives logits; default 'relu'. */
  activation?: ActivationName;
}

/** Options of leNet5 as it was published. */
export interface LeNet1998Options extends CommonOptions {
  /** The net of the paper: subsampling with weights, connection table, radial basis functions. */
  variant: '1998';
  /** Default [28, 28, 1], padded to the paper's 32 x 32. Paper: background -0.1, ink 1.175. */
  inputShape?: [28, 28, 1] | [32, 32, 1];
}

/** Maps of S2 that each of C3's sixteen maps sees: table I of the paper. */
const C3_CONNECTIONS = [
  [0, 1, 2],
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
  [0, 4, 5],
  [0, 1, 5],
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [2, 3, 4, 5],
  [0, 3, 4, 5],
  [0, 1, 4, 5],
  [0, 1, 2, 5],
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];

/**
 * Builds LeNet-5, not compiled.
 *
 * 'modern' (default), 61,706 parameters for [28, 28, 1]: relu, max pools, every map sees all maps, and 10 logits
 * to be trained with softmax cross-entropy. '1998', 60,000 parameters: scaled tanh, pools with a trained
 * coefficient and bias, C3's table of connections, and an output that is minus the squared distance of F6 to ten
 * fixed 7 x 12 pictures of digits (RbfOutput), so that the largest wins and the same losses apply.
 *
 * @throws ArgumentError for sizes that the variant does not have
 */
export function leNet5(options: ModernLeNetOptions | LeNet1998Options = {}): Sequential {
  const modern = ['variant', 'inputShape', 'classes', 'activation', 'seed', 'name'];
  checkNames('leNet5', options, options.variant === '1998' ? ['variant', 'inputShape', 'seed', 'name'] : modern);
  if (options.variant === '1998') return leNet1998(options);
  if (options.variant === undefined || options.variant === 'modern') return modernLeNet(options);
  const found = (options as { variant: unknown }).variant;
  throw new ArgumentError(`leNet5: variant must be 'modern' or '1998', got ${JSON.stringify(found)}`);
}

function modernLeNet({
  inputShape = [28, 28, 1],
  classes = 10,
  activation = 'relu',
  seed,
  name,
}: ModernLeNetOptions): Sequential {
  positiveInteger('leNet5', 'classes', classes);
  if (!Array.isArray(inputShape) || inputShape.length !== 3 || !inputShape.every((size) => Number.isInteger(size) && size > 0)) {
    refuse('leNet5', 'inputShape', '[height, width, channels]', inputShape);
  }
  let layer = 0;
  const drawn = () => ({ kernelInitializer: initializers.glorotUniform({ seed: seedOf(seed, layer++) }) });
  return sequential({
    name: name ?? 'le_net5',
    layers: [
      new Conv2D({ name: 'conv1', filters: 6, kernelSize: 5, padding: padOf(inputShape), activation, inputShape, ...drawn() }),
      new MaxPooling2D({ name: 'pool1' }),
      new Conv2D({ name: 'conv2', filters: 16, kernelSize: 5, activation, ...drawn() }),
      new MaxPooling2D({ name: 'pool2' }),
      new Flatten({ name: 'flatten' }),
      new Dense({ name: 'fc1', units: 120, activation, ...drawn() }),
      new Dense({ name: 'fc2', units: 84, activation, ...drawn() }),
      new Dense({ name: 'fc3', units: classes, ...drawn() }),
    ],
  });
}

function leNet1998({ inputShape = [28, 28, 1], seed, name }: LeNet1998Options): Sequential {
  const [height, width, channels] = inputShape as [number, number, number];
  if (height !== width || (height !== 28 && height !== 32) || channels !== 1) {
    throw new ArgumentError(`leNet5: inputShape of variant '1998' must be [28, 28, 1] or [32, 32, 1], got [${inputShape}]`);
  }
  let layer = 0;
  /** The paper's start: uniform within 2.4 / fan-in; biases begin at 0. */
  const drawn = (fanIn: number, outputs: number) => within(Array<number>(outputs).fill(fanIn));
  const within = (fanIns: number[]) => ({
    activation: 'scaledTanh' as const,
    kernelInitializer: new UniformWithin({ bounds: fanIns.map((n) => 2.4 / n), seed: seedOf(seed, layer++) }) as Initializer,
  });
  const fanInsOfC3 = C3_CONNECTIONS.flatMap((maps) => maps.map(() => maps.length * 25));
  return sequential({
    name: name ?? 'le_net5',
    layers: [
      new Conv2D({ name: 'c1', filters: 6, kernelSize: 5, padding: padOf(inputShape), inputShape, ...drawn(25, 6) }),
      new Subsampling2D({ name: 's2', ...drawn(4, 6) }),
      new TableConv2D({ name: 'c3', connections: C3_CONNECTIONS, kernelSize: 5, ...within(fanInsOfC3) }),
      new Subsampling2D({ name: 's4', ...drawn(4, 16) }),
      new Conv2D({ name: 'c5', filters: 120, kernelSize: 5, ...drawn(400, 120) }),
      new Flatten({ name: 'flatten' }),
      new Dense({ name: 'f6', units: 84, ...drawn(120, 84) }),
      new RbfOutput({ name: 'output', codes: digitCodes }),
    ],
  });
}

/** 28 x 28 is MNIST; with two more pixels on each side it is the paper's 32 x 32. */
function padOf([height, width]: readonly number[]): number {
  return height === 28 && width === 28 ? 2 : 0;
}

/** Seed of one layer: no two layers of a net begin alike. */
function seedOf(seed: number | undefined, layer: number): number | undefined {
  if (seed !== undefined && !Number.isInteger(seed)) refuse('leNet5', 'seed', 'an integer', seed);
  return seed === undefined ? undefined : seed * 1009 + layer;
}
