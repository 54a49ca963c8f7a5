import type { Tensor } from '@tensorflow/tfjs-core';
import { InputSpec, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { GeometryError } from '../geometry.js';
import { relu6 } from '../ops/activation/activation.js';
import { batchNormInference, batchNormTraining } from '../ops/batch-norm/batch-norm.js';
import type { BatchNormActivation } from '../ops/batch-norm/geometry.js';
import type { Recomputation } from '../recompute.js';
import { type Config, type LayerOptions, OneInputLayer, onlyShape, registerLayer, shapeText } from './cnn-layer.js';
import {
  type Constraint,
  type ConstraintOption,
  constraintOf,
  type Initializer,
  type InitializerOption,
  initializerOf,
  type Regularizer,
  type RegularizerOption,
  regularizerOf,
  serialized,
} from './serializable-options.js';

/** Options of the layer BatchNormalization. */
export interface BatchNormalizationOptions extends LayerOptions {
  /** The channels are the last axis: -1. */
  axis?: number;
  /**
   * Weight of the old running statistics: moving = momentum * moving + (1 - momentum) * batch; default 0.99.
   * PyTorch's momentum is 1 - momentum.
   */
  momentum?: number;
  /** Added to the variance; default 1e-3. PyTorch: 1e-5. */
  epsilon?: number;
  /** Has an offset beta; default true. */
  center?: boolean;
  /** Has a factor gamma; default true. */
  scale?: boolean;
  /**
   * Which variance of a batch of n numbers goes into the running one: divided by n (default: Keras 3, tfjs-layers)
   * or by n - 1 (PyTorch, Keras 2's fused kernel). Training itself divides by n everywhere.
   */
  unbiasedVariance?: boolean;
  /** Default 'linear'; relu costs no pass of its own. */
  activation?: BatchNormActivation | 'relu6';
  /** Default 'ones'. */
  gammaInitializer?: InitializerOption;
  /** Default 'zeros'. */
  betaInitializer?: InitializerOption;
  /** Default 'zeros'. */
  movingMeanInitializer?: InitializerOption;
  /** Default 'ones'. */
  movingVarianceInitializer?: InitializerOption;
  /** Penalty on gamma, which `fit` adds to the loss; default none. */
  gammaRegularizer?: RegularizerOption | null;
  /** Penalty on beta, which `fit` adds to the loss; default none. */
  betaRegularizer?: RegularizerOption | null;
  /** What gamma must keep to, as tfjs-layers has it; default none. */
  gammaConstraint?: ConstraintOption | null;
  /** What beta must keep to, as tfjs-layers has it; default none. */
  betaConstraint?: ConstraintOption | null;
}

/** What a batch is normalised by, all [channels]. */
export interface NormalizingVectors {
  /** Factor; absent: 1. */
  readonly gamma: Tensor | undefined;
  /** Offset; absent: 0. */
  readonly beta: Tensor | undefined;
  /** Mean of the batches so far. */
  readonly runningMean: Tensor;
  /** Variance of the batches so far. */
  readonly runningVariance: Tensor;
}

const ACTIVATIONS: readonly unknown[] = ['linear', 'relu', 'relu6'];

/** One of the trained vectors: how it begins, what holds it back. */
interface VectorOptions {
  initializer: Initializer;
  regularizer: Regularizer | null;
  constraint: Constraint | null;
}

/**
 * Batch normalisation of [batch, channels] or [batch, height, width, channels], channel by channel. In training it
 * uses the batch's mean and variance and lets the running ones follow; else, and where `trainable` is false, it uses the
 * running ones and leaves them alone. A model that is frozen as a whole freezes it too, but not inside of a sequential
 * model, which thaws all weights: freeze the layers there.
 * Weights: gamma, beta, moving_mean, moving_variance, all [channels].
 */
export class BatchNormalization extends OneInputLayer {
  static className = 'CnnBatchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly unbiasedVariance: boolean;
  readonly activation: BatchNormActivation | 'relu6';
  private readonly gammaOptions: VectorOptions;
  private readonly betaOptions: VectorOptions;
  private readonly movingMeanInitializer: Initializer;
  private readonly movingVarianceInitializer: Initializer;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;
  private movingMean!: LayerVariable;
  private movingVariance!: LayerVariable;

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    const { where } = this;
    const { axis = -1, momentum = 0.99, epsilon = 1e-3, activation = 'linear' } = options;
    if (axis !== -1) this.refuse('axis', '-1: the channels are the last axis', axis);
    if (!(momentum >= 0 && momentum <= 1)) this.refuse('momentum', 'in [0, 1]', momentum);
    if (!(epsilon >= 0 && Number.isFinite(epsilon))) this.refuse('epsilon', 'a finite number >= 0', epsilon);
    if (!ACTIVATIONS.includes(activation)) this.refuse('activation', `one of ${ACTIVATIONS.join(', ')}`, activation);
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.activation = activation;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    this.unbiasedVariance = options.unbiasedVariance ?? false;
    this.gammaOptions = {
      initializer: initializerOf(where, options.gammaInitializer ?? 'ones'),
      regularizer: regularizerOf(where, options.gammaRegularizer),
      constraint: constraintOf(where, options.gammaConstraint),
    };
    this.betaOptions = {
      initializer: initializerOf(where, options.betaInitializer ?? 'zeros'),
      regularizer: regularizerOf(where, options.betaRegularizer),
      constraint: constraintOf(where, options.betaConstraint),
    };
    this.movingMeanInitializer = initializerOf(where, options.movingMeanInitializer ?? 'zeros');
    this.movingVarianceInitializer = initializerOf(where, options.movingVarianceInitializer ?? 'ones');
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const { length } = shape;
    if (length !== 2 && length !== 4) {
      throw new GeometryError(
        `${this.where}: the input must be [batch, channels] or [batch, height, width, channels], ` + `got ${shapeText(shape)}`,
      );
    }
    const channels = this.known('number of channels', shape[length - 1], shape);
    const vector = (name: string, { initializer, regularizer, constraint }: VectorOptions): LayerVariable =>
      this.addWeight(name, [channels], 'float32', initializer, regularizer ?? undefined, true, constraint ?? undefined);
    if (this.scale) this.gamma = vector('gamma', this.gammaOptions);
    if (this.center) this.beta = vector('beta', this.betaOptions);
    this.movingMean = this.addWeight('moving_mean', [channels], 'float32', this.movingMeanInitializer, undefined, false);
    this.movingVariance = this.addWeight(
      'moving_variance',
      [channels],
      'float32',
      this.movingVarianceInitializer,
      undefined,
      false,
    );
    this.inputSpec = [new InputSpec({ ndim: length, axes: { [-1]: channels } })];
    super.build(inputShape);
  }

  /** Of a model that is frozen tfjs-layers tells the weights, not the layers. */
  private get frozen(): boolean {
    const vectors = [this.gamma, this.beta].filter((vector) => vector !== undefined);
    return !this.trainable || (vectors.length > 0 && vectors.every((vector) => !vector.trainable));
  }

  /** What it normalises by: the weights as they are now. */
  vectors(): NormalizingVectors {
    return {
      gamma: this.gamma?.read(),
      beta: this.beta?.read(),
      runningMean: this.movingMean.read(),
      runningVariance: this.movingVariance.read(),
    };
  }

  /** Takes over the running statistics that a batch left, both [channels]. */
  follow(mean: Tensor, variance: Tensor): void {
    this.movingMean.write(mean);
    this.movingVariance.write(variance);
  }

  /**
   * What the layer does, with vectors given: its own, or those of several layers alike, behind each other.
   * @param follow takes over the new running statistics
   */
  normalize(
    x: Tensor,
    vectors: NormalizingVectors,
    follow: (mean: Tensor, variance: Tensor) => void,
    training: boolean,
    recomputation?: Recomputation,
  ): Tensor {
    const { epsilon, activation } = this;
    const clamps = activation === 'relu6';
    const options = { ...vectors, epsilon, activation: clamps ? 'linear' : activation } as const;
    if (!training || this.frozen) {
      const y = batchNormInference(x, options);
      return clamps ? clampedTo6(y) : y;
    }
    const { y, ...statistics } = batchNormTraining(x, {
      ...options,
      momentum: 1 - this.momentum,
      unbiased: this.unbiasedVariance,
    });
    if (!recomputation?.repeated) follow(statistics.runningMean, statistics.runningVariance);
    // The tape keeps copies of what it needs.
    for (const statistic of Object.values(statistics)) statistic.dispose();
    return clamps ? clampedTo6(y) : y;
  }

  protected override forward(x: Tensor, training: boolean, recomputation?: Recomputation): Tensor {
    return this.normalize(x, this.vectors(), (mean, variance) => this.follow(mean, variance), training, recomputation);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return shape;
  }

  override getConfig(): Config {
    const { momentum, epsilon, center, scale, unbiasedVariance, activation, gammaOptions, betaOptions } = this;
    return {
      ...super.getConfig(),
      axis: -1,
      momentum,
      epsilon,
      center,
      scale,
      unbiasedVariance,
      activation,
      gammaInitializer: serialized(gammaOptions.initializer),
      betaInitializer: serialized(betaOptions.initializer),
      movingMeanInitializer: serialized(this.movingMeanInitializer),
      movingVarianceInitializer: serialized(this.movingVarianceInitializer),
      gammaRegularizer: serialized(gammaOptions.regularizer),
      betaRegularizer: serialized(betaOptions.regularizer),
      gammaConstraint: serialized(gammaOptions.constraint),
      betaConstraint: serialized(betaOptions.constraint),
    };
  }
}
registerLayer(BatchNormalization);

/** The kernels of batch normalisation have no upper bound: relu6 is a pass of its own. */
function clampedTo6(y: Tensor): Tensor {
  const clamped = relu6(y);
  y.dispose();
  return clamped;
}
