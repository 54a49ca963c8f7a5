/** What went wrong with a GPU. */
export type DeviceFailure = 'lost' | 'out of memory' | 'shader';

/**
 * A GPU failed: it or its context was lost, its memory is full, or a shader does not compile there. Nothing that was computed since can be
 * trusted; what lies in files does. After a loss `tf.removeBackend(name)` and `tf.setBackend(name)` make a new backend.
 */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';

  constructor(
    /** Which failure it is. */
    readonly failure: DeviceFailure,
    message: string,
  ) {
    super(message);
  }
}
