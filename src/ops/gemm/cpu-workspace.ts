const workspaces = new Map<string, Float64Array>();

/** At least `length` numbers, not cleared, kept for the next caller of that name: kernels do not nest. */
export function workspace(name: string, length: number): Float64Array {
  let values = workspaces.get(name);
  if (!values || values.length < length) {
    values = new Float64Array(length);
    workspaces.set(name, values);
  }
  return values;
}
