/** A model in two: what does not change any more, and what learns. */
import {
  input,
  LayersModel,
  model as modelOf,
  type Shape,
  type SymbolicTensor,
  type layers as tfLayers,
} from '@tensorflow/tfjs-layers';
import { refuse } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { alongWires } from '../layers/along-wires.js';
import { allShapes } from '../layers/cnn-layer.js';
import { Flatten } from '../layers/flatten.js';
import { kindOf } from './carried-layers.js';
import { trainableSet } from './freeze.js';

type Layer = tfLayers.Layer;

/** A model in two parts, which share its layers. */
export interface SplitModel {
  /** What is frozen, from the pictures on: to be run forward alone, in inference. */
  readonly prefix: LayersModel;
  /** What learns, and whatever stands behind it. Its input is what the prefix gives, [height, width, channels]; a vector is [1, 1, size]. */
  readonly rest: LayersModel;
  /** The layer of the model that the prefix ends with. */
  readonly after: string;
  /** Lets go of the two; the model stays as it is. */
  dispose(): void;
}

/** A tensor between layers: who makes it, and who takes it. */
interface Wire {
  readonly shape: Shape;
  readonly maker: Step | undefined;
  readonly takers: Step[];
}

/** A layer where it is applied. */
interface Step {
  readonly layer: Layer;
  readonly inputs: readonly Wire[];
  outputs: readonly Wire[];
}

/** Layers that are random in training and do nothing else. */
const RANDOM = new Set(['Dropout', 'SpatialDropout2D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout']);

/**
 * Cuts a model behind its frozen layers. Trained alone, the rest keeps the frozen part off the tape: it is run forward only, by itself
 * and in inference (batch normalisation on its moving statistics, dropout off), and its results can be kept (`FeatureSource`).
 *
 *     freezeUntil(model, 'head');
 *     const { prefix, rest } = splitFrozen(model)!;
 *     const features = new FeatureSource(loader, prefix);
 *     await new Trainer(rest, { optimizer }).fit(features, { epochs: 20 });   // the weights are the model's own
 *
 * The cut is the last place where all that comes before is frozen and goes through one tensor; layers in front of it without weights
 * (means of maps, say) are taken along, but dropout right before the first layer that learns stays with that one. Of a net whose
 * auxiliary heads learn it lies before the first of them. Penalties of frozen weights, which are constant, are no part of the rest's loss.
 *
 * @param model of one input
 * @returns     undefined where nothing at the beginning is frozen, or pictures are changed at random inside of the model
 * @throws ArgumentError where nothing learns
 */
export function splitFrozen(model: LayersModel): SplitModel | undefined {
  if (!(model instanceof LayersModel)) refuse('splitFrozen', 'model', 'a tf.LayersModel', model);
  const learning = trainableSet(model);
  if (learning.size === 0) {
    throw new ArgumentError(`splitFrozen: nothing of model '${model.name}' learns; unfreeze(model, 'head') lets the classifier`);
  }
  if (model.inputs.length !== 1) return undefined;
  const { start, steps, ends } = wiring(model);
  const frozen = frozenSteps(steps, learning, start);
  const cut = lastCut(frozen, ends);
  return cut && divided(model, start, steps, ends, cut);
}

/** The model's layers as they are applied, each behind those that it needs. */
function wiring(model: LayersModel): { start: Wire; steps: Step[]; ends: Wire[] } {
  const steps: Step[] = [];
  const start: Wire = { shape: model.inputs[0]!.shape, maker: undefined, takers: [] };
  const ends = alongWires<Wire>(model, [start], (layer, inputs) => {
    const step: Step = { layer, inputs, outputs: [] };
    const shapes = inputs.map(({ shape }) => shape);
    const given = allShapes(layer.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes));
    step.outputs = given.map((shape) => ({ shape, maker: step, takers: [] }));
    for (const wire of inputs) wire.takers.push(step);
    steps.push(step);
    return [...step.outputs];
  });
  return { start, steps, ends };
}

/** Steps that are frozen as all before them are, but for dropout with nothing frozen behind it. */
function frozenSteps(steps: readonly Step[], learning: ReadonlySet<unknown>, start: Wire): Set<Step> {
  const frozen = new Set<Step>();
  const fixed = (wire: Wire) => wire === start || (wire.maker !== undefined && frozen.has(wire.maker));
  for (const step of steps) {
    const { layer, inputs } = step;
    // Pictures that the model changes itself are others at each step.
    const changes = kindOf(layer) === 'Augmentation' || layer.weights.some((weight) => learning.has(weight));
    if (!changes && inputs.every(fixed)) frozen.add(step);
  }
  // From the end: whoever has frozen weights behind it, or some of its own, is needed.
  const needed = new Set<Step>();
  for (const step of [...frozen].reverse()) {
    const behind = step.outputs.some(({ takers }) => takers.some((taker) => needed.has(taker)));
    if (behind || step.layer.weights.length > 0) needed.add(step);
  }
  for (const step of [...frozen]) {
    const late = RANDOM.has(kindOf(step.layer)) && !needed.has(step);
    if (late || !step.inputs.every(fixed)) frozen.delete(step);
  }
  return frozen;
}

