/** One operation as nodes of ONNX, channels first. */
import type { StateDict } from '../../weights/state-dict.js';
import { type GraphNode, noPads, type OperationOf, type Window } from '../graph.js';
import { emitActivation } from './activations.js';
import type { Attribute, GraphBuilder } from './graph-builder.js';
import { emitAdaptivePool, emitAveragePool, emitL2Pool, emitMaxPool, type Place } from './pools.js';

/** Weights by PyTorch's names and in its layouts, which are ONNX's too. */
type Weights = StateDict;

/** What is to be known of vectors: see channelsFirstVectors. */
export interface Order {
  /** Whether the vector that a node flattens to stays channel by channel. */
  readonly flattened: boolean;
  /** Whether a dense layer's input is so. */
  readonly given: boolean;
}

/** Adds what a node computes; returns the name of its value. */
export function emitNode(g: GraphBuilder, node: GraphNode, inputs: readonly string[], weights: Weights, order: Order): string {
  const { operation, layer, main } = node;
  const name = main ? layer : `${layer}/${operation.kind === 'activation' ? operation.name : operation.kind}`;
  const [x] = inputs as [string];
  const input = node.inputs[0]!.shape;
  const output = node.output.shape;
  const place: Place = { g, name, input, output };
  const weight = (role: string): string => {
    const { shape, data } = weights[`${layer}.${role}`]!;
    return g.weight(`${layer}.${role}`, shape, data as Float32Array);
  };
  const biased = (bias: boolean): string[] => (bias ? [weight('bias')] : []);

  switch (operation.kind) {
    case 'conv':
      return g.node(name, 'Conv', [x, weight('weight'), ...biased(operation.bias)], {
        ...convolution(operation.window),
        group: operation.groups,
      });
    case 'depthwise':
      return g.node(name, 'Conv', [x, weight('weight'), ...biased(operation.bias)], {
        ...convolution(operation.window),
        group: input[2]!,
      });
    case 'convTranspose':
      return g.node(name, 'ConvTranspose', [x, weight('weight'), ...biased(operation.bias)], {
        ...transposedConvolution(operation.window, input, output),
        group: operation.groups,
      });
    case 'tableConv': {
      const { shape, data } = filterOfTable(operation, input[2]!, weights[`${layer}.weight`]!.data);
      const filter = g.weight(`${layer}.weight`, shape, data);
      return g.node(name, 'Conv', [x, filter, ...biased(operation.bias)], convolution(operation.window));
    }
    case 'subsampling': {
      const { size } = operation.window;
      const { data } = weights[`${layer}.coefficient`]!;
      const taps = Float32Array.from(
        { length: data.length * size[0] * size[1] },
        (_, i) => data[Math.floor(i / (size[0] * size[1]))]!,
      );
      const filter = g.weight(`${layer}.coefficient`, [data.length, 1, ...size], taps);
      return g.node(name, 'Conv', [x, filter, weight('bias')], { ...convolution(operation.window), group: input[2]! });
    }
    case 'dense': {
      const from = operation.map && !order.given ? channelByChannel(g, name, x, operation.map) : x;
      return g.node(name, 'Gemm', [from, weight('weight'), ...biased(operation.bias)], { transB: 1 });
    }
    case 'rbf':
      return emitRbf(place, x, operation);
    case 'batchNorm': {
      const constant = (what: string, value: number) =>
        g.floats(`${name}/${what}`, [input.at(-1)!], Array(input.at(-1)!).fill(value));
      const scale = operation.gamma ? weight('weight') : constant('ones', 1);
      const shift = operation.beta ? weight('bias') : constant('zeros', 0);
      const given = [x, scale, shift, weight('running_mean'), weight('running_var')];
      return g.node(name, 'BatchNormalization', given, { epsilon: { float: operation.epsilon } });
    }
    case 'activation':
      return emitActivation(g, name, x, operation);
    case 'maxPool':
      return emitMaxPool(place, x, operation);
    case 'l2Pool':
      return emitL2Pool(place, x, operation);
    case 'avgPool':
      return emitAveragePool(place, x, operation);
    case 'adaptiveAvgPool':
    case 'adaptiveMaxPool':
      return emitAdaptivePool(place, x, operation.kind);
    case 'globalAvgPool':
    case 'globalMaxPool': {
      const type = operation.kind === 'globalAvgPool' ? 'GlobalAveragePool' : 'GlobalMaxPool';
      if (operation.keep) return g.node(name, type, [x]);
      return g.node(name, 'Flatten', [g.node(`${name}/map`, type, [x])], { axis: 1 });
    }
    case 'lrn':
      return emitLrn(place, x, operation);
    case 'dropout':
      return x;
    case 'add':
      return g.node(name, 'Add', inputs);
    case 'concat':
      return g.node(name, 'Concat', inputs, { axis: 1 });
    case 'flatten': {
      const pixels = order.flattened || input.length === 1 ? x : g.node(`${name}/nhwc`, 'Transpose', [x], { perm: [0, 2, 3, 1] });
      return g.node(name, 'Flatten', [pixels], { axis: 1 });
    }
    case 'reshape': {
      const ones = output.slice(0, -1).map(() => 1);
      return g.node(name, 'Reshape', [x, g.integers(`${name}/shape`, [-1, output.at(-1)!, ...ones])]);
    }
    case 'maxout': {
      const [channels, pixels] = [output.at(-1)!, input.slice(0, -1)];
      const cut = g.node(`${name}/pieces`, 'Reshape', [
        x,
        g.integers(`${name}/shape`, [-1, channels, operation.pieces, ...pixels]),
      ]);
      return g.node(name, 'ReduceMax', [cut], { axes: [2], keepdims: 0 });
    }
    case 'upsample': {
      const { scale, mode, alignCorners } = operation;
      const scales = g.floats(`${name}/scales`, [4], [1, 1, ...scale]);
      const place = mode === 'nearest' ? 'asymmetric' : alignCorners ? 'align_corners' : 'half_pixel';
      const attributes = {
        mode: mode === 'nearest' ? mode : 'linear',
        coordinate_transformation_mode: place,
        nearest_mode: 'floor',
      };
      return g.node(name, 'Resize', [x, '', scales], attributes);
    }
    case 'zeroPad': {
      const { top, bottom, left, right } = operation.pads;
      return g.node(name, 'Pad', [x, g.integers(`${name}/pads`, [0, 0, top, left, 0, 0, bottom, right])]);
    }
    case 'subsample': {
      const ends = [output[0]! * operation.strides[0], output[1]! * operation.strides[1]];
      const bounds = [[0, 0], ends, [2, 3], operation.strides].map((values, i) => g.integers(`${name}/bound${i}`, values));
      return g.node(name, 'Slice', [x, ...bounds]);
    }
    case 'padChannels': {
      const { before, after } = operation;
      return g.node(name, 'Pad', [x, g.integers(`${name}/pads`, [0, before, 0, 0, 0, after, 0, 0])]);
    }
  }
}

