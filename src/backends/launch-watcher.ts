import type { Tensor } from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';

/** Runs a kernel of ours; of many calls joined it takes all their geometries, else one. */
export type Launch = (inputs: Named<Tensor>, geometries: readonly object[]) => Tensor[];

/** Is told of kernels of ours, whatever they are made of: how a training step is recorded where they are ops of somebody else. */
export interface LaunchWatcher {
  /** Runs it. `launch` may be called again, later. */
  launched(name: string, inputs: Named<Tensor>, geometries: readonly object[], launch: Launch): Tensor[];
}

let watcher: LaunchWatcher | undefined;

/** Runs a kernel, in sight of whoever watches. */
export function watched(name: string, inputs: Named<Tensor>, geometries: readonly object[], launch: Launch): Tensor[] {
  return watcher ? watcher.launched(name, inputs, geometries, launch) : launch(inputs, geometries);
}

/** Lets `by` run all kernels of ours while `work` runs. */
export function watchingLaunches<T>(by: LaunchWatcher, work: () => T): T {
  const before = watcher;
  watcher = by;
  try {
    return work();
  } finally {
    watcher = before;
  }
}
