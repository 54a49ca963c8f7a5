import { dispose, type Optimizer, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../../geometry.js';
import { checkState, type OptimizerState } from './state.js';

/** As tfjs hands over an optimizer's weights. */
export type NamedTensor = Awaited<ReturnType<Optimizer['getWeights']>>[number];

/** Under which the state lies among the slots, as JSON in a tensor of one string. */
const STATE = 'state';

/** The state as tfjs saves it among an optimizer's weights. */
export function savedState(state: OptimizerState): NamedTensor {
  return { name: STATE, tensor: tensor1d([JSON.stringify(state)], 'string') };
}

/**
 * What tfjs-layers read from a model's file, until the first step shows which weights the optimizer is to move: their names are
 * others where the model that was saved is still there.
 */
export class SavedWeights {
  readonly state: OptimizerState;
  private readonly slots: readonly NamedTensor[];

  /** @param saved slots and state, which stay the caller's */
  constructor(
    private readonly where: string,
    saved: readonly NamedTensor[],
    text: string,
  ) {
    this.state = checkState(where, parsed(where, text));
    this.slots = saved.filter(({ name }) => name !== STATE).map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
  }

  /** The text of the state among saved weights. @throws ArgumentError where there is none */
  static async stateText(where: string, saved: readonly NamedTensor[]): Promise<string> {
    const found = saved.find(({ name, tensor }) => name === STATE && tensor.dtype === 'string' && tensor.size === 1);
    if (!found)
      throw new ArgumentError(`${where}: these are not the weights of such an optimizer: there is no '${STATE}' among them`);
    return ((await found.tensor.data()) as unknown as string[])[0]!;
  }

  /**
   * Slots and state under the names that weights have now: their own where all are found, else one after the other.
   *
   * @param names of the weights that a step moves, in order
   */
  named(names: readonly string[]): { slots: Record<string, Tensor>; state: OptimizerState } {
    const saved = Object.keys(this.state.weights);
    const sameNames = saved.every((name) => names.includes(name));
    if (!sameNames && saved.length !== names.length) {
      throw new ArgumentError(
        `${this.where}: the saved optimizer moved ${saved.length} weights, this one is given ${names.length}; ` +
          `expected ${saved.slice(0, 3).join(', ')}, ..., found ${names.slice(0, 3).join(', ')}, ...`,
      );
    }
    const now = new Map(saved.map((name, i) => [name, sameNames ? name : names[i]!]));
    const slots: Record<string, Tensor> = {};
    for (const { name, tensor } of this.slots) {
      const cut = name.lastIndexOf('/');
      slots[`${now.get(name.slice(0, cut)) ?? name.slice(0, cut)}${name.slice(cut)}`] = tensor;
    }
    const weights = Object.entries(this.state.weights).map(([name, state]) => [now.get(name)!, state]);
    return { slots, state: { iterations: this.state.iterations, weights: Object.fromEntries(weights) } };
  }

  /** As they were read. */
  get tensors(): readonly NamedTensor[] {
    return this.slots;
  }

  dispose(): void {
    dispose(this.slots.map(({ tensor }) => tensor));
  }
}

function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ArgumentError(`${where}: the saved state is no JSON`);
  }
}
