/** A step on a GPU that can be played again: one command encoder, on buffers and bind groups that stay. */
import { engine, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { USAGE, type WebgpuBackend } from '../../../backends/webgpu/backend.js';
import { bufferOf, submit } from '../../../backends/webgpu/buffers.js';
import { failuresOf } from '../../../backends/webgpu/failures.js';
import { geometriesAnew, renewAll } from '../renewal-log.js';
import type { PlayableStep, StepInput } from '../step-player.js';
import { type Placement, placementOf } from './placement.js';
import { type Command, changedBy, type Dispatch, type KernelCall, type Recording, type Value } from './recording.js';
import { makeSole } from './sole-variables.js';
import type { UniformsAnew } from './uniforms-anew.js';

/** Where WebGPU lets uniforms begin in a buffer. */
const UNIFORMS_APART = 256;

/** Memory that the step takes and that can be given back between steps. */
interface Memory {
  readonly buffers: readonly GPUBuffer[];
  /** The buffer of each value; of variables as it was when the bind groups were made. */
  readonly values: (GPUBuffer | undefined)[];
  /** Of dispatches, by their places among the commands. */
  readonly groups: (GPUBindGroup | undefined)[];
}

export class Plan implements PlayableStep {
  private readonly placement: Placement;
  private memory: Memory | undefined;
  private readonly inputs: readonly { readonly value: Value; readonly index: number }[];
  private readonly variables: readonly { readonly value: Value; readonly variable: Variable }[];
  /** Variables whose numbers the step changes. */
  private readonly changing: readonly Variable[];
  /** Variables without which the step cannot be played. */
  private readonly needed: ReadonlySet<Variable>;
  private readonly renewed: object[] = [];
  /** Uniforms that are made anew, one after the other, and where those of each dispatch are. */
  private readonly told: Uint8Array<ArrayBuffer>;
  private readonly toldAt = new Map<number, number>();
  private readonly toldBuffer: GPUBuffer | undefined;
  /** Tensors that were there before and are needed as long as the plan is. */
  private readonly held: object[] = [];

  /** @param forget is called when the plan is disposed */
  constructor(
    private readonly backend: WebgpuBackend,
    private readonly recording: Recording,
    private readonly anew: UniformsAnew,
    private readonly forget: () => void,
  ) {
    const { origins, commands, kernels, assigned } = recording;
    this.placement = placementOf(recording);
    this.inputs = origins.flatMap((origin, value) => (origin.from === 'input' ? [{ value, index: origin.index }] : []));
    this.variables = origins.flatMap((origin, value) =>
      origin.from === 'variable' ? [{ value, variable: origin.variable }] : [],
    );
    const changed = new Set(commands.flatMap(changedBy));
    const inPlace = this.variables.filter(({ value }) => changed.has(value)).map(({ variable }) => variable);
    this.changing = [...new Set([...inPlace, ...assigned.keys()])];
    this.needed = new Set([...this.variables.map(({ variable }) => variable), ...this.changing]);
    for (const i of kernels.flatMap(({ dispatches }) => dispatches)) this.toldAt.set(i, UNIFORMS_APART * this.toldAt.size);
    this.told = new Uint8Array(UNIFORMS_APART * this.toldAt.size);
    if (this.told.length > 0) {
      const usage = USAGE.uniform | USAGE.copyDestination;
      this.toldBuffer = backend.device.createBuffer({ size: this.told.length, usage, label: 'tfjs-cnn uniforms of a step' });
    }
    for (const origin of origins) {
      if (origin.from !== 'outside' || !origin.dataId) continue;
      backend.incRef(origin.dataId);
      this.held.push(origin.dataId);
    }
  }

  get lost(): boolean {
    for (const variable of this.needed) if (variable.isDisposed) return true;
    return false;
  }

  prepare(): void {
    this.takenMemory();
  }

  play(inputs: readonly StepInput[]): Tensor[] {
    const { backend, recording } = this;
    const { commands, assigned } = recording;
    failuresOf(backend).check();
    const memory = this.takenMemory();
    for (const variable of this.changing) makeSole(backend, variable);
    // What was launched before comes first.
    submit(backend);
    this.renew();
    for (const { value, index } of this.inputs) this.write(memory.values[value]!, inputs[index]!.values);
    this.findVariables(memory);
    const encoder = backend.device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    commands.forEach((command, i) => {
      if ('bound' in command) {
        pass ??= encoder.beginComputePass();
        pass.setPipeline(command.pipeline);
        pass.setBindGroup(0, this.groupOf(command, i, memory));
        pass.dispatchWorkgroups(...(command.groups as [number, number?, number?]));
        return;
      }
      pass?.end();
      pass = undefined;
      encoder.copyBufferToBuffer(memory.values[command.source]!, 0, memory.values[command.target]!, 0, command.size);
    });
    pass?.end();
    for (const [variable, value] of assigned) {
      const source = memory.values[value]!;
      encoder.copyBufferToBuffer(source, 0, bufferOf(backend, variable), 0, source.size);
    }
    const results = recording.outputs.map(({ value, shape, dtype, size }) => {
      const info = backend.makeTensorInfo(shape, dtype as 'float32');
      encoder.copyBufferToBuffer(memory.values[value]!, 0, bufferOf(backend, info), 0, size);
      return engine().makeTensorFromTensorInfo({ ...info, dtype });
    });
    backend.queue.submit([encoder.finish()]);
    // What was read of them is not what stands there now.
    for (const { dataId } of this.changing) backend.tensorMap.get(dataId).values = undefined;
    return results;
  }

  /** Gives the memory back until the next step. */
  rest(): void {
    for (const buffer of this.memory?.buffers ?? []) this.backend.bufferManager.releaseBuffer(buffer);
    this.memory = undefined;
  }

  dispose(): void {
    this.rest();
    this.toldBuffer?.destroy();
    for (const dataId of this.held.splice(0)) this.backend.disposeData(dataId);
    this.forget();
  }

  private takenMemory(): Memory {
    this.memory ??= this.takeMemory();
    return this.memory;
  }

  private takeMemory(): Memory {
    const { backend, placement } = this;
    const { origins } = this.recording;
    // Free buffers may still be those of commands that wait, which would come after what is written now.
    submit(backend);
    const { bufferManager } = backend;
    const taken = placement.buffers.map(({ size, usage }) => bufferManager.acquireBuffer(size, usage));
    const own: GPUBuffer[] = [];
    const values = origins.map((origin, value) => {
      if (origin.from === 'step') return taken[placement.places.get(value)!];
      if (origin.from === 'outside') return origin.buffer;
      if (origin.from === 'variable') return undefined;
      const { size, usage } = origin;
      const buffer = bufferManager.acquireBuffer(size, usage);
      own.push(buffer);
      if (origin.from === 'constant') this.write(buffer, origin.bytes);
      return buffer;
    });
    return { buffers: [...taken, ...own], values, groups: [] };
  }

  /** Makes attributes anew, in the order of the first time, and tells them to the programs. */
  private renew(): void {
    const { renewals, kernels } = this.recording;
    renewAll(renewals, this.renewed);
    for (const call of kernels) this.tell(call);
    if (this.toldBuffer) this.write(this.toldBuffer, this.told);
  }

  private tell(call: KernelCall): void {
    this.anew.of(call, geometriesAnew(call, this.renewed)).forEach((bytes, i) => {
      this.told.set(bytes, this.toldAt.get(call.dispatches[i]!)!);
    });
  }

  /** Somebody may have given a variable another buffer since the last step. */
  private findVariables({ values, groups }: Memory): void {
    const moved = new Set<Value>();
    for (const { value, variable } of this.variables) {
      const buffer = bufferOf(this.backend, variable);
      if (values[value] === buffer) continue;
      values[value] = buffer;
      moved.add(value);
    }
    if (moved.size === 0) return;
    this.recording.commands.forEach((command: Command, i) => {
      if ('bound' in command && command.bound.some((value) => moved.has(value))) groups[i] = undefined;
    });
  }

  private groupOf({ layout, bound }: Dispatch, place: number, { values, groups }: Memory): GPUBindGroup {
    const known = groups[place];
    if (known) return known;
    const offset = this.toldAt.get(place);
    const entries = bound.map((value, binding) => {
      const anew = offset !== undefined && binding === bound.length - 1;
      const resource = anew ? { buffer: this.toldBuffer!, offset, size: UNIFORMS_APART } : { buffer: values[value]! };
      return { binding, resource };
    });
    const group = this.backend.device.createBindGroup({ layout, entries });
    groups[place] = group;
    return group;
  }

  private write(buffer: GPUBuffer, numbers: ArrayBufferView): void {
    this.backend.queue.writeBuffer(buffer, 0, numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.byteLength);
  }
}
