import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named, Parts, RunnerKernel } from '../../kernels.js';
import { type Finish, UNCHANGED } from '../activation/webgl-fused.js';
import { dfilter, dx, fits, forward, type Single } from '../depthwise-conv2d/webgl-single.js';
import { columnSums } from '../gemm/webgl-column-sums.js';
import type { Conv2DGeometry } from './geometry.js';
import { backwardTile, forwardTile } from './webgl-columns.js';
import { pairsFit, runElements } from './webgl-elements.js';
import { runFilter } from './webgl-filter.js';
import { type PictureKernel, runPicture, sides } from './webgl-picture.js';

/** Fragments below which tiles are halved: a GPU would idle. */
const FRAGMENTS = 2048;

const powerBelow = (size: number): number => 2 ** Math.floor(Math.log2(size));
const powerAbove = (size: number): number => 2 ** Math.ceil(Math.log2(size));

/** How the kernel is cut; undefined where no tile fits. */
function kernelFor(runner: WebglRunner, g: Conv2DGeometry, part: 'forward' | 'dx'): PictureKernel | undefined {
  if (!pairsFit(g)) return undefined;
  const { batch, ...sizes } = g;
  return runner.planned(`conv2d ${part} ${JSON.stringify(sizes)}`, batch, () => largestKernel(runner, g, part));
}

/** The largest tile that a program can write and that leaves enough fragments. */
function largestKernel(runner: WebglRunner, g: Conv2DGeometry, part: 'forward' | 'dx'): PictureKernel | undefined {
  const { made } = sides(g, part);
  const columns = half(made.columns);
  const depth = half(made.channels / g.groups);
  const smallest = part === 'dx' ? g.strideWidth : 1;
  if (smallest > runner.attachments) return undefined;
  const most = powerBelow(runner.attachments / smallest);
  let across = Math.min(most, powerAbove(Math.ceil(columns / smallest)), Math.max(1, powerBelow(4 / smallest)));
  let channels = Math.min(powerBelow(most / across), g.groups === 1 ? powerAbove(depth) : largestDivisor(depth));
  across = Math.min(powerBelow(most / channels), powerAbove(Math.ceil(columns / smallest)));
  const lines = g.batch * made.rows;
  const fragments = () => lines * Math.ceil(columns / (across * smallest)) * Math.ceil(half(made.channels) / channels);
  while (fragments() < FRAGMENTS && across * channels > 1) {
    if (channels > across) channels /= 2;
    else across /= 2;
  }
  const tile = part === 'forward' ? forwardTile(g, across) : backwardTile(g, across * smallest);
  return tile && { part, tile, channels };
}

/** The largest power of two that divides it. */
function largestDivisor(size: number): number {
  return size & -size;
}

/** A group for each channel: a depthwise convolution, whose filter lies in the same order. */
function depthwise(runner: WebglRunner, g: Conv2DGeometry): Single | undefined {
  if (g.groups === 1 || g.groups !== g.inChannels || g.outChannels !== g.inChannels || !fits(runner, g)) return undefined;
  return { ...g, name: 'CnnConv2D', filterShape: [g.filterHeight, g.filterWidth, 1, g.outChannels] };
}

/** @param finish of a transposed convolution, whose forward pass it is */
export function inputGradient(
  { dy, filter }: Named<TensorInfo>,
  g: Conv2DGeometry,
  runner: WebglRunner,
  finish: Finish = UNCHANGED,
): TensorInfo[] {
  const single = depthwise(runner, g);
  if (single) return dx(runner, single, dy!, filter!, finish);
  const kernel = kernelFor(runner, g, 'dx');
  if (kernel) return [runPicture(runner, g, kernel, { source: dy!, filterOf: filter! }, finish)];
  return [runElements(runner, g, 'dx', { dy: dy!, filterOf: filter! }, finish)];
}

/**
 * Convolution as products of matrices that are never unfolded: tiles of pixels by channels in registers, pairs of channels of a picture
 * and of the filter read from packed textures. x, y NHWC; filter HWIO.
 */
export const webgl: Parts<RunnerKernel<Conv2DGeometry, WebglRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const single = depthwise(runner, g);
    if (single) return forward(runner, single, x!, filter!, bias);
    const finish = { bias, activation: g.activation };
    const kernel = kernelFor(runner, g, 'forward');
    if (kernel) return [runPicture(runner, g, kernel, { source: x!, filterOf: filter! }, finish)];
    return [runElements(runner, g, 'forward', { x: x!, filterOf: filter! }, finish)];
  },

  dx: (inputs, g, runner) => inputGradient(inputs, g, runner),

  dfilter({ x, dy }, g, runner) {
    const single = depthwise(runner, g);
    if (single) return dfilter(runner, single, x!, dy!);
    return [pairsFit(g) ? runFilter(runner, g, x!, dy!) : runElements(runner, g, 'dfilter', { x: x!, dy: dy! }, UNCHANGED)];
  },

  dbias: ({ dy }, g, runner) => [columnSums(runner, 'CnnConv2D dbias', g, dy!)],
};
