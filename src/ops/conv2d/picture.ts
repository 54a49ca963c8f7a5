import type { WasmRuntime } from '../../backends/wasm-runtime.js';

/** A batch of pictures in memory: address of [0, 0, 0, 0], and steps in bytes. */
export interface Picture {
  readonly pointer: number;
  readonly batchStep: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Rows and columns of a picture that will be read; may begin before it and end after it. */
export interface Reach {
  readonly top: number;
  /** The row after the last. */
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * source [batch, height, width, channels] itself, where all that is read lies in it; else a copy of what
 * is read, with zeros around it. Its pointer is that of [0, 0, 0, 0] in the source's own coordinates.
 * With `margin`, that many bytes behind the last pixel may be read as well (and hold anything).
 */
export function zeroPadded(
  wasm: WasmRuntime,
  source: number,
  batch: number,
  height: number,
  width: number,
  channels: number,
  { top, bottom, left, right }: Reach,
  margin = 0,
): Picture {
  const columnStep = channels * 4;
  if (margin === 0 && top >= 0 && left >= 0 && bottom <= height && right <= width) {
    return { pointer: source, batchStep: height * width * columnStep, rowStep: width * columnStep, columnStep };
  }
  const rows = bottom - top;
  const rowStep = (right - left) * columnStep;
  const copy = wasm.scratch(batch * rows * rowStep + margin);
  const first = Math.min(Math.max(left, 0), right);
  const last = Math.max(first, Math.min(right, width));
  const task = wasm.struct(
    source,
    height,
    width * columnStep,
    copy,
    rows,
    top,
    (first - left) * channels,
    first * columnStep,
    (last - first) * channels,
    (right - last) * channels,
  );
  wasm.parallel('conv2dPad', batch * rows, Math.max(1, Math.ceil(65536 / rowStep)), task);
  return { pointer: copy - top * rowStep - left * columnStep, batchStep: rows * rowStep, rowStep, columnStep };
}
