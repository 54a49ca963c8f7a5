/** Layers made of layers: residual, inception and dense blocks and their kin. */
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { InputSpec, type LayerVariable, type Shape, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { oneOf } from '../checks.js';
import { GeometryError } from '../geometry.js';
import { type Recomputation, recomputed } from '../recompute.js';
import { allShapes, type CallArguments, CnnLayer, type Config, type LayerOptions, shapeText } from './cnn-layer.js';

/** What goes through a block, layer by layer: tensors when it runs, shapes when it is built, whatever a walk wants to know. */
export type Walk<T> = (layer: CnnLayer, input: T | T[]) => T;

/** Sends x through layers, one behind the other. */
export function chained<T>(layers: readonly CnnLayer[], x: T, through: Walk<T>): T {
  return layers.reduce<T>((y, layer) => through(layer, y), x);
}

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
  private completed = false;
  private fastWeightInit = false;
  protected readonly names: Readonly<Record<string, string>>;

  constructor(options: BlockOptions) {
    super(options);
    this.recompute = oneOf(this.where, 'recompute', options.recompute ?? false, [true, false]);
    this.names = namesFrom(options.names);
    for (const [part, name] of Object.entries(this.names)) {
      if (typeof name !== 'string' || name === '') this.refuse(`the name of ${part}`, 'a string', name);
    }
  }

  /** The layers inside, in the order in which they were made. */
  get parts(): readonly CnnLayer[] {
    return this.adopted;
  }

  /** Sends the inputs through the layers inside: the block's meaning. */
  abstract wire<T>(inputs: T[], through: Walk<T>): T;

  /** Makes the parts that cannot be made before the channels of the (first) input are known. */
  protected partsFor?(channels: number): void;

  private complete(shape: Shape): void {
    if (!this.partsFor || this.completed) return;
    this.partsFor(this.known('number of channels', shape[shape.length - 1], shape));
    this.completed = true;
  }

  /** Makes a layer inside of the block; `part` is what it is called here. */
  protected part<Options extends LayerOptions | undefined, L extends CnnLayer>(
    cls: new (options: Options) => L,
    part: string,
    options: Omit<NonNullable<Options>, 'name'>,
  ): L {
    const layer = new cls({ trainable: this.trainable, ...options, name: this.nameOf(part) } as Options);
    layer.setFastWeightInitDuringBuild(this.fastWeightInit);
    this.adopted.push(layer);
    return layer;
  }

  /** The path of a part in a checkpoint. */
  protected nameOf(part: string): string {
    return this.names[part] ?? `${this.name}.${part}`;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shapes = allShapes(inputShape);
    this.complete(shapes[0]!);
    this.wire<Shape>(shapes, (layer, shape) => {
      if (!layer.built) {
        this.expectRankOf(layer, shape);
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
    const [shape] = shapes as [Shape];
    if (shapes.length === 1 && weights.length > 0) {
      this.inputSpec = [new InputSpec({ ndim: shape.length, axes: { [-1]: shape[shape.length - 1]! } })];
    }
    super.build(inputShape);
  }

  /** tfjs-layers asks this where a layer is applied, which a part of a block is not. */
  private expectRankOf(part: CnnLayer, shape: Shape | Shape[]): void {
    const rank = part.inputSpec?.[0]?.ndim;
    if (rank == null || Array.isArray(shape[0]) || shape.length === rank) return;
    const axes = rank === 4 ? '[batch, height, width, channels]' : `${rank} axes`;
    throw new GeometryError(`${this.where}: the input of '${part.name}' must be ${axes}, got ${shapeText(shape as Shape)}`);
  }

  /** Those of the parts that are not frozen themselves: in a sequential model tfjs-layers thaws the weights alone. */
  override get trainableWeights(): LayerVariable[] {
    return this.trainable ? this.adopted.flatMap((part) => part.trainableWeights) : [];
  }

  override set trainableWeights(weights: LayerVariable[]) {
    super.trainableWeights = weights;
  }

  /** All others. */
  override get nonTrainableWeights(): LayerVariable[] {
    const trained = new Set(this.trainableWeights);
    return [...super.trainableWeights, ...super.nonTrainableWeights].filter((weight) => !trained.has(weight));
  }

  override set nonTrainableWeights(weights: LayerVariable[]) {
    super.nonTrainableWeights = weights;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shapes = allShapes(inputShape);
    this.complete(shapes[0]!);
    return this.wire<Shape>(shapes, (layer, shape) => layer.computeOutputShape(shape) as Shape);
  }

  /** Whether the block as a whole is run twice; a block of blocks may leave that to each of them. */
  protected get runsTwice(): boolean {
    return this.recompute;
  }

  override call(inputs: Tensor | Tensor[], kwargs: CallArguments): Tensor {
    const given = Array.isArray(inputs) ? inputs : [inputs];
    const training = kwargs?.['training'] === true;
    const outer = kwargs?.['recomputation'] as Recomputation | undefined;
    if (!this.runsTwice) return this.run(given, training, outer);
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
    this.fastWeightInit = value;
    for (const layer of this.adopted) layer.setFastWeightInitDuringBuild(value);
  }

  override getConfig(): Config {
    const { recompute, names } = this;
    return { ...super.getConfig(), recompute, names: savedNames(names) };
  }
}

/** The form in which a model's file holds names: of all strings, tfjs-layers leaves those alone that are called `name`. */
function savedNames(names: Readonly<Record<string, string>>): Config[][] {
  return Object.entries(names).map((pair) => pair.map((name) => ({ name })));
}

function namesFrom(names: Readonly<Record<string, string>> | Config[][] = {}): Readonly<Record<string, string>> {
  if (!Array.isArray(names)) return names;
  return Object.fromEntries(names.map((pair) => pair.map(({ name }) => name)));
}
