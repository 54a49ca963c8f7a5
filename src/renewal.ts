/**
 * What is another at each training step: attributes of kernels (an optimizer's learning rate, the seed of a dropout's mask) and
 * the counters behind them. Whoever records a step and plays it again asks for them anew, in the order of the first time; a
 * step that is run does all of it once and knows nothing of this.
 */

/** Is told while a step is recorded. */
export interface RenewalListener {
  renewed(geometry: object, make: () => object): void;
  repeated(effect: () => void): void;
}

let listener: RenewalListener | undefined;

/** make(), which a step that is played again calls again, once each time and in the order of the first. */
export function renewable<Geometry extends object>(make: () => Geometry): Geometry {
  const geometry = make();
  listener?.renewed(geometry, make);
  return geometry;
}

/** Runs effect(), which a step that is played again runs again: counting steps, drawing a seed. */
export function repeated(effect: () => void): void {
  effect();
  listener?.repeated(effect);
}

/** Tells `told` of all renewals while `work` runs. */
export function listeningToRenewals<T>(told: RenewalListener, work: () => T): T {
  const before = listener;
  listener = told;
  try {
    return work();
  } finally {
    listener = before;
  }
}
