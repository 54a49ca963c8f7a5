import type { TensorInfo } from '@tensorflow/tfjs-core';
import { columnSums } from '../../backends/webgpu/column-sums.js';
import { launchProduct, type Product } from '../../backends/webgpu/launch-product.js';
import { matrixOperand } from '../../backends/webgpu/matrix-operand.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { slicesFor, uncut } from '../../backends/webgpu/slices.js';
import { tileFor } from '../../backends/webgpu/tiles.js';
import type { Named, Parts, RunnerKernel } from '../../kernels.js';
import type { Conv2DGeometry } from './geometry.js';
import { type Phase, windowPhases } from './phases.js';
import { gridUniforms, placesOperand, tapsOperand, turnedFilterOperand, turnedFilterUniforms } from './webgpu-operands.js';

/** Numbers of a place's taps, where places are y's and pixels are x's. */
function forwardGrid(g: Conv2DGeometry) {
  return {
    ...{ inHeight: g.inHeight, inWidth: g.inWidth, pitch: g.inChannels, channels: g.inChannels / g.groups },
    ...{ gridHeight: g.outHeight, gridWidth: g.outWidth, strideY: g.strideHeight, strideX: g.strideWidth },
    ...{ startY: -g.padTop, startX: -g.padLeft, stepY: g.dilationHeight, stepX: g.dilationWidth, tapsWide: g.filterWidth },
  };
}

const places = (g: Conv2DGeometry): number => g.batch * g.outHeight * g.outWidth;
const inFours = (...sizes: number[]): boolean => sizes.every((size) => size % 4 === 0);

/**
 * Whether the sums are cut, too, where there are few places and many terms: by what does not depend on the batch, so that a smaller one
 * runs the same programs.
 */
const fewPlaces = (pixels: number, depth: number): boolean => pixels <= 64 && depth >= 512;

/** From one element of dy to the next that a tap further reaches, and of the filter; any where there is one tap. */
function tapSteps({ taps }: Phase): { start: number; step: number; firstK: number; stepK: number } {
  const [a, b] = taps;
  return { start: a?.offset ?? 0, step: a && b ? b.offset - a.offset : 1, firstK: a?.k ?? 0, stepK: a && b ? b.k - a.k : 1 };
}

/**
 * A convolution of dy for each remainder of x's places by the stride: each sees every stride-th tap. As a layer (a transposed
 * convolution) it ends in bias and activation.
 */
export function inputGradient(
  { dy, filter }: Named<TensorInfo>,
  g: Conv2DGeometry,
  runner: WebgpuRunner,
  end?: Product['end'],
): [TensorInfo] {
  const columns = g.inChannels / g.groups;
  const channels = g.outChannels / g.groups;
  const [vertical, horizontal] = windowPhases(g);
  const strided = g.strideHeight * g.strideWidth > 1;
  const wide = { dy: inFours(channels), dx: inFours(columns) };
  const cut = fewPlaces((g.inHeight / g.strideHeight) * (g.inWidth / g.strideWidth), g.filterHeight * g.filterWidth * channels);
  const launches = vertical.flatMap((y) =>
    horizontal.map((x) => {
      const [v, h] = [tapSteps(y), tapSteps(x)];
      const rows = g.batch * y.count * x.count;
      const depth = y.taps.length * x.taps.length * channels;
      return {
        ...{ inHeight: g.outHeight, inWidth: g.outWidth, pitch: g.outChannels, channels },
        ...{ gridHeight: y.count, gridWidth: x.count, strideY: 1, strideX: 1, startY: v.start, startX: h.start },
        ...{ stepY: v.step, stepX: h.step, tapsWide: Math.max(1, x.taps.length) },
        ...{ filterWidth: g.filterWidth, filterPitch: g.outChannels },
        ...{ firstKy: v.firstK, firstKx: h.firstK, stepKy: v.stepK, stepKx: h.stepK },
        ...{ outPitch: g.inChannels, outHeight: g.inHeight, outWidth: g.inWidth },
        ...{ outStrideY: g.strideHeight, outStrideX: g.strideWidth, outStartY: y.first, outStartX: x.first },
        ...{ rows, columns, depth, matrices: g.groups },
        ...(cut ? slicesFor(rows, columns, g.groups, depth, 256, 16) : uncut(depth)),
      };
    }),
  );
  return launchProduct(runner, {
    name: 'conv2d dx',
    variant: strided ? 'strided' : '',
    geometry: g,
    tile: tileFor(runner.tiles, Infinity, columns),
    a: { name: 'dy', tensor: dy!, wide: wide.dy, operand: placesOperand('dy', wide.dy) },
    b: { name: 'weights', tensor: filter!, wide: wide.dy, operand: turnedFilterOperand('weights', wide.dy) },
    shape: [g.batch, g.inHeight, g.inWidth, g.inChannels],
    wide: wide.dx,
    place: strided
      ? `(((m / (u.gridWidth * u.gridHeight) * u.outHeight + m / u.gridWidth % u.gridHeight * u.outStrideY + u.outStartY) * u.outWidth
    + m % u.gridWidth * u.outStrideX + u.outStartX) * u.outPitch + z * u.columns)`
      : 'm * u.outPitch + z * u.columns',
    uniforms: {
      ...gridUniforms,
      ...turnedFilterUniforms,
      ...{ outPitch: 'u32', outHeight: 'u32', outWidth: 'u32' },
      ...{ outStrideY: 'u32', outStrideX: 'u32', outStartY: 'u32', outStartX: 'u32' },
    },
    launches,
    cut,
    end,
  });
}

