import { cast, Tensor, tidy } from '@tensorflow/tfjs-core';
import { ArgumentError, GeometryError } from '../../geometry.js';
import { checkFloat32 } from '../input.js';

/** 'mean' over the rows of the batch, their 'sum', or 'none': one loss a row. */
export type Reduction = 'mean' | 'sum' | 'none';

/** What the kernels of losses over classes know. */
export interface LossGeometry {
  readonly batch: number;
  readonly classes: number;
  /** Labels are class indices [batch], else numbers [batch, classes]. */
  readonly indexed: boolean;
  readonly reduction: Reduction;
}

/** @throws GeometryError where logits and labels do not fit together, ArgumentError for an unknown reduction */
export function lossGeometry(op: string, logits: Tensor, labels: Tensor, reduction: Reduction): LossGeometry {
  checkFloat32(op, 'logits', logits);
  if (logits.rank !== 2 || logits.size === 0) {
    throw new GeometryError(`${op}: logits must have shape [batch, classes], neither 0, got [${logits.shape}]`);
  }
  if (!(labels instanceof Tensor)) {
    throw new ArgumentError(`${op}: labels must be a tensor, got ${labels === null ? 'null' : typeof labels}`);
  }
  const [batch, classes] = logits.shape as [number, number];
  const indexed = labels.rank === 1;
  if (labels.shape[0] !== batch || (!indexed && (labels.rank !== 2 || labels.shape[1] !== classes))) {
    throw new GeometryError(
      `${op}: labels must be class indices [${batch}] or one number a class [${batch}, ${classes}] ` +
        `for logits [${logits.shape}], got [${labels.shape}]`,
    );
  }
  if (!['mean', 'sum', 'none'].includes(reduction)) {
    throw new ArgumentError(`${op}: reduction must be 'mean', 'sum' or 'none', got '${reduction}'`);
  }
  return { batch, classes, indexed, reduction };
}

/** Runs `loss` on labels as the kernels read them: float32, class indices too. */
export function withFloatLabels(labels: Tensor, loss: (labels: Tensor) => Tensor): Tensor {
  if (!(labels instanceof Tensor) || labels.dtype === 'float32') return loss(labels);
  return tidy(() => loss(cast(labels, 'float32')));
}

/** Shape of the loss. */
export function lossShape({ batch, reduction }: LossGeometry): number[] {
  return reduction === 'none' ? [batch] : [];
}

/** What a row's loss is multiplied by before it goes into the result. */
export function rowWeight({ batch, reduction }: LossGeometry): number {
  return reduction === 'mean' ? 1 / batch : 1;
}

type Buffer = Float32Array | Float64Array;

/** Puts the rows' losses together in `loss`. */
export function reduceRows(loss: Buffer, g: LossGeometry, rowLoss: (row: number) => number): void {
  let sum = 0;
  for (let row = 0; row < g.batch; row++) {
    const value = rowLoss(row);
    if (g.reduction === 'none') loss[row] = value;
    else sum += value;
  }
  if (g.reduction !== 'none') loss[0] = sum * rowWeight(g);
}

/** d(result) / d(loss of the row), times dy. */
export function rowGradient(dy: Buffer, g: LossGeometry, row: number): number {
  return g.reduction === 'none' ? dy[row] : dy[0] * rowWeight(g);
}
