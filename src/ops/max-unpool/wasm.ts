import type { Parts, WasmKernel } from '../../kernels.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** Channels that are one piece's, as in wasm.asm.ts. */
const STRIP = 16;
/** Elements that a piece should touch. */
const PIECE = 1 << 16;

function launch(
  wasm: Parameters<WasmKernel<MaxUnpoolGeometry>>[3],
  name: string,
  pointers: number[],
  g: MaxUnpoolGeometry,
): void {
  const [values, places] = [g.inHeight * g.inWidth, g.outHeight * g.outWidth];
  const strips = Math.ceil(g.channels / STRIP);
  const work = Math.min(STRIP, g.channels) * (values + places);
  wasm.parallel(name, g.batch * strips, Math.max(1, Math.round(PIECE / work)), ...pointers, values, places, g.channels);
}

/** x, switches, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const wasmCnn: Parts<WasmKernel<MaxUnpoolGeometry>> = {
  forward({ x, switches }, { y }, g, wasm) {
    launch(wasm, 'maxUnpoolForward', [x!, switches!, y!], g);
  },

  dx({ dy, switches }, { dx }, g, wasm) {
    launch(wasm, 'maxUnpoolDx', [dy!, switches!, dx!], g);
  },
};
