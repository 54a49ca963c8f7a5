/** Collects the nodes and constants of an ONNX graph. */
import { AttributeType, DataType } from './schema.js';

/** Of a node: integers unless they are said to be `float`. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** An array in the file. */
export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

/** A node in the file. */
export interface NodeProto {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly object[];
}

/** Nodes in the order in which they are made; every one has one output. */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  private readonly taken = new Set<string>();
  private readonly weights = new Map<string, string>();

  /**
   * Adds a node.
   * @param name of the node and its output; where it is taken, a number is put behind it
   * @returns the output's name
   */
  node(name: string, opType: string, input: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.named(this.free(name), opType, input, attributes);
  }

  /** Adds a node whose output has a name that was kept free for it. */
  named(output: string, opType: string, input: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    this.nodes.push({ name: output, opType, input, output: [output], attribute: Object.entries(attributes).map(attributeProto) });
    return output;
  }

  /** Keeps a name from being used otherwise. */
  free(name: string): string {
    let free = name;
    for (let i = 2; this.taken.has(free); i++) free = `${name}_${i}`;
    this.taken.add(free);
    return free;
  }

  /** Numbers of a weight, called as in a checkpoint: there once, however many nodes use it. */
  weight(name: string, dims: readonly number[], data: Float32Array): string {
    const known = this.weights.get(name);
    if (known !== undefined) return known;
    const free = this.floats(name, dims, data);
    this.weights.set(name, free);
    return free;
  }

  /** Numbers that are no weight. */
  floats(name: string, dims: readonly number[], data: ArrayLike<number>): string {
    const free = this.free(name);
    const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
    this.initializers.push({ name: free, dims, dataType: DataType.float, rawData: littleEndian(numbers) });
    return free;
  }

  /** Shapes, pads and axes. */
  integers(name: string, values: readonly number[]): string {
    const free = this.free(name);
    const bytes = new DataView(new ArrayBuffer(8 * values.length));
    values.forEach((value, i) => {
      bytes.setBigInt64(8 * i, BigInt(value), true);
    });
    this.initializers.push({
      name: free,
      dims: [values.length],
      dataType: DataType.int64,
      rawData: new Uint8Array(bytes.buffer),
    });
    return free;
  }
}

function attributeProto([name, value]: [string, Attribute]): object {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  return { name, type: AttributeType.ints, ints: value };
}

/** Bytes of float32 numbers as the file has them; a view where this machine has them so. */
function littleEndian(data: Float32Array): Uint8Array {
  const native = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return native;
  const view = new DataView(new ArrayBuffer(data.byteLength));
  data.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}
