import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../../../backends/tensorflow/binding.js';
import { handleOf, sharedHandle, tensorOf } from '../../../backends/tensorflow/handles.js';
import { registeredVariables } from '../registered-variables.js';
import type { PlayableStep, Step, StepPlayer } from '../step-player.js';
import { Plan } from './plan.js';
import { Recorder } from './recorder.js';
import type { Recording } from './recording.js';
import { differenceOf } from './same-recording.js';

/** Steps on tfjs's `tensorflow` backend: ops of TensorFlow, whether tfjs asked for them or kernels of ours. */
export class TensorflowPlayer implements StepPlayer<Recording> {
  private readonly lookers = new Set<string>();

  constructor(private readonly backend: NodeBackend) {}

  record(inputs: Tensor[], step: Step): [Tensor[], Recording] {
    // Where two variables share their numbers, nobody could tell which of them is read.
    for (const variable of registeredVariables()) this.makeSole(variable);
    return Recorder.record(this.backend, this.lookers, inputs, step);
  }

  differenceOf(first: Recording, second: Recording): string | undefined {
    return differenceOf(first, second);
  }

  planOf(recording: Recording, isSound: (first: Float32Array) => boolean): PlayableStep {
    return new Plan(this.backend, recording, isSound);
  }

  rest(): void {}

  /** Gives a variable a handle of its own. */
  private makeSole(variable: Variable): void {
    const { backend } = this;
    const handle = handleOf(backend, variable);
    if (backend.tensorMap.get(variable.dataId).refCount === 1) return;
    const own = tensorOf(backend, sharedHandle(backend, handle), variable.shape, variable.dtype);
    variable.assign(own);
    own.dispose();
  }
}
