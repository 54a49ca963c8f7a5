/** Pads and places of a window, as TensorFlow's convolutions and pools take them. */
import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import { span } from './portable-window.js';

/** TensorFlow's words for pads. */
export type Alignment = 'VALID' | 'SAME';

/** One axis of a window. */
interface Axis {
  /** Pixels of the picture. */
  size: number;
  before: number;
  /** Pixels after the picture that windows reach; below 0, that many of the picture are seen by none. */
  after: number;
  stride: number;
  out: number;
}

function axes(g: WindowGeometry): [rows: Axis, columns: Axis] {
  const [spanHeight, spanWidth] = span(g);
  const axis = (size: number, before: number, stride: number, out: number, reach: number): Axis => ({
    size,
    before,
    after: (out - 1) * stride + reach - size - before,
    stride,
    out,
  });
  return [
    axis(g.inHeight, g.padTop, g.strideHeight, g.outHeight, spanHeight),
    axis(g.inWidth, g.padLeft, g.strideWidth, g.outWidth, spanWidth),
  ];
}

const isValid = ({ before, after, stride }: Axis): boolean => before === 0 && after <= 0 && after > -stride;

function isSame({ size, before, after, stride, out }: Axis): boolean {
  return before === Math.max(0, before + after) >> 1 && out === Math.ceil(size / stride);
}

/** What TensorFlow calls these pads, where it has a word for them. */
export function alignment(g: WindowGeometry): Alignment | undefined {
  const both = axes(g);
  if (both.every(isValid)) return 'VALID';
  return both.every(isSame) ? 'SAME' : undefined;
}

/** The pads as numbers, where windows see all of the picture. */
export function explicitPads(g: WindowGeometry): number[] | undefined {
  const [rows, columns] = axes(g);
  if (rows.after <= -rows.stride || columns.after <= -columns.stride) return undefined;
  return [0, 0, rows.before, Math.max(0, rows.after), columns.before, Math.max(0, columns.after), 0, 0];
}

/** Strides and, where there are any, dilations. */
export function windowAttributes(run: TensorflowRunner, g: WindowGeometry): OpAttribute[] {
  const strides = run.int('strides', [1, g.strideHeight, g.strideWidth, 1]);
  if (g.dilationHeight === 1 && g.dilationWidth === 1) return [strides];
  return [strides, run.int('dilations', [1, g.dilationHeight, g.dilationWidth, 1])];
}

/** Exactly what the windows see of x with its pads: a picture for 'VALID'. */
export function framed(run: TensorflowRunner, x: Value, g: WindowGeometry, around = 0): Value {
  const [rows, columns] = axes(g);
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const cropped = rows.after < 0 || columns.after < 0;
  const seen = cropped
    ? run.op('Slice', [
        x,
        run.ints([0, 0, 0, 0]),
        run.ints([batch, rows.size + Math.min(0, rows.after), columns.size + Math.min(0, columns.after), channels]),
      ])
    : x;
  return padded(run, seen, rows.before, Math.max(0, rows.after), columns.before, Math.max(0, columns.after), around);
}

/** Shape of what `framed` gives, for x with so many channels. */
export function frameShape(g: WindowGeometry, channels: number): number[] {
  const [rows, columns] = axes(g);
  return [g.batch, rows.before + rows.size + rows.after, columns.before + columns.size + columns.after, channels];
}

/** The picture's part of a gradient of its frame; pixels that no window saw have the gradient 0. */
export function unframed(run: TensorflowRunner, dFrame: Value, g: WindowGeometry): Value {
  const [rows, columns] = axes(g);
  const channels = dFrame.shape[3]!;
  const seen = [g.batch, rows.size + Math.min(0, rows.after), columns.size + Math.min(0, columns.after), channels];
  const part =
    rows.before > 0 || rows.after > 0 || columns.before > 0 || columns.after > 0
      ? run.op('Slice', [dFrame, run.ints([0, rows.before, columns.before, 0]), run.ints(seen)])
      : dFrame;
  return padded(run, part, 0, Math.max(0, -rows.after), 0, Math.max(0, -columns.after));
}

function padded(run: TensorflowRunner, x: Value, top: number, bottom: number, left: number, right: number, around = 0): Value {
  if (top + bottom + left + right === 0) return x;
  const pads = run.table([4, 2], [0, 0, top, bottom, left, right, 0, 0]);
  return around === 0 ? run.op('Pad', [x, pads]) : run.op('PadV2', [x, pads, run.number(around)]);
}
