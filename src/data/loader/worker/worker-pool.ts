import { DataError } from '../../dataset.js';
import type { BatchPlan } from '../epoch-plan.js';
import type { PictureSource } from '../picture-source.js';
import { type BatchMemory, handedOver } from './batch-memory.js';
import type { Answer, Opening } from './messages.js';
import { startWorker, type WorkerThread } from './start-worker.js';

interface Order {
  readonly worker: number;
  readonly plan: BatchPlan;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Workers that make batches. When one is lost, all batches in the making are, with an error that says at which picture. */
export class WorkerPool {
  private readonly workers: WorkerThread[] = [];
  private readonly load: number[] = [];
  private readonly progress: (Int32Array | undefined)[] = [];
  private readonly orders = new Map<number, Order>();
  private jobs = 0;
  private failure: Error | undefined;

  private constructor(private readonly source: PictureSource) {}

  static async start(source: PictureSource, count: number, opening: Omit<Opening, 'origin' | 'progress'>): Promise<WorkerPool> {
    const pool = new WorkerPool(source);
    const access = source.worker!;
    const program = await access.program();
    for (let index = 0; index < count; index++) {
      const progress = typeof SharedArrayBuffer === 'function' ? new Int32Array(new SharedArrayBuffer(4)).fill(-1) : undefined;
      const worker = startWorker(program, {
        onAnswer: (answer) => pool.settle(answer),
        onEnd: (why) => pool.lose(index, why),
      });
      pool.workers.push(worker);
      pool.load.push(0);
      pool.progress.push(progress);
      worker.post({ ...opening, origin: access.origin, progress });
    }
    return pool;
  }

  /** Whether it can make batches no more. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Has a batch made by the worker that has least to do; its memory comes back with the answer. */
  make(plan: BatchPlan, memory: BatchMemory): Promise<Answer> {
    if (this.failure) return Promise.reject(this.failure);
    const { images, bytes } = memory;
    const { bytesOf } = this.source.worker!;
    if (bytes) bytesOf?.(plan.places, new Uint8Array(bytes));
    const worker = this.load.indexOf(Math.min(...this.load));
    const job = this.jobs++;
    this.load[worker]!++;
    return new Promise((resolve, reject) => {
      this.orders.set(job, { worker, plan, resolve, reject });
      this.workers[worker]!.post({ job, plan, images, bytes }, handedOver(memory));
    });
  }

  /** The result of waiting, for which the process stays alive. */
  async await<T>(awaited: Promise<T>): Promise<T> {
    for (const worker of this.workers) worker.hold(true);
    try {
      return await awaited;
    } finally {
      for (const worker of this.workers) worker.hold(false);
    }
  }

  /** Ends all workers. Batches in the making are rejected. */
  async close(why = new DataError('DataLoader', 'to be open', 'that it was closed while a batch was awaited')): Promise<void> {
    this.failure ??= why;
    for (const { reject } of this.orders.values()) reject(this.failure);
    this.orders.clear();
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private settle(answer: Answer): void {
    const order = this.orders.get(answer.job);
    if (!order) return;
    this.orders.delete(answer.job);
    this.load[order.worker]!--;
    order.resolve(answer);
  }

  private lose(index: number, why: string): void {
    if (this.failure) return;
    const at = this.progress[index]?.[0] ?? -1;
    const reader = this.source.open();
    const order = [...this.orders.values()].find(({ worker }) => worker === index);
    const pictures =
      at >= 0 ? reader.name(at) : order ? `batch ${order.plan.number}, with ${reader.name(order.plan.places[0]!)}` : undefined;
    const doing = pictures ? `while it prepared ${pictures}` : 'before it prepared a picture';
    void this.close(new DataError('DataLoader', 'its workers to live', `that one died ${doing} (${why})`));
  }
}
