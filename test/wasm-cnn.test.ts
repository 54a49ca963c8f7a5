import * as tf from '@tensorflow/tfjs-core';
import '../src/backends/wasm-cnn/register.js';
import { Allocator } from '../src/backends/wasm-cnn/allocator.js';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { CnnRuntime } from '../src/backends/wasm-cnn/runtime.js';
import { seededRandom } from '../src/random.js';

describe('allocator', () => {
  test('hands out aligned blocks that do not overlap, and takes all back', () => {
    const random = seededRandom(7);
    const heap = new Allocator(100, (end) => end < 2 ** 30);
    const live = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      if (live.size < 200 && random() < 0.55) {
        const bytes = Math.floor(2 ** (random() * 20));
        const start = heap.allocate(bytes)!;
        expect(start % 64).toBe(0);
        live.set(start, bytes);
      } else if (live.size > 0) {
        const start = [...live.keys()][Math.floor(random() * live.size)]!;
        heap.release(start);
        live.delete(start);
      }
      if (i % 500 === 0) {
        const sorted = [...live].sort(([a], [b]) => a - b);
        sorted.forEach(([start], k) => {
          if (k > 0) expect(sorted[k - 1]![0] + sorted[k - 1]![1]).toBeLessThanOrEqual(start);
        });
      }
    }
    for (const start of live.keys()) heap.release(start);
    const { used, reserved, largestFree } = heap.state();
    expect(used).toBe(0);
    // Neighbours were joined: all that was ever reserved is one piece again.
    expect(largestFree).toBe(reserved - 128);
  });

  test('the heap does not crumble: a repeated pattern of sizes reserves no more after a thousand rounds', () => {
    const heap = new Allocator(0, () => true);
    const random = seededRandom(3);
    const sizes = Array.from({ length: 60 }, () => Math.floor(2 ** (6 + random() * 16)));
    let settled = 0;
    for (let round = 0; round < 1000; round++) {
      const held = sizes.map((size) => heap.allocate(size)!);
      held.sort(() => random() - 0.5);
      for (const start of held) heap.release(start);
      if (round === 20) settled = heap.state().reserved;
    }
    expect(heap.state().reserved).toBeLessThanOrEqual(settled * 1.05);
  });

  test('undefined at the limit, and usable after it', () => {
    const heap = new Allocator(0, (end) => end <= 1024);
    const first = heap.allocate(1000)!;
    expect(heap.allocate(100)).toBeUndefined();
    heap.release(first);
    expect(heap.allocate(512)).toBe(first);
    expect(() => heap.release(4711)).toThrow('not an allocated block');
  });
});

