/** An optimizer's update alone: how near it comes to the speed of memory. */
import * as tf from '@tensorflow/tfjs-core';
import { createOptimizer, type OptimizerName } from 'tfjs-cnn';
import { type Way, ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

/** As many weights as ResNet-50 has. */
const WEIGHTS = 25_000_000;
/** In so many variables. */
const VARIABLES = 50;

/** Variables and gradients of all contestants on one backend. */
const held = new Map<string, { variables: tf.Variable[]; gradients: tf.NamedTensorMap }>();

function weights(): { variables: tf.Variable[]; gradients: tf.NamedTensorMap } {
  const backend = tf.getBackend();
  const found = held.get(backend);
  if (found) return found;
  const random = () => tf.randomUniform([WEIGHTS / VARIABLES / 1000, 1000], -1, 1);
  const variables = Array.from({ length: VARIABLES }, () => tf.tidy(() => random().variable()));
  const made = { variables, gradients: Object.fromEntries(variables.map(({ name }) => [name, random()])) };
  held.set(backend, made);
  return made;
}

function letGo(): void {
  for (const { variables, gradients } of held.values()) tf.dispose([variables, gradients as unknown as tf.Tensor]);
  held.clear();
}

function update(way: Way, make: () => tf.Optimizer): Contestant & { dispose(): void } {
  let optimizer: tf.Optimizer | undefined;
  return {
    name: way.name,
    async before() {
      await way.use();
      weights();
      optimizer ??= make();
    },
    run: () => optimizer!.applyGradients(weights().gradients),
    dispose: () => optimizer?.dispose(),
  };
}

/** JavaScript's copy, by one thread; reading and writing count alike. */
function copying(bytesMoved: number): Contestant {
  const from = new Uint8Array(bytesMoved / 2).fill(1);
  const to = new Uint8Array(from.length);
  return { name: `a copy that moves as many bytes (${bytesMoved / 1e6} MB)`, run: () => to.set(from) };
}

async function compared(what: string, contestants: (Contestant & { dispose?(): void })[], rounds: number): Promise<Row> {
  const timings = await measure(contestants, { rounds, warmUp: 1 });
  for (const contestant of contestants) contestant.dispose?.();
  letGo();
  return row(what, timings);
}

/** AdamW's update on a backend, for the table of peers. */
export function adamWUpdate(way: Way, ours: boolean): Contestant {
  return update(way, () => (ours ? createOptimizer('adamW') : tf.train.adam(1e-3)));
}

/** AdamW on wasm-cnn and cpu beside tfjs's Adam on cpu, which has no weight decay to pay for; then others beside memory. */
export async function optimizerUpdates(): Promise<Row[]> {
  const ours = (name: OptimizerName) => () => createOptimizer(name, { learningRate: 1e-3 });
  const stock = () => tf.train.adam(1e-3);
  const cpu = { ...ways.stockCpu, name: 'our kernels on cpu' };
  const what = 'AdamW, 25 million weights';
  const rows = [
    await compared(what, [update(ways.wasmCnn, ours('adamW')), update(ways.stockCpu, stock)], 3),
    await compared(what, [update(cpu, ours('adamW')), update(ways.stockCpu, stock)], 3),
  ];
  // Value and slots are read and written, the gradient is read: 4 bytes each.
  for (const [name, slots] of [
    ['sgd', 0],
    ['adamW', 2],
    ['adadelta', 2],
  ] as const) {
    const contestants = [
      update(ways.wasmCnn, ours(name)),
      update(ways.wasmCnnOne, ours(name)),
      copying(WEIGHTS * (12 + 8 * slots)),
    ];
    rows.push(await compared(`${name}, 25 million weights`, contestants, 9));
  }
  return rows;
}
