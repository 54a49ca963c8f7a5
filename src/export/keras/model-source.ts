import { ArgumentError } from '../../geometry.js';
import type { Graph, GraphNode } from '../graph.js';
import { usesOf } from '../graph-of.js';
import { modelConstants } from '../model-constants.js';
import type { Pictures } from '../pictures.js';
import { literal, plainText, Variables } from '../python.js';
import { type LayerSource, layerSource } from './layer-source.js';
import { SNIPPETS, type Snippet } from './snippets.js';

/** model.py: the net in Keras's functional API, whose variables have the paths of the net's weights. */
export function kerasModelSource(graph: Graph, pictures: Pictures, lossWeights: readonly number[]): string {
  const sources = graph.nodes.map((node) => [node, layerSource(node)] as const);
  const needed = new Set(sources.flatMap(([, { needs }]) => needs ?? []));
  return `"""${plainText(graph.name)}, exported from tfjs-cnn: a functional model whose variables have the paths of the net's weights there."""
import keras
import numpy as np
from keras import layers, ops

${modelConstants(graph, pictures, lossWeights)}


${(Object.keys(SNIPPETS) as Snippet[])
  .filter((name) => needed.has(name))
  .map((name) => `${SNIPPETS[name]}\n\n`)
  .join('')}def net():
    """Takes float32 [batch, ${graph.input.shape.join(', ')}] and gives ${graph.outputs
      .map(({ value, layer }) => `[batch, ${value.shape.join(', ')}] of '${plainText(layer)}'`)
      .join(', ')}."""
${body(graph, sources)}

def load_weights(model, file='weights.npz'):
    """Gives every variable the array that is called like its path."""
    with np.load(file, allow_pickle=False) as arrays:
        for variable in model.weights:
            variable.assign(arrays[variable.path])


def save_weights(model, file):
    """The same the other way round: what \`tfjs-cnn import\` takes."""
    with open(file, 'wb') as out:
        np.savez(out, **{variable.path: ops.convert_to_numpy(variable) for variable in model.weights})
`;
}

function body(graph: Graph, sources: readonly (readonly [GraphNode, LayerSource])[]): string {
  const names = new Variables(usesOf(graph));
  const places = new Map<string, number>();
  for (const [{ layer }, source] of sources) if (source.layer) places.set(layer, (places.get(layer) ?? 0) + 1);
  const shared = new Set<string>();
  const lines = [`${names.write(graph.input)} = inputs = keras.Input(${literal(graph.input.shape)}, name='input')`];
  for (const [node, source] of sources) {
    const inputs = node.inputs.map((value) => names.read(value));
    const made = source.layer ? madeLayer(node, source.layer) : '';
    const several = places.get(node.layer)! > 1;
    const at = `shared[${literal(node.layer)}]`;
    if (source.layer && several && !shared.has(node.layer)) {
      if (shared.size === 0) lines.push('shared = {}');
      lines.push(`${at} = ${made}`);
      shared.add(node.layer);
    }
    const run = source.run(inputs, several ? at : made);
    lines.push(`${names.write(node.output)} = ${run}`);
  }
  const outputs = graph.outputs.map(({ value }) => names.read(value));
  lines.push(
    `return keras.Model(inputs, ${outputs.length === 1 ? outputs[0] : `[${outputs.join(', ')}]`}, name=${literal(plainText(graph.name).replaceAll('/', '_'))})`,
  );
  return lines.map((line) => `    ${line}\n`).join('');
}

function madeLayer({ layer }: GraphNode, [type, options]: readonly [string, string]): string {
  if (layer.includes('/')) throw new ArgumentError(`export: Keras takes no '/' in a layer's name, found in '${layer}'`);
  return `${type}(${[...(options === '' ? [] : [options]), `name=${literal(layer)}`].join(', ')})`;
}
