import type { Padding, Pair } from '../geometry.js';
import { AveragePooling2D } from './average-pooling2d.js';
import { BasicConvBlock, type BasicConvBlockOptions, type ConvolutionStep } from './basic-conv-block.js';
import type { Walk } from './block.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import { JoinedConvolutions } from './joined-convolutions.js';
import { MaxPooling2D } from './max-pooling2d.js';

/** A pool in a branch of an inception block. */
export interface PoolingStep {
  /** Which kind of pool. */
  type: 'max' | 'avg';
  /** A number, or [height, width]. */
  size: Pair;
  /** Default 1, so that the branch stays as large as the others. */
  strides?: Pair;
  /** As the pooling layers take it; default 'valid'. */
  padding?: Padding;
  /** Keep a last window that is cut off by the edge; default false. */
  ceilMode?: boolean;
  /** Whether an average counts padding, as the layer AveragePooling2D has it. */
  countIncludePad?: boolean;
}

/** The end of a branch that splits: convolutions of one input, whose channels lie behind each other. */
export interface SplitStep {
  /** Each sees what the branch has so far. */
  split: readonly ConvolutionStep[];
}

/** What a branch of an inception block does, in order; a split can only be last. */
export type InceptionBranch = readonly (ConvolutionStep | PoolingStep | SplitStep)[];

/** Options of InceptionBlock. */
export interface InceptionBlockOptions extends BasicConvBlockOptions {
  /**
   * Two or more, in the order of their channels. A convolution without a name is called as in torchvision's GoogLeNet:
   * `branch1` alone in its branch, `branch2.0`, `branch2.1` where there are more steps.
   */
  branches: readonly InceptionBranch[];
}

/** The steps of a branch but the last convolutions, and these; null for a branch that ends in a pool. */
interface Branch {
  readonly layers: readonly CnnLayer[];
  readonly ends: readonly (ConvolutionStep | null)[];
}

/**
 * Branches of convolutions and pools side by side, joined along the channels. Each convolution is followed by batch
 * normalisation and relu, or, with `batchNorm: false`, has a bias and relu. The last ones of all branches write into one
 * tensor: see {@link JoinedConvolutions}. Parts of a convolution `name`: `name.conv` and `name.bn`, or `name` alone.
 * Source: Szegedy et al.: Going deeper with convolutions, arXiv 1409.4842, figure 2; Rethinking the inception
 * architecture for computer vision, arXiv 1512.00567, figures 5 to 7 and 10.
 */
export class InceptionBlock extends BasicConvBlock {
  static className = 'CnnInceptionBlock';
  private readonly given: readonly InceptionBranch[];
  private readonly branches: readonly Branch[];
  private readonly join: JoinedConvolutions;

  constructor(options: InceptionBlockOptions) {
    super(options);
    const { branches } = options;
    if (!Array.isArray(branches) || branches.length < 2 || branches.some((branch) => !(branch?.length > 0))) {
      this.refuse('branches', 'two or more lists of steps: {filters, kernelSize}, {type, size} or {split}', branches);
    }
    this.given = branches;
    this.branches = this.given.map((branch, i) => this.branchOf(branch, `branch${i + 1}`));
    const ends = this.branches.flatMap((branch) => branch.ends);
    const parts = ends.flatMap((end) => (end ? [end.name!, `${end.name}.conv`, `${end.name}.bn`] : []));
    const names = Object.fromEntries(parts.map((part) => [part, this.nameOf(part)]));
    this.join = this.part(JoinedConvolutions, 'join', {
      ...this.inherited,
      batchNorm: this.batchNorm,
      names,
      convolutions: ends,
    });
  }

  private branchOf(steps: InceptionBranch, name: string): Branch {
    const last = steps.at(-1)!;
    // By where it stands in the branch, pools counted, as PyTorch's Sequential names its parts.
    const named = (step: ConvolutionStep, part: string): ConvolutionStep => ({ ...step, name: step.name ?? part });
    const own = (i: number) => (steps.length === 1 ? name : `${name}.${i}`);
    const isEnd = 'split' in last || 'filters' in last;
    const layers = steps.slice(0, isEnd ? -1 : undefined).flatMap((step, i) => this.layersOf(step, own(i)));
    if ('split' in last) {
      return { layers, ends: last.split.map((step, k) => named(step, `${own(steps.length - 1)}.${k}`)) };
    }
    return { layers, ends: ['filters' in last ? named(last, own(steps.length - 1)) : null] };
  }

  private layersOf(step: InceptionBranch[number], name: string): CnnLayer[] {
    if ('filters' in step) return this.basicConv(step.name ?? name, step);
    if (!('type' in step) || (step.type !== 'max' && step.type !== 'avg')) {
      return this.refuse('a step', "{filters, kernelSize}, {type: 'max' or 'avg', size}, or at the end {split}", step);
    }
    const { type, size: poolSize, strides, padding, ceilMode, countIncludePad } = step;
    const options = { poolSize, strides: strides ?? 1, padding, ceilMode };
    const part = `${name}.pool`;
    if (type === 'max') return [this.part(MaxPooling2D, part, options)];
    return [this.part(AveragePooling2D, part, { ...options, countIncludePad })];
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    const ends = this.branches.flatMap((branch) => {
      const y = branch.layers.reduce<T>((from, layer) => through(layer, from), x!);
      return branch.ends.map(() => y);
    });
    return through(this.join, ends);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), branches: this.given as unknown as Config[] };
  }
}
registerLayer(InceptionBlock);
