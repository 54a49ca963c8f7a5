/** Whether data are alike. */

/** Geometries and attributes are plain data. */
export function sameAttributes(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return (
    Array.isArray(a) === Array.isArray(b) &&
    recordsAlike(a as Record<string, unknown>, b as Record<string, unknown>, sameAttributes)
  );
}

/** Whether two arrays hold the same bytes. */
export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const words = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);
  const [x, y] = [words(a), words(b)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}

export function recordsAlike<T>(a: Record<string, T>, b: Record<string, T>, alike: (x: T, y: T) => boolean): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && alike(a[key]!, b[key]!));
}

export function listsAlike<T>(a: readonly T[], b: readonly T[], alike: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => alike(x, b[i]!));
}
