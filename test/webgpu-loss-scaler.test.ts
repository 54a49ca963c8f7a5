/** Steps that are left out on WebGPU: every update leaves all as it is by itself, in place, and runs nothing of tfjs's for it. */
import * as tf from '@tensorflow/tfjs-core';
import { runPart } from '../src/op-kernels.js';
import { createOptimizer, LossScaler, OPTIMIZERS } from '../src/train/index.js';
import { updateOps } from './optimizers.js';
import { generator, seed, values } from './random.js';
import { describeIf } from './requires.js';
import { WebgpuSide } from './webgpu-side.js';

const read = async (tensors: readonly tf.Tensor[]): Promise<number[][]> =>
  Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]));

describeIf('vulkan', `steps that are left out on WebGPU (seed ${seed})`, () => {
  let side: WebgpuSide;
  beforeAll(async () => {
    // tf's own memory counts are of no use under its test mode, which jest turns on.
    tf.env().set('IS_TEST', false);
    side = await WebgpuSide.create();
  });
  afterAll(() => side?.dispose());

  const random = generator(seed);
  const numbers = {
    ...{ clip: 0.4, l1: 0.01, l2: 0.2, shrinkage: 0.05, rate: 0.3 },
    ...{ momentum: 0.9, share: 0.1, nesterov: true, squareShare: 0.01, weight: 1.5, blend: 0.3, rootScale: 2 },
    ...{ epsilon: 0.01 },
  };

  test.each(updateOps.filter(({ name }) => name.endsWith('Step')).map((op) => [op.name, op] as const))(
    '%s goes where it is open, and nowhere where not',
    async (_name, op) => {
      const { inputs, updates = {} } = op.parts['forward']!;
      for (const size of [18, 16]) {
        const geometry = { shape: [size], size, ...numbers } as never;
        const scalar = (name: string) => name === 'scale' || name === 'trust';
        const given = Object.fromEntries(
          inputs.map((name) => [name, values(random, scalar(name) ? 1 : size).map(Math.abs)] as const),
        );
        given['gradient']![3] = NaN;
        const run = async (open?: number) => {
          const tensors = Object.fromEntries(inputs.map((name) => [name, tf.tensor(given[name]!, scalar(name) ? [] : [size])]));
          const gate: Record<string, tf.Tensor> = open === undefined ? {} : { open: tf.scalar(open) };
          const results = runPart(op, 'forward', { ...tensors, ...gate }, geometry);
          const places = results.map(({ dataId }) => inputs.find((name) => tensors[name]!.dataId === dataId));
          const found = await read(results);
          tf.dispose([tensors, gate, results]);
          return { found, places };
        };
        const changed = Object.values(updates);
        const closed = await run(0);
        expect(closed.found).toEqual(changed.map((name) => [...given[name]!]));
        expect(closed.places).toEqual(changed);
        const plain = await run();
        expect(plain.found).not.toEqual(closed.found);
        expect(await run(1)).toEqual(plain);
      }
    },
  );

  test.each(OPTIMIZERS)('%s leaves every weight and slot as it is where one number is not finite', async (name) => {
    for (const wrong of [Infinity, NaN]) {
      const [a, b] = [tf.variable(tf.tensor1d([1, -2, 3])), tf.variable(tf.tensor2d([0.5, 4, -1, 2], [2, 2]))];
      const gradients = (odd: number): tf.NamedTensorMap => ({
        [a.name]: tf.tensor1d([8, odd, -16]),
        [b.name]: tf.tensor2d([1, 2, 3, 4], [2, 2]),
      });
      const optimizer = createOptimizer(name, { learningRate: 0.1, clipNorm: 1, maxNorm: 1 });
      const scaler = new LossScaler({ initialScale: 8 });
      const state = () => read([a, b, ...Object.values(optimizer.slots())]);
      const untouched = await read([a, b]);
      optimizer.applyGradients(gradients(wrong), scaler);
      expect(await read([a, b])).toEqual(untouched);
      optimizer.applyGradients(gradients(2), scaler);
      const moved = await state();
      expect(moved.slice(0, 2)).not.toEqual(untouched);
      expect(moved.flat().every(Number.isFinite)).toBe(true);
      const before = tf.memory().numTensors;
      const bad = gradients(wrong);
      optimizer.applyGradients(bad, scaler);
      tf.dispose(bad);
      expect(tf.memory().numTensors).toBe(before);
      expect(await state()).toEqual(moved);
      optimizer.applyGradients(gradients(2), scaler);
      expect(await state()).not.toEqual(moved);
      expect(await read([scaler.skipped, scaler.scale])).toEqual([[2], [2]]);
      optimizer.dispose();
      scaler.dispose();
    }
  });
});
