import type { TensorInfo } from '@tensorflow/tfjs-core';

/** What is known of an adapter; tfjs keeps the first two. */
export interface AdapterFacts {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  /** The driver's own words, of Dawn with its version. */
  readonly description?: string;
}

/** What of tfjs's WebGPUBackend is used; most of it is not in its types. Buffers, command encoder and pass are shared with its programs. */
export interface WebgpuBackend {
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  readonly adapterInfo: AdapterFacts;
  readonly bufferManager: {
    readonly numBytesAllocated: number;
    acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
    releaseBuffer(buffer: GPUBuffer): void;
  };
  /** `dtype` is that of the numbers in the buffer: tfjs casts integers to floats by calling them so. */
  readonly tensorMap: { get(dataId: object): { resource?: unknown; values?: unknown; dtype: string } };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  readonly uniformPendingDisposal: GPUBuffer[];
  /** While tf.profile or tf.time run. */
  readonly activeTimers?: { name: string; query: Promise<number> }[];
  readonly supportTimestampQuery: boolean;
  querySet: GPUQuerySet | null;
  readonly querySetCount: number;
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): TensorInfo;
  /** Gives a tensor a buffer, with the values that were written to it, if any. */
  uploadToGPU(dataId: object): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  getQueryTime(): Promise<number>;
  refCount(dataId: object): number;
  incRef(dataId: object): void;
  disposeData(dataId: object, force?: boolean): boolean;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
}

/** Who computes. */
export function adapterOf({ device, adapterInfo }: WebgpuBackend): AdapterFacts {
  return (device as Partial<GPUDevice>).adapterInfo ?? adapterInfo;
}

/** WebGPU's own numbers, which are globals of browsers only. */
export const USAGE = { uniform: 0x40, copyDestination: 0x08 } as const;
export const COMPUTE_STAGE = 0x4;
