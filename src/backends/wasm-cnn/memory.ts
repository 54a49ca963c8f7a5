/** The one linear memory that tensors, workspace and the threads' control block live in. */

const PAGE = 65536;

/** Maxima to try, in pages: 4 GiB down to 256 MiB (phones refuse large shared memories). */
const MAXIMA = [65536, 32768, 16384, 8192, 4096];

/** What 32-bit addresses reach. */
export const MOST_BYTES = MAXIMA[0]! * PAGE;

/** A linear memory; shared between threads where the platform allows it. */
export interface LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly maximumBytes: number;
}

/** Whether memory may be shared with workers: always in Node, on cross-origin-isolated pages elsewhere. */
export function canShareMemory(): boolean {
  return (
    typeof SharedArrayBuffer !== 'undefined' && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false
  );
}

/** Creates the memory: shared if wanted and possible, with the largest maximum the engine grants. */
export function createMemory(wantShared: boolean, initialPages = 256): LinearMemory {
  let refusal: unknown;
  for (const shared of wantShared ? [true, false] : [false]) {
    for (const maximum of MAXIMA) {
      try {
        const memory = new WebAssembly.Memory({ initial: initialPages, maximum, shared });
        return { memory, shared, maximumBytes: maximum * PAGE };
      } catch (error) {
        refusal = error;
      }
    }
  }
  throw new Error(`wasm-cnn: the engine grants no WebAssembly memory (${String(refusal)})`);
}

/** Grows the memory to hold at least `bytes` in all, a quarter more if it can; false at the limit. */
export function growTo({ memory, maximumBytes }: LinearMemory, bytes: number): boolean {
  const have = memory.buffer.byteLength;
  if (bytes <= have) return true;
  if (bytes > maximumBytes) return false;
  const generous = Math.min(maximumBytes, Math.max(bytes, have + (have >> 2)));
  for (const target of [generous, bytes]) {
    try {
      memory.grow(Math.ceil((target - have) / PAGE));
      return true;
    } catch {
      // The system has no more; ask for less.
    }
  }
  return false;
}
