import type * as tf from '@tensorflow/tfjs-core';
import type { PartDeclaration, ReadyOp } from './backends/kernel-host.js';
import type { KernelSet } from './kernels.js';

/** What an op folder's main file declares. */
export interface OpDefinition<Args extends unknown[], Geometry extends object, Result> {
  /** Name of the forward kernel, `Cnn...`. */
  name: `Cnn${string}`;
  /** Checks the caller's arguments; an optional input that is absent is left out or undefined. */
  prepare(...args: Args): { inputs: Record<string, tf.Tensor | undefined>; geometry: Geometry };
  /** The forward pass: what it reads and what it makes. */
  forward: PartDeclaration<Geometry>;
  /**
   * What several pieces of the backward pass need: a part run once before them, which may read what they may.
   * They may read its outputs (dy cut into pieces, say).
   */
  shared?: PartDeclaration<Geometry>;
  /**
   * The pieces of the backward pass. Outputs are named after the inputs they belong to: dx, dfilter, ...
   * A part may read inputs and outputs of the forward pass, and dy, the gradient of its first output.
   */
  backward: Record<string, PartDeclaration<Geometry>>;
  /**
   * Inputs that choose among values and are none themselves: the result is constant around them, so their
   * gradient is 0. A backward part must read them.
   */
  choices?: readonly string[];
  /** Inputs whose gradient is dy as it is (after `unfuse`), the terms of a sum: their gradients share its memory. */
  terms?: readonly string[];
  /** Turns dy into the gradient before a fused activation; sees y. */
  unfuse?(dy: tf.Tensor, y: tf.Tensor, geometry: Geometry): tf.Tensor;
  /** The kernels of every part, for every backend. */
  kernels: KernelSet<Geometry>;
  /** What the caller gets of the outputs; default: the first. */
  result?(outputs: tf.Tensor[], geometry: Geometry): Result;
}

/** A differentiable function that knows how it was made. */
export interface Op<Args extends unknown[] = never, Geometry extends object = never, Result = unknown> {
  (...args: Args): Result;
  /** What it was made of: tests and validateGradients read it. */
  readonly definition: OpDefinition<Args, Geometry, Result> & ReadyOp<Geometry>;
}
