/** Numbers of a packed field of varints, of which the last byte alone has its highest bit clear. */
export function countVarints(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte < 128) count++;
  return count;
}

/**
 * Puts a packed field's numbers one after the other, as little-endian integers.
 * @param itemSize bytes of each, 1 to 8; what is above is cut off, as of negative numbers
 * @param at       where the first one begins in `target`
 * @returns where the next one would begin
 */
export function unpackVarints(bytes: Uint8Array, itemSize: number, target: Uint8Array, at: number): number {
  let [low, high, shift, to] = [0, 0, 0, at];
  for (const byte of bytes) {
    const seven = byte & 127;
    if (shift < 32) low |= seven << shift;
    if (shift > 31) high |= seven << (shift - 32);
    else if (shift > 24) high |= seven >> (32 - shift);
    shift += 7;
    if (byte >= 128) continue;
    for (let i = 0; i < itemSize; i++) target[to++] = i < 4 ? low >>> (8 * i) : high >>> (8 * (i - 4));
    [low, high, shift] = [0, 0, 0];
  }
  return to;
}
