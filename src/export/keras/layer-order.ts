/** One call of a layer, and the calls that gave what it takes. */
export interface Call {
  readonly layer: string;
  readonly inputs: readonly Call[];
}

/**
 * Layers in the order that Keras 3 gives those of a functional model, whatever its config's: places of variables in its files follow from
 * it. Deepest first, that is by the most calls up to an output; of one depth by a walk from the outputs to the inputs.
 * Source: keras/src/ops/function.py, map_graph.
 */
export function kerasOrder(outputs: readonly Call[]): string[] {
  const indices = new Map<string, number>();
  const finished = new Set<Call>();
  const visit = (call: Call): void => {
    if (finished.has(call)) return;
    if (!indices.has(call.layer)) indices.set(call.layer, indices.size);
    call.inputs.forEach(visit);
    finished.add(call);
  };
  outputs.forEach(visit);
  const callDepths = new Map<Call, number>();
  const depths = new Map<string, number>();
  for (const call of [...finished].reverse()) {
    // A layer that is shared counts where it is deepest.
    const depth = Math.max(callDepths.get(call) ?? 0, depths.get(call.layer) ?? 0);
    depths.set(call.layer, depth);
    for (const input of call.inputs) callDepths.set(input, Math.max(depth + 1, callDepths.get(input) ?? 0));
  }
  const at = (table: ReadonlyMap<string, number>, layer: string) => table.get(layer) as number;
  return [...depths.keys()].sort((a, b) => at(depths, b) - at(depths, a) || at(indices, a) - at(indices, b));
}
