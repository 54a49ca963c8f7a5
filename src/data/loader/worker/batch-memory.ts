/** Memory of a batch: shared with the worker where memory can be shared, else it goes there with the batch and comes back with it. */
export interface BatchMemory {
  /** Float32 [batchSize, height, width, channels] */
  readonly images: ArrayBufferLike;
  /** Bytes of pictures that the worker cannot read by itself. */
  readonly bytes?: ArrayBufferLike;
}

/** @param values float32 numbers  @param bytes 0: none */
export function newBatchMemory(values: number, bytes: number): BatchMemory {
  const images = newMemory(4 * values);
  return bytes > 0 ? { images, bytes: newMemory(bytes) } : { images };
}

/** What has to be handed over with a message. */
export function handedOver({ images, bytes }: BatchMemory): ArrayBuffer[] {
  return [images, bytes].filter((memory): memory is ArrayBuffer => memory instanceof ArrayBuffer);
}

/** Pages share memory only where they are isolated from other sites. */
function newMemory(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}
