/** A GPU that goes away in the middle of a training, in a real browser: the error says so, and another backend goes on. */
import { exercise, PageHost } from './browser/browser.js';
import type { Target } from './browser/targets.js';
import { describeIf } from './requires.js';

const TARGETS: [string, Target, RegExp][] = [
  ['a lost WebGL context', { backend: 'webgl', accelerated: true }, /^DeviceLostError: webgl: its WebGL context is lost/],
  ['a destroyed WebGPU device', { backend: 'webgpu', accelerated: true }, /^DeviceLostError: webgpu: its device is destroyed/],
];

describeIf('chromium', 'a training', () => {
  let host: PageHost;
  beforeAll(async () => {
    host = await PageHost.start();
  }, 120_000);
  afterAll(() => host?.stop());

  test.each(TARGETS)(
    'that ends with %s goes on from its checkpoint on wasm-cnn',
    async (_name, target, message) => {
      const page = await host.open('isolated');
      const { error, known, step, checkpoint, resumedFrom, losses, expected } = await exercise(
        page,
        'loseInTheMiddle',
        target,
        5,
      );
      expect(error).toMatch(message);
      expect(error).toMatch(/after 5 good steps; the last good checkpoint is checkpoint-000002-step-000000004: tf\.setBackend/);
      expect({ known, step, checkpoint }).toEqual({ known: true, step: 5, checkpoint: 'checkpoint-000002-step-000000004' });
      expect(resumedFrom).toBe(checkpoint);
      expect(losses).toHaveLength(expected.length);
      // Four steps were the GPU's, four wasm-cnn's from its weights: float32 in another order, which eight steps hardly spread.
      losses.forEach((loss, i) => {
        expect(Math.abs(loss - expected[i]!)).toBeLessThanOrEqual(1e-5 * expected[i]!);
      });
    },
    300_000,
  );

  test('ends where a WebGPU device refuses work: what it left out made results wrong', async () => {
    const page = await host.open('isolated');
    const target: Target = { backend: 'webgpu', accelerated: true };
    const { error, known, checkpoint, resumedFrom, losses, expected } = await exercise(
      page,
      'loseInTheMiddle',
      target,
      5,
      'refused',
    );
    expect(error).toMatch(/^DeviceLostError: webgpu: its device refused work: /);
    expect(known).toBe(true);
    expect(checkpoint).toMatch(/^checkpoint-/);
    expect(resumedFrom).toBe(checkpoint);
    expect(losses).toHaveLength(expected.length);
  }, 300_000);
});

describeIf('chromium', 'a tensor that is too large for a GPU', () => {
  let host: PageHost;
  beforeAll(async () => {
    host = await PageHost.start();
  }, 120_000);
  afterAll(() => host?.stop());

  test.each(['webgl', 'webgpu'] as const)(
    'is an error on %s that names the op and the sizes',
    async (backend) => {
      const page = await host.open('isolated');
      const said = await exercise(page, 'tooLarge', { backend, accelerated: true });
      expect(said).toMatch(/^OutOfMemoryError: .*CnnConv2D.*1024,1024/s);
    },
    300_000,
  );
});
