/** What the device of tfjs's webgpu backend can do, and what our programs make of it. */
import { resolve } from 'node:path';
import { withFeatures } from '../src/backends/webgpu/features.js';
import { bundled, runWith } from './command-line.js';
import { describeIf, lavapipeDriver, testIf, vulkanDriver } from './requires.js';

const root = resolve(__dirname, '..');

describe('the device is asked for', () => {
  const surroundings = globalThis as { navigator?: object };
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    if (own) Object.defineProperty(globalThis, 'navigator', own);
    else delete surroundings.navigator;
  });

  /** A browser whose adapter has some features; `asked` are those that devices were asked for. */
  function browser(...has: string[]) {
    const asked: string[][] = [];
    class Gpu {
      async requestAdapter() {
        const features = new Set(has);
        const requestDevice = async ({ requiredFeatures = [] }: { requiredFeatures?: string[] } = {}) => {
          asked.push(requiredFeatures.map(String));
          return { features: new Set(requiredFeatures) };
        };
        return has.length > 0 ? { features, requestDevice } : null;
      }
    }
    const gpu = new Gpu();
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    return { gpu: gpu as unknown as GPU, asked };
  }

  test('with what the adapter has of what our programs use, beside what tfjs asks for', async () => {
    const { gpu, asked } = browser('timestamp-query', 'shader-f16', 'subgroups');
    await withFeatures(async () =>
      (await gpu.requestAdapter())!.requestDevice({ requiredFeatures: ['timestamp-query'] as GPUFeatureName[] }),
    );
    expect(asked).toEqual([['timestamp-query', 'shader-f16', 'subgroups']]);
  });

  test('as tfjs asks for it where the adapter has nothing of it', async () => {
    const { gpu, asked } = browser('timestamp-query');
    await withFeatures(async () => (await gpu.requestAdapter())!.requestDevice());
    expect(asked).toEqual([[]]);
  });

  test('so only while the backend is made, be it in vain', async () => {
    const { gpu, asked } = browser('shader-f16');
    const { requestAdapter } = gpu;
    const start = async () => {
      throw new Error('no device today');
    };
    await expect(withFeatures(start)).rejects.toThrow('no device today');
    expect(gpu.requestAdapter).toBe(requestAdapter);
    await (await gpu.requestAdapter())!.requestDevice();
    expect(asked).toEqual([[]]);
  });

  test('no adapter and no WebGPU stay what they are', async () => {
    const { gpu } = browser();
    expect(await withFeatures(() => gpu.requestAdapter())).toBeNull();
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
    expect(await withFeatures(async () => 'started')).toBe('started');
  });
});

describeIf('vulkan', 'a device in Node', () => {
  const run = (driver: string, ...words: string[]) => {
    const program = bundled('test/processes/webgpu-device.ts', 'webgpu-device-test');
    const { status, stderr, json } = runWith({ VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver }, program, root, ...words);
    if (status !== 0) throw new Error(`ends with ${status}: ${stderr}`);
    return json;
  };

  test("has subgroups, of four lanes on Chromium's driver, and reduces by them", () => {
    const found = run(vulkanDriver);
    expect(found).toMatchObject({ adapter: { architecture: 'swiftshader' }, backend: 'webgpu', features: ['subgroups'] });
    expect(found['withSubgroups']).toBeGreaterThan(2);
    expect(found['checked']).toBeGreaterThan(5);
    expect(found['failed']).toEqual([]);
  });

  test('goes without where tfjs has made its backend before', () => {
    const found = run(vulkanDriver, 'before');
    expect(found).toMatchObject({ adapter: { architecture: 'swiftshader' }, backend: 'webgpu', features: [], withSubgroups: 0 });
    expect(found['checked']).toBeGreaterThan(5);
    expect(found['failed']).toEqual([]);
  });

  testIf('lavapipe', "has halves, and subgroups of eight lanes, on Mesa's driver", () => {
    const found = run(lavapipeDriver);
    expect(found).toMatchObject({ adapter: { vendor: 'mesa', architecture: 'software' }, backend: 'webgpu' });
    expect(found['features']).toEqual(['shader-f16', 'subgroups']);
    expect(found['withSubgroups']).toBeGreaterThan(2);
    expect(found['failed']).toEqual([]);
  });
});
