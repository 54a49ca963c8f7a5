/** A net as exporters see it: layers resolved to a few operations whose every size is known. No framework's words but Keras's for momentum. */
import type { Pads } from '../geometry.js';
import type { ActivationName } from '../layers/layer-activation.js';

/** [height, width]. */
export type Size = readonly [number, number];

/** A window that slides over height and width, its zeros counted out. */
export interface Window {
  readonly size: Size;
  readonly strides: Size;
  readonly dilations: Size;
  /** Zeros on each side; for max pools, of minus infinity. */
  readonly pads: Readonly<Pads>;
}

/** What a node computes. Weights are named by their roles here: kernel, bias, gamma, beta, moving_mean, moving_variance, coefficient. */
export type Operation =
  /** kernel [height, width, in / groups, out]. */
  | { readonly kind: 'conv'; readonly window: Window; readonly groups: number; readonly bias: boolean }
  /** kernel [height, width, in, multiplier]. */
  | { readonly kind: 'depthwise'; readonly window: Window; readonly multiplier: number; readonly bias: boolean }
  /** kernel [height, width, out / groups, in]; what `pads` says is cut off above and left, the rest follows from the output's size. */
  | { readonly kind: 'convTranspose'; readonly window: Window; readonly groups: number; readonly bias: boolean }
  /** kernel [height, width, connections]: output o sees the input channels connections[o]. */
  | { readonly kind: 'tableConv'; readonly window: Window; readonly connections: readonly number[][]; readonly bias: boolean }
  /** coefficient [channels] times the window's sum, and bias. */
  | { readonly kind: 'subsampling'; readonly window: Window }
  /** kernel [in, out]; `map`: [height, width, channels] of what was flattened before, whose order differs between frameworks. */
  | { readonly kind: 'dense'; readonly bias: boolean; readonly map?: readonly number[] }
  /** Minus the squared distances from codes. */
  | { readonly kind: 'rbf'; readonly codes: readonly number[][] }
  /** momentum: share of the old statistics that is kept, as Keras has it; PyTorch says what is taken of the new ones. */
  | {
      readonly kind: 'batchNorm';
      readonly epsilon: number;
      readonly momentum: number;
      readonly gamma: boolean;
      readonly beta: boolean;
      readonly unbiased: boolean;
    }
  | { readonly kind: 'activation'; readonly name: ActivationName; readonly alpha: number }
  /** `ceil`: windows reach past the pads as far as the output's size says. */
  | { readonly kind: 'maxPool'; readonly window: Window; readonly ceil: boolean }
  | { readonly kind: 'l2Pool'; readonly window: Window; readonly ceil: boolean }
  | { readonly kind: 'avgPool'; readonly window: Window; readonly ceil: boolean; readonly countPads: boolean }
  | { readonly kind: 'adaptiveAvgPool' | 'adaptiveMaxPool' }
  /** `keep`: [1, 1, channels] instead of [channels]. */
  | { readonly kind: 'globalAvgPool' | 'globalMaxPool'; readonly keep: boolean }
  /** x / (k + alpha sum of squares over channels c - below to c + above)^beta. */
  | {
      readonly kind: 'lrn';
      readonly below: number;
      readonly above: number;
      readonly alpha: number;
      readonly beta: number;
      readonly k: number;
    }
  | { readonly kind: 'dropout'; readonly rate: number }
  | { readonly kind: 'add' | 'concat' | 'flatten' | 'reshape' }
  | { readonly kind: 'maxout'; readonly pieces: number }
  | { readonly kind: 'upsample'; readonly scale: Size; readonly mode: 'nearest' | 'bilinear'; readonly alignCorners: boolean }
  | { readonly kind: 'zeroPad'; readonly pads: Readonly<Pads> }
  /** Every so manieth pixel. */
  | { readonly kind: 'subsample'; readonly strides: Size }
  /** Channels of zeros. */
  | { readonly kind: 'padChannels'; readonly before: number; readonly after: number };

/** The operation of that kind. */
export type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

/** What flows: one picture's shape, [height, width, channels] or [features]. */
export interface Value {
  readonly shape: readonly number[];
  /** Absent of the input. */
  readonly node?: GraphNode;
}

/** One operation in its place. */
export interface GraphNode {
  /** The layer's name: its path in a checkpoint. */
  readonly layer: string;
  /** Whether this is what the layer is, not an activation at its end. */
  readonly main: boolean;
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly output: Value;
}

/** A net. */
export interface Graph {
  readonly name: string;
  readonly input: Value;
  /** In an order in which they can be computed. */
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly { readonly value: Value; readonly layer: string }[];
}

/** Whether the window's zeros are TensorFlow's 'same'. */
export function isSame({ size, strides, dilations, pads }: Window, [height, width]: readonly number[]): boolean {
  const [top, bottom] = samePads(height!, size[0], strides[0], dilations[0]);
  const [left, right] = samePads(width!, size[1], strides[1], dilations[1]);
  return top === pads.top && bottom === pads.bottom && left === pads.left && right === pads.right;
}

function samePads(length: number, size: number, stride: number, dilation: number): [number, number] {
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + dilation * (size - 1) + 1 - length);
  return [total >> 1, total - (total >> 1)];
}

/** Whether nothing is put around the picture. */
export function noPads({ top, bottom, left, right }: Readonly<Pads>): boolean {
  return top + bottom + left + right === 0;
}

/** [vertical, horizontal] where opposite sides have the same. */
export function evenPads({ top, bottom, left, right }: Readonly<Pads>): Size | undefined {
  return top === bottom && left === right ? [top, left] : undefined;
}

/** The pads so that windows reach no further: those of ceil mode included, rows that no window meets taken away. */
export function coveredPads(
  { size, strides, dilations, pads }: Window,
  input: readonly number[],
  output: readonly number[],
): Pads {
  const reach = (axis: 0 | 1, before: number): number =>
    (output[axis]! - 1) * strides[axis] + dilations[axis] * (size[axis] - 1) + 1 - input[axis]! - before;
  return { top: pads.top, left: pads.left, bottom: reach(0, pads.top), right: reach(1, pads.left) };
}
