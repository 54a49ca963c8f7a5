import type { Graph, GraphNode, Value } from './graph.js';

/**
 * The vectors whose numbers a channels-first framework has channel by channel, as its own flattening makes them: those that only dense
 * layers use, whose kernels are stored for that order. All other vectors are pixel by pixel, as they are here.
 */
export function channelsFirstVectors({ nodes, outputs }: Graph): Set<Value> {
  const users = new Map<Value, GraphNode[]>();
  for (const node of nodes) for (const value of node.inputs) users.set(value, [...(users.get(value) ?? []), node]);
  const ends = new Set(outputs.map(({ value }) => value));
  const chain = (value: Value): Value[] | undefined => {
    const behind = users.get(value) ?? [];
    if (ends.has(value) || behind.length === 0) return undefined;
    const values = [value];
    for (const { operation, output } of behind) {
      if (operation.kind === 'dense' && operation.map) continue;
      const elementwise = operation.kind === 'dropout' || (operation.kind === 'activation' && !/softmax/i.test(operation.name));
      const further = elementwise ? chain(output) : undefined;
      if (!further) return undefined;
      values.push(...further);
    }
    return values;
  };
  const flattened = nodes.filter(({ operation, inputs }) => operation.kind === 'flatten' && inputs[0]!.shape.length === 3);
  return new Set(flattened.flatMap(({ output }) => chain(output) ?? []));
}
