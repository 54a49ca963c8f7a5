import { ArgumentError } from '../../geometry.js';
import { channelsFirstVectors } from '../flatten-order.js';
import type { Graph, GraphNode } from '../graph.js';
import { endingSoftmax, usesOf } from '../graph-of.js';
import { modelConstants } from '../model-constants.js';
import type { Pictures } from '../pictures.js';
import { literal, plainText, Variables } from '../python.js';
import { type LayerSource, layerSource } from './layer-source.js';
import { MODULE_ATTRIBUTES } from './module-attributes.js';
import { SNIPPETS, type Snippet } from './snippets.js';

/** model.py: the net as an nn.Module whose state_dict has the layers' own names. */
export function torchModelSource(graph: Graph, pictures: Pictures, lossWeights: readonly number[]): string {
  const channelsFirst = channelsFirstVectors(graph);
  const sources = new Map(
    graph.nodes.map((node) => {
      const order = { flattened: channelsFirst.has(node.output), given: channelsFirst.has(node.inputs[0]!) };
      return [node, layerSource(node, order)] as const;
    }),
  );
  const needed = new Set([...sources.values()].flatMap(({ needs }) => needs ?? []));
  const softmax = graph.outputs.some(({ value }) => endingSoftmax(value));
  const [height, width, channels] = graph.input.shape;
  return `"""${plainText(graph.name)}, exported from tfjs-cnn: an nn.Module whose state_dict has the names of the net's layers there."""
import torch
import torch.nn.functional as F
from torch import nn

${modelConstants(graph, pictures, lossWeights)}


${(Object.keys(SNIPPETS) as Snippet[])
  .filter((name) => needed.has(name))
  .map((name) => `${SNIPPETS[name]}\n\n`)
  .join('')}class Net(nn.Module):
    """Takes float32 [batch, ${channels}, ${height}, ${width}]${outputsText(graph)}."""

    def __init__(self${softmax ? ', logits=False' : ''}):
        super().__init__()
${softmax ? '        # Whether to leave softmax out at the end, as losses want it.\n        self.logits = logits\n' : ''}${placements(sources)}
    def place(self, path, layer):
        """Makes the layer the submodule of that path: the beginning of its keys in the state_dict."""
        *way, name = path.split('.')
        parent = self
        for part in way:
            if part not in parent._modules:
                parent.add_module(part, nn.Module())
            parent = parent._modules[part]
        parent.add_module(name, layer)

    def forward(self, x):
        at = self.get_submodule
${forward(graph, sources)}`;
}

function outputsText({ outputs }: Graph): string {
  const texts = outputs.map(({ value, layer }) => {
    const shape = value.shape.length === 3 ? [value.shape[2], value.shape[0], value.shape[1]] : value.shape;
    return `[batch, ${shape.join(', ')}] of '${plainText(layer)}'`;
  });
  return ` and gives ${texts.join(', ')}`;
}

/** Lines that make the submodules; a layer whose path begins another's is made first. */
function placements(sources: ReadonlyMap<GraphNode, LayerSource>): string {
  const modules = new Map<string, string>();
  for (const [{ layer, operation }, { module }] of sources) {
    if (!module) continue;
    const taken = layer.split('.').find((part) => MODULE_ATTRIBUTES.has(part) || part === '' || part.startsWith('_'));
    if (taken !== undefined) {
      throw new ArgumentError(
        `export: the layer '${layer}' (${operation.kind}) cannot be a submodule: '${taken}' is an attribute of PyTorch's modules; ` +
          'give it another name',
      );
    }
    modules.set(layer, module);
  }
  const paths = [...modules.keys()];
  const isPrefix = (path: string): boolean => paths.some((other) => other.startsWith(`${path}.`));
  const ordered = [...paths.filter(isPrefix).sort((a, b) => a.length - b.length), ...paths.filter((path) => !isPrefix(path))];
  return ordered.map((path) => `        self.place(${literal(path)}, ${modules.get(path)})\n`).join('');
}

function forward(graph: Graph, sources: ReadonlyMap<GraphNode, LayerSource>): string {
  const names = new Variables(usesOf(graph));
  names.write(graph.input);
  const ends = new Set(graph.outputs.map(({ value }) => endingSoftmax(value)));
  const lines = graph.nodes.map((node) => {
    const { run } = sources.get(node)!;
    const inputs = node.inputs.map((value) => names.read(value));
    const source = run(inputs, `at(${literal(node.layer)})`);
    const ending = ends.has(node as never) ? `${inputs[0]} if self.logits else ${source}` : source;
    return `        ${names.write(node.output)} = ${ending}\n`;
  });
  const outputs = graph.outputs.map(({ value }) => names.read(value));
  return `${lines.join('')}        return ${outputs.join(', ')}\n`;
}
