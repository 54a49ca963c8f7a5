import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { UNCHANGED } from '../activation/webgl-fused.js';
import type { Conv2DGeometry } from '../conv2d/geometry.js';
import { runElements } from '../conv2d/webgl-elements.js';
import { columnSums } from '../gemm/webgl-column-sums.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';
import { dfilter, dx, fits, forward, type Single } from './webgl-single.js';

const NAME = 'CnnDepthwiseConv2D';

const filterShape = (g: DepthwiseConv2DGeometry): number[] => [g.filterHeight, g.filterWidth, g.inChannels, g.multiplier];

const single = (g: DepthwiseConv2DGeometry): Single => ({ ...g, name: NAME, filterShape: filterShape(g) });

/** The same as a convolution with a group for each channel, whose filter [height, width, 1, channels * multiplier] is this one. */
const grouped = ({ multiplier: _, ...g }: DepthwiseConv2DGeometry): Conv2DGeometry => ({ ...g, groups: g.inChannels });

const asGrouped = (filter: TensorInfo, g: DepthwiseConv2DGeometry): TensorInfo => ({
  ...filter,
  shape: [g.filterHeight, g.filterWidth, 1, g.outChannels],
});

export const webgl: Parts<RunnerKernel<DepthwiseConv2DGeometry, WebglRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    if (g.multiplier === 1) return forward(runner, single(g), x!, filter!, bias);
    const filterOf = asGrouped(filter!, g);
    return [runElements(runner, grouped(g), 'forward', { x: x!, filterOf }, { bias, activation: g.activation })];
  },

  dx({ dy, filter }, g, runner) {
    if (g.multiplier === 1) return dx(runner, single(g), dy!, filter!);
    return [runElements(runner, grouped(g), 'dx', { dy: dy!, filterOf: asGrouped(filter!, g) }, UNCHANGED)];
  },

  dfilter({ x, dy }, g, runner) {
    if (g.multiplier === 1 && fits(runner, g)) return dfilter(runner, single(g), x!, dy!);
    return [{ ...runElements(runner, grouped(g), 'dfilter', { x: x!, dy: dy! }, UNCHANGED), shape: filterShape(g) }];
  },

  dbias: ({ dy }, g, runner) => [columnSums(runner, `${NAME} dbias`, g, dy!)],
};
