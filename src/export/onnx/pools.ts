import { ceilFactors } from '../averages.js';
import { binMatrix, binsOf, evenBins } from '../bins.js';
import { coveredPads, type GraphNode, type OperationOf, type Window } from '../graph.js';
import type { Attribute, GraphBuilder } from './graph-builder.js';

/** A node's name and shapes, as emitters of nodes need them. */
export interface Place {
  readonly g: GraphBuilder;
  readonly name: string;
  /** [height, width, channels]. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** What a window's attributes are; pads as far as windows reach, so that no mode of rounding is needed. */
function windowAttributes(window: Window, { input, output }: Place): Record<string, Attribute> {
  const pads = coveredPads(window, input, output);
  const { size, strides } = window;
  const after = [Math.max(0, pads.bottom), Math.max(0, pads.right)];
  return { kernel_shape: size, strides, pads: [pads.top, pads.left, ...after] };
}

export function emitMaxPool(place: Place, x: string, { window }: OperationOf<'maxPool'>): string {
  const dilations = window.dilations;
  return place.g.node(place.name, 'MaxPool', [x], { ...windowAttributes(window, place), dilations });
}

export function emitAveragePool(place: Place, x: string, operation: OperationOf<'avgPool'>): string {
  const { g, name, input, output } = place;
  const { window, countPads } = operation;
  const attributes = { ...windowAttributes(window, place), count_include_pad: Number(countPads) };
  const factors = ceilFactors(operation, input, output);
  if (!factors) return g.node(name, 'AveragePool', [x], attributes);
  const whole = g.node(`${name}/whole`, 'AveragePool', [x], attributes);
  return g.node(name, 'Mul', [whole, g.floats(`${name}/factors`, [1, 1, output[0]!, output[1]!], factors)]);
}

/** Root of the sum of squares: operators called so differ in what they do at the edge. */
export function emitL2Pool(place: Place, x: string, { window }: OperationOf<'l2Pool'>): string {
  const { g, name } = place;
  const attributes = { ...windowAttributes(window, place), count_include_pad: 1 };
  const mean = g.node(`${name}/mean`, 'AveragePool', [g.node(`${name}/squares`, 'Mul', [x, x])], attributes);
  const count = g.floats(`${name}/count`, [], [window.size[0] * window.size[1]]);
  return g.node(name, 'Sqrt', [g.node(`${name}/sum`, 'Mul', [mean, count])]);
}

/** ONNX has none: windows where the bins are alike, else products with matrices of means, or slices. */
export function emitAdaptivePool({ g, name, input, output }: Place, x: string, kind: GraphNode['operation']['kind']): string {
  const max = kind === 'adaptiveMaxPool';
  const [height, width] = input as [number, number];
  const [rows, columns] = output as [number, number];
  const even = evenBins(input, output);
  if (even) return g.node(name, max ? 'MaxPool' : 'AveragePool', [x], { kernel_shape: even, strides: even });
  if (!max) {
    const left = g.floats(`${name}/rows`, [rows, height], binMatrix(height, rows));
    const byColumns = transposed(binMatrix(width, columns), columns, width);
    const right = g.floats(`${name}/columns`, [width, columns], byColumns);
    return g.node(name, 'MatMul', [g.node(`${name}/means`, 'MatMul', [left, x]), right]);
  }
  const largest = (y: string, axis: number, length: number, count: number, end: string): string => {
    const parts = binsOf(length, count).map(([from, to], i) => {
      const bounds = [[from], [to], [axis]].map((values, k) => g.integers(`${end}/bound${k}_${i}`, values));
      const bin = g.node(`${end}/bin${i}`, 'Slice', [y, ...bounds]);
      return g.node(`${end}/max${i}`, 'ReduceMax', [bin], { axes: [axis], keepdims: 1 });
    });
    return g.node(end, 'Concat', parts, { axis });
  };
  return largest(largest(x, 2, height, rows, `${name}/rows`), 3, width, columns, name);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}