describe('runtime', () => {
  const runtimes: CnnRuntime[] = [];
  const create = async (threads: number) => {
    const runtime = await CnnRuntime.create({ threads });
    runtimes.push(runtime);
    return runtime;
  };
  afterAll(() => {
    for (const runtime of runtimes) runtime.dispose();
  });

  test('every element is computed once, whatever the cut, on 1 to 4 threads', async () => {
    for (const threads of [1, 2, 4]) {
      const runtime = await create(threads);
      const n = 10_007;
      const a = runtime.allocate(n * 4, 'a');
      const y = runtime.allocate(n * 4, 'y');
      runtime.float32(a, n).forEach((_, i, view) => {
        view[i] = i;
      });
      for (const grain of [1, 7, 64, 5000, 10_006, 10_007, 20_000]) {
        runtime.float32(y, n).fill(NaN);
        runtime.parallel('binarySame', n, grain, 0, a, a, y);
        const wrong = runtime.float32(y, n).findIndex((value, i) => value !== 2 * i);
        expect({ threads, grain, wrong }).toEqual({ threads, grain, wrong: -1 });
      }
    }
  });

  test('thousands of small jobs in a row, with pauses in which workers fall asleep', async () => {
    const runtime = await create(2);
    const n = 512;
    const a = runtime.allocate(n * 4, 'a');
    const y = runtime.allocate(n * 4, 'y');
    for (let job = 0; job < 5000; job++) {
      runtime.float32(a, n).fill(job);
      runtime.parallel('binarySame', n, 64, 0, a, a, y);
      const view = runtime.float32(y, n);
      if (view[0] !== 2 * job || view[n - 1] !== 2 * job) throw new Error(`job ${job}: ${view[0]}, ${view[n - 1]}`);
      if (job % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  test('a worker that ends is reported, and the work goes on without it', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const runtime = await create(2);
    const pool = (runtime as unknown as { pool: { workers: { terminate(): Promise<number> }[] } }).pool;
    await pool.workers[0]!.terminate();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(runtime.threads).toBe(1);
    expect(runtime.complaints.join()).toMatch(/worker 1: it ended with code/);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('worker thread 1 is gone'));
    const a = runtime.allocate(4000, 'a');
    runtime.float32(a, 1000).fill(3);
    runtime.parallel('binarySame', 1000, 10, 0, a, a, a);
    expect(runtime.float32(a, 1000).every((value) => value === 6)).toBe(true);
    warn.mockRestore();
  });

  test('a worker that dies with a piece of work in hand is reported, not waited for', async () => {
    const { Worker } = await import('node:worker_threads');
    const runtime = await CnnRuntime.create({ threads: 2, patience: 300 });
    const a = runtime.allocate(4000, 'a');
    runtime.parallel('binarySame', 1000, 10, 0, a, a, a);
    // A thief takes one piece and is gone.
    const memory = (runtime as unknown as { linear: { memory: WebAssembly.Memory } }).linear.memory;
    const thief = new Worker(
      `const words = new Int32Array(require('node:worker_threads').workerData.buffer, 64, 64);
       for (;;) { const left = Atomics.load(words, 1); if (left > 0 && Atomics.compareExchange(words, 1, left, left - 1) === left) break; }`,
      { eval: true, workerData: memory },
    );
    let complaint = '';
    const until = performance.now() + 10_000;
    while (!complaint && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        for (let i = 0; i < 50; i++) runtime.parallel('binarySame', 1000, 1, 0, a, a, a);
      } catch (error) {
        complaint = String(error);
      }
    }
    expect(complaint).toMatch(
      /WorkerError: wasm-cnn: a worker thread died or hangs in kernel binarySame \(no answer for 0.3 s\)/,
    );
    runtime.float32(a, 1000).fill(2);
    runtime.parallel('binarySame', 1000, 10, 0, a, a, a);
    expect(runtime.float32(a, 1000).every((value) => value === 4)).toBe(true);
    await thief.terminate();
    runtime.dispose();
  });

  test('out of memory names what was wanted and what is in use', async () => {
    const runtime = await create(1);
    expect(() => runtime.allocate(2 ** 33, "CnnConv2D's y [1024,512,512,8]")).toThrow(
      /out of memory: CnnConv2D's y \[1024,512,512,8\] needs 8192\.0 MB; .* of at most 4096\.0 MB are in use/,
    );
    expect(runtime.allocate(64, 'a small one')).toBeGreaterThan(0);
  });

  test('memory above 2 GiB is as good as any', async () => {
    const runtime = await create(1);
    const pad = runtime.allocate(2 ** 31 + 2 ** 20, 'padding');
    const a = runtime.allocate(4096, 'a');
    expect(a).toBeGreaterThan(2 ** 31);
    runtime.float32(a, 1024).fill(1.5);
    runtime.parallel('binarySame', 1024, 2048, 0, a, a, a);
    expect(runtime.float32(a, 1024).every((value) => value === 3)).toBe(true);
    runtime.release(a);
    runtime.release(pad);
  });
});

describe('backend', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
  });
  const backend = () => tf.backend() as WasmCnnBackend;

  test('tensors keep their values when they move into linear memory, read as copies', () => {
    const x = tf.tensor1d([1, 2, 3]);
    backend().address(x, 'x');
    const read = x.dataSync();
    expect([...read]).toEqual([1, 2, 3]);
    expect(read.buffer).not.toBeInstanceOf(SharedArrayBuffer);
    const flags = tf.tensor1d([true, false, true], 'bool');
    backend().address(flags, 'flags');
    expect([...flags.dataSync()]).toEqual([1, 0, 1]);
    const whole = tf.tensor1d([1, -2], 'int32');
    backend().address(whole, 'whole');
    expect(whole.dataSync()).toEqual(new Int32Array([1, -2]));
    tf.dispose([x, flags, whole]);
  });

  test('a slice outlives what it was cut from', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    backend().address(x, 'x');
    const slice = tf.slice(x, [1, 0], [2, 2]);
    x.dispose();
    // Takes the same place.
    const next = tf.fill([3, 2], 9);
    backend().address(next, 'next');
    expect(Array.from(slice.dataSync())).toEqual([3, 4, 5, 6]);
    tf.dispose([slice, next]);
  });

  test('memory is freed with the last tensor that shares it', () => {
    const before = backend().memory().heapBytes;
    const x = tf.zeros([1000]);
    backend().address(x, 'x');
    const same = tf.reshape(x, [10, 100]);
    x.dispose();
    expect(backend().memory().heapBytes).toBe(before + 4032);
    same.dispose();
    expect(backend().memory().heapBytes).toBe(before);
  });

  test('complex numbers and strings work as on cpu', async () => {
    const c = tf.complex([1, 2], [3, 4]);
    expect([...(await c.data())]).toEqual([1, 3, 2, 4]);
    const s = tf.tensor1d(['a', 'ü']);
    expect(await s.data()).toEqual(['a', 'ü']);
  });
});