/** Convolution by implicit products of matrices: the picture is never laid out, its windows are found as they are read. */
export const webgpu: Parts<RunnerKernel<Conv2DGeometry, WebgpuRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const columns = g.outChannels / g.groups;
    const outPitch = g.outPitch ?? g.outChannels;
    const depth = g.filterHeight * g.filterWidth * (g.inChannels / g.groups);
    const rows = places(g);
    const wide = { x: inFours(g.inChannels / g.groups), filter: inFours(columns), y: inFours(columns, outPitch) };
    const cut = fewPlaces(g.outHeight * g.outWidth, depth);
    const [y] = launchProduct(runner, {
      name: 'conv2d forward',
      geometry: g,
      tile: tileFor(runner.tiles, Infinity, columns),
      a: { name: 'x', tensor: x!, wide: wide.x, operand: placesOperand('x', wide.x) },
      b: {
        name: 'weights',
        tensor: filter!,
        wide: wide.filter,
        operand: matrixOperand({
          ...{ buffer: 'weights', offset: 'z * u.columns', pitch: 'u.filterPitch', along: 'lines' },
          wide: wide.filter,
        }),
      },
      shape: [g.batch, g.outHeight, g.outWidth, outPitch],
      wide: wide.y,
      place: 'm * u.outPitch + z * u.columns',
      uniforms: { ...gridUniforms, filterPitch: 'u32', outPitch: 'u32' },
      launches: [
        {
          ...{ ...forwardGrid(g), filterPitch: g.outChannels, outPitch },
          ...{ rows, columns, depth, matrices: g.groups },
          ...(cut ? slicesFor(rows, columns, g.groups, depth, 256, 16) : uncut(depth)),
        },
      ],
      cut,
      end: { bias, activation: g.activation },
    });
    return [y!];
  },

  dx: inputGradient,

  /** Depth is all pixels of the batch: it is cut, and the cuts' sums are added in order. */
  dfilter({ x, dy }, g, runner) {
    const columns = g.outChannels / g.groups;
    const rows = g.filterHeight * g.filterWidth * (g.inChannels / g.groups);
    const depth = places(g);
    const wide = { x: inFours(g.inChannels / g.groups), dy: inFours(columns) };
    return launchProduct(runner, {
      name: 'conv2d dfilter',
      geometry: g,
      tile: tileFor(runner.tiles, rows, columns),
      a: { name: 'x', tensor: x!, wide: wide.x, operand: tapsOperand('x', wide.x) },
      b: {
        name: 'dy',
        tensor: dy!,
        wide: wide.dy,
        operand: matrixOperand({
          ...{ buffer: 'dy', offset: 'z * u.columns', pitch: 'u.outPitch', along: 'lines' },
          wide: wide.dy,
        }),
      },
      shape: [g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels],
      wide: wide.dy,
      place: 'm * u.outPitch + z * u.columns',
      uniforms: { ...gridUniforms, outPitch: 'u32' },
      launches: [
        {
          ...{ ...forwardGrid(g), outPitch: g.outChannels },
          ...{ rows, columns, depth, matrices: g.groups },
          ...slicesFor(rows, columns, g.groups, depth),
        },
      ],
      cut: true,
    });
  },

  dbias: ({ dy }, g, runner) => [columnSums(runner, dy!, places(g), g.outChannels)],
};
