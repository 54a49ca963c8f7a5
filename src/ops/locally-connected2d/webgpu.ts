import { columnSums } from '../../backends/webgpu/column-sums.js';
import { launchProduct } from '../../backends/webgpu/launch-product.js';
import { matrixOperand } from '../../backends/webgpu/matrix-operand.js';
import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { uncut } from '../../backends/webgpu/slices.js';
import { tileFor } from '../../backends/webgpu/tiles.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { gridUniforms, MATRIX_IS_PLACE, placesOperand, tapsOperand } from '../conv2d/webgpu-operands.js';
import { overWindowsOf, placeText, windowNumbers, windowUniforms } from '../pool/webgpu-windows.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

/** Pictures that a tile is made for: a batch of another size must not ask for another program. */
const PICTURES = 64;

const places = (g: LocallyConnected2DGeometry): number => g.outHeight * g.outWidth;
const taps = (g: LocallyConnected2DGeometry): number => g.filterHeight * g.filterWidth * g.inChannels;
const inFours = (...sizes: number[]): boolean => sizes.every((size) => size % 4 === 0);

/** Numbers of a place's taps. */
function gridOf(g: LocallyConnected2DGeometry) {
  return {
    ...{ inHeight: g.inHeight, inWidth: g.inWidth, pitch: g.inChannels, channels: g.inChannels },
    ...{ gridHeight: g.outHeight, gridWidth: g.outWidth, strideY: g.strideHeight, strideX: g.strideWidth },
    ...{ startY: -g.padTop, startX: -g.padLeft, stepY: 1, stepX: 1, tapsWide: g.filterWidth },
  };
}

/** One thread adds up what the places that see its element send back: sent [batch, places, taps]. */
const gather = (): Program => ({
  reads: { sent: 'f32' },
  writes: { dx: 'f32' },
  uniforms: windowUniforms,
  text: forEach(
    'u.size',
    `${placeText('u.inHeight', 'u.inWidth')}
  var sum = 0.0;
${overWindowsOf('sum += sent[o + (ky * u.filterWidth + kx) * u.channels];', '(u.filterHeight * u.filterWidth * u.channels)')}
  dx[i] = sum;`,
  ),
});

/** At every place a product of its own: pictures times what the place sees of them, its filter, or its outputs. */
export const webgpu: Parts<RunnerKernel<LocallyConnected2DGeometry, WebgpuRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const [columns, depth] = [g.outChannels, taps(g)];
    const wide = { x: inFours(g.inChannels), y: inFours(columns) };
    return launchProduct(runner, {
      name: 'locallyConnected2d forward',
      geometry: g,
      tile: tileFor(runner.tiles, PICTURES, columns),
      a: { name: 'x', tensor: x!, wide: wide.x, operand: placesOperand('x', wide.x, MATRIX_IS_PLACE) },
      b: {
        ...{ name: 'weights', tensor: filter!, wide: wide.y },
        operand: matrixOperand({
          ...{ buffer: 'weights', offset: 'z * u.depth * u.columns', pitch: 'u.columns', along: 'lines', wide: wide.y },
        }),
      },
      shape: [g.batch, g.outHeight, g.outWidth, columns],
      wide: wide.y,
      place: '(m * u.matrices + z) * u.columns',
      uniforms: gridUniforms,
      launches: [{ ...gridOf(g), rows: g.batch, columns, depth, matrices: places(g), ...uncut(depth) }],
      cut: false,
      end: { bias, activation: g.activation },
    });
  },

  /** What each place sends to what it sees, then by element what was sent there. */
  dx({ dy, filter }, g, runner) {
    const [columns, depth] = [taps(g), g.outChannels];
    const wide = inFours(depth);
    const [sent] = launchProduct(runner, {
      name: 'locallyConnected2d sent',
      geometry: g,
      tile: tileFor(runner.tiles, PICTURES, columns),
      a: {
        ...{ name: 'dy', tensor: dy!, wide },
        operand: matrixOperand({ buffer: 'dy', offset: 'z * u.depth', pitch: 'u.matrices * u.depth', along: 'depth', wide }),
      },
      b: {
        ...{ name: 'weights', tensor: filter!, wide },
        operand: matrixOperand({
          ...{ buffer: 'weights', offset: 'z * u.columns * u.depth', pitch: 'u.depth', along: 'depth', wide },
        }),
      },
      shape: [g.batch, places(g), columns],
      wide: inFours(columns),
      place: '(m * u.matrices + z) * u.columns',
      uniforms: {},
      launches: [{ rows: g.batch, columns, depth, matrices: places(g), ...uncut(depth) }],
      cut: false,
    });
    const dx = runner.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const size = g.batch * g.inHeight * g.inWidth * g.inChannels;
    runner.launchForEach(runner.program('locallyConnected2d dx', '', g, gather), { sent, dx }, windowNumbers(g, size), size);
    runner.dispose(sent);
    return [dx];
  },

  dfilter({ x, dy }, g, runner) {
    const [rows, columns] = [taps(g), g.outChannels];
    const wide = { x: inFours(g.inChannels), dy: inFours(columns) };
    return launchProduct(runner, {
      name: 'locallyConnected2d dfilter',
      geometry: g,
      tile: tileFor(runner.tiles, rows, columns),
      a: { name: 'x', tensor: x!, wide: wide.x, operand: tapsOperand('x', wide.x, MATRIX_IS_PLACE) },
      b: {
        ...{ name: 'dy', tensor: dy!, wide: wide.dy },
        operand: matrixOperand({
          ...{ buffer: 'dy', offset: 'z * u.columns', pitch: 'u.matrices * u.columns', along: 'lines', wide: wide.dy },
        }),
      },
      shape: [g.outHeight, g.outWidth, rows, columns],
      wide: wide.dy,
      place: '(z * u.rows + m) * u.columns',
      uniforms: gridUniforms,
      launches: [{ ...gridOf(g), rows, columns, depth: g.batch, matrices: places(g), ...uncut(g.batch) }],
      cut: false,
    });
  },

  dbias: ({ dy }, g, runner) => [
    columnSums(runner, dy!, g.batch, places(g) * g.outChannels, [g.outHeight, g.outWidth, g.outChannels]),
  ],
};
