/** One operation as PyTorch has it. */
import type { GraphNode, OperationOf, Size, Window } from '../graph.js';
import { coveredPads, evenPads, noPads } from '../graph.js';
import { argumentsOf, literal, pairOf, tuple } from '../python.js';
import { activationSource } from './activation-source.js';
import type { Snippet } from './snippets.js';

/** Source of a node: a submodule or not, and what is said where it is run. */
export interface LayerSource {
  /** How the submodule is made; absent where a function does it. */
  readonly module?: string;
  /** Of the inputs' names, and of the submodule. */
  readonly run: (inputs: readonly string[], module: string) => string;
  /** What must be brought along. */
  readonly needs?: readonly Snippet[];
}

/** What is to be known of vectors: see channelsFirstVectors. */
export interface Order {
  readonly flattened: boolean;
  readonly given: boolean;
}

const called = ([x]: readonly string[], module: string): string => `${module}(${x})`;
const moduleOf = (module: string, ...needs: Snippet[]): LayerSource => ({ module, run: called, needs });
const functionOf = (source: (x: string) => string, ...needs: Snippet[]): LayerSource => ({ run: ([x]) => source(x!), needs });
/** left, right, top, bottom: the order of F.pad. */
const sides = ({ top, bottom, left, right }: { top: number; bottom: number; left: number; right: number }): string =>
  tuple([left, right, top, bottom]);

/** What PyTorch calls an operation. */
export function layerSource({ operation, inputs, output, main }: GraphNode, order: Order): LayerSource {
  const [input] = inputs.map(({ shape }) => shape) as [readonly number[]];
  const [channels, outputs] = [input.at(-1)!, output.shape.at(-1)!];
  switch (operation.kind) {
    case 'conv':
      return convolution('nn.Conv2d', [channels, outputs], operation.window, operation.groups, operation.bias);
    case 'depthwise':
      return convolution('nn.Conv2d', [channels, outputs], operation.window, channels, operation.bias);
    case 'convTranspose':
      return transposedConvolution(operation, input, output.shape);
    case 'tableConv': {
      const { window, connections, bias } = operation;
      const rest = { stride: window.strides.some((s) => s > 1) && pairOf(window.strides), bias: !bias && 'False' };
      const made = argumentsOf([String(channels), literal(connections), tuple(window.size)], rest);
      return padded(window, moduleOf(`TableConv2d(${made})`, 'TableConv2d'));
    }
    case 'subsampling':
      return moduleOf(`Subsampling2d(${channels}, ${pairOf(operation.window.size)})`, 'Subsampling2d');
    case 'dense': {
      const linear = `nn.Linear(${argumentsOf([String(channels), String(outputs)], { bias: !operation.bias && 'False' })})`;
      if (!operation.map || order.given) return moduleOf(linear);
      const size = tuple(operation.map);
      return {
        module: linear,
        run: ([x], module) => `${module}(${x}.unflatten(1, ${size}).permute(0, 3, 1, 2).flatten(1))`,
      };
    }
    case 'rbf':
      return moduleOf(`RbfOutput(${literal(operation.codes)})`, 'RbfOutput');
    case 'batchNorm':
      return batchNorm(operation, channels, input.length);
    case 'activation':
      return activationSource(operation, main);
    case 'maxPool':
      return maxPool(operation, input, output.shape);
    case 'avgPool':
      return averagePool(operation, input, output.shape);
    case 'l2Pool': {
      const pads = sides(coveredPads(operation.window, input, output.shape));
      const { size, strides } = operation.window;
      return functionOf((x) => `l2_pool(${x}, ${pairOf(size)}, ${pairOf(strides)}, ${pads})`, 'l2_pool');
    }
    case 'adaptiveAvgPool':
      return moduleOf(`nn.AdaptiveAvgPool2d(${pairOf(output.shape as unknown as Size)})`);
    case 'adaptiveMaxPool':
      return moduleOf(`nn.AdaptiveMaxPool2d(${pairOf(output.shape as unknown as Size)})`);
    case 'globalAvgPool':
      return functionOf((x) => `${x}.mean((2, 3)${operation.keep ? ', keepdim=True' : ''})`);
    case 'globalMaxPool':
      return functionOf((x) => `${x}.amax((2, 3)${operation.keep ? ', keepdim=True' : ''})`);
    case 'lrn': {
      const { below, above, alpha, beta, k } = operation;
      const size = below + above + 1;
      return moduleOf(`nn.LocalResponseNorm(${size}, alpha=${Number((alpha * size).toPrecision(12))}, beta=${beta}, k=${k})`);
    }
    case 'dropout':
      return moduleOf(`nn.Dropout(${operation.rate})`);
    case 'add':
      return { run: (names) => names.join(' + ') };
    case 'concat':
      return { run: (names) => `torch.cat([${names.join(', ')}], 1)` };
    case 'flatten': {
      const natural = order.flattened || input.length === 1;
      return functionOf((x) => (natural ? `${x}.flatten(1)` : `${x}.permute(0, 2, 3, 1).flatten(1)`));
    }
    case 'reshape':
      return functionOf((x) => `${x}.reshape(-1, ${[outputs, ...output.shape.slice(0, -1)].join(', ')})`);
    case 'maxout':
      return functionOf((x) => `${x}.unflatten(1, (-1, ${operation.pieces})).amax(2)`);
    case 'upsample': {
      const { scale, mode, alignCorners } = operation;
      const corners = mode === 'bilinear' && `${literal(alignCorners)}`;
      return moduleOf(
        `nn.Upsample(${argumentsOf([], { scale_factor: pairOf(scale), mode: literal(mode), align_corners: corners })})`,
      );
    }
    case 'zeroPad':
      return functionOf((x) => `F.pad(${x}, ${sides(operation.pads)})`);
    case 'subsample':
      return functionOf((x) => `${x}[:, :, ::${operation.strides[0]}, ::${operation.strides[1]}]`);
    case 'padChannels':
      return functionOf((x) => `F.pad(${x}, (0, 0, 0, 0, ${operation.before}, ${operation.after}))`);
  }
}

