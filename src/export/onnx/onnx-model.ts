import type { StateDict } from '../../weights/state-dict.js';
import { channelsFirstVectors } from '../flatten-order.js';
import type { Graph, Value } from '../graph.js';
import { emitNode } from './emit-node.js';
import { GraphBuilder } from './graph-builder.js';
import { DataType, IR_VERSION, ONNX_SCHEMA, OPSET } from './schema.js';

/** How pictures are laid out in what is given to a served net, and in the maps it gives. */
export type PictureLayout = 'nhwc' | 'nchw';

/**
 * A net as an ONNX file: operator set 17, any batch, one input 'input', outputs named after the layers that make them.
 *
 * @param weights  by PyTorch's names, in its layouts
 * @param metadata strings by name, stored with the model
 */
export async function onnxModel(
  graph: Graph,
  weights: StateDict,
  layout: PictureLayout,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const g = new GraphBuilder();
  const input = g.free('input');
  const outputNames = graph.outputs.map(({ layer }) => g.free(layer === 'input' ? 'output' : layer));
  const values = new Map<Value, string>([[graph.input, startOf(g, graph, input, layout)]]);
  const channelsFirst = channelsFirstVectors(graph);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value) => values.get(value)!);
    const order = { flattened: channelsFirst.has(node.output), given: channelsFirst.has(node.inputs[0]!) };
    values.set(node.output, emitNode(g, node, inputs, weights, order));
  }
  const output = graph.outputs.map(({ value }, i) => {
    const back = isPicture(value) && layout === 'nhwc';
    const name = outputNames[i]!;
    if (back) g.named(name, 'Transpose', [values.get(value)!], { perm: [0, 2, 3, 1] });
    else g.named(name, 'Identity', [values.get(value)!]);
    return valueInfo(name, value, layout);
  });
  const model = {
    irVersion: IR_VERSION,
    producerName: 'tfjs-cnn',
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: g.nodes,
      initializer: g.initializers,
      input: [valueInfo(input, graph.input, layout)],
      output,
    },
  };
  const { default: protobuf } = await import('protobufjs/light.js');
  const Model = protobuf.Root.fromJSON(ONNX_SCHEMA).lookupType('ModelProto');
  return Model.encode(model as object as Parameters<typeof Model.encode>[0]).finish();
}

const isPicture = ({ shape }: Value): boolean => shape.length === 3;

function startOf(g: GraphBuilder, graph: Graph, input: string, layout: PictureLayout): string {
  if (!isPicture(graph.input) || layout === 'nchw') return input;
  return g.node('input/nchw', 'Transpose', [input], { perm: [0, 3, 1, 2] });
}

function valueInfo(name: string, { shape }: Value, layout: PictureLayout): object {
  const sizes = shape.length === 3 && layout === 'nchw' ? [shape[2]!, shape[0]!, shape[1]!] : shape;
  const dim = [{ dimParam: 'batch' }, ...sizes.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: DataType.float, shape: { dim } } } };
}