/** The last tensor through which everything frozen before it goes; undefined where no layer with weights comes before one. */
function lastCut(frozen: ReadonlySet<Step>, ends: readonly Wire[]): Wire | undefined {
  const isEnd = new Set(ends);
  let found: Wire | undefined;
  let most = 0;
  for (const step of frozen) {
    const [wire, ...others] = step.outputs;
    if (!wire || others.length > 0 || isEnd.has(wire) || !canBeFed(wire)) continue;
    const before = ancestorsOf(step);
    const leaks = [...before].some(
      (each) =>
        each !== step && each.outputs.some((output) => isEnd.has(output) || output.takers.some((taker) => !before.has(taker))),
    );
    const weighted = [...before].some(({ layer }) => layer.weights.length > 0);
    if (!leaks && weighted && before.size > most) {
      found = wire;
      most = before.size;
    }
  }
  return found;
}

/** Maps or vectors of a known size. */
function canBeFed({ shape }: Wire): boolean {
  return (shape.length === 4 || shape.length === 2) && shape.slice(1).every((size) => size !== null);
}

function ancestorsOf(step: Step, found = new Set<Step>()): Set<Step> {
  if (found.has(step)) return found;
  found.add(step);
  for (const { maker } of step.inputs) if (maker) ancestorsOf(maker, found);
  return found;
}

/** Applies the layers once more, to inputs of the two parts' own. */
function divided(model: LayersModel, start: Wire, steps: readonly Step[], ends: readonly Wire[], cut: Wire): SplitModel {
  const before = ancestorsOf(cut.maker!);
  const undo: (() => void)[] = [];
  const apply = (layer: Layer, inputs: SymbolicTensor[]): SymbolicTensor[] => {
    undo.push(forgetting(layer, inputs));
    return [layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as SymbolicTensor | SymbolicTensor[]].flat();
  };
  const picture = input({ shape: start.shape.slice(1), name: `${model.inputNames[0]}_pictures` });
  const shape = cut.shape.length === 4 ? cut.shape.slice(1) : [1, 1, cut.shape[1]!];
  const features = input({ shape, name: `${model.inputNames[0]}_features` });
  const known = new Map<Wire, SymbolicTensor>([[start, picture]]);
  const run = (through: readonly Step[]) => {
    for (const { layer, inputs, outputs } of through) {
      const given = apply(
        layer,
        inputs.map((wire) => known.get(wire)!),
      );
      outputs.forEach((wire, i) => void known.set(wire, given[i]!));
    }
  };
  run(steps.filter((step) => before.has(step)));
  const prefix = modelOf({ inputs: picture, outputs: known.get(cut)!, name: `${model.name}_frozen` });
  known.set(
    cut,
    cut.shape.length === 4 ? features : (new Flatten({ name: `${features.name}_vector` }).apply(features) as SymbolicTensor),
  );
  run(steps.filter((step) => !before.has(step)));
  const outputs = ends.map((wire) => known.get(wire)!);
  const rest = modelOf({ inputs: features, outputs, name: `${model.name}_rest` });
  const metadata = model.getUserDefinedMetadata();
  if (metadata) rest.setUserDefinedMetadata({ ...metadata });
  return {
    prefix,
    rest,
    after: cut.maker!.layer.name,
    dispose() {
      for (const take of undo.splice(0).reverse()) take();
    },
  };
}

/** Notes how often a layer is applied; the function that is given back forgets what came after, unless there is more by then. */
function forgetting(layer: Layer, inputs: readonly SymbolicTensor[]): () => void {
  const { length } = layer.inboundNodes;
  const givers = inputs.map(({ sourceLayer }) => sourceLayer);
  return () => {
    const node = layer.inboundNodes[length];
    // tfjs-layers counts how often a layer is applied, and frees its weights with the last.
    layer.dispose();
    if (layer.inboundNodes.length === length + 1) layer.inboundNodes.length = length;
    for (const giver of givers) giver.outboundNodes = giver.outboundNodes.filter((each) => each !== node);
  };
}