function convolution(type: string, channels: number[], window: Window, groups: number, bias: boolean): LayerSource {
  const { size, strides, dilations } = window;
  const even = evenPads(window.pads);
  const made = argumentsOf([...channels.map(String), pairOf(size)], {
    stride: strides.some((s) => s > 1) && pairOf(strides),
    padding: (even ?? []).some((p) => p > 0) && pairOf(even!),
    dilation: dilations.some((d) => d > 1) && pairOf(dilations),
    groups: groups > 1 && String(groups),
    bias: !bias && 'False',
  });
  return padded(even ? undefined : window, moduleOf(`${type}(${made})`));
}

/** Zeros that are more on one side than on the other come before. */
function padded(window: Window | undefined, source: LayerSource, value = ''): LayerSource {
  if (!window || noPads(window.pads)) return source;
  return { ...source, run: ([x], module) => source.run([`F.pad(${x}, ${sides(window.pads)}${value})`], module) };
}

/** PyTorch cuts as much below as above; what is too much is cut off behind it, what is too little is its output padding. */
function transposedConvolution(
  { window, groups, bias }: OperationOf<'convTranspose'>,
  input: readonly number[],
  output: readonly number[],
): LayerSource {
  const { size, strides, dilations, pads } = window;
  const before: Size = [pads.top, pads.left];
  const missing = before.map((pad, axis) => {
    const span = dilations[axis]! * (size[axis]! - 1) + 1;
    return output[axis]! - ((input[axis]! - 1) * strides[axis]! + span - 2 * pad);
  }) as [number, number];
  const more = missing.map((count) => Math.max(0, count)) as [number, number];
  const made = argumentsOf([String(input[2]), String(output[2]), pairOf(size)], {
    stride: strides.some((s) => s > 1) && pairOf(strides),
    padding: before.some((p) => p > 0) && pairOf(before),
    output_padding: more.some((p) => p > 0) && pairOf(more),
    dilation: dilations.some((d) => d > 1) && pairOf(dilations),
    groups: groups > 1 && String(groups),
    bias: !bias && 'False',
  });
  const source = moduleOf(`nn.ConvTranspose2d(${made})`);
  if (missing.every((count) => count >= 0)) return source;
  return { ...source, run: (names, module) => `${called(names, module)}[:, :, :${output[0]}, :${output[1]}]` };
}

function batchNorm(
  { epsilon, momentum, gamma, beta, unbiased }: OperationOf<'batchNorm'>,
  channels: number,
  rank: number,
): LayerSource {
  const type = unbiased ? (rank === 3 ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d') : 'BiasedBatchNorm';
  // PyTorch's is the share of the new statistics.
  const made = `${type}(${channels}, eps=${epsilon}, momentum=${Number((1 - momentum).toPrecision(12))})`;
  const left = [gamma ? [] : ["'weight'"], beta ? [] : ["'bias'"]].flat();
  const own: Snippet[] = unbiased ? [] : ['BiasedBatchNorm'];
  return left.length === 0 ? moduleOf(made, ...own) : moduleOf(`without(${[made, ...left].join(', ')})`, 'without', ...own);
}

/** PyTorch's own where both sides have as many pads, half a window at most; else minus infinity comes before. */
function maxPool({ window, ceil }: OperationOf<'maxPool'>, input: readonly number[], output: readonly number[]): LayerSource {
  const { size, strides, dilations } = window;
  const even = evenPads(window.pads);
  const own = even?.every((pad, axis) => 2 * pad <= size[axis]!);
  const made = argumentsOf([pairOf(size), pairOf(strides)], {
    padding: own === true && even!.some((p) => p > 0) && pairOf(even!),
    dilation: dilations.some((d) => d > 1) && pairOf(dilations),
    ceil_mode: own === true && ceil && 'True',
  });
  const source = moduleOf(`nn.MaxPool2d(${made})`);
  return padded(own ? undefined : { ...window, pads: coveredPads(window, input, output) }, source, ", value=float('-inf')");
}

function averagePool(operation: OperationOf<'avgPool'>, input: readonly number[], output: readonly number[]): LayerSource {
  const { window, ceil, countPads } = operation;
  const { size, strides, pads } = window;
  const even = evenPads(pads);
  if (even?.every((pad, axis) => 2 * pad <= size[axis]!)) {
    const made = argumentsOf([pairOf(size), pairOf(strides)], {
      padding: even.some((p) => p > 0) && pairOf(even),
      ceil_mode: ceil && 'True',
      count_include_pad: !countPads && 'False',
    });
    return moduleOf(`nn.AvgPool2d(${made})`);
  }
  const covered = coveredPads(window, input, output);
  const beyond = sides({ top: 0, left: 0, bottom: covered.bottom - pads.bottom, right: covered.right - pads.right });
  const given = [pairOf(size), pairOf(strides), sides(pads), beyond, literal(countPads)].join(', ');
  return functionOf((x) => `avg_pool(${x}, ${given})`, 'avg_pool');
}
