import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { FusedActivation } from '../activation/fused.js';
import { multiplyRows, packPanels } from '../gemm/rows.js';
import type { Conv2DGeometry } from './geometry.js';
import { type Picture, zeroPadded } from './picture.js';

/** x as the windows see it: with its pads. `margin` as in zeroPadded. */
export function paddedInput(wasm: WasmRuntime, x: number, g: Conv2DGeometry, margin = 0): Picture {
  return zeroPadded(
    wasm,
    x,
    g.batch,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    {
      top: -g.padTop,
      bottom: (g.outHeight - 1) * g.strideHeight + (g.filterHeight - 1) * g.dilationHeight + 1 - g.padTop,
      left: -g.padLeft,
      right: (g.outWidth - 1) * g.strideWidth + (g.filterWidth - 1) * g.dilationWidth + 1 - g.padLeft,
    },
    margin,
  );
}

/** Where the window of each pixel of y begins; steps in bytes. */
export function windowGrid({ pointer, batchStep, rowStep, columnStep }: Picture, g: Conv2DGeometry) {
  return {
    pointer: pointer - g.padTop * rowStep - g.padLeft * columnStep,
    batchStep,
    rowStep: g.strideHeight * rowStep,
    columnStep: g.strideWidth * columnStep,
  };
}

/** What a window consists of: [byte offset, floats]. Neighbours in a row are one run. */
export function windowRuns({ rowStep, columnStep }: Picture, g: Conv2DGeometry): [number, number][] {
  const runs: [number, number][] = [];
  const merged = g.dilationWidth === 1 && g.groups === 1;
  for (let ky = 0; ky < g.filterHeight; ky++) {
    const row = ky * g.dilationHeight * rowStep;
    if (merged) runs.push([row, g.filterWidth * g.inChannels]);
    else for (let kx = 0; kx < g.filterWidth; kx++) runs.push([row + kx * g.dilationWidth * columnStep, g.inChannels / g.groups]);
  }
  return runs;
}

/** y = activation(conv(x, filter) + bias) as one product: rows are windows of x, packed a block at a time. */
export function gemmForward(
  wasm: WasmRuntime,
  x: number,
  filter: number,
  bias: number,
  y: number,
  g: Conv2DGeometry,
  activation: FusedActivation,
): void {
  const { groups } = g;
  const channels = g.outChannels / groups;
  const picture = paddedInput(wasm, x, g);
  const runs = windowRuns(picture, g);
  const panels = packPanels(wasm, {
    pointer: filter,
    outer: groups,
    outerStep: channels * 4,
    depthStep: g.outChannels * 4,
    columnStep: 4,
    columns: channels,
    segments: [[0, runs.length * runs[0]![1]]],
    bias,
    biasStep: channels * 4,
  });
  const pixel = (g.outPitch ?? g.outChannels) * 4;
  multiplyRows(wasm, {
    outer: groups,
    batch: g.batch,
    gridHeight: g.outHeight,
    gridWidth: g.outWidth,
    runs,
    activation,
    b: panels,
    a: { ...windowGrid(picture, g), outerStep: (g.inChannels / groups) * 4 },
    c: {
      pointer: y,
      outerStep: channels * 4,
      batchStep: g.outHeight * g.outWidth * pixel,
      rowStep: g.outWidth * pixel,
      columnStep: pixel,
    },
  });
}
