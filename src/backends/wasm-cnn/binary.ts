import { BLOCK, PACKED, SIZES } from './binary.generated.js';
import type { SimdLevel } from './engine.js';

/**
 * Both builds of the kernels. They are alike but for some instructions, so they are packed with their
 * blocks in turn, each close enough to its twin for deflate to see it; and they are packed before they
 * become text, which hides from a server's compression what it could find.
 */
export async function unpackKernels(): Promise<Record<SimdLevel, Uint8Array<ArrayBuffer>>> {
  const packed = Uint8Array.from(atob(PACKED), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const builds = SIZES.map((size) => new Uint8Array(size));
  let from = 0;
  for (let to = 0; from < bytes.length; to += BLOCK) {
    for (const build of builds) {
      // The shorter one may have a block less.
      const part = build.subarray(to, to + BLOCK);
      part.set(bytes.subarray(from, from + part.length));
      from += part.length;
    }
  }
  const [simd, relaxed] = builds as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  return { simd, 'relaxed-simd': relaxed };
}
