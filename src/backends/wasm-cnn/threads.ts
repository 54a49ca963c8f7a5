/** Worker threads on one shared memory. */

import { nodeModule } from '../../node-module.js';
import * as control from './control-block.js';
import { workerSource } from './worker-source.js';

/** How long a worker keeps looking for the next job before it sleeps, in milliseconds. */
const SPIN_MS = 0.2;

/** A piece takes milliseconds; a worker that holds one this long is dead. */
export const PATIENCE_MS = 20_000;

/** A worker that trapped, could not start or no longer answers. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/** Cuts kernels into pieces and shares them out. The caller's thread always takes part. */
export class ThreadPool {
  private readonly words: Int32Array;
  private readonly values: Float64Array;
  private readonly workers: { terminate(): unknown }[] = [];
  private disposed = false;
  private readonly kernels: Map<string, number>;
  /** Why workers are missing, for `doctor`. */
  readonly complaints: string[] = [];

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly exports: Record<string, (...args: number[]) => number>,
    module: WebAssembly.Module,
    private size: number,
    private readonly patience: number,
  ) {
    this.words = new Int32Array(memory.buffer, control.CONTROL, 64);
    this.values = new Float64Array(memory.buffer, control.CONTROL + control.ARGUMENTS, control.MAX_ARGUMENTS);
    this.kernels = new Map(Object.keys(exports).map((name, i) => [name, i]));
    for (let index = 1; index < size; index++) {
      try {
        this.workers.push(this.start({ module, memory: this.memory, index, spin: SPIN_MS }));
      } catch (error) {
        this.lose(index, String(error));
      }
    }
  }

  /** Threads that can take part, the caller's included. */
  get threads(): number {
    return this.size;
  }

  /** Runs `exports[name]` over [0, count) in pieces of `grain`; returns when all are done. */
  run(name: string, count: number, grain: number, args: readonly number[]): void {
    const { words } = this;
    const pieces = Math.ceil(count / grain);
    words[control.KERNEL] = this.kernels.get(name)!;
    words[control.COUNT] = count;
    words[control.GRAIN] = grain;
    words[control.ARGUMENT_COUNT] = args.length;
    this.values.set(args);
    Atomics.store(words, control.DONE, 0);
    Atomics.store(words, control.REMAINING, pieces);
    Atomics.add(words, control.GENERATION, 1);
    if (Atomics.load(words, control.SLEEPING) > 0) Atomics.notify(words, control.GENERATION);
    this.takePart(this.exports[name]!, count, grain, args);
    this.await(name, pieces);
    const failed = Atomics.exchange(words, control.FAILED, 0);
    if (failed) throw new WorkerError(`wasm-cnn: kernel ${name} failed on worker ${failed}`);
  }

  /** Wakes sleeping workers, so that they are awake when the next job comes: there is none to take yet. */
  wake(): void {
    const { words } = this;
    if (Atomics.load(words, control.SLEEPING) === 0) return;
    Atomics.add(words, control.GENERATION, 1);
    Atomics.notify(words, control.GENERATION);
  }

  dispose(): void {
    this.disposed = true;
    for (const worker of this.workers) void worker.terminate();
    this.workers.length = 0;
    this.size = 1;
  }

  private takePart(kernel: (...args: number[]) => number, count: number, grain: number, args: readonly number[]): void {
    const { words } = this;
    for (let left = Atomics.load(words, control.REMAINING); left > 0; ) {
      const seen = Atomics.compareExchange(words, control.REMAINING, left, left - 1);
      if (seen !== left) {
        left = seen;
        continue;
      }
      const begin = (left - 1) * grain;
      kernel(begin, Math.min(begin + grain, count), ...args);
      Atomics.add(words, control.DONE, 1);
      left = Atomics.load(words, control.REMAINING);
    }
  }

  /** Spins until every piece is done. A browser's main thread may not sleep, and a piece is short anyway. */
  private await(name: string, pieces: number): void {
    const { words } = this;
    let deadline = 0;
    for (let spins = 1; Atomics.load(words, control.DONE) < pieces; spins++) {
      if (spins & 0x3fff) continue;
      const now = performance.now();
      deadline ||= now + this.patience;
      if (now < deadline) continue;
      this.dispose();
      throw new WorkerError(
        `wasm-cnn: a worker thread died or hangs in kernel ${name} (no answer for ${this.patience / 1000} s). ` +
          'The result is lost; the backend goes on with one thread.',
      );
    }
  }

  private start(data: { index: number } & Record<string, unknown>): { terminate(): unknown } {
    const threads = nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
    const { index } = data;
    if (threads) {
      const worker = new threads.Worker(workerSource, { eval: true, workerData: data, stdin: false, execArgv: [], env: {} });
      worker.unref();
      worker.on('error', (error) => this.lose(index, String(error)));
      worker.on('exit', (code) => this.lose(index, `it ended with code ${code}`));
      return worker;
    }
    const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onerror = (event) => this.lose(index, event.message);
    worker.postMessage(data);
    return worker;
  }

  /** Pieces are taken, not assigned: an idle worker that is gone costs speed, never a result. */
  private lose(index: number, why: string): void {
    if (this.disposed) return;
    this.complaints.push(`worker ${index}: ${why}`);
    this.size--;
    console.warn(`wasm-cnn: worker thread ${index} is gone (${why}); going on with ${this.size} of them`);
  }
}
