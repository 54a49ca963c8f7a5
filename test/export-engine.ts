/** Nets in another framework: what they give there, and that one step of training is the same. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type ExportTarget, exportModel, importWeights } from '../src/export/index.js';
import { stateDict } from '../src/index.js';
import { differenceOf, type Exported, exported, exportedNets, ROUNDING, STEP_RATE, step, trainedNet } from './export-cases.js';
import { python } from './python.js';
import { describeIf } from './requires.js';

/** Another framework. */
interface Engine {
  readonly to: ExportTarget;
  /** Cases that are tried. */
  readonly names: readonly string[];
  /**
   * A program in Python that is given a file of JSON, {cases: {name: {folder, shape}}, step: {folder, shape, rate}}, opens each folder's net,
   * prints what it gives for the pictures in x.bin, and leaves the weights after one step of plain SGD for classes 0, 1, 2 in `trained`.
   */
  readonly program: string;
  readonly trained: string;
}

export function describeEngine(name: string, { to, names, program, trained }: Engine): void {
  describeIf('python', name, () => {
    const folder = mkdtempSync(join(tmpdir(), `tfjs-cnn-${to}-`));
    afterAll(() => rmSync(folder, { recursive: true }));
    const expected: Record<string, readonly Float32Array[]> = {};
    let found: Record<string, number[][]>;

    beforeAll(async () => {
      const cases: Record<string, object> = {};
      for (const [i, name] of names.entries()) {
        await tf.setBackend('wasm-cnn');
        const net = exported(exportedNets[name]!);
        cases[name] = await written(to, net, join(folder, String(i)));
        expected[name] = net.outputs;
        net.model.dispose();
      }
      const list = { cases, step: { ...(await written(to, exported(trainedNet), join(folder, 'step'))), rate: STEP_RATE } };
      writeFileSync(join(folder, 'cases.json'), JSON.stringify(list));
      found = python(program, join(folder, 'cases.json'));
    }, 900_000);

    test.each(names)('%s gives the same', (name) => {
      const outputs = found[name]!;
      expect(outputs).toHaveLength(expected[name]!.length);
      outputs.forEach((output, i) => {
        expect(differenceOf(output, expected[name]![i]!)).toBeLessThan(ROUNDING);
      });
    });

    test('one step there is one step here: weights and moving statistics', async () => {
      // The same numbers again: they follow from names and a seed.
      const { model, ...given } = exported(trainedNet);
      const before = await stateDict(model);
      step(model, given);
      const after = await stateDict(model);
      await importWeights(model, join(folder, 'step', trained));
      const there = await stateDict(model);
      for (const [name, { data }] of Object.entries(after)) {
        const changes = [data, there[name]!.data].map((values) =>
          Float32Array.from(values, (value, i) => value - before[name]!.data[i]!),
        );
        // Gradients are sums that cancel: a thousand roundings of what they are made of.
        expect({ name, same: differenceOf(changes[1]!, changes[0]!) < 1e-3 }).toEqual({ name, same: true });
      }
    });
  });
}

/** Writes the files of an export, and the pictures beside them. */
async function written(
  target: ExportTarget,
  { model, pictures, shape }: Exported,
  to: string,
): Promise<{ folder: string; shape: readonly number[] }> {
  mkdirSync(to);
  for (const [file, bytes] of Object.entries(await exportModel(model, { to: target }))) writeFileSync(join(to, file), bytes);
  writeFileSync(join(to, 'x.bin'), pictures);
  return { folder: to, shape };
}
