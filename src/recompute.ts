/**
 * Computing twice instead of keeping: the forward pass keeps a function's inputs only, the backward pass runs
 * it again and differentiates that.
 * Source: Chen, Xu, Zhang, Guestrin: Training deep nets with sublinear memory cost, arXiv 1604.06174.
 */
import { customGrad, engine, type GradSaveFunc, type Tensor, zerosLike } from '@tensorflow/tfjs-core';

/** One computation, run once or twice: what must happen once, and what must be alike both times. */
export class Recomputation {
  private readonly drawn: unknown[] = [];
  private next = 0;
  private again = false;

  /** @param outer the computation that this one is a part of: what it computes again, this one does */
  constructor(private readonly outer?: Recomputation) {}

  /** Whether this is the second time, or part of one: then nothing outside may change (moving statistics). */
  get repeated(): boolean {
    return this.again || (this.outer?.repeated ?? false);
  }

  /** What `make` gives the first time; the second time that again. Calls must come in the same order. */
  draw<T>(make: () => T): T {
    if (this.next === this.drawn.length) this.drawn.push(this.outer ? this.outer.draw(make) : make());
    return this.drawn[this.next++] as T;
  }

  /** From here on it is the second time. */
  repeat(): this {
    this.again = true;
    this.next = 0;
    return this;
  }
}

/** A function of tensors that can be run again to the same bits: random numbers and side effects go through the second argument. */
export type Recomputable = (inputs: Tensor[], recomputation: Recomputation) => Tensor;

/**
 * run(inputs), of which the tape keeps nothing but the inputs.
 *
 * @param variables what `run` reads besides its inputs and wants gradients for
 * @param outer     the computation that this is a part of, where that may be run twice itself
 */
export function recomputed(
  run: Recomputable,
  inputs: readonly Tensor[],
  variables: readonly Tensor[],
  outer?: Recomputation,
): Tensor {
  const recomputation = new Recomputation(outer);
  const op = customGrad((...given: (Tensor | GradSaveFunc)[]) => {
    const save = given.pop() as GradSaveFunc;
    save(given.slice(0, inputs.length) as Tensor[]);
    return {
      value: run([...inputs], recomputation),
      gradFunc: (dy: Tensor, saved: Tensor[]) => gradientsOf((xs) => run(xs, recomputation.repeat()), saved, variables, dy),
    };
  });
  return op(...inputs, ...variables);
}

/**
 * Gradients inside of a backward pass. The engine has one tape; its own clean-up at the end of the outer pass
 * needs it back.
 */
function gradientsOf(run: (xs: Tensor[]) => Tensor, xs: Tensor[], variables: readonly Tensor[], dy: Tensor): Tensor[] {
  const { state } = engine();
  const outer = state.activeTape;
  try {
    const wanted = [...xs, ...variables];
    const { value, grads } = engine().gradients(() => run(xs), wanted, dy, true);
    value.dispose();
    return wanted.map((x, i) => (grads as (Tensor | undefined)[])[i] ?? zerosLike(x));
  } finally {
    state.activeTape = outer;
  }
}
