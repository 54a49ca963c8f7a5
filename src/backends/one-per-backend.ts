/**
 * What belongs to an instance of a tfjs backend, made when it is first asked for. tfjs makes its backends anew after a reset of the
 * engine; while one lives, kernels may be taken back and put in again.
 */
export function onePerBackend<Backend extends object, Owned>(make: (backend: Backend) => Owned): (backend: object) => Owned {
  const made = new WeakMap<object, Owned>();
  return (backend) => {
    let owned = made.get(backend);
    if (owned === undefined) {
      owned = make(backend as Backend);
      made.set(backend, owned);
    }
    return owned;
  };
}
