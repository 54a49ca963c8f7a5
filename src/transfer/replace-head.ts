/** Other classes for a trained net. */
import { LayersModel, model as modelOf, type SymbolicTensor, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { nonNegativeInteger, onlyKnown, positiveInteger, refuse, share } from '../checks.js';
import { torchDefault } from '../initializers/index.js';
import type { Block } from '../layers/block.js';
import { Dense } from '../layers/dense.js';
import { Dropout } from '../layers/dropout.js';
import { GlobalAveragePooling2D } from '../layers/global-pooling2d.js';
import { mixSeeds } from '../random.js';
import { modelInput, setModelInput } from '../weights/model-input.js';
import { another, kindOf } from './carried-layers.js';
import { type Classifier, classifiersOf } from './classifier.js';
import { pathsNamed } from './places.js';
import { tensorsOf } from './tensors.js';

/** Options of replaceHead. */
export interface ReplaceHeadOptions {
  /** How many classes the new head tells apart, or their names. */
  readonly classes: number | readonly string[];
  /** Of the new weights; an integer in [0, 2^32); default: another one each time. */
  readonly seed?: number;
  /**
   * Layer or stage that the new head stands behind; whatever comes after it is dropped. The head is then means of maps, dropout and a
   * dense layer. Default: the classifier is found and replaced by one of its kind, and a net that gives maps gets such a head.
   */
  readonly behind?: string;
  /** Of a new dense layer that replaces nothing; default 'classifier'. One that replaces another has that one's name. */
  readonly name?: string;
  /** Of a head that replaces nothing: dropout before the dense layer, in [0, 1); default 0. */
  readonly dropout?: number;
}

/**
 * The same net with another classifier, which begins at random: uniform within 1 / sqrt(fan in), biases at 0. It gives logits: softmax at
 * the end is dropped, and the convolution that is SqueezeNet's classifier is linear here, since a relu there is silent for half of all
 * beginnings. (Network in network keeps the relu inside of its last block.) Of a net with auxiliary heads each one is replaced.
 *
 * The layers before it are those of the given model, not copies: train one of the two. What the pictures must look like stays with the
 * model, and `classes` become the names of its classes.
 *
 *     const model = replaceHead(await fromPretrained('cifarResNet20-fashion'), { classes: ['shoe', 'shirt'], seed: 1 });
 *
 * @param model of this package's layers or tfjs-layers' own
 * @throws ArgumentError where no classifier is found, listing near names where `behind` is none
 */
export function replaceHead(model: LayersModel, options: ReplaceHeadOptions): LayersModel {
  if (!(model instanceof LayersModel)) refuse('replaceHead', 'model', 'a tf.LayersModel', model);
  onlyKnown('replaceHead', options, ['classes', 'seed', 'behind', 'name', 'dropout']);
  const { classes, seed = Math.floor(Math.random() * 2 ** 32), behind, dropout } = options;
  nonNegativeInteger('replaceHead', 'seed', seed);
  if (dropout !== undefined) share('replaceHead', 'dropout', dropout);
  const names = Array.isArray(classes) ? classNames(classes) : [];
  const count = names.length || positiveInteger('replaceHead', 'classes', classes);
  const head: NewHead = { ...options, classes: count, seed };
  const outputs =
    behind !== undefined
      ? [newHead(tensorBehind(model, behind), head)]
      : givesMaps(model)
        ? [newHead(model.outputs[0]!, head)]
        : classifiersOf('replaceHead', model).map((classifier, i) => renewed(classifier, { ...head, seed: mixSeeds(seed, i) }));
  return withFacts(modelOf({ inputs: model.inputs, outputs, name: model.name }), model, names);
}

type NewHead = Omit<ReplaceHeadOptions, 'classes' | 'seed'> & { readonly classes: number; readonly seed: number };

function classNames(classes: readonly string[]): readonly string[] {
  const valid = classes.length > 0 && classes.every((name) => typeof name === 'string' && name !== '');
  if (!valid || new Set(classes).size !== classes.length) {
    refuse('replaceHead', 'classes', 'a positive integer, or different names', classes);
  }
  return classes;
}

const givesMaps = (model: LayersModel): boolean => model.outputs.length === 1 && model.outputs[0]!.shape.length === 4;

const through = (layer: tfLayers.Layer, x: SymbolicTensor): SymbolicTensor => layer.apply(x) as SymbolicTensor;

function tensorBehind(model: LayersModel, name: string): SymbolicTensor {
  const tensors = tensorsOf(model);
  const paths = tensors.map(({ layer }) => [layer.name]);
  return tensors[pathsNamed('replaceHead: behind', model, paths, name).at(-1)!]!.tensor;
}

/** Means of maps, dropout, dense. */
function newHead(features: SymbolicTensor, { classes, seed, name = 'classifier', dropout = 0 }: NewHead): SymbolicTensor {
  const rank = features.shape.length;
  if (rank !== 2 && rank !== 4) {
    refuse('replaceHead', 'behind', 'a layer that gives [batch, height, width, channels] or [batch, features]', features.shape);
  }
  let x = features;
  if (rank === 4) x = through(new GlobalAveragePooling2D({ name: `${name}_pool` }), x);
  if (dropout > 0) x = through(new Dropout({ name: `${name}_dropout`, rate: dropout, seed: mixSeeds(seed, 1) }), x);
  return through(new Dense({ name, units: classes, kernelInitializer: torchDefault({ seed }), biasInitializer: 'zeros' }), x);
}

/** A classifier of the same kind, and what stood behind the old one. */
function renewed({ layer, input, tail }: Classifier, head: NewHead): SymbolicTensor {
  const made = otherClassifier(layer, head);
  const scores = through(made, input);
  if (kindOf(layer) === 'NetworkInNetwork') keepAllButLast(made, layer);
  return tail.filter((each) => !isSoftmax(each)).reduce((x, each) => through(another(each), x), scores);
}

function otherClassifier(layer: tfLayers.Layer, { classes, seed }: NewHead): tfLayers.Layer {
  const { name } = layer;
  const kernelInitializer = torchDefault({ seed });
  const kind = kindOf(layer);
  if (kind === 'RbfOutput') return new Dense({ name, units: classes, kernelInitializer });
  const serialized = { className: kernelInitializer.getClassName(), config: kernelInitializer.getConfig() };
  const start = { kernelInitializer: serialized, biasInitializer: 'zeros', activation: 'linear', trainable: true };
  if (kind === 'Dense') return another(layer, { ...start, units: classes });
  if (kind === 'Conv2D') return another(layer, { ...start, filters: classes });
  const filters = [...(layer.getConfig()['filters'] as number[]).slice(0, -1), classes];
  return another(layer, { filters, kernelInitializer: serialized, trainable: true });
}

/** Of a block whose last convolution is new the others keep their weights. */
function keepAllButLast(block: tfLayers.Layer, old: tfLayers.Layer): void {
  const fresh = new Set((block as Block).parts.at(-1)!.weights);
  // In which order a layer has its weights depends on what is frozen.
  const known = new Map(old.weights.map((weight) => [weight.originalName, weight]));
  for (const weight of block.weights) if (!fresh.has(weight)) weight.write(known.get(weight.originalName)!.read());
}

const isSoftmax = (layer: tfLayers.Layer): boolean =>
  kindOf(layer) === 'Softmax' || /softmax/i.test(String(layer.getConfig()['activation']));

/** What is stored with the model, its classes' names apart, stays true. */
function withFacts(made: LayersModel, model: LayersModel, names: readonly string[]): LayersModel {
  const metadata = model.getUserDefinedMetadata();
  if (metadata) made.setUserDefinedMetadata({ ...metadata });
  const input = modelInput(model);
  if (input) setModelInput(made, { ...input, classNames: names });
  return made;
}
