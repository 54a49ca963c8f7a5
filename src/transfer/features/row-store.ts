/** A place for rows of numbers, all of one length, by their numbers. */
export interface RowStore {
  /**
   * Keeps rows that follow each other.
   * @param first number of the first of them
   * @param rows  one after the other
   */
  write(first: number, rows: Float32Array): Promise<void>;
  /** Fills `into` with the rows of these numbers, in this order. */
  read(numbers: readonly number[], into: Float32Array): Promise<void>;
  /** Lets go of them, and of the room they took. */
  close(): Promise<void>;
}
