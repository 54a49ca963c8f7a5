import type { Tensor } from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';

/** A kernel of ours that is called: of an op's part, or of many calls of one joined. */
export interface Launch {
  /** What tfjs's registry knows it by. */
  readonly name: string;
  readonly inputs: Named<Tensor>;
  /** One, or those of the calls. */
  readonly geometries: readonly object[];
  /** Geometries as the attributes that the kernel takes. */
  attributes(geometries: readonly object[]): object;
}

/** Is told of kernels of ours, whatever they are made of: how a training step is recorded where they are ops of somebody else. */
export interface LaunchWatcher {
  /** Lets it run. */
  launched(launch: Launch, run: () => Tensor[]): Tensor[];
}

let watcher: LaunchWatcher | undefined;

/** Runs a kernel, in sight of whoever watches. */
export function watched(launch: Launch, run: () => Tensor[]): Tensor[] {
  return watcher ? watcher.launched(launch, run) : run();
}

/** Lets `by` see all kernels of ours while `work` runs. */
export function watchingLaunches<T>(by: LaunchWatcher, work: () => T): T {
  const before = watcher;
  watcher = by;
  try {
    return work();
  } finally {
    watcher = before;
  }
}
