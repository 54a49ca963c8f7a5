/** How a backend's training steps are recorded, and played again. */
import type { Tensor } from '@tensorflow/tfjs-core';

/** A tensor's numbers. */
export interface StepInput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A step: forward pass, backward pass and update on tensors; gives what is wanted of it, first of all the loss. */
export type Step = (inputs: Tensor[]) => Tensor[];

/** What a step did. */
export interface RecordedStep {
  /** Why it cannot be played again; undefined where nothing speaks against it. */
  readonly complaint?: string;
}

/** A step that can be played again. */
export interface PlayableStep {
  /** Whether a variable or a tensor it needs is gone: then the step has to be recorded again. */
  readonly lost: boolean;
  /** Makes it ready to be played. @throws OutOfMemoryError */
  prepare(): void;
  /** Plays it; the results are the caller's to dispose. */
  play(inputs: readonly StepInput[]): Tensor[];
  /** Gives its memory back. */
  dispose(): void;
}

/** Records steps on one backend, and makes what plays them. */
export interface StepPlayer<Recording extends RecordedStep = RecordedStep> {
  /** Runs the step eagerly, and says what it did. */
  record(inputs: Tensor[], step: Step): [Tensor[], Recording];
  /** What of the second recording is not as in the first; undefined where they are alike. */
  differenceOf(first: Recording, second: Recording): string | undefined;
  /** @param isSound whether variables are to change, once the first result is there */
  planOf(recording: Recording, isSound: (first: Float32Array) => boolean): PlayableStep;
  /** Gives memory back that all plans share; the next step takes it again. */
  rest(): void;
}
