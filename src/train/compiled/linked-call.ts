/** A recorded call at fixed addresses. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { Named } from '../../kernels.js';
import type { Addresses } from './addresses.js';
import { CountedSpace, GivenSpace, type Launch, LaunchRecorder, type Needs, TouchesMemory } from './launches.js';
import type { Call, Numbers, PartCall, ShapedValue, StockCall } from './recording.js';

/** What a call has become: functions to be called in order. */
export interface LinkedCall {
  readonly steps: readonly (() => void)[];
  /** Lets go of what it holds. */
  dispose?(): void;
}

/** Where a call's workspace and its structs stand. */
export interface CallSpace {
  readonly scratch: number;
  readonly structs: number;
}

/** An address at which nothing is; 0 stands for what is absent. */
const NOWHERE = 64;

/** What a call's driver asks for; undefined where it has to run at each step. */
export function needsOf(call: Call, runtime: WasmRuntime): Needs | undefined {
  if (!('op' in call) || call.renewal !== undefined) return undefined;
  const { op, part, reads, writes, geometry } = call;
  const space = new CountedSpace();
  const inputs = mapped(reads, (value) => (value ? NOWHERE : 0));
  const outputs = mapped(writes, () => NOWHERE);
  try {
    op.kernels.wasmCnn[part]!(inputs, outputs, geometry, new LaunchRecorder(runtime, space));
    return space.needs;
  } catch (error) {
    if (error instanceof TouchesMemory) return undefined;
    throw error;
  }
}

/**
 * @param space   for a driver that need not run at each step
 * @param renewed geometries of this step, by the numbers of their renewals
 */
export function linkPart(
  call: PartCall,
  { runtime }: WasmCnnBackend,
  addresses: Addresses,
  space: CallSpace | undefined,
  renewed: readonly object[],
): LinkedCall {
  const { op, part, geometry, renewal } = call;
  const driver = op.kernels.wasmCnn[part]!;
  const reads = mapped(call.reads, (value) => (value ? addresses.of(value) : 0));
  const writes = mapped(call.writes, (value) => addresses.of(value));
  if (!space) {
    const run = () => {
      driver(reads, writes, renewal === undefined ? geometry : renewed[renewal]!, runtime);
      runtime.endKernel();
    };
    return { steps: [run] };
  }
  const write = (pointer: number, fields: readonly number[]) => runtime.int32(pointer, fields.length).set(fields);
  const recorder = new LaunchRecorder(runtime, new GivenSpace(space.scratch, space.structs, write));
  driver(reads, writes, geometry, recorder);
  return { steps: recorder.launches.map((launch) => launched(launch, runtime)) };
}

/** tfjs's kernel runs on tensors that stand in the plan's memory; what it makes is copied there. */
export function linkStock(call: StockCall, backend: WasmCnnBackend, addresses: Addresses): LinkedCall {
  const { kernel, inputs, listed, attrs, outputs } = call;
  const lend = ({ value, shape, dtype }: ShapedValue): TensorInfo => {
    return { dataId: backend.lend(addresses.of(value), value.length, dtype), shape, dtype };
  };
  const named = mapped(inputs, lend);
  const given = (listed ? Object.values(named) : named) as Named<TensorInfo>;
  const run = () => {
    const made = [kernel.kernelFunc({ inputs: given, attrs, backend })].flat() as TensorInfo[];
    made.forEach(({ dataId }, i) => {
      addresses.numbers(outputs[i]!.value).set(backend.data.get(dataId).values as Numbers);
      backend.disposeData(dataId);
    });
  };
  const dispose = () => {
    for (const { dataId } of Object.values(named)) backend.disposeData(dataId, true);
  };
  return { steps: [run], dispose };
}

function launched(launch: Launch, runtime: WasmCnnBackend['runtime']): () => void {
  switch (launch.do) {
    case 'parallel': {
      const { name, count, grain, args } = launch;
      return () => runtime.parallel(name, count, grain, ...args);
    }
    case 'call': {
      const { name, args } = launch;
      return () => void runtime.call(name, ...args);
    }
    default: {
      const { pointer, bytes } = launch;
      return () => runtime.clear(pointer, bytes);
    }
  }
}

function mapped<A, B>(record: Named<A>, make: (one: A) => B): Named<B> {
  return Object.fromEntries(Object.entries(record).map(([name, one]) => [name, make(one)]));
}
