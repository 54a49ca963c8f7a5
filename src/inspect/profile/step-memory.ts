// What is foretold is wasm-cnn, whose kernels have to be there.
import '../../standard/register.js';
import { add, dispose, engine, keep, type Scalar, sum, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { MeterBackend } from '../../backends/meter/meter-backend.js';
import { onMeter } from '../../backends/meter/on-meter.js';
import { positiveInteger } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { CnnLayer } from '../../layers/cnn-layer.js';
import { leavesOf } from '../../layers/leaves.js';
import { crossEntropy, lossOf } from '../../train/loss.js';
import { createOptimizer, type OptimizerName } from '../../train/optimizers/create-optimizer.js';
import { walk } from './walk.js';

/**
 * Linear memory of 'wasm-cnn' during one training step, in bytes, as a Trainer takes eager steps from the second on. The
 * parts are what is held at the moment of the peak, and add up to it.
 */
export interface StepMemory {
  /** Pictures in a step. */
  readonly batchSize: number;
  /** The most that is held at one time. */
  readonly peak: number;
  /** All weights, moving statistics and other constants of the layers too. */
  readonly weights: number;
  /** What the optimizer keeps of every weight, and the new values it is writing. */
  readonly optimizer: number;
  /** The pictures and their labels. */
  readonly input: number;
  /** What the forward pass made and the tape keeps. */
  readonly activations: number;
  /** What the backward pass made: gradients, and activations that recomputing blocks make again. */
  readonly gradients: number;
  /** Of the kernels, which keep it from one to the next. */
  readonly workspace: number;
  /** Taken from the system by then, where nothing else runs: the peak, and holes that were left between blocks. */
  readonly reserved: number;
}

/** The step that is meant. */
export interface Step {
  /** Of each input, without the batch. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
}

/**
 * Runs two steps on a backend that only counts; the second one's memory is told.
 *
 * @param caller begins the message of an error
 */
export function stepMemory(caller: string, model: LayersModel, { inputShapes, batchSize, optimizer }: Step): StepMemory {
  positiveInteger(caller, 'batchSize', batchSize);
  const shapes = inputShapes.map((shape) => [batchSize, ...shape]);
  return onMeter((meter) =>
    withoutTraces(model, meter, () => {
      const trainer = new MeteredTrainer(model, meter, optimizer);
      try {
        trainer.step(shapes);
        trainer.settle();
        trainer.step(shapes);
        const { peak, reserved } = meter.runtime;
        return { batchSize, peak: peak.bytes, reserved, ...peak.use };
      } catch (error) {
        dropTape();
        const why = error instanceof Error ? error.message : String(error);
        const at = tidy(() =>
          failingLayer(
            model,
            shapes.map((shape) => meter.blank(shape)),
          ),
        );
        throw new ArgumentError(
          `${caller}: ${at ?? `a training step of model '${model.name}'`} does not run on wasm-cnn: ${why}`,
        );
      } finally {
        trainer.dispose();
      }
    }),
  );
}

/** Takes training steps of which nothing is computed. */
class MeteredTrainer {
  private readonly variables: Variable[];
  private readonly optimizer: ReturnType<typeof createOptimizer>;
  private results: Tensor[] = [];

  constructor(
    private readonly model: LayersModel,
    private readonly meter: MeterBackend,
    optimizer: OptimizerName,
  ) {
    this.variables = model.trainableWeights.map((weight) => weight.read() as Variable);
    // Numbers count for nothing here, but that there is a momentum does.
    this.optimizer = createOptimizer(optimizer, optimizer === 'sgd' ? { momentum: 0.9 } : {});
  }

  /** One step as a Trainer takes it. */
  step(shapes: readonly number[][]): void {
    const { meter, optimizer, variables } = this;
    const { runtime } = meter;
    tidy(() => {
      runtime.purpose = 'input';
      const inputs = shapes.map((shape) => meter.blank(shape));
      const labels = meter.blank([shapes[0]![0]!]);
      const { value, grads } = optimizer.computeGradients(() => {
        runtime.purpose = 'activations';
        const loss = this.loss(inputs, labels);
        runtime.purpose = 'gradients';
        return loss;
      }, variables);
      runtime.purpose = 'optimizer';
      optimizer.applyGradients(grads);
      dispose(grads);
      this.results.push(keep(value));
    });
  }

  /** As before a step in the middle of a training. */
  settle(): void {
    dispose(this.results);
    this.results = [];
    this.meter.settle(this.model.weights.map((weight) => weight.read()));
  }

  dispose(): void {
    dispose(this.results);
    this.optimizer.dispose();
  }

  /** The trainer's loss of a classifier; of a model that is none the sum of its outputs. */
  private loss(inputs: Tensor[], labels: Tensor): Scalar {
    const { model } = this;
    if (inputs.length === 1 && model.outputs.every(({ shape }) => shape.length === 2)) {
      const { loss, output } = lossOf(model, crossEntropy(), inputs[0]!, labels);
      this.results.push(keep(output));
      return loss;
    }
    const outputs = [model.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: true })].flat() as Tensor[];
    return [...outputs.map((output) => sum(output)), ...model.calculateLosses()].reduce((a, b) => add(a, b)) as Scalar;
  }
}

/** What the engine's tape keeps until a backward pass that never ran. */
function dropTape(): void {
  const { state } = engine();
  for (const { saved } of state.activeTape ?? []) dispose(saved as Tensor[]);
  state.activeTape = [];
}

/** The first layer whose forward pass throws; undefined where none does. */
function failingLayer(model: LayersModel, inputs: Tensor[]): string | undefined {
  let at: string | undefined;
  try {
    walk(model, inputs, (layer, xs) => {
      at = `layer '${layer.name}' (${layer.getClassName()})`;
      return [layer.call(xs.length === 1 ? xs[0]! : xs, { training: true })].flat();
    });
    return undefined;
  } catch {
    return at;
  }
}

/** Gives every weight of the model a stand-in without values while `work` runs; afterwards the model is what it was. */
function withoutTraces<T>(model: LayersModel, meter: MeterBackend, work: () => T): T {
  const putBack = leavesOf(model).map((layer) => (layer instanceof CnnLayer ? layer.noteState() : () => undefined));
  const weights = model.weights.map((weight) => weight.read() as Variable);
  const dataIds = weights.map(({ dataId }) => dataId);
  meter.runtime.purpose = 'weights';
  for (const weight of weights) {
    weight.dataId = meter.blankData(weight.shape, weight.dtype);
    engine().trackTensor(weight, meter);
    meter.address(weight);
  }
  try {
    return work();
  } finally {
    weights.forEach((weight, i) => {
      engine().disposeTensor(weight);
      weight.dataId = dataIds[i]!;
    });
    for (const back of putBack) back();
  }
}
