import { input, type LayersModel, type layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { torchDefault } from '../initializers/index.js';
import { BatchNormalization, type BatchNormalizationOptions } from '../layers/batch-normalization.js';
import type { Normalization } from '../layers/block-parts.js';
import { Conv2D, type Conv2DOptions } from '../layers/conv2d.js';
import { Dense, type DenseOptions } from '../layers/dense.js';
import { Dropout } from '../layers/dropout.js';
import { GlobalAveragePooling2D, GlobalMaxPooling2D } from '../layers/global-pooling2d.js';
import type { InitializerOption } from '../layers/serializable-options.js';
import { mixSeeds } from '../random.js';
import { type NetOptions, type NetTraits, type SettledOptions, settle } from './net-options.js';

/** Makes an initializer from a seed. */
export type Start = (options: { seed: number }) => InitializerOption;

/** How a variant's weights begin and its batches are normalised. */
export interface Habits {
  /** Of convolutions. */
  readonly kernels: Start;
  /** Of dense layers, whose biases then begin at 0; default PyTorch's, both uniform within 1 / sqrt(fan in). */
  readonly dense?: Start;
  /** Batch normalisation; the net's own epsilon, momentum and variance. */
  readonly normalization?: Normalization;
}

/** A net being built, layer after layer; what all builders do alike is here. */
export class Draft {
  readonly options: SettledOptions;
  /** The model's input. */
  readonly input: SymbolicTensor;
  private readonly net: string;
  private readonly habits: Habits;
  private weights = 0;

  /** @param habitsOf the variant's */
  constructor(options: NetOptions, traits: NetTraits, habitsOf: (settled: SettledOptions) => Habits) {
    this.net = traits.net;
    this.options = settle(options, traits);
    this.habits = habitsOf(this.options);
    this.input = input({ shape: [...this.options.inputShape], name: 'input' });
  }

  /** A seed of its own for the next layer. */
  seed(): number {
    return mixSeeds(this.options.seed, this.weights++);
  }

  /** How the kernels of the next layer or block begin. */
  kernelStart(): InitializerOption {
    return this.options.initializer ?? this.habits.kernels({ seed: this.seed() });
  }

  /** What every block is given. */
  get blockOptions(): { kernelInitializer: InitializerOption; normalization: Normalization; recompute: boolean } {
    const { recompute } = this.options;
    return { kernelInitializer: this.kernelStart(), normalization: this.habits.normalization ?? {}, recompute };
  }

  /** x through a layer. */
  through(layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
    return layer.apply(x) as SymbolicTensor;
  }

  /** A convolution. */
  conv(x: SymbolicTensor, name: string, options: Omit<Conv2DOptions, 'name'>): SymbolicTensor {
    return this.through(new Conv2D({ kernelInitializer: this.kernelStart(), ...options, name }), x);
  }

  /** Batch normalisation and relu; `activation: 'linear'` leaves relu out. */
  norm(x: SymbolicTensor, name: string, options: BatchNormalizationOptions = {}): SymbolicTensor {
    return this.through(new BatchNormalization({ ...this.habits.normalization, activation: 'relu', ...options, name }), x);
  }

  /** A dense layer. */
  dense(x: SymbolicTensor, name: string, options: Omit<DenseOptions, 'name'>): SymbolicTensor {
    const { dense } = this.habits;
    const kernelInitializer = this.options.initializer ?? (dense ?? torchDefault)({ seed: this.seed() });
    // PyTorch's biases begin as its kernels do.
    const biasInitializer = dense ? 'zeros' : torchDefault({ seed: this.seed(), fanIn: x.shape.at(-1)! });
    return this.through(new Dense({ kernelInitializer, biasInitializer, ...options, name }), x);
  }

  /** Dropout, where the rate is above zero. */
  dropout(x: SymbolicTensor, name: string, rate = this.options.dropout): SymbolicTensor {
    return rate > 0 ? this.through(new Dropout({ name, rate, seed: this.seed() }), x) : x;
  }

  /** The end of most nets: mean of each feature map, dropout, classes; or what stands for it without a top. */
  head(x: SymbolicTensor, classifier: string, pool = 'avgpool', dropout = this.options.dropout): SymbolicTensor {
    const { includeTop, pooling, classes, classifierActivation: activation } = this.options;
    if (!includeTop && !pooling) return x;
    const average = includeTop || pooling === 'avg';
    const features = this.through(
      average ? new GlobalAveragePooling2D({ name: pool }) : new GlobalMaxPooling2D({ name: 'max_pool' }),
      x,
    );
    if (!includeTop) return features;
    return this.dense(this.dropout(features, 'dropout', dropout), classifier, { units: classes, activation });
  }

  /** The net. What it was built from is stored with it. */
  model(outputs: SymbolicTensor | SymbolicTensor[]): LayersModel {
    const { name, variant } = this.options;
    const net = model({ inputs: this.input, outputs, name });
    net.setUserDefinedMetadata({ net: this.net, variant });
    return net;
  }
}
