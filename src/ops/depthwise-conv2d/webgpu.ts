import { columnSums } from '../../backends/webgpu/column-sums.js';
import { forEach, type Program } from '../../backends/webgpu/program.js';
import { sumSlices } from '../../backends/webgpu/reduction.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { FusedActivation } from '../activation/fused.js';
import { fusedText } from '../activation/webgpu-functions.js';
import { overWindow, overWindowsOf, placeText, windowNumbers, windowUniforms } from '../pool/webgpu-windows.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';

const uniforms: Program['uniforms'] = { ...windowUniforms, multiplier: 'i32' };

/** Threads that keep a GPU busy, and pixels that are worth one of them. */
const ENOUGH = 65536;
const PIXELS = 64;

/** One thread computes one element of y, of a picture with as many channels as y has. */
const forward = (withBias: boolean, activation: FusedActivation): Program => ({
  reads: { x: 'f32', weights: 'f32', ...(withBias && { bias: 'f32' }) },
  writes: { y: 'f32' },
  uniforms,
  text: `${fusedText('f32', activation)}
${forEach(
  'u.size',
  `  let outChannels = u.channels * u.multiplier;
  let co = i32(i) % outChannels;
  let c = co / u.multiplier;
  let px = i32(i) / outChannels % u.outWidth;
  let py = i32(i) / outChannels / u.outWidth % u.outHeight;
  let picture = i32(i) / outChannels / u.outWidth / u.outHeight;
  var sum = ${withBias ? 'bias[co]' : '0.0'};
${overWindow('sum = fma(x[at], weights[(ky * u.filterWidth + kx) * outChannels + co], sum);')}
  y[i] = fused(sum);`,
)}`,
});

/** One thread computes one element of dx: all that its channel's filters send back. */
const dx = (): Program => ({
  reads: { dy: 'f32', weights: 'f32' },
  writes: { dx: 'f32' },
  uniforms,
  text: forEach(
    'u.size',
    `${placeText('u.inHeight', 'u.inWidth')}
  var sum = 0.0;
${overWindowsOf(
  `let line = (o - c) + c * u.multiplier;
      let tap = ((ky * u.filterWidth + kx) * u.channels + c) * u.multiplier;
      for (var m = 0; m < u.multiplier; m++) { sum = fma(dy[line + m], weights[tap + m], sum); }`,
  '(u.channels * u.multiplier)',
)}
  dx[i] = sum;`,
  ),
});

/** One thread adds up what some of the places give one element of the filter. */
const dfilter = (): Program => ({
  reads: { x: 'f32', dy: 'f32' },
  writes: { parts: 'f32' },
  uniforms: { ...uniforms, elements: 'i32', pieceRows: 'i32', rows: 'i32' },
  text: forEach(
    'u.size',
    `  let element = i32(i) % u.elements;
  let outChannels = u.channels * u.multiplier;
  let co = element % outChannels;
  let c = co / u.multiplier;
  let kx = element / outChannels % u.filterWidth;
  let ky = element / outChannels / u.filterWidth;
  let firstRow = i32(i) / u.elements * u.pieceRows;
  var sum = 0.0;
  for (var row = firstRow; row < min(firstRow + u.pieceRows, u.rows); row++) {
    let iy = row % u.outHeight * u.strideHeight - u.padTop + ky * u.dilationHeight;
    if (iy < 0 || iy >= u.inHeight) { continue; }
    let line = (row / u.outHeight * u.inHeight + iy) * u.inWidth;
    for (var px = 0; px < u.outWidth; px++) {
      let ix = px * u.strideWidth - u.padLeft + kx * u.dilationWidth;
      if (ix < 0 || ix >= u.inWidth) { continue; }
      sum = fma(x[(line + ix) * u.channels + c], dy[(row * u.outWidth + px) * outChannels + co], sum);
    }
  }
  parts[i] = sum;`,
  ),
});

function numbersOf(g: DepthwiseConv2DGeometry, size: number) {
  return { ...windowNumbers(g, size), multiplier: g.multiplier };
}

/** Channels do not mix, so there is no product of matrices: each thread sums up what one element meets. */
export const webgpu: Parts<RunnerKernel<DepthwiseConv2DGeometry, WebgpuRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const y = runner.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
    const size = g.batch * g.outHeight * g.outWidth * g.outChannels;
    const variant = `${g.activation} ${bias ? 'bias' : ''}`;
    const program = runner.program('depthwiseConv2d forward', variant, g, () => forward(!!bias, g.activation));
    runner.launchForEach(program, { x, weights: filter, bias, y }, numbersOf(g, size), size);
    return [y];
  },

  dx({ dy, filter }, g, runner) {
    const result = runner.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const size = g.batch * g.inHeight * g.inWidth * g.inChannels;
    const program = runner.program('depthwiseConv2d dx', '', g, dx);
    runner.launchForEach(program, { dy, weights: filter, dx: result }, numbersOf(g, size), size);
    return [result];
  },

  /** The rows of all pictures are cut into pieces, whose sums are added in order. */
  dfilter({ x, dy }, g, runner) {
    const result = runner.output([g.filterHeight, g.filterWidth, g.inChannels, g.multiplier]);
    const elements = g.filterHeight * g.filterWidth * g.outChannels;
    const rows = g.batch * g.outHeight;
    const wanted = Math.max(1, Math.min(rows, Math.ceil(ENOUGH / elements), Math.ceil((rows * g.outWidth) / PIXELS)));
    const pieceRows = Math.ceil(rows / wanted);
    const slices = Math.ceil(rows / pieceRows);
    const size = slices * elements;
    const program = runner.program('depthwiseConv2d dfilter', '', g, dfilter);
    runner.withScratch(size, (parts) => {
      runner.launchForEach(program, { x, dy, parts }, { ...numbersOf(g, size), elements, pieceRows, rows }, size);
      sumSlices(runner, parts, result, slices);
    });
    return [result];
  },

  dbias: ({ dy }, g, runner) => [columnSums(runner, dy!, g.batch * g.outHeight * g.outWidth, g.outChannels)],
};
