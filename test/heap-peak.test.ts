/** The high-water mark of wasm-cnn's heap. */
import * as tf from '@tensorflow/tfjs-core';
import '../src/standard/register.js';
import { Allocator, blockSize } from '../src/backends/wasm-cnn/allocator.js';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';

test('the allocator notes the most that was handed out at one time', () => {
  const heap = new Allocator(0, () => true);
  const first = heap.allocate(1000)!;
  const second = heap.allocate(1)!;
  expect(heap.state()).toMatchObject({ used: 1024 + 64, peak: 1024 + 64 });
  heap.release(first);
  heap.allocate(500);
  expect(heap.state()).toMatchObject({ used: 512 + 64, peak: 1024 + 64 });
  heap.resetPeak();
  expect(heap.state()).toMatchObject({ used: 512 + 64, peak: 512 + 64 });
  heap.release(second);
  expect(heap.state()).toMatchObject({ used: 512, peak: 512 + 64 });
  expect([0, 1, 64, 65].map(blockSize)).toEqual([64, 64, 64, 128]);
});

test('tf.memory() says so on wasm-cnn, and the mark can be set back', async () => {
  await tf.setBackend('wasm-cnn');
  const backend = tf.backend() as unknown as WasmCnnBackend;
  const memory = () => tf.memory() as unknown as { heapBytes: number; heapPeak: number };
  const x = tf.square(tf.ones([1024]));
  backend.resetHeapPeak();
  const { heapBytes } = memory();
  expect(memory().heapPeak).toBe(heapBytes);
  // Two sums at a time.
  tf.tidy(() => void tf.add(tf.add(x, x), x));
  expect(memory()).toMatchObject({ heapBytes, heapPeak: heapBytes + 2 * 4096 });
  backend.resetHeapPeak();
  expect(memory().heapPeak).toBe(heapBytes);
  x.dispose();
});

test('the workspace that kernels keep is told apart', async () => {
  await tf.setBackend('wasm-cnn');
  const memory = () => tf.memory() as unknown as { heapBytes: number; heapWorkspace: number };
  const [a, b] = [tf.ones([600, 700]), tf.ones([700, 800])];
  const before = memory();
  tf.tidy(() => void tf.matMul(a, b));
  const after = memory();
  // One of the operands is packed.
  expect(after.heapWorkspace).toBeGreaterThan(4 * 600 * 700);
  const operands = 4 * (600 * 700 + 700 * 800);
  expect(after.heapBytes - after.heapWorkspace).toBe(before.heapBytes - before.heapWorkspace + operands);
  tf.dispose([a, b]);
});
