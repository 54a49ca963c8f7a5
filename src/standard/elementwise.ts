import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import type { WasmKernel } from '../kernels.js';
import { allFloat, type Call, type Plan, type StandardKernel } from './standard-kernel.js';

/** Elements a piece of an elementwise kernel: some 20 microseconds of memory traffic. */
const GRAIN = 65536;

/** How the shorter operand repeats along the longer one. */
type Repeat = 'same' | 'scalar' | 'row';

interface BinaryGeometry {
  kind: number;
  repeat: Repeat;
  /** The shorter operand is a, so that the kernel computes b op a. */
  swap: boolean;
  shape: number[];
  /** Elements of the shorter operand. */
  width: number;
}

const binaryForward: WasmKernel<BinaryGeometry> = ({ a, b }, { y }, { kind, repeat, swap, shape, width }, wasm) => {
  const size = util.sizeFromShape(shape);
  const [long, short] = swap ? [b!, a!] : [a!, b!];
  if (repeat === 'same') wasm.parallel('binarySame', size, GRAIN, kind, a!, b!, y!);
  else if (repeat === 'scalar') wasm.parallel('binaryScalar', size, GRAIN, kind, swap ? 1 : 0, long, short, y!);
  else
    wasm.parallel('binaryRow', size / width, Math.max(1, Math.floor(GRAIN / width)), kind, swap ? 1 : 0, width, long, short, y!);
};

interface UnaryGeometry {
  kind: number;
  alpha: number;
  shape: number[];
}

const unaryForward: WasmKernel<UnaryGeometry> = ({ x }, { y }, { kind, alpha, shape }, wasm) =>
  wasm.parallel('unary', util.sizeFromShape(shape), GRAIN, kind, alpha, x!, y!);

interface RowsGeometry {
  rows: number;
  width: number;
  shape: number[];
}

const sumForward: WasmKernel<RowsGeometry> = ({ x }, { y }, { rows, width }, wasm) =>
  wasm.parallel('sumRows', rows, Math.max(1, Math.floor(GRAIN / width)), width, x!, y!);

/** These run where memory is WebAssembly's; on `cpu` tfjs's own loops are as good as ours would be. */
function wasmOnly<Geometry extends { shape: number[] }>(
  name: string,
  inputs: string[],
  forward: WasmKernel<Geometry>,
): ReadyOp<object> {
  const op: ReadyOp<Geometry> = {
    name,
    parts: { forward: { inputs, outputs: { y: ({ shape }) => shape } } },
    kernels: { reference: {}, cpu: {}, wasmCnn: { forward }, portable: {} },
  };
  return op as unknown as ReadyOp<object>;
}

/** Which operand repeats how, or undefined for broadcasts of another form. */
function repetition(a: readonly number[], b: readonly number[]): { repeat: Repeat; swap: boolean } | undefined {
  if (util.arraysEqual(a as number[], b as number[])) return { repeat: 'same', swap: false };
  const swap = util.sizeFromShape(a as number[]) < util.sizeFromShape(b as number[]);
  const [long, short] = swap ? [b, a] : [a, b];
  const width = util.sizeFromShape(short as number[]);
  if (short.length > long.length) return undefined;
  if (width === 1) return { repeat: 'scalar', swap };
  const first = short.findIndex((size) => size !== 1);
  const row = short.slice(first);
  const fits = row.every((size, i) => size === long[long.length - row.length + i]);
  return fits ? { repeat: 'row', swap } : undefined;
}

function binary(kernelName: string, kind: number): StandardKernel {
  const op = wasmOnly<BinaryGeometry>(kernelName, ['a', 'b'], binaryForward);
  return {
    kernelName,
    plan({ inputs }: Call): Plan | undefined {
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      const how = repetition(a.shape, b.shape);
      if (!how || !allFloat(inputs)) return undefined;
      const shape = how.swap ? b.shape : a.shape;
      const width = util.sizeFromShape(how.swap ? a.shape : b.shape);
      if (util.sizeFromShape(shape) === 0) return undefined;
      return { op, part: 'forward', inputs, geometry: { kind, ...how, shape, width } };
    },
  };
}

function unary(kernelName: string, kind: number): StandardKernel {
  const op = wasmOnly<UnaryGeometry>(kernelName, ['x'], unaryForward);
  return {
    kernelName,
    plan({ inputs, attrs }: Call): Plan | undefined {
      const { shape } = inputs['x']!;
      if (util.sizeFromShape(shape) === 0 || !allFloat(inputs)) return undefined;
      const alpha = (attrs?.['alpha'] as number | undefined) ?? 0;
      return { op, part: 'forward', inputs, geometry: { kind, alpha, shape } };
    },
  };
}

const sumOp = wasmOnly<RowsGeometry>('Sum', ['x'], sumForward);

/** Sum over the last axes, or over all. */
const sum: StandardKernel = {
  kernelName: 'Sum',
  plan({ inputs, attrs }) {
    const { shape } = inputs['x']!;
    const axes = util.parseAxisParam(attrs['axis'] as number[] | undefined as number[], shape);
    if (!backend_util.axesAreInnerMostDims(axes, shape.length) || util.sizeFromShape(shape) === 0 || !allFloat(inputs))
      return undefined;
    const [outShape, reduced] = backend_util.computeOutAndReduceShapes(shape, axes);
    const kept = attrs['keepDims'] ? backend_util.expandShapeToKeepDim(outShape, axes) : outShape;
    const geometry = { rows: util.sizeFromShape(outShape), width: util.sizeFromShape(reduced), shape: kept };
    return { op: sumOp, part: 'forward', inputs, geometry };
  },
};

/** The numbers are the kinds of elementwise.asm.ts. */
export const elementwise: readonly StandardKernel[] = [
  binary('Add', 0),
  binary('Sub', 1),
  binary('Multiply', 2),
  binary('RealDiv', 3),
  binary('Maximum', 4),
  binary('Minimum', 5),
  binary('SquaredDifference', 6),
  unary('Sqrt', 0),
  unary('Square', 1),
  unary('Neg', 2),
  unary('Abs', 3),
  unary('Step', 4),
  unary('Rsqrt', 5),
  sum,
];
