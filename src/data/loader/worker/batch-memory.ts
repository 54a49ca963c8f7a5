/**
 * Memory of a batch: it goes to the worker and comes back with what was asked for. So it is nobody else's meanwhile, and what comes is
 * shown as it is; memory that is shared would be copied, as not every backend takes it.
 */
export interface BatchMemory {
  /** Float32 [batchSize, height, width, channels] */
  readonly images: ArrayBuffer;
  /** Bytes of pictures that the worker cannot read by itself. */
  readonly bytes?: ArrayBuffer;
}

/** @param values float32 numbers  @param bytes 0: none */
export function newBatchMemory(values: number, bytes: number): BatchMemory {
  const images = new ArrayBuffer(4 * values);
  return bytes > 0 ? { images, bytes: new ArrayBuffer(bytes) } : { images };
}

/** What has to be handed over with a message. */
export function handedOver({ images, bytes }: BatchMemory): ArrayBuffer[] {
  return bytes ? [images, bytes] : [images];
}
