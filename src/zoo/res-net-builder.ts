/** Builds every ResNet for ImageNet from its configuration; res-net.ts has those that are known by a name. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { flag, positiveInteger, positiveIntegers, refuse } from '../checks.js';
import { BottleneckBlock } from '../layers/bottleneck-block.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { ZeroPadding2D } from '../layers/zero-padding2d.js';
import { Draft } from './draft.js';
import type { NetOptions, Variant } from './net-options.js';
import { type ResNetVariant, v1, v2 } from './res-net-variants.js';

/** Options of the ResNets. */
export interface ResNetOptions extends NetOptions {
  /** Channels of the first convolution, of which all others are multiples; default 64. */
  width?: number;
  /** The last batch normalisation of each branch begins with gamma 0; default false. Not for v2, where none ends a branch. */
  zeroInitResidual?: boolean;
}

/** What tells the ResNets from each other. */
export interface ResNetConfiguration {
  /** Blocks of each stage; a stage has half the pixels each way and twice the channels of the one before. */
  depths: readonly number[];
  /** Blocks of 1x1, 3x3 and 1x1 convolutions instead of two 3x3; default true. */
  bottleneck?: boolean | undefined;
  /** Groups of a bottleneck's 3x3 convolution; default 1. */
  groups?: number | undefined;
  /** Channels of each of these groups in the first stage of a net of width 64; default 64. */
  groupWidth?: number | undefined;
  /** v2: normalisation and relu before each convolution; default false. */
  preActivation?: boolean | undefined;
}

/**
 * @param more options that the net takes besides ResNetOptions
 * @throws ArgumentError naming the net, the option, what is valid, and what came
 */
export function buildResNet(
  net: string,
  configuration: ResNetConfiguration,
  options: ResNetOptions,
  more: readonly (keyof ResNetConfiguration)[] = [],
): LayersModel {
  const { depths, bottleneck = true, groups = 1, groupWidth = 64, preActivation = false } = configuration;
  const { width = 64, zeroInitResidual = false } = options;
  check(net, { ...configuration, width });
  const table = preActivation ? v2 : v1;
  const taken = ['width', 'zeroInitResidual', ...more];
  const traits = { net, variants: variantsOf(configuration), inputShape: [224, 224, 3], smallest: 32, more: taken } as const;
  const draft = new Draft(options, traits, ({ variant }) => table[variant]!.habits);
  const variant = table[draft.options.variant]!;
  const { names, useBias, strideIn, strideAt } = variant;
  const halves = (stage: number, i: number) =>
    strideAt === 'firstBlock' ? stage > 0 && i === 0 : stage < depths.length - 1 && i === depths[stage]! - 1;
  let x = stem(draft, variant, width, preActivation);
  depths.forEach((depth, stage) => {
    const channels = width * 2 ** stage;
    for (let i = 0; i < depth; i++) {
      const name = names.block(stage, i);
      const common = {
        name,
        names: names.parts?.(name),
        strides: halves(stage, i) ? 2 : 1,
        // A stage of bottlenecks, or one that has fewer pixels, begins with other channels than the one before ends with.
        shortcut: i === 0 && (bottleneck || stage > 0) ? 'projection' : 'identity',
        preActivation,
        useBias,
        zeroInitResidual,
        ...draft.blockOptions,
      } as const;
      const inner = { width: ((channels * groupWidth) / 64) * groups, groups, strideIn };
      const block = bottleneck
        ? new BottleneckBlock({ ...common, ...inner, filters: 4 * channels })
        : new ResidualBlock({ ...common, filters: channels });
      x = draft.through(block, x);
    }
  });
  if (preActivation) x = draft.norm(x, names.lastNorm);
  return draft.model(draft.head(x, names.classifier, names.averagePool));
}

/** The first convolution and pool: a quarter of the pixels each way. */
function stem(
  draft: Draft,
  { names, useBias, poolsZeros }: ResNetVariant,
  width: number,
  preActivation: boolean,
): SymbolicTensor {
  let x = draft.conv(draft.input, names.stemConv, { filters: width, kernelSize: 7, strides: 2, padding: 3, useBias });
  if (!preActivation) x = draft.norm(x, names.stemNorm);
  if (poolsZeros) x = draft.through(new ZeroPadding2D({ name: 'pool1_pad' }), x);
  return draft.through(new MaxPooling2D({ name: names.stemPool, poolSize: 3, strides: 2, padding: poolsZeros ? 0 : 1 }), x);
}

/** Whose nets there are of that kind. */
function variantsOf({
  bottleneck = true,
  groups = 1,
  groupWidth = 64,
  preActivation,
}: ResNetConfiguration): [Variant, ...Variant[]] {
  if (groups !== 1 || groupWidth !== 64) return ['torch'];
  if (!bottleneck) return preActivation ? ['paper'] : ['torch', 'paper'];
  return preActivation ? ['keras', 'paper'] : ['torch', 'keras', 'paper'];
}

function check(net: string, options: ResNetConfiguration & { width: number }): void {
  const { depths, bottleneck = true, preActivation = false, groups = 1, groupWidth = 64, width } = options;
  for (const [option, value] of Object.entries({ bottleneck, preActivation })) flag(net, option, value);
  positiveIntegers(net, 'depths', 'the blocks of each stage', depths);
  for (const [option, value] of Object.entries({ width, groups, groupWidth })) positiveInteger(net, option, value);
  if (!bottleneck && (groups !== 1 || groupWidth !== 64)) refuse(net, 'bottleneck', 'true with groups or groupWidth', bottleneck);
  if ((width * groupWidth) % 64 !== 0)
    refuse(net, 'width', `such that width * ${groupWidth} / 64, the channels of a group, is whole`, width);
}
