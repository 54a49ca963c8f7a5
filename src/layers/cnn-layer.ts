/** What the layers have in common: names of their classes, errors that name the layer, one input or several. */
import { serialization, type Tensor } from '@tensorflow/tfjs-core';
import { InputSpec, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { positiveInteger, share, shown } from '../checks.js';
import { ArgumentError, GeometryError } from '../geometry.js';
import type { Recomputation } from '../recompute.js';
import type { LayerWindow } from './layer-window.js';
import type { Constraint, Initializer, Regularizer } from './serializable-options.js';

/**
 * Options of every layer: `name`, `trainable`, `weights`, and for a model's first layer `inputShape`,
 * `batchInputShape`, `batchSize`, `dtype`.
 */
export type LayerOptions = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** Pictures are [batch, height, width, channels] throughout the package. */
export interface ImageLayerOptions extends LayerOptions {
  /** Only 'channelsLast' exists here. */
  dataFormat?: 'channelsLast';
}

/** Keyword arguments of `call`: `training` is true inside `fit`; a block that computes twice adds `recomputation`. */
export type CallArguments = Parameters<layers.Layer['call']>[1];

/** Plain JSON that goes into a model's file. */
export type Config = serialization.ConfigDict;

/**
 * Base of the package's layers.
 *
 * The registry of tfjs-layers is keyed by `className` alone, whatever package a class is registered
 * under; so that stock layers stay what they are, ours begin with `Cnn`.
 *
 * A layer that is no block says what a profile cannot know: one that multiplies by weights overrides `macs`, one whose outputs
 * see more than the input at their own place `windowOf`, one that changes more than its weights in training `trainingState`.
 */
export abstract class CnnLayer extends layers.Layer {
  /** Class and name, as messages begin: "CnnConv2D 'conv1'". */
  protected readonly where: string;
  /** Whether the output is the input's memory in another shape, which a profile counts once. */
  readonly sharesInput: boolean = false;
  /** Whether each training step calls the same kernels, with the same numbers but for those of `renewable` geometries. */
  readonly repeatable: boolean = true;
  private weightPrefix = '';

  constructor(options: LayerOptions) {
    super(options);
    this.where = `${this.getClassName()} '${this.name}'`;
    const { dataFormat } = options as { dataFormat?: string };
    if (dataFormat !== undefined && dataFormat !== 'channelsLast') {
      this.refuse(
        'dataFormat',
        "'channelsLast', [batch, height, width, channels]",
        `'${dataFormat}'; tf.transpose(x, [0, 2, 3, 1]) makes it so`,
      );
    }
  }

  /** Inside of a block, where the block's own name does not tell its weights apart: `conv1/kernel`. */
  nameWeightsAfterItself(): void {
    this.weightPrefix = `${this.name}/`;
  }

  protected override addWeight(
    name: string,
    shape: Shape,
    dtype?: 'float32',
    initializer?: Initializer,
    regularizer?: Regularizer,
    trainable?: boolean,
    constraint?: Constraint,
  ): LayerVariable {
    return super.addWeight(this.weightPrefix + name, shape, dtype, initializer, regularizer, trainable, constraint);
  }

  /**
   * Multiply-accumulates for one picture, as torchvision counts them: those of convolutions and dense layers, without
   * the bias. Shapes begin with a batch of 1; of several inputs it is the first one's.
   */
  macs(_inputShape: readonly number[], _outputShape: readonly number[]): number {
    return 0;
  }

  /** What of each input an output sees; undefined: what stands at its own place. The shape is as in `macs`. */
  windowOf(_inputShape: readonly number[]): LayerWindow | undefined {
    return undefined;
  }

  /** What a training step changes besides weights, counters of random numbers say: a checkpoint keeps it. */
  trainingState(): Readonly<Record<string, number>> {
    return {};
  }

  /** Goes on from what `trainingState` gave. */
  restoreTrainingState(_state: Readonly<Record<string, number>>): void {}

  /** Takes note of the training state; the function that is returned puts it back. */
  noteState(): () => void {
    const state = this.trainingState();
    return () => this.restoreTrainingState(state);
  }

  /** @throws ArgumentError */
  protected refuse(argument: string, expected: string, found: unknown): never {
    throw new ArgumentError(
      `${this.where}: ${argument} must be ${expected}, got ${typeof found === 'string' ? found : shown(found)}`,
    );
  }

  /** The value, where it is a positive integer. */
  protected positiveInteger(argument: string, value: unknown): number {
    return positiveInteger(this.where, argument, value);
  }

  /** The value, where it is a number in [0, 1): a rate of dropout. */
  protected share(argument: string, value: unknown): number {
    return share(this.where, argument, value);
  }

  /** A size of the input that the layer must know before it can make its weights. */
  protected known(what: string, size: number | null | undefined, shape: Shape): number {
    if (size == null) {
      throw new GeometryError(`${this.where}: the ${what} of the input must be known, got shape ${shapeText(shape)}`);
    }
    return size;
  }
}

/** A layer of one input. */
export abstract class OneInputLayer extends CnnLayer {
  /** y of x; `training` as `fit` sets it; random numbers and side effects go through `recomputation`, if given. */
  protected abstract forward(x: Tensor, training: boolean, recomputation?: Recomputation): Tensor;

  /** Shape of y; null stands for a size that is not known yet. */
  protected abstract outputShapeOf(shape: Shape): Shape;

  override call(inputs: Tensor | Tensor[], kwargs: CallArguments): Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return this.forward(x, kwargs?.['training'] === true, kwargs?.['recomputation'] as Recomputation | undefined);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.outputShapeOf(onlyShape(inputShape));
  }

  /** Refuses inputs of another rank, or, once `channels` is known, of another number of channels. */
  protected expectRank(ndim: number, channels?: number): void {
    this.inputSpec = [new InputSpec(channels === undefined ? { ndim } : { ndim, axes: { [-1]: channels } })];
  }
}

/** The shapes of all inputs or outputs, where tfjs-layers gives that of a single one without a list around it. */
export function allShapes(shape: Shape | Shape[]): Shape[] {
  return (Array.isArray(shape[0]) ? shape : [shape]) as Shape[];
}

/** The shape, of a layer that has one input. */
export function onlyShape(shape: Shape | Shape[]): Shape {
  return allShapes(shape)[0]!;
}

/**
 * The shape that two inputs have in common.
 * @throws GeometryError where there are not two, or they differ
 */
export function sameShape(where: string, shapes: Shape | Shape[]): Shape {
  const both = allShapes(shapes);
  if (both.length !== 2) throw new GeometryError(`${where}: expects 2 inputs, got ${both.length}`);
  const [a, b] = both as [Shape, Shape];
  if (a.length !== b.length || a.some((size, i) => size != null && b[i] != null && size !== b[i])) {
    throw new GeometryError(`${where}: both inputs must have the same shape, got ${shapeText(a)} and ${shapeText(b)}`);
  }
  return a.map((size, i) => size ?? b[i]!);
}

/** Elements of a tensor of that shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** [?, 28, 28, 1] */
export function shapeText(shape: Shape): string {
  return `[${shape.map((size) => size ?? '?').join(', ')}]`;
}

/** Makes a class known to `tf.loadLayersModel`. */
export function registerLayer<T extends layers.Layer>(cls: serialization.SerializableConstructor<T>): void {
  serialization.registerClass(cls, 'tfjs-cnn');
}
