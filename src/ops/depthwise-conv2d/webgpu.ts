import { columnSums } from '../../backends/webgpu/column-sums.js';
import { type Element, forEach, type Program } from '../../backends/webgpu/program.js';
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

/** Four channels at a time where each has one filter and they come in fours: sizes are of fours then. */
const elementOf = (g: DepthwiseConv2DGeometry): Element => (g.multiplier === 1 && g.inChannels % 4 === 0 ? 'vec4<f32>' : 'f32');

/** One thread computes one element of y, of a picture with as many channels as y has. */
const forward = (T: Element, withBias: boolean, activation: FusedActivation): Program => ({
  reads: { x: T, weights: T, ...(withBias && { bias: T }) },
  writes: { y: T },
  uniforms,
  text: `${fusedText(T, activation)}
${forEach(
  'u.size',
  `  let outChannels = u.channels * u.multiplier;
  let pixel = i32(i) / outChannels;
  let line = pixel / u.outWidth;
  let picture = line / u.outHeight;
  let co = i32(i) - pixel * outChannels;
  let c = co / u.multiplier;
  let px = pixel - line * u.outWidth;
  let py = line - picture * u.outHeight;
  var sum = ${withBias ? 'bias[co]' : `${T}()`};
${overWindow('sum = fma(x[at], weights[(ky * u.filterWidth + kx) * outChannels + co], sum);')}
  y[i] = fused(sum);`,
)}`,
});

/** One thread computes one element of dx: all that its channel's filters send back. */
const dx = (T: Element): Program => ({
  reads: { dy: T, weights: T },
  writes: { dx: T },
  uniforms,
  text: forEach(
    'u.size',
    `${placeText('u.inHeight', 'u.inWidth')}
  var sum = ${T}();
${overWindowsOf(
  `let first = (o - c) + c * u.multiplier;
      let tap = ((ky * u.filterWidth + kx) * u.channels + c) * u.multiplier;
      for (var m = 0; m < u.multiplier; m++) { sum = fma(dy[first + m], weights[tap + m], sum); }`,
  '(u.channels * u.multiplier)',
)}
  dx[i] = sum;`,
  ),
});

/** One thread adds up what some of the places give one element of the filter. */
const dfilter = (T: Element): Program => ({
  reads: { x: T, dy: T },
  writes: { parts: T },
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
  var sum = ${T}();
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

/** Sizes in elements. */
function sizesOf(g: DepthwiseConv2DGeometry) {
  const T = elementOf(g);
  const unit = T === 'f32' ? 1 : 4;
  const [inChannels, outChannels] = [g.inChannels / unit, g.outChannels / unit];
  const numbers = (size: number) => ({ ...windowNumbers({ ...g, inChannels }, size), multiplier: g.multiplier });
  return { T, unit, inChannels, outChannels, numbers };
}

/** Channels do not mix, so there is no product of matrices: each thread sums up what one element meets. */
export const webgpu: Parts<RunnerKernel<DepthwiseConv2DGeometry, WebgpuRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const { T, outChannels, numbers } = sizesOf(g);
    const y = runner.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
    const size = g.batch * g.outHeight * g.outWidth * outChannels;
    const variant = `${T} ${g.activation} ${bias ? 'bias' : ''}`.trim();
    const program = runner.program('depthwiseConv2d forward', variant, g, () => forward(T, !!bias, g.activation));
    runner.launchForEach(program, { x, weights: filter, bias, y }, numbers(size), size);
    return [y];
  },

  dx({ dy, filter }, g, runner) {
    const { T, inChannels, numbers } = sizesOf(g);
    const result = runner.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const size = g.batch * g.inHeight * g.inWidth * inChannels;
    const program = runner.program('depthwiseConv2d dx', T, g, () => dx(T));
    runner.launchForEach(program, { dy, weights: filter, dx: result }, numbers(size), size);
    return [result];
  },

  /** The rows of all pictures are cut into pieces, whose sums are added in order. */
  dfilter({ x, dy }, g, runner) {
    const { T, unit, outChannels, numbers } = sizesOf(g);
    const result = runner.output([g.filterHeight, g.filterWidth, g.inChannels, g.multiplier]);
    const elements = g.filterHeight * g.filterWidth * outChannels;
    const rows = g.batch * g.outHeight;
    const wanted = Math.max(1, Math.min(rows, Math.ceil(ENOUGH / elements), Math.ceil((rows * g.outWidth) / PIXELS)));
    const pieceRows = Math.ceil(rows / wanted);
    const slices = Math.ceil(rows / pieceRows);
    const size = slices * elements;
    const program = runner.program('depthwiseConv2d dfilter', T, g, () => dfilter(T));
    runner.withScratch(size * unit, (parts) => {
      runner.launchForEach(program, { x, dy, parts }, { ...numbers(size), elements, pieceRows, rows }, size);
      sumSlices(runner, parts, result, slices);
    });
    return [result];
  },

  dbias: ({ dy }, g, runner) => [columnSums(runner, dy!, g.batch * g.outHeight * g.outWidth, g.outChannels)],
};
