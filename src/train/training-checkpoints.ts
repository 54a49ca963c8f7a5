import type { DeviceWatch } from '../backends/device-watch.js';
import type { TrainingStart } from './callbacks/callback.js';
import { allFinite } from './diverged.js';
import { trainedVariables } from './trainable.js';
import type { CheckpointOptions } from './trainer.js';
import { type DataFacts, type Position, restore, type StateParts, snapshotOf } from './training-state.js';

/** Where a training goes on. */
export interface Resumption {
  readonly position: Position;
  readonly from: NonNullable<TrainingStart['resumedFrom']>;
}

/** The checkpoints of one training: the one it goes on from, and when others are written. Without options there are none. */
export class TrainingCheckpoints {
  /** The newest one's name, read or written. */
  last: string | undefined;
  private saved = { step: 0, at: performance.now() };
  private release: (() => Promise<void>) | undefined;

  constructor(
    private readonly parts: StateParts,
    private readonly data: DataFacts,
    private readonly options: CheckpointOptions | undefined,
    private readonly device: DeviceWatch,
  ) {}

  /**
   * Claims the store, and puts back what the newest one holds.
   * @throws CheckpointError where the store is another training's, or the checkpoint is, or all are damaged
   */
  async begin(): Promise<Resumption | undefined> {
    if (!this.options) return undefined;
    this.release = await this.options.store.claim?.();
    if (this.options.resume === false) return undefined;
    const found = await this.options.store.latest();
    if (!found) return undefined;
    const { name, snapshot, damaged } = found;
    const position = restore(this.parts, snapshot, this.data, name);
    this.wrote(name, position.step);
    return { position, from: { name, damaged } };
  }

  /** Whether one is to be written between two steps. */
  isDue(step: number): boolean {
    if (!this.options) return false;
    const { everySteps = Infinity, everySeconds = 60 } = this.options;
    return step - this.saved.step >= everySteps || performance.now() - this.saved.at >= 1000 * everySeconds;
  }

  /**
   * @param score of the model, where it was tested; the higher, the better
   * @throws Error where the device has failed meanwhile: what was read of it is worth nothing, and nothing is written
   */
  async save(position: Position, score?: number): Promise<void> {
    if (!this.options) return;
    // Weights that are no numbers make no checkpoint; the next step's loss will say so.
    if (!(await this.device.during(allFinite(trainedVariables(this.parts.net))))) return;
    const snapshot = await this.device.during(snapshotOf(this.parts, position, this.data));
    const { failure } = this.device;
    if (failure) throw new Error(failure.message);
    this.wrote(await this.options.store.save(snapshot, position.step, score), position.step);
  }

  /** Gives the store back. */
  async end(): Promise<void> {
    await this.release?.();
  }

  private wrote(name: string, step: number): void {
    this.last = name;
    this.saved = { step, at: performance.now() };
  }
}
