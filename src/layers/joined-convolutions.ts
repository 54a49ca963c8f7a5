import { slice, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError } from '../geometry.js';
import { concatChannels } from '../ops/concat/concat.js';
import { joinedConv2d } from '../ops/joined-conv2d/joined-conv2d.js';
import type { Recomputation } from '../recompute.js';
import { BasicConvBlock, type BasicConvBlockOptions, type ConvolutionStep } from './basic-conv-block.js';
import { BatchNormalization, type NormalizingVectors } from './batch-normalization.js';
import type { Walk } from './block.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import { ConcatChannels } from './concat-channels.js';
import type { Conv2D } from './conv2d.js';

/** Options of JoinedConvolutions. */
export interface JoinedConvolutionsOptions extends BasicConvBlockOptions {
  /** For each input what becomes of it: a convolution, or null where it is passed on as it is. Names default to `conv1`, ... */
  convolutions: readonly (ConvolutionStep | null)[];
}

/**
 * Convolutions side by side, each of an input of its own, with batch normalisation and relu or with biases and relu; their
 * channels one after the other. This is where the branches of an inception module end. The convolutions write into one
 * tensor, and one batch normalisation runs over all its channels: nothing is copied to be joined.
 * Inputs: one for each of `convolutions`, [batch, height, width, channels]; the results must agree in height and width.
 */
export class JoinedConvolutions extends BasicConvBlock {
  static className = 'CnnJoinedConvolutions';
  private readonly steps: readonly (ConvolutionStep | null)[];
  private readonly branches: readonly (readonly CnnLayer[])[];
  private readonly join: ConcatChannels;

  constructor(options: JoinedConvolutionsOptions) {
    super(options);
    const { convolutions } = options;
    if (!Array.isArray(convolutions) || convolutions.length < 2 || !convolutions.some((step) => step !== null)) {
      this.refuse('convolutions', 'a list of two or more, one of them a convolution at least', convolutions);
    }
    this.steps = convolutions;
    this.branches = this.steps.map((step, i) => (step ? this.basicConv(step.name ?? `conv${i + 1}`, step) : []));
    this.join = this.part(ConcatChannels, 'join', {});
  }

  override build(inputShape: Shape | Shape[]): void {
    const inputs = Array.isArray(inputShape[0]) ? inputShape.length : 1;
    if (inputs !== this.steps.length) {
      throw new GeometryError(`${this.where}: expects ${this.steps.length} inputs, one for each convolution, got ${inputs}`);
    }
    super.build(inputShape);
  }

  override wire<T>(inputs: T[], through: Walk<T>): T {
    const ends = this.branches.map((layers, i) => layers.reduce<T>((y, layer) => through(layer, y), inputs[i]!));
    return through(this.join, ends);
  }

  protected override run(inputs: Tensor[], training: boolean, recomputation?: Recomputation): Tensor {
    const norms = this.branches.flat().filter((layer) => layer instanceof BatchNormalization);
    const passed = inputs.filter((_, i) => this.steps[i] === null) as Tensor4D[];
    // A frozen part normalises otherwise than the rest; and what is passed on between normalised channels splits them.
    const alike = norms.every(({ trainable }) => trainable === norms[0]!.trainable);
    const atEnd = this.steps.lastIndexOf(null) < 0 || this.steps.indexOf(null) === inputs.length - passed.length;
    if (this.batchNorm && !(atEnd && (alike || !training))) return super.run(inputs, training, recomputation);
    return tidy(() => {
      const branches = this.branches.map(
        ([conv], i) => (conv as Conv2D | undefined)?.branch(inputs[i] as Tensor4D) ?? (inputs[i] as Tensor4D),
      );
      if (!this.batchNorm) return joinedConv2d(branches, { activation: 'relu' });
      const convolved = joinedConv2d(branches.slice(0, norms.length));
      const normalized = normalizeTogether(norms, convolved, training, recomputation);
      return passed.length > 0 ? concatChannels([normalized, ...passed]) : normalized;
    });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), convolutions: this.steps as unknown as Config[] };
  }
}
registerLayer(JoinedConvolutions);

/** Batch normalisations of equal options in one, as their channels lie behind each other: it is done channel by channel. */
function normalizeTogether(
  norms: readonly BatchNormalization[],
  x: Tensor,
  training: boolean,
  recomputation?: Recomputation,
): Tensor {
  const vectors = norms.map((norm) => norm.vectors());
  const joined = (name: keyof NormalizingVectors) => vectors[0]![name] && concatChannels(vectors.map((own) => own[name]!));
  const all = {
    gamma: joined('gamma'),
    beta: joined('beta'),
    runningMean: joined('runningMean')!,
    runningVariance: joined('runningVariance')!,
  };
  const follow = (mean: Tensor, variance: Tensor): void => {
    let begin = 0;
    norms.forEach((norm, i) => {
      const { size } = vectors[i]!.runningMean;
      norm.follow(slice(mean, begin, size), slice(variance, begin, size));
      begin += size;
    });
  };
  return norms[0]!.normalize(x, all, follow, training, recomputation);
}
