import { type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import type { FusedActivation } from '../ops/activation/fused.js';
import { type Config, type LayerOptions, OneInputLayer } from './cnn-layer.js';
import { type ActivationName, checkActivationName, splitActivation } from './layer-activation.js';
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

/** Options of the layers whose weights are a kernel and a bias. */
export interface BiasOptions {
  /** Default 'linear'. */
  activation?: ActivationName;
  /** Default true. */
  useBias?: boolean;
  /** Default 'zeros'. */
  biasInitializer?: InitializerOption;
  /** Penalty on the bias, which `fit` adds to the loss; default none. */
  biasRegularizer?: RegularizerOption | null;
  /** What the bias must keep to, as tfjs-layers has it; default none. */
  biasConstraint?: ConstraintOption | null;
}

/** The same, for layers whose kernel has no name of its own. */
export interface KernelOptions extends BiasOptions {
  /** Default 'glorotNormal', as tfjs-layers has it. */
  kernelInitializer?: InitializerOption;
  /** Penalty on the kernel, which `fit` adds to the loss; default none. */
  kernelRegularizer?: RegularizerOption | null;
  /** What the kernel must keep to, as tfjs-layers has it; default none. */
  kernelConstraint?: ConstraintOption | null;
}

/** A layer that has a kernel, maybe a bias, and an activation at its end. */
export abstract class KernelLayer extends OneInputLayer {
  readonly activation: ActivationName;
  readonly useBias: boolean;
  protected readonly kernelInitializer: Initializer;
  protected readonly kernelRegularizer: Regularizer | null;
  protected readonly kernelConstraint: Constraint | null;
  private readonly biasInitializer: Initializer;
  private readonly biasRegularizer: Regularizer | null;
  private readonly biasConstraint: Constraint | null;
  /** What of the activation the forward kernel does, and what is left to do after it. */
  protected readonly fused: FusedActivation;
  private readonly after: ((y: Tensor) => Tensor) | undefined;
  private kernelVariable!: LayerVariable;
  private biasVariable: LayerVariable | undefined;

  constructor(options: LayerOptions & KernelOptions) {
    super(options);
    const { where } = this;
    const activation = options.activation ?? 'linear';
    checkActivationName(where, activation);
    this.activation = activation;
    const { fused, after } = splitActivation(activation);
    this.fused = fused;
    this.after = after;
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = initializerOf(where, options.kernelInitializer ?? 'glorotNormal');
    this.kernelRegularizer = regularizerOf(where, options.kernelRegularizer);
    this.kernelConstraint = constraintOf(where, options.kernelConstraint);
    this.biasInitializer = initializerOf(where, options.biasInitializer ?? 'zeros');
    this.biasRegularizer = regularizerOf(where, options.biasRegularizer);
    this.biasConstraint = constraintOf(where, options.biasConstraint);
  }

  /** The op: kernel and bias meet x. */
  protected abstract applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor;

  protected override forward(x: Tensor): Tensor {
    const { after } = this;
    const { kernel, bias } = this.values();
    if (!after) return this.applyKernel(x, kernel, bias);
    return tidy(() => after(this.applyKernel(x, kernel, bias)));
  }

  /** The weights as they are now. */
  protected values(): { kernel: Tensor; bias: Tensor1D | undefined } {
    return { kernel: this.kernelVariable.read(), bias: this.biasVariable?.read() as Tensor1D | undefined };
  }

  /** Makes the weights: kernel, then bias, the order in which tfjs-layers has them. */
  protected addKernel(name: string, shape: number[], biasShape: number | number[], initializer = this.kernelInitializer): void {
    this.kernelVariable = this.addWeight(
      name,
      shape,
      'float32',
      initializer,
      this.kernelRegularizer ?? undefined,
      true,
      this.kernelConstraint ?? undefined,
    );
    if (this.useBias) {
      this.biasVariable = this.addWeight(
        'bias',
        typeof biasShape === 'number' ? [biasShape] : biasShape,
        'float32',
        this.biasInitializer,
        this.biasRegularizer ?? undefined,
        true,
        this.biasConstraint ?? undefined,
      );
    }
  }

  /** getConfig without what concerns the kernel. */
  protected configWithoutKernel(): Config {
    return {
      ...super.getConfig(),
      activation: this.activation,
      useBias: this.useBias,
      biasInitializer: serialized(this.biasInitializer),
      biasRegularizer: serialized(this.biasRegularizer),
      biasConstraint: serialized(this.biasConstraint),
    };
  }

  override getConfig(): Config {
    return {
      ...this.configWithoutKernel(),
      kernelInitializer: serialized(this.kernelInitializer),
      kernelRegularizer: serialized(this.kernelRegularizer),
      kernelConstraint: serialized(this.kernelConstraint),
    };
  }
}
