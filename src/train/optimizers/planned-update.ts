import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../backends/kernel-host.js';
import { runJoined, runsJoined } from '../../joined-calls.js';
import type { Named } from '../../kernels.js';
import { runUpdate } from './update-op.js';

/** What a weight's update runs. */
export interface PlannedUpdate {
  readonly op: ReadyOp<object>;
  /** By name: value, gradient, slots, and scalars that may be absent. */
  readonly inputs: Readonly<Record<string, Tensor | undefined>>;
  readonly geometry: object;
  /** New slots that are known already. */
  readonly slots?: readonly Tensor[];
}

/** An update by that op; inputs that are absent may be undefined. */
export function planned<Geometry extends object>(
  op: ReadyOp<Geometry>,
  inputs: PlannedUpdate['inputs'],
  geometry: Geometry,
  slots?: readonly Tensor[],
): PlannedUpdate {
  // The queue gives each op its own geometry.
  return { op: op as unknown as ReadyOp<object>, inputs, geometry, slots };
}

/**
 * Runs the updates of a step: each when it is planned, or, on a backend that moves all weights in one kernel, all of them at the end.
 */
export class UpdateQueue<Weight> {
  private readonly waiting = new Map<ReadyOp<object>, { weight: Weight; update: PlannedUpdate }[]>();

  /** @param take gets the new value and the new slots of a weight */
  constructor(private readonly take: (weight: Weight, outputs: Tensor[]) => void) {}

  add(weight: Weight, update: PlannedUpdate): void {
    const { op, inputs, geometry, slots = [] } = update;
    if (!runsJoined(op)) {
      this.take(weight, [...runUpdate(op, inputs, geometry), ...slots]);
      return;
    }
    const queue = this.waiting.get(op);
    if (queue) queue.push({ weight, update });
    else this.waiting.set(op, [{ weight, update }]);
  }

  /** Runs what waits. */
  finish(): void {
    for (const [op, queue] of this.waiting) {
      const calls = queue.map(({ update: { inputs, geometry } }) => ({ inputs: given(inputs), geometry }));
      const outputs = runJoined(op, calls);
      queue.forEach(({ weight, update }, i) => this.take(weight, [...outputs[i]!, ...(update.slots ?? [])]));
    }
    this.waiting.clear();
  }
}

function given(inputs: PlannedUpdate['inputs']): Named<Tensor> {
  return Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined));
}
