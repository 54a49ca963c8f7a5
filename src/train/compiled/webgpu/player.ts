import type { Tensor } from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from '../../../backends/webgpu/backend.js';
import { sameBits } from '../alike.js';
import { registeredVariables } from '../registered-variables.js';
import type { PlayableStep, Step, StepPlayer } from '../step-player.js';
import { Plan } from './plan.js';
import { Recorder } from './recorder.js';
import type { Recording } from './recording.js';
import { differenceOf } from './same-recording.js';
import { makeSole } from './sole-variables.js';
import { UniformsAnew } from './uniforms-anew.js';

/** Steps on tfjs's `webgpu` backend: commands to the GPU, whether tfjs's programs or ours asked for them. */
export class WebgpuPlayer implements StepPlayer<Recording> {
  private readonly plans = new Set<Plan>();
  private readonly anew: UniformsAnew;

  constructor(private readonly backend: WebgpuBackend) {
    this.anew = new UniformsAnew(backend);
  }

  record(inputs: Tensor[], step: Step): [Tensor[], Recording] {
    // Where two variables share their numbers, nobody could tell which of them is read.
    for (const variable of registeredVariables()) makeSole(this.backend, variable);
    const [outputs, recording] = Recorder.record(this.backend, inputs, step);
    return [outputs, { ...recording, complaint: recording.complaint ?? this.complaintOf(recording) }];
  }

  differenceOf(first: Recording, second: Recording): string | undefined {
    return differenceOf(first, second);
  }

  /** Nobody waits for a GPU's first result: the variables change whatever it is. */
  planOf(recording: Recording): PlayableStep {
    const plan = new Plan(this.backend, recording, this.anew, () => this.plans.delete(plan));
    this.plans.add(plan);
    return plan;
  }

  rest(): void {
    for (const plan of this.plans) plan.rest();
  }

  /** Whether a kernel's uniforms cannot be made anew: then those of this step would come out as others than they were. */
  private complaintOf({ kernels, commands, origins }: Recording): string | undefined {
    for (const call of kernels) {
      const { name, geometries, dispatches } = call;
      const told = dispatches.map((i) => {
        const command = commands[i]!;
        return 'bound' in command ? origins[command.bound.at(-1)!]! : undefined;
      });
      try {
        const anew = this.anew.of(call, geometries);
        if (anew.length !== told.length) return `${name} does not run the same programs each time`;
        const alike = told.every((origin, i) => origin?.from !== 'constant' || sameBits(origin.bytes, anew[i]!));
        if (!alike) return `${name} does not tell its programs the same each time`;
      } catch (error) {
        return `${name} cannot be told other numbers: ${(error as Error).message}`;
      }
    }
    return undefined;
  }
}
