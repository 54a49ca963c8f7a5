/** Messages as Protocol Buffers has them, by hand: [field's number, value], of which texts, bytes and messages have a length. */
export type Message = readonly (readonly [id: number, value: number | string | Uint8Array | Message])[];

export function encoded(message: Message): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number) => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    bytes.push(rest);
  };
  for (const [id, value] of message) {
    if (typeof value === 'number') {
      varint(id * 8);
      varint(value);
      continue;
    }
    const own =
      value instanceof Uint8Array ? value : typeof value === 'string' ? new TextEncoder().encode(value) : encoded(value);
    varint(id * 8 + 2);
    varint(own.length);
    for (const byte of own) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Float32 as bytes. */
export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
