/** A moment of a training, before a step. All from 0. */
export interface Moment {
  /** Steps done. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  /** The epoch that the step belongs to. */
  readonly epoch: number;
  /** Epochs in all. */
  readonly epochs: number;
}

/** How the learning rate moves. */
export interface Schedule {
  /**
   * @param base the optimizer's learning rate
   * @returns    the learning rate of the step; 0 is allowed
   */
  learningRate(base: number, moment: Moment): number;
  /** Of schedules that move it: the momentum (of Adam and its kin: beta 1). */
  momentum?(moment: Moment): number;
  /** Of schedules that look at results: takes an epoch's metric. */
  observe?(metric: number): void;
  /** What must be kept to go on: plain JSON. */
  state?(): Record<string, unknown>;
  /** Goes on from there. */
  restore?(state: Record<string, unknown>): void;
}
