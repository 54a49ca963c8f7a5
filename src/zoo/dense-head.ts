import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { Flatten } from '../layers/flatten.js';
import type { Draft } from './draft.js';

/** The three dense layers at the end of the nets before 2014. */
export interface DenseHead {
  /** Of the three layers, in a checkpoint. */
  readonly names: readonly [string, string, string];
  /** Of the first two. */
  readonly units: number;
  /** Dropout stands before each of the first two layers instead of behind. */
  readonly dropoutFirst?: boolean;
}

/** Feature maps through the classifier, or, without a top, as they are or pooled. */
export function withDenseHead(
  draft: Draft,
  maps: SymbolicTensor,
  { names, units, dropoutFirst = false }: DenseHead,
): LayersModel {
  const { includeTop, classes, classifierActivation: activation } = draft.options;
  if (!includeTop) return draft.model(draft.head(maps, names[2]));
  let x = draft.through(new Flatten({ name: 'flatten' }), maps);
  names.slice(0, 2).forEach((name, i) => {
    if (dropoutFirst) x = draft.dropout(x, `dropout${i + 1}`);
    x = draft.dense(x, name, { units, activation: 'relu' });
    if (!dropoutFirst) x = draft.dropout(x, `dropout${i + 1}`);
  });
  return draft.model(draft.dense(x, names[2], { units: classes, activation }));
}
