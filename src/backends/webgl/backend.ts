import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';

/** What tfjs's webgl backend knows of a tensor's data. */
export interface TextureData {
  shape: number[];
  dtype: string;
  values: Float32Array | Int32Array | Uint8Array | null | undefined;
  texture: { texture: WebGLTexture } | null | undefined;
  /** Rows and columns; of a packed texture twice the texels. */
  texShape: [number, number] | null | undefined;
  usage: number | null | undefined;
  isPacked: boolean | undefined;
  /** A view into another tensor's texture. */
  slice: { flatOffset: number; origDataId: DataId } | null | undefined;
}

/** The part of tfjs's webgl backend (MathBackendWebGL 4.x) that our kernels are built on; some of it its types keep private. */
export interface WebglBackend {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext };
  readonly texData: { get(dataId: DataId): TextureData };
  readonly textureManager: { readonly numBytesAllocated: number };
  /** Timers of `tf.time`, where it is running. */
  readonly activeTimers: { name: string; query: Promise<number> }[] | undefined;
  /** Tensors that share a texture, by the one that it was made for. */
  readonly dataRefCount: WeakMap<DataId, number>;
  startTimer(): unknown;
  endTimer(query: unknown): unknown;
  getQueryTime(query: unknown): Promise<number>;
  makeTensorInfo(shape: number[], dtype: string, values?: Float32Array): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
  uploadToGPU(dataId: DataId): void;
  incRef(dataId: DataId): void;
}
