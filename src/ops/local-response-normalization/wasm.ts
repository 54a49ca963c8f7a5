import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { Parts, WasmKernel } from '../../kernels.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';

/** Numbers a job should read and compute: some 50 us of work. */
const JOB = 1 << 15;

/** Local response normalization. x, y, dy, dx [..., channels]. */
export const wasmCnn: Parts<WasmKernel<LocalResponseNormalizationGeometry>> = {
  forward({ x }, { y }, g, wasm) {
    const { jobs, job } = plan(g, 1, wasm);
    wasm.parallel('lrnForward', jobs, 1, x, y, job, g.alpha, g.beta, g.k);
  },

  dx({ dy, x }, { dx }, g, wasm) {
    const { jobs, job } = plan(g, 2, wasm);
    wasm.parallel('lrnDx', jobs, 1, dy, x, dx, job, g.alpha, g.beta, g.k);
  },
};

/** Cuts the pixels into jobs, each with `rows` rows of workspace: one pixel's channels and zeros on both sides. */
function plan(g: LocalResponseNormalizationGeometry, rows: number, wasm: WasmRuntime): { jobs: number; job: number } {
  const pixels = g.shape[0] * g.shape[1] * g.shape[2];
  const size = g.below + 1 + g.above;
  const perJob = Math.max(1, Math.round(JOB / Math.max(1, g.channels * size * rows)));
  const jobs = Math.ceil(pixels / perJob);
  // Vectors of four read up to three numbers beyond the row.
  const rowBytes = (g.channels + size + 3) * 4;
  const workspace = wasm.scratch(jobs * rows * rowBytes);
  return { jobs, job: wasm.struct(pixels, perJob, g.channels, g.below, g.above, workspace, rowBytes) };
}
