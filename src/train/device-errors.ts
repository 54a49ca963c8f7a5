import { getBackend } from '@tensorflow/tfjs-core';
import type { DeviceFailure } from '../backends/device-watch.js';
import { OutOfMemoryError } from '../backends/wasm-cnn/runtime.js';

/** The GPU that a training ran on is gone, or did not do what it was told; what it held is lost, checkpoints are not. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';

  constructor(
    /** Steps whose results are good. */
    readonly step: number,
    /** Name of tfjs's backend. */
    readonly backend: string,
    /** What the driver says. */
    readonly reason: string,
    /** The newest checkpoint, written before that and untouched since. */
    readonly checkpoint: string | undefined,
    options?: ErrorOptions,
  ) {
    super(`${backend}: ${reason}, after ${step} good steps; ${wayOn(checkpoint)}`, options);
  }
}

function wayOn(checkpoint: string | undefined): string {
  if (!checkpoint) return 'there is no checkpoint to go on from: the option checkpoints writes some';
  return (
    `the last good checkpoint is ${checkpoint}: tf.setBackend() to another backend, wasm-cnn say, ` +
    'and a new net and Trainer with the same checkpoints go on from it'
  );
}

/**
 * The error to throw for one that ended a training.
 *
 * @param failure    what has become of the device, if anything
 * @param step       steps whose results are good
 * @param checkpoint the newest one
 */
export function explained(
  error: unknown,
  failure: DeviceFailure | undefined,
  step: number,
  checkpoint: string | undefined,
): unknown {
  const options = { cause: error };
  if (failure?.kind === 'memory' || (!failure && error instanceof OutOfMemoryError)) {
    const what = error instanceof OutOfMemoryError ? error.message : `${getBackend()}: out of memory: ${failure?.message}`;
    const last = checkpoint ? `; the last good checkpoint is ${checkpoint}` : '';
    return new OutOfMemoryError(`${what}, after ${step} good steps${last}; smaller batches with accumulate need less`, options);
  }
  if (!failure) return error;
  const reason = failure.kind === 'lost' ? failure.message : `its device refused work: ${failure.message}`;
  return new DeviceLostError(step, getBackend(), reason, checkpoint, options);
}
