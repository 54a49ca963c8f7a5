import type { BatchPlan } from './epoch-plan.js';
import type { BatchMemory } from './worker/batch-memory.js';
import type { Answer } from './worker/messages.js';
import type { WorkerPool } from './worker/worker-pool.js';

/** Place of a batch in the training. */
export interface Position {
  readonly epoch: number;
  readonly number: number;
}

interface Ordered extends Position {
  readonly answer: Promise<Answer>;
}

/**
 * Has batches made ahead of the one that is asked for, also those of the next epoch. Memory goes round.
 */
export class Prefetcher {
  private queue: Ordered[] = [];
  private readonly free: BatchMemory[] = [];
  /** Of the batch that is looked at. */
  private shown: BatchMemory | undefined;

  /**
   * @param planOf what a batch holds; undefined behind the end of an epoch
   * @param depth  batches ahead
   */
  constructor(
    private readonly pool: WorkerPool,
    private readonly planOf: (epoch: number, number: number) => BatchPlan | undefined,
    private readonly newMemory: () => BatchMemory,
    private readonly depth: number,
  ) {}

  /** A batch, whose memory goes on to another one when the next is taken. */
  async take(position: Position): Promise<Answer> {
    const { epoch, number } = position;
    if (this.shown) this.giveBack(this.shown);
    this.shown = undefined;
    const [head] = this.queue;
    if (head && (head.epoch !== epoch || head.number !== number)) this.discard();
    if (this.queue.length === 0) this.order(position);
    const { answer } = this.queue.shift()!;
    this.orderBehind(position);
    const made = await this.pool.await(answer);
    this.shown = made;
    return made;
  }

  /** Has those made that come behind a batch, unless there are enough. */
  orderBehind(position: Position): void {
    // Several at a time: waking a worker costs more than anything else here, and one that is awake takes the next by itself.
    if (this.queue.length <= this.depth / 2) while (this.queue.length < this.depth && this.orderNext(position));
  }

  private giveBack({ images, bytes }: BatchMemory): void {
    this.free.push({ images, bytes });
  }

  private orderNext(current: Position): boolean {
    const { epoch, number } = this.queue.at(-1) ?? current;
    return this.order({ epoch, number: number + 1 }) || this.order({ epoch: epoch + 1, number: 0 });
  }

  private order({ epoch, number }: Position): boolean {
    const plan = this.planOf(epoch, number);
    if (!plan) return false;
    const answer = this.pool.make(plan, this.free.pop() ?? this.newMemory());
    // An error is told when its batch's turn comes; until then nobody listens.
    answer.catch(() => undefined);
    this.queue.push({ epoch, number, answer });
    return true;
  }

  /** Forgets what was ordered; its memory is free when it comes. */
  private discard(): void {
    for (const { answer } of this.queue) {
      answer.then(
        (made) => this.giveBack(made),
        () => undefined,
      );
    }
    this.queue = [];
  }
}
