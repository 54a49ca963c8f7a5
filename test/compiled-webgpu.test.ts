/** Training steps on WebGPU that are recorded and played again, against eager ones: in a process of its own, on a software driver. */
import { resolve } from 'node:path';
import { bundled, runWith } from './command-line.js';
import { describeIf, vulkanDriver } from './requires.js';

interface Alike {
  readonly difference?: string;
  readonly whyEager?: string;
  readonly compiled: boolean;
  readonly tensors: number;
}

interface Found {
  readonly adapter: object;
  readonly nets: Record<string, Alike>;
  readonly copies?: string;
  readonly optimizers: Record<string, Alike>;
  readonly trainers: Record<string, Alike & { readonly scales: number[] }>;
  readonly strange: Record<string, string>;
  readonly costs: object;
  readonly stock: Alike;
}

/** To the bit, compiled, and nothing left behind. */
const alike = (tensors = 0) => ({ compiled: true, tensors });

describeIf('vulkan', 'compiled steps on WebGPU', () => {
  let found: Found;
  beforeAll(() => {
    const program = bundled('test/processes/compiled-webgpu.ts', 'compiled-webgpu-test');
    const driver = { VK_DRIVER_FILES: vulkanDriver, VK_ICD_FILENAMES: vulkanDriver };
    const { status, stderr, json } = runWith(driver, program, resolve(__dirname, '..'));
    if (status !== 0) throw new Error(`ends with ${status}: ${stderr}`);
    found = json as unknown as Found;
  }, 900_000);

  test('run on the driver that was asked for', () => {
    expect(found.adapter).toMatchObject({ architecture: 'swiftshader' });
  });

  test('train every kind of net to the same bits', () => {
    const { 'dropout, weights changed and shared in between': shared, ...nets } = found.nets;
    expect(Object.keys(nets)).toHaveLength(5);
    for (const [name, each] of Object.entries(nets)) expect({ name, ...each }).toEqual({ name, ...alike() });
    // Two copies of a weight of each net stay.
    expect(shared).toEqual(alike(4));
    expect(found.copies).toBeUndefined();
  });

  test('with every kind of optimizer', () => {
    expect(Object.keys(found.optimizers)).toHaveLength(3);
    for (const [name, each] of Object.entries(found.optimizers)) expect({ name, ...each }).toEqual({ name, ...alike() });
  });

  test('of trainers: accumulation, averages, schedules, halves and steps that are left out', () => {
    for (const [name, { scales, ...each }] of Object.entries(found.trainers))
      expect({ name, ...each }).toEqual({ name, ...alike() });
    const { scales } = found.trainers['halves, and a scale that is too large at first']!;
    expect(Math.min(...scales)).toBeLessThan(2 ** 24);
    expect(scales.at(-1)).toBeGreaterThan(Math.min(...scales));
  });

  test('stay eager on kernels of tfjs alone, where updates are composed anew each time', () => {
    expect(found.stock).toEqual({
      compiled: false,
      tensors: 0,
      whyEager: 'the steps are not alike: a kernel brings numbers that may be others at each step',
    });
  });

  test('stay eager where a layer is not known to do the same each time, and say why', () => {
    expect(found.strange).toEqual({
      'random numbers': 'the steps are not alike: one tells the GPU something else than the next',
      'another kernel now and then': 'the steps are not alike: one tells the GPU something else than the next',
      'a tensor that is kept': 'the steps are not alike: it keeps a tensor that is no tf.Variable',
    });
  });

  test('are one submission each, make nothing anew, and keep the memory that they take', () => {
    expect(found.costs).toMatchObject({
      told: { submit: 1, createCommandEncoder: 1, createBindGroup: 0, createBuffer: 0 },
      flat: true,
      given: true,
      again: true,
    });
  });
});
