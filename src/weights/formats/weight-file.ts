/** What a file of weights holds, whatever its format. */
import type { Framework } from '../layouts.js';

/** Formats that are read; all but 'caffe' and 'onnx' are written, too. */
export type WeightFormat =
  | 'safetensors'
  | 'pytorch'
  /** Keras 1 and 2, .h5. */
  | 'keras-h5'
  /** Keras 3, .keras: model and weights. */
  | 'keras'
  /** Keras 3, .weights.h5. */
  | 'keras-weights'
  | 'tfjs'
  | 'npz'
  | 'caffe'
  | 'onnx';

/** The numbers' type in the file. Half ('float16', 'bfloat16') is given as float32, which holds it exactly. */
export type StoredType = 'float64' | 'float32' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

/** One array of a file. */
export interface StoredArray {
  /** As the file has it: nothing is turned round. */
  readonly shape: readonly number[];
  /** The numbers' type in the file. */
  readonly dtype: StoredType;
  /** A view on the file's bytes wherever it can be one; int64 is what a state dict does not take as it is. */
  readonly data: Float64Array | Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;
}

/** A file of weights that was read. */
export interface WeightFile {
  /** Found by the file's contents, not its name. */
  readonly format: WeightFormat;
  /** Whose layout the arrays have: OIHW and [out, in] of 'torch', HWIO and [in, out] of 'keras'; undefined where the format does not tell. */
  readonly framework: Framework | undefined;
  /** Arrays by the file's own names, in its order; an object without a prototype. */
  readonly arrays: Readonly<Record<string, StoredArray>>;
  /** What else the file says: a Keras model's config, safetensors' metadata, who wrote it. Plain JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Bytes at any place of a file, of a page's `File` or of memory. */
export interface ByteSource {
  /** What errors call it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Bytes `begin` up to `end`; in memory a view, from a disk a block of their own.
   * @throws DataError where the file is shorter
   */
  bytes(begin: number, end: number): Promise<Uint8Array>;
  /**
   * Another file of the same folder, page or choice of files, as tfjs's model.json names its shards; absent where there are none.
   * @throws DataError where it does not exist
   */
  beside?: ((name: string) => Promise<ByteSource>) | undefined;
}

/** What a reader may be told. */
export interface ReadOptions {
  /** Which dictionary of a PyTorch checkpoint: 'ema', say. Default: the largest one of tensors. */
  readonly key?: string | undefined;
}

/** How one format is told and read: each stands in a folder of its own beside this file. */
export interface WeightReader {
  readonly format: WeightFormat;
  /** Whether a file begins like one of this format. @param head its first 512 bytes, or all where there are fewer */
  matches(head: Uint8Array, source: ByteSource): boolean | Promise<boolean>;
  /** @throws DataError naming the place that is damaged; memory stays within the file's size and a small constant */
  read(source: ByteSource, options?: ReadOptions): Promise<WeightFile>;
}

/** Weights as a writer takes them: every array has a type, and as many numbers as its shape says. */
export interface WeightsToWrite {
  /** In the order in which they are written. */
  readonly arrays: Readonly<Record<string, StoredArray>>;
  /** Whose layout they have, where that is known. */
  readonly framework: Framework | undefined;
  /** What else the file is to say, where the format has a place for it. Plain JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One file of what a writer gives. */
export interface WrittenFile {
  /** Of a file that lies beside the first one, which the user names. */
  readonly name?: string;
  /** Its bytes, one piece after the other; views on the arrays' memory wherever they can be. */
  readonly pieces: readonly Uint8Array[];
}

/** How one format is written. */
export interface WeightWriter {
  readonly format: WeightFormat;
  /**
   * The file itself first, what it needs beside it behind it.
   * @throws ArgumentError naming the array that the format cannot hold
   */
  write(weights: WeightsToWrite): WrittenFile[] | Promise<WrittenFile[]>;
}
