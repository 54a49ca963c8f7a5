/** Layers made of layers: residual, inception and dense blocks and their kin. */
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Shape, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { type Recomputation, recomputed } from '../recompute.js';
import { type CallArguments, CnnLayer, type Config, type LayerOptions } from './cnn-layer.js';

/** What goes through a block, layer by layer: tensors when it runs, shapes when it is built, whatever a walk wants to know. */
export type Walk<T> = (layer: CnnLayer, input: T | T[]) => T;

/** Options of every block. */
export interface BlockOptions extends LayerOptions {
  /**
   * The forward pass keeps only the block's input, the backward pass computes the rest again: less memory for
   * more time, and the same numbers to the bit. Default false.
   */
  recompute?: boolean;
  /**
   * Names of the layers inside, by what they are called here: their paths in a checkpoint. Default: the block's
   * name, a dot and the part's, as PyTorch names modules.
   */
  names?: Readonly<Record<string, string>>;
}

/**
 * A layer made of layers. Its wiring is written once, in `wire`; shapes, weights, running, profiles and
 * drawings all follow from it.
 */
export abstract class Block extends CnnLayer {
  readonly recompute: boolean;
  private readonly adopted: CnnLayer[] = [];
  private readonly names: Readonly<Record<string, string>>;

  constructor(options: BlockOptions) {
    super(options);
    this.recompute = options.recompute ?? false;
    this.names = options.names ?? {};
  }

  /** The layers inside, in the order in which they were made. */
  get parts(): readonly CnnLayer[] {
    return this.adopted;
  }

  /** Sends the inputs through the layers inside: the block's meaning. */
  abstract wire<T>(inputs: T[], through: Walk<T>): T;

  /** Makes a layer inside of the block; `part` is what it is called here. */
  protected part<Options extends LayerOptions, L extends CnnLayer>(
    cls: new (options: Options) => L,
    part: string,
    options: Omit<Options, 'name'>,
  ): L {
    const layer = new cls({ trainable: this.trainable, ...options, name: this.names[part] ?? `${this.name}.${part}` } as Options);
    this.adopted.push(layer);
    return layer;
  }

  override build(inputShape: Shape | Shape[]): void {
    this.wire<Shape>(allShapes(inputShape), (layer, shape) => {
      if (!layer.built) {
        layer.nameWeightsAfterItself();
        layer.build(shape);
        layer.built = true;
      }
      return layer.computeOutputShape(shape) as Shape;
    });
    // Of a frozen layer every weight counts as not trainable; the weights themselves know better.
    const weights = this.adopted.flatMap((layer) => layer.weights);
    this.trainableWeights = weights.filter((weight) => weight.trainable);
    this.nonTrainableWeights = weights.filter((weight) => !weight.trainable);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.wire<Shape>(allShapes(inputShape), (layer, shape) => layer.computeOutputShape(shape) as Shape);
  }

  override call(inputs: Tensor | Tensor[], kwargs: CallArguments): Tensor {
    const given = Array.isArray(inputs) ? inputs : [inputs];
    const training = kwargs?.['training'] === true;
    const outer = kwargs?.['recomputation'] as Recomputation | undefined;
    if (!this.recompute) return this.run(given, training, outer);
    const variables = this.trainableWeights.map((weight) => weight.read());
    return recomputed((xs, recomputation) => this.run(xs, training, recomputation), given, variables, outer);
  }

  /** Runs the layers inside; a block that knows a faster way to the same numbers goes it here. */
  protected run(inputs: Tensor[], training: boolean, recomputation?: Recomputation): Tensor {
    const kwargs: CallArguments = { training, recomputation };
    return tidy(() => this.wire<Tensor>(inputs, (layer, x) => layer.call(x, kwargs) as Tensor));
  }

  override get trainable(): boolean {
    return super.trainable;
  }

  /** Of a block that is frozen every part is: batch normalisation runs on its moving statistics. */
  override set trainable(trainable: boolean) {
    super.trainable = trainable;
    for (const layer of this.adopted) layer.trainable = trainable;
  }

  /** What the regularizers of the layers inside ask for. */
  override get losses(): tfLayers.Layer['losses'] {
    return [...super.losses, ...this.adopted.flatMap((layer) => layer.losses)];
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    for (const layer of this.adopted) layer.setFastWeightInitDuringBuild(value);
  }

  override getConfig(): Config {
    const { recompute, names } = this;
    return { ...super.getConfig(), recompute, names: { ...names } };
  }
}

/** The shapes of all inputs, where tfjs-layers gives that of a single one without a list around it. */
function allShapes(shape: Shape | Shape[]): Shape[] {
  return (Array.isArray(shape[0]) ? shape : [shape]) as Shape[];
}
