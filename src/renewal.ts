/**
 * Attributes of kernels that are others at each training step: an optimizer's learning rate, the seed of a dropout's mask.
 * Whoever records a step and plays it again asks for them anew; a step that is run makes them once and knows nothing of this.
 */
const makers = new WeakMap<object, () => object>();

/** make(), which a step that is played again calls again, once each time and in the order of the first. */
export function renewable<Geometry extends object>(make: () => Geometry): Geometry {
  const geometry = make();
  makers.set(geometry, make);
  return geometry;
}

/** What makes a geometry anew; undefined where it is the same at every step. */
export function renewalOf<Geometry extends object>(geometry: Geometry): (() => Geometry) | undefined {
  return makers.get(geometry) as (() => Geometry) | undefined;
}
