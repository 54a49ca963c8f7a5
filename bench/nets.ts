/** Training steps of nets of the zoo, and the same nets of tfjs's own layers; how long building one takes. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cifarResNet20, denseNet121, googLeNet, resNet18, resNet50 } from 'tfjs-cnn';
import { type Way, ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { ourStep, stockStep } from './steps.js';
import * as stock from './stock-nets.js';
import { type Row, row } from './table.js';

/** One net and the batch it is trained on. */
interface Net {
  batch: number;
  classes: number;
  side: number;
  ours(): LayersModel;
  stock(): LayersModel;
}

const imageNet = { batch: 8, classes: 1000, side: 224 };

/** By the names that peers know, too. */
export const nets: Readonly<Record<string, Net>> = {
  'ResNet-20': {
    batch: 128,
    classes: 10,
    side: 32,
    ours: () => cifarResNet20({ shortcut: 'B', seed: 1 }),
    stock: stock.cifarResNet20,
  },
  'ResNet-18': { ...imageNet, ours: () => resNet18({ seed: 1 }), stock: stock.resNet18 },
  'DenseNet-121': { ...imageNet, ours: () => denseNet121({ seed: 1 }), stock: stock.denseNet121 },
  GoogLeNet: { ...imageNet, ours: () => googLeNet({ seed: 1 }), stock: stock.googLeNet },
};

/** Rounds of a measurement of one net; a step takes seconds on some backends. */
export const ROUNDS = 7;

export const titleOf = (name: string): string => `${name}, batch ${nets[name]!.batch}, one step`;

/** A step of a net by name, of our layers or tfjs's. */
export function netStep(way: Way, name: string, whose: 'ours' | 'stock'): Contestant {
  const { batch, side, classes, [whose]: build } = nets[name]!;
  const task = { build, shape: [batch, side, side, 3], classes };
  return whose === 'ours' ? ourStep(way, task, 1) : stockStep(way, task, 1);
}

/** One thread and all. */
export async function netSteps(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of ['ResNet-20', 'ResNet-18']) {
    const both = [ways.wasmCnn, ways.wasmCnnOne].map((way) => netStep(way, name, 'ours'));
    rows.push(row(titleOf(name), await measure(both, { rounds: ROUNDS })));
  }
  return rows;
}

/** Building ResNet-50 of our layers, ready to train. */
export async function building(): Promise<Row[]> {
  const contestant: Contestant = {
    name: ways.wasmCnn.name,
    before: ways.wasmCnn.use,
    run: () => {
      resNet50().dispose();
    },
  };
  return [row('building ResNet-50', await measure([contestant], { rounds: 5, warmUp: 1 }))];
}
