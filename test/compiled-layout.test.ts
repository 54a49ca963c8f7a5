/** Order and memory of recorded steps: random ones, run on cells that remember what was written there last. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import { layOut } from '../src/train/compiled/layout.js';
import { replacedBy } from '../src/train/compiled/order.js';
import { place } from '../src/train/compiled/placement.js';
import type { Origin, PartCall, Recording, Value } from '../src/train/compiled/recording.js';
import { choose, generator, integer, seed } from './random.js';

/** Bytes of a cell, the least that is handed out. */
const CELL = 64;
const VARIABLES = 4;
const CALLS = 30;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Reads up to three values, makes one or two; some of them replace what was read. */
function opOf(inputs: readonly string[], outputs: readonly string[], updates: Record<string, string>): ReadyOp<object> {
  const shapes = Object.fromEntries(outputs.map((name) => [name, () => []]));
  const kernels = { reference: {}, cpu: {}, wasmCnn: {}, portable: {} };
  return { name: 'CnnSome', parts: { forward: { inputs, outputs: shapes, updates } }, kernels };
}

function randomStep(random: () => number, variables: readonly tf.Variable[]): Recording {
  const values: Value[] = [];
  const make = (origin: Origin, cells = integer(random, 1, 6)): Value => {
    const value: Value = { id: values.length, origin, dtype: 'float32', length: cells * 16, bytes: cells * CELL };
    values.push(value);
    return value;
  };
  for (const variable of variables) make({ from: 'variable', variable }, 3);
  make({ from: 'input', index: 0 });
  const calls = Array.from({ length: CALLS }, (_, i): PartCall => {
    const reads: Record<string, Value> = {};
    const writes: Record<string, Value> = {};
    const updates: Record<string, string> = {};
    for (let k = integer(random, 1, 3); k > 0; k--) reads[`x${k}`] = choose(random, values.slice(-8).concat(values.slice(0, 5)));
    for (let k = integer(random, 1, 2); k > 0; k--) {
      const replaced = choose(random, Object.keys(reads));
      const may = random() < 0.5 && !Object.values(updates).some((name) => reads[name] === reads[replaced]);
      if (may) updates[`y${k}`] = replaced;
      writes[`y${k}`] = make({ from: 'call' }, may ? reads[replaced]!.bytes / CELL : undefined);
    }
    return { op: opOf(Object.keys(reads), Object.keys(writes), updates), part: 'forward', reads, writes, geometry: { i } };
  });
  const fits = values.filter(({ bytes, origin }) => bytes === 3 * CELL && origin.from === 'call');
  const assigned = new Map<tf.Variable, Value>();
  for (const variable of variables) if (fits.length > 0 && random() < 0.8) assigned.set(variable, choose(random, fits));
  const outputs = [choose(random, values), values.at(-1)!].map((value) => ({ value, shape: [], dtype: 'float32' as const }));
  return { calls, renewals: [], outputs, assigned, variables };
}

/** What a call makes of what it reads: some number. */
function result(call: PartCall, output: string, read: (value: Value) => number): number {
  let hash = (call.geometry as { i: number }).i * 31 + output.charCodeAt(1);
  for (const value of Object.values(call.reads)) hash = (Math.imul(hash, 0x9e3779b1) + read(value!)) | 0;
  return hash;
}

const before = ({ id }: Value): number => 1000 + id;

/** Every value, each in a place of its own. */
function expected({ calls }: Recording): (value: Value) => number {
  const known = new Map<Value, number>();
  const read = (value: Value) => known.get(value) ?? before(value);
  for (const call of calls as readonly PartCall[]) {
    for (const [output, value] of Object.entries(call.writes)) known.set(value, result(call, output, read));
  }
  return read;
}

test(`planned steps compute what recorded ones did (seed ${seed})`, () => {
  const random = generator(seed);
  const variables: tf.Variable[] = Array.from({ length: VARIABLES }, () => tf.variable(tf.scalar(0) as tf.Tensor));
  for (let round = 0; round < 150; round++) {
    const recording = randomStep(random, variables);
    const layout = layOut(recording);
    const arenaCells = place(layout.buffers) / CELL;
    const cells: number[] = new Array(arenaCells + 3 * VARIABLES).fill(-1);
    const cellsOf = (value: Value): number[] => {
      const home = layout.homes.get(value)!;
      if (home.in !== 'arena' && home.in !== 'variable') throw new Error(`a value stands in ${home.in}`);
      const first = home.in === 'arena' ? home.buffer.offset / CELL : arenaCells + 3 * variables.indexOf(home.variable);
      return Array.from({ length: value.bytes / CELL }, (_, i) => first + i);
    };
    const read = (value: Value): number => {
      const found = new Set(cellsOf(value).map((cell) => cells[cell]!));
      expect(found.size).toBe(1);
      return [...found][0]!;
    };
    const write = (at: readonly number[], number: number) => {
      for (const cell of at) cells[cell] = number;
    };
    const right = expected(recording);
    for (const value of layout.homes.keys()) if (value.origin.from !== 'call') write(cellsOf(value), before(value));
    for (const call of layout.calls as readonly PartCall[]) {
      const made = Object.entries(call.writes).map(([output, value]) => ({ output, value, number: result(call, output, read) }));
      // A kernel may write over what it reads only where it says so, and over nothing that it has written.
      for (const { output, value } of made) {
        const replaced = replacedBy(call, output);
        const others = [...Object.values(call.reads).filter((one) => one !== replaced), ...made.map((one) => one.value)];
        const taken = new Set(others.filter((one) => one !== value).flatMap((one) => cellsOf(one!)));
        expect(cellsOf(value).some((cell) => taken.has(cell))).toBe(false);
      }
      for (const { value, number } of made) write(cellsOf(value), number);
    }
    for (const { value } of recording.outputs) expect(read(value)).toBe(right(value));
    const own = (variable: tf.Variable) => [0, 1, 2].map((i) => arenaCells + 3 * variables.indexOf(variable) + i);
    for (const { value, to } of layout.copies) write(own(to), read(value));
    for (const [variable, value] of recording.assigned) {
      for (const cell of own(variable)) expect(cells[cell]).toBe(right(value));
    }
  }
  tf.dispose([...variables]);
});
