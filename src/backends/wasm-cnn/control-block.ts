/**
 * The words through which the calling thread and the workers agree, in the first page of memory.
 *
 * A job is published by writing what to run, then DONE = 0, REMAINING = number of pieces, and last a new
 * GENERATION. Whoever moves REMAINING from r to r - 1 owns piece r - 1 and only then reads what to run:
 * a job cannot end while one of its pieces is owned and not done, so what it reads is that job's.
 */

/** Indices into the Int32Array over the control block. */
export const GENERATION = 0;
export const REMAINING = 1;
export const DONE = 2;
export const SLEEPING = 3;
export const FAILED = 4;
export const KERNEL = 5;
export const COUNT = 6;
export const GRAIN = 7;
export const ARGUMENT_COUNT = 8;

/** Byte offset of the kernel's arguments, as float64: it holds integers, pointers and float32 alike. */
export const ARGUMENTS = 256;
export const MAX_ARGUMENTS = 64;

/** Where the control block stands, and the first byte behind it. Address 0 stays free: it means absent. */
export const CONTROL = 64;
export const CONTROL_END = 4096;
