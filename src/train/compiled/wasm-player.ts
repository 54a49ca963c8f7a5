import type { Tensor } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import { Arena } from './arena.js';
import { makeSole } from './bindings.js';
import { Plan } from './plan.js';
import { Recorder } from './recorder.js';
import type { Recording } from './recording.js';
import { differenceOf } from './same-recording.js';
import type { PlayableStep, Step, StepPlayer } from './step-player.js';

/** Steps on `wasm-cnn`: launches of kernels on memory that is planned ahead. */
export class WasmPlayer implements StepPlayer<Recording> {
  private readonly arena: Arena;

  constructor(private readonly backend: WasmCnnBackend) {
    this.arena = new Arena(backend.runtime);
  }

  record(inputs: Tensor[], step: Step): [Tensor[], Recording] {
    const [outputs, recording] = Recorder.record(this.backend, inputs, step);
    for (const variable of recording.variables) if (!variable.isDisposed) makeSole(this.backend, variable);
    return [outputs, recording];
  }

  differenceOf(first: Recording, second: Recording): string | undefined {
    return differenceOf(first, second);
  }

  planOf(recording: Recording, isSound: (first: Float32Array) => boolean): PlayableStep {
    return new Plan(this.backend, this.arena, recording, isSound);
  }

  rest(): void {
    this.arena.release();
  }
}