function convolution({ size, strides, dilations, pads }: Window): Record<string, Attribute> {
  const { top, left, bottom, right } = pads;
  return { kernel_shape: size, strides, dilations, ...(noPads(pads) ? {} : { pads: [top, left, bottom, right] }) };
}

/** Rows that the pads cut off below, or that are added there, follow from the output's size. */
function transposedConvolution(window: Window, input: readonly number[], output: readonly number[]): Record<string, Attribute> {
  const { size, strides, dilations, pads } = window;
  const cut = (axis: 0 | 1, before: number): number =>
    (input[axis]! - 1) * strides[axis] + dilations[axis] * (size[axis] - 1) + 1 - before - output[axis]!;
  const [bottom, right] = [cut(0, pads.top), cut(1, pads.left)];
  return {
    kernel_shape: size,
    strides,
    dilations,
    pads: [pads.top, pads.left, Math.max(0, bottom), Math.max(0, right)],
    output_padding: [Math.max(0, -bottom), Math.max(0, -right)],
  };
}

/** The full filter, OIHW, of which the table's connections are the part that is not 0. */
function filterOfTable({ window, connections }: OperationOf<'tableConv'>, channels: number, kernel: ArrayLike<number>) {
  const taps = window.size[0] * window.size[1];
  const data = new Float32Array(connections.length * channels * taps);
  const places = connections.flatMap((list, output) => list.map((channel) => (output * channels + channel) * taps));
  for (let tap = 0; tap < taps; tap++) {
    places.forEach((place, i) => {
      data[place + tap] = kernel[tap * places.length + i]!;
    });
  }
  return { shape: [connections.length, channels, ...window.size], data };
}

/** A vector that is pixel by pixel, as a kernel stored for the other order wants it. */
function channelByChannel(g: GraphBuilder, name: string, x: string, map: readonly number[]): string {
  const picture = g.node(`${name}/map`, 'Reshape', [x, g.integers(`${name}/shape`, [-1, ...map])]);
  return g.node(`${name}/flat`, 'Flatten', [g.node(`${name}/nchw`, 'Transpose', [picture], { perm: [0, 3, 1, 2] })], { axis: 1 });
}

/** 2 x codes^T - |codes|^2 - |x|^2. */
function emitRbf({ g, name, input }: Place, x: string, { codes }: OperationOf<'rbf'>): string {
  const twice = g.floats(
    `${name}/twice_codes`,
    [codes.length, input.at(-1)!],
    codes.flat().map((c) => 2 * c),
  );
  const norms = codes.map((code) => -code.reduce((sum, c) => sum + c * c, 0));
  const products = g.node(`${name}/products`, 'Gemm', [x, twice, g.floats(`${name}/minus_norms`, [codes.length], norms)], {
    transB: 1,
  });
  return g.node(name, 'Sub', [products, g.node(`${name}/squares`, 'ReduceSumSquare', [x], { axes: [1], keepdims: 1 })]);
}

/** ONNX's own, or for a window that reaches further down than up the sums as a 1x1 convolution. */
function emitLrn({ g, name, input }: Place, x: string, { below, above, alpha, beta, k }: OperationOf<'lrn'>): string {
  const size = below + above + 1;
  if (below === above) {
    const attributes = { size, alpha: { float: alpha * size }, beta: { float: beta }, bias: { float: k } };
    return g.node(name, 'LRN', [x], attributes);
  }
  const channels = input[2]!;
  const band = Array.from({ length: channels ** 2 }, (_, i) => {
    const distance = (i % channels) - Math.floor(i / channels);
    return distance >= -below && distance <= above ? alpha : 0;
  });
  const squares = g.node(`${name}/squares`, 'Mul', [x, x]);
  const sums = g.node(`${name}/sums`, 'Conv', [squares, g.floats(`${name}/band`, [channels, channels, 1, 1], band)]);
  const base = g.node(`${name}/base`, 'Add', [sums, g.floats(`${name}/k`, [], [k])]);
  return g.node(name, 'Div', [x, g.node(`${name}/power`, 'Pow', [base, g.floats(`${name}/beta`, [], [beta])])]);
}
