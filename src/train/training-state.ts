/** What a training is made of, as a snapshot and back: to the bit, so that it goes on as if it had never stopped. */
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochReport } from './callbacks/callback.js';
import { CheckpointError, type Snapshot, type StoredTensor } from './checkpoints/checkpoint-store.js';
import type { OptimizerState } from './optimizers/state.js';
import type { WeightAverageState } from './optimizers/weight-average.js';
import type { Schedule } from './schedules/schedule.js';
import type { ScoreState } from './score.js';
import { layerStates, namedVariables, restoreLayerStates, type Trainable } from './trainable.js';
import type { StepParts } from './training-step.js';

/** How far a training is. Its own numbers; weights and slots lie elsewhere. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  /** From 0: the epoch that goes on. */
  readonly epoch: number;
  /** Batches of it that are done. */
  readonly batch: number;
  /** Of these batches. */
  readonly score: ScoreState;
  /** Training time of the epoch so far, tests not counted, and the part of it spent waiting for data. */
  readonly seconds: number;
  readonly waitedSeconds: number;
  /** Epochs that are done. */
  readonly epochs: readonly EpochReport[];
  /** Of every step, float32. */
  readonly losses: readonly number[];
  /** Share of right answers in every step, float32. */
  readonly accuracies: readonly number[];
}

/** The data that a training is on: another one's positions mean nothing. */
export interface DataFacts {
  readonly count: number;
  readonly batchSize: number;
  readonly shape: readonly number[];
  /** Batches that are taken together. */
  readonly accumulate?: number;
  /** Seed, random changes and so on, where the source tells. */
  readonly recipe?: string;
}

/** What has a state of its own. */
export interface StateParts extends StepParts {
  readonly schedule?: Schedule;
}

/** All of it, copied: training may go on while it is written. */
export async function snapshotOf(parts: StateParts, position: Position, data: DataFacts): Promise<Snapshot> {
  const { net, optimizer, schedule, average } = parts;
  const { losses, accuracies, ...rest } = position;
  const tensors: Record<string, StoredTensor> = { losses: vectorOf(losses), accuracies: vectorOf(accuracies) };
  for (const [name, live] of liveTensors(parts)) tensors[name] = await copyOf(live);
  return {
    state: {
      position: rest,
      data,
      optimizer: { className: optimizer.getClassName(), ...optimizer.state() },
      schedule: schedule?.state?.() ?? {},
      layers: layerStates(net),
      average: average?.state() ?? {},
      ...(net instanceof LayersModel && { model: net.toJSON(undefined, false) as Record<string, unknown> }),
    },
    tensors,
  };
}

/**
 * Puts a snapshot back.
 * @throws CheckpointError where it is of another net, optimizer, schedule or data; the net is as it was then
 */
export function restore(parts: StateParts, snapshot: Snapshot, data: DataFacts, name: string): Position {
  const { net, optimizer, schedule, average, lossScaler } = parts;
  const { tensors } = snapshot;
  const state = snapshot.state as unknown as SavedState;
  for (const fact of ['count', 'batchSize', 'shape', 'accumulate', 'recipe'] as const) {
    expect(name, `the data's ${fact}`, JSON.stringify(data[fact]) ?? 'none', JSON.stringify(state.data?.[fact]) ?? 'none');
  }
  expect(name, 'the optimizer', optimizer.getClassName(), state.optimizer?.className);
  expectWeights(net, snapshot, name);
  try {
    withTensors(under('optimizer/', tensors), (slots) => optimizer.loadSlots(slots));
    optimizer.restore(state.optimizer);
    // Trainings that went without one go on with a new one.
    if (lossScaler && 'lossScaler/scale' in tensors) {
      withTensors(under('lossScaler/', tensors), (slots) => lossScaler.loadSlots(slots));
    }
    if (average) {
      withTensors(under('average/', tensors), (slots) => average.loadSlots(slots));
      average.restore(state.average);
    }
    schedule?.restore?.(state.schedule);
  } catch (error) {
    throw new CheckpointError(`${name} is of another training: ${(error as Error).message}; ${ADVICE}`, { cause: error });
  }
  loadCheckpointWeights(net, snapshot, name);
  restoreLayerStates(net, state.layers);
  return {
    ...state.position,
    losses: Array.from(tensors['losses']!.values),
    accuracies: Array.from(tensors['accuracies']!.values),
  };
}

/**
 * Gives a net the weights of a checkpoint, and nothing else of it.
 * @throws CheckpointError where they are not its own; the net is left as it is then
 */
export function loadCheckpointWeights(net: Trainable, { tensors }: Snapshot, name = 'checkpoint'): void {
  expectWeights(net, { tensors }, name);
  for (const { name: weight, variable } of namedVariables(net)) {
    const value = tensorOf(tensors[`weights/${weight}`]!);
    variable.assign(value);
    value.dispose();
  }
}

function expectWeights(net: Trainable, { tensors }: Pick<Snapshot, 'tensors'>, name: string): void {
  for (const { name: weight, variable } of namedVariables(net)) {
    const shape = tensors[`weights/${weight}`]?.shape;
    expect(name, `the weight '${weight}'`, `[${variable.shape}]`, shape && `[${shape}]`);
  }
}

const ADVICE = 'train with the settings it was made with, or into another folder';

interface SavedState {
  readonly position: Omit<Position, 'losses' | 'accuracies'>;
  readonly data: DataFacts;
  readonly optimizer: { readonly className: string } & OptimizerState;
  readonly schedule: Record<string, unknown>;
  readonly layers: Record<string, Record<string, number>>;
  readonly average: WeightAverageState;
}

/** Every tensor of a training by its name in checkpoints. */
function liveTensors({ net, optimizer, average, lossScaler }: StateParts): [string, Tensor][] {
  const live: [string, Tensor][] = namedVariables(net).map(({ name, variable }) => [`weights/${name}`, variable]);
  for (const [prefix, keeper] of [
    ['optimizer', optimizer],
    ['average', average],
    ['lossScaler', lossScaler],
  ] as const) {
    for (const [key, slot] of Object.entries(keeper?.slots() ?? {})) live.push([`${prefix}/${key}`, slot]);
  }
  return live;
}

/** The tensors whose names begin with a prefix, without it. */
function under(prefix: string, tensors: Snapshot['tensors']): Record<string, Tensor> {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, stored]) => [name.slice(prefix.length), tensorOf(stored)]));
}

function withTensors(tensors: Record<string, Tensor>, use: (tensors: Record<string, Tensor>) => void): void {
  try {
    use(tensors);
  } finally {
    for (const each of Object.values(tensors)) each.dispose();
  }
}

function vectorOf(numbers: readonly number[]): StoredTensor {
  return { values: Float32Array.from(numbers), shape: [numbers.length] };
}

async function copyOf(live: Tensor): Promise<StoredTensor> {
  return { values: (await live.data()) as StoredTensor['values'], shape: live.shape };
}

function tensorOf({ values, shape }: StoredTensor): Tensor {
  return tensor(values, [...shape]);
}

function expect(checkpoint: string, what: string, expected: string, found: string | undefined): void {
  if (found === expected) return;
  throw new CheckpointError(
    `${checkpoint} is of another training: ${what} must be ${expected}, found ${found ?? 'nothing'}; ${ADVICE}`,
  );
}
