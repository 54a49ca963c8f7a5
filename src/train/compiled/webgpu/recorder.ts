import { engine, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { type Launch, type LaunchWatcher, watchingLaunches } from '../../../backends/launch-watcher.js';
import type { WebgpuBackend } from '../../../backends/webgpu/backend.js';
import { readBuffers } from '../../../backends/webgpu/bind-layouts.js';
import { listeningToRenewals } from '../../../renewal.js';
import { registeredVariables } from '../registered-variables.js';
import { RenewalLog } from '../renewal-log.js';
import type { Step } from '../step-player.js';
import { type CommandListener, hearing } from './heard-backend.js';
import { type Command, changedBy, type KernelCall, type Origin, type Output, type Recording, type Value } from './recording.js';

/** Takes down what a step that runs eagerly tells the GPU. */
export class Recorder implements CommandListener, LaunchWatcher {
  private readonly origins: Origin[] = [];
  private readonly commands: Command[] = [];
  private readonly kernels: KernelCall[] = [];
  private readonly renewals = new RenewalLog();
  /** What each buffer holds, once a command has touched it. */
  private readonly values = new Map<GPUBuffer, Value>();
  /** Where that comes from, as far as the step knows it. */
  private readonly sources = new Map<GPUBuffer, Origin>();
  /** Variables by the data that they had when the step began. */
  private readonly variables = new Map<object, Variable>();
  /** The variables' buffers when they were first seen. */
  private readonly before = new Map<Variable, GPUBuffer>();
  /** Tensors by their buffers. */
  private readonly owners = new Map<GPUBuffer, object>();
  private complaint: string | undefined;
  /** Of the kernel that runs and whose attributes are made anew: its programs' places among the commands. */
  private dispatches: number[] | undefined;

  private constructor(
    private readonly backend: WebgpuBackend,
    inputs: readonly Tensor[],
  ) {
    for (const variable of registeredVariables()) {
      this.variables.set(variable.dataId, variable);
      const { resource } = backend.tensorMap.get(variable.dataId);
      if (resource) this.introduceVariable(variable, resource as GPUBuffer);
    }
    inputs.forEach(({ dataId }, index) => {
      backend.uploadToGPU(dataId);
      const entry = backend.tensorMap.get(dataId);
      // Small tensors that JavaScript has at hand are computed with there: what comes of that would be taken for constant.
      entry.values = undefined;
      const buffer = entry.resource as GPUBuffer;
      this.sources.set(buffer, { from: 'input', index, size: buffer.size, usage: buffer.usage });
    });
  }

  /** Runs the step, and says what it did. */
  static record(backend: WebgpuBackend, inputs: Tensor[], step: Step): [Tensor[], Recording] {
    const recorder = new Recorder(backend, inputs);
    const { numTensors } = engine().memory();
    return hearing(backend, recorder, () => {
      const run = () => tidy(() => step(inputs));
      const outputs = watchingLaunches(recorder, () => listeningToRenewals(recorder.renewals, run));
      const fresh = outputs.filter((output) => !inputs.includes(output)).length;
      if (engine().memory().numTensors !== numTensors + fresh) recorder.strange('it keeps a tensor that is no tf.Variable');
      return [outputs, recorder.finish(outputs)];
    });
  }

  launched({ name, inputs, geometries, attributes }: Launch, run: () => Tensor[]): Tensor[] {
    const renewals = geometries.map((geometry) => this.renewals.placeOf(geometry));
    if (this.dispatches || renewals.every((renewal) => renewal === undefined)) return run();
    const given = Object.entries(inputs).map(([input, { dataId, shape }]) => ({
      name: input,
      shape: [...shape],
      dtype: this.backend.tensorMap.get(dataId).dtype,
    }));
    const dispatches: number[] = [];
    this.dispatches = dispatches;
    try {
      return run();
    } finally {
      this.dispatches = undefined;
      this.kernels.push({ name, geometries, attributes, inputs: given, renewals, dispatches });
    }
  }

  acquired(buffer: GPUBuffer): void {
    this.values.delete(buffer);
    this.owners.delete(buffer);
    this.sources.set(buffer, { from: 'step', size: buffer.size, usage: buffer.usage });
  }

  uploaded(dataId: object, values: unknown): void {
    const { resource, dtype } = this.backend.tensorMap.get(dataId);
    const buffer = resource as GPUBuffer;
    this.owners.set(buffer, dataId);
    if (!values) return;
    const variable = this.variables.get(dataId);
    if (variable && !this.before.has(variable)) {
      this.introduceVariable(variable, buffer);
      return;
    }
    if (this.dispatches) this.strange('a kernel brings numbers that may be others at each step');
    const numbers = dtype === 'float32' ? Float32Array.from(values as Float32Array) : Int32Array.from(values as Int32Array);
    this.sources.set(buffer, constant(buffer, new Uint8Array(numbers.buffer)));
  }

  wrote(buffer: GPUBuffer, bytes: Uint8Array): void {
    // Of the step's own; others are a runner's, whose numbers do not change.
    if (this.sources.get(buffer)?.from !== 'step') return;
    if (this.values.has(buffer)) this.strange('a buffer is written that was in use');
    else this.sources.set(buffer, constant(buffer, bytes));
  }

  dispatched(pipeline: GPUComputePipeline, { layout, entries }: GPUBindGroupDescriptor, groups: readonly number[]): void {
    const bound: Value[] = [];
    for (const { resource } of entries) {
      const buffer = (resource as GPUBufferBinding).buffer as GPUBuffer | undefined;
      if (buffer) bound.push(this.valueOf(buffer));
      else this.strange('a program takes something else than buffers');
    }
    // Of our programs what is read comes first; tfjs's own write their first buffer.
    const reads = readBuffers.get(layout);
    const writes = reads === undefined ? bound.slice(0, 1) : bound.slice(reads, -1);
    this.dispatches?.push(this.commands.length);
    this.commands.push({ pipeline, layout, groups, bound, writes });
  }

  copied(from: GPUBuffer, to: GPUBuffer, size: number): void {
    this.commands.push({ source: this.valueOf(from), target: this.valueOf(to), size });
  }

  strange(what: string): void {
    this.complaint ??= what;
  }

  private introduceVariable(variable: Variable, buffer: GPUBuffer): void {
    this.before.set(variable, buffer);
    this.sources.set(buffer, { from: 'variable', variable });
  }

  private valueOf(buffer: GPUBuffer): Value {
    const known = this.values.get(buffer);
    if (known !== undefined) return known;
    const origin = this.sources.get(buffer) ?? { from: 'outside', buffer, dataId: this.owners.get(buffer) };
    this.values.set(buffer, this.origins.length);
    this.origins.push(origin);
    return this.origins.length - 1;
  }

  private finish(results: readonly Tensor[]): Recording {
    const { backend, before, origins, commands, kernels, renewals } = this;
    const bufferOf = (dataId: object) => backend.tensorMap.get(dataId).resource as GPUBuffer | undefined;
    const outputs = results.flatMap(({ dataId, shape, dtype }): Output[] => {
      const buffer = bufferOf(dataId);
      if (!buffer || backend.tensorMap.get(dataId).dtype !== dtype) this.strange('a result is not computed by the GPU');
      if (!buffer) return [];
      return [{ value: this.valueOf(buffer), shape: [...shape], dtype: dtype as Output['dtype'], size: buffer.size }];
    });
    const assigned = new Map<Variable, Value>();
    const known = new Set(this.variables.values());
    for (const variable of registeredVariables()) {
      if (!known.has(variable)) this.strange(`it makes a variable, '${variable.name}'`);
      const buffer = bufferOf(variable.dataId);
      const old = before.get(variable);
      if (!buffer || buffer === old) continue;
      if (old) assigned.set(variable, this.valueOf(buffer));
      else this.strange(`it assigns to '${variable.name}', which it has not read`);
    }
    for (const [{ name }, value] of assigned) {
      if (origins[value]!.from !== 'step') this.strange(`it gives '${name}' what was there before`);
    }
    for (const variable of known) {
      if (variable.isDisposed) this.strange(`it disposes a variable, '${variable.name}'`);
    }
    for (const value of new Set(commands.flatMap(changedBy))) {
      const { from } = origins[value]!;
      if (from !== 'step' && from !== 'variable') this.strange(`it writes over a tensor that is ${from}`);
    }
    return { origins, commands, kernels, renewals: renewals.all, outputs, assigned, complaint: this.complaint };
  }
}

const constant = ({ size, usage }: GPUBuffer, bytes: Uint8Array): Origin => ({ from: 'constant', bytes, size, usage });
