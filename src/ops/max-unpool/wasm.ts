import type { Parts, WasmKernel } from '../../kernels.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** Elements that a piece should touch. */
const PIECE = 1 << 16;
/** Pictures that are work enough for all threads, and the channels of which fewer are cut into strips: a line of the cache. */
const MANY_PICTURES = 8;
const STRIP = 16;

const pixels = (g: MaxUnpoolGeometry): [values: number, places: number] => [g.inHeight * g.inWidth, g.outHeight * g.outWidth];

/** x, switches, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const wasmCnn: Parts<WasmKernel<MaxUnpoolGeometry>> = {
  forward({ x, switches }, { y }, g, wasm) {
    const [values, places] = pixels(g);
    const { batch, channels } = g;
    const width = batch >= MANY_PICTURES ? channels : Math.min(STRIP, channels);
    const grain = Math.max(1, Math.round(PIECE / (width * (values + places))));
    const units = batch * Math.ceil(channels / width);
    wasm.parallel('maxUnpoolForward', units, grain, x!, switches!, y!, values, places, channels, width);
  },

  dx({ dy, switches }, { dx }, g, wasm) {
    const [values, places] = pixels(g);
    const grain = Math.max(1, Math.round(PIECE / (3 * g.channels)));
    wasm.parallel('maxUnpoolDx', g.batch * values, grain, dy!, switches!, dx!, values, places, g.channels);
  },
};
