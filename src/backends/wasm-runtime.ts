/**
 * What a WebAssembly kernel is given to work with, on our own backend and inside the memory of tfjs's
 * wasm backend alike. A kernel takes pointers (byte offsets into one linear memory) and a geometry; it
 * knows neither tensors nor tape.
 */
export interface WasmRuntime {
  /** Threads that can take part in `parallel`, the calling one included. */
  readonly threads: number;

  /** Whether the engine joins neighbouring 128-bit instructions to 256-bit ones (V8's revectorization). */
  readonly wide?: boolean;

  /**
   * Runs `exports[name](begin, end, ...args)` for the whole range [0, count) cut into pieces of `grain`.
   * Pieces may run on any thread in any order, so each may write only what no other piece writes. How
   * a range is cut must follow from sizes alone, never from `threads`: then results do not depend on it.
   */
  parallel(name: string, count: number, grain: number, ...args: number[]): void;

  /** Calls `exports[name](...args)` on the calling thread. */
  call(name: string, ...args: number[]): number;

  /**
   * `bytes` of workspace, 64-byte aligned, not cleared, valid until the running kernel returns.
   * @throws OutOfMemoryError naming the op and the sizes
   */
  scratch(bytes: number): number;

  /** 32-bit integers copied into workspace: a kernel's parameter struct. Valid like `scratch`. */
  struct(...fields: number[]): number;

  /** Sets `bytes` bytes from the pointer on to 0. */
  clear(pointer: number, bytes: number): void;

  /** A view of memory for the driver's own reading and writing; do not keep it. */
  float32(pointer: number, length: number): Float32Array;
  /** The same memory as 32-bit integers. */
  int32(pointer: number, length: number): Int32Array;
}
