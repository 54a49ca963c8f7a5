import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../geometry.js';
import { allFloat, type Call } from './standard-kernel.js';

type ConvInfo = backend_util.Conv2DInfo;

/** Attributes of tfjs's convolutions and pools, forward and backward. */
export interface WindowAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat?: 'NHWC' | 'NCHW';
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterSize: [number, number] | number;
  inputShape: number[];
  filterShape: number[];
  activation?: string;
  leakyreluAlpha?: number;
}

/** What tfjs derived of strides and pads, as our frozen geometry. */
export function toGeometry(info: ConvInfo): WindowGeometry {
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padBottom: info.padInfo.bottom,
    padLeft: info.padInfo.left,
    padRight: info.padInfo.right,
  };
}

/** Geometry of a convolution; undefined where a kernel of ours does not do it (NCHW, another dtype, nothing in it). */
export function convolutionGeometry(
  call: Call,
  xShape: number[],
  filterShape: number[],
  depthwise: boolean,
): WindowGeometry | undefined {
  const attrs = call.attrs as unknown as WindowAttrs;
  if (!allFloat(call.inputs) || (attrs.dataFormat ?? 'NHWC') !== 'NHWC') return undefined;
  const info = backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
  );
  return unlessEmpty(toGeometry(info));
}

/** Geometry of a pool; undefined where a kernel of ours does not do it. */
export function poolingGeometry(call: Call, x: TensorInfo): WindowGeometry | undefined {
  const attrs = call.attrs as unknown as WindowAttrs;
  if (!allFloat(call.inputs)) return undefined;
  const info = backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const geometry = toGeometry(info);
  return unlessEmpty(isIdentity(info) ? { ...geometry, ...EVERY_ELEMENT } : geometry);
}

const EVERY_ELEMENT = { strideHeight: 1, strideWidth: 1, padTop: 0, padBottom: 0, padLeft: 0, padRight: 0 };

/** tfjs's rule: a window of one element whose output is as large as its input copies it, whatever stride and padding say. */
function isIdentity({ filterHeight, filterWidth, inShape, outShape }: ConvInfo): boolean {
  return filterHeight === 1 && filterWidth === 1 && util.arraysEqual(inShape, outShape);
}

function unlessEmpty(g: WindowGeometry): WindowGeometry | undefined {
  const sizes = [g.batch, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth, g.outChannels];
  return sizes.every((size) => size > 0) ? g : undefined;
}
