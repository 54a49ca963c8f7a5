/** Which values of a step lie in the same buffer, one after the other. */
import { type BufferKind, type Recording, touchedBy, type Value } from './recording.js';

export interface Placement {
  /** Buffers that the step needs for what it makes. */
  readonly buffers: readonly BufferKind[];
  /** The place among them of each value that the step makes. */
  readonly places: ReadonlyMap<Value, number>;
}

/** A buffer is free again once the last command that touches its value is told: the GPU does one after the other. */
export function placementOf({ origins, commands, outputs, assigned }: Recording): Placement {
  const last = new Map<Value, number>();
  commands.forEach((command, i) => {
    for (const value of touchedBy(command)) last.set(value, i);
  });
  for (const value of [...outputs.map((output) => output.value), ...assigned.values()]) last.set(value, commands.length);
  const buffers: BufferKind[] = [];
  const places = new Map<Value, number>();
  const free = new Map<string, number[]>();
  const keyOf = ({ size, usage }: BufferKind) => `${size} ${usage}`;
  commands.forEach((command, i) => {
    const touched = new Set(touchedBy(command));
    for (const value of touched) {
      const origin = origins[value]!;
      if (origin.from !== 'step' || places.has(value)) continue;
      const place = free.get(keyOf(origin))?.pop() ?? buffers.push(origin) - 1;
      places.set(value, place);
    }
    for (const value of touched) {
      const origin = origins[value]!;
      if (origin.from !== 'step' || last.get(value) !== i) continue;
      const key = keyOf(origin);
      const alike = free.get(key);
      if (alike) alike.push(places.get(value)!);
      else free.set(key, [places.get(value)!]);
    }
  });
  return { buffers, places };
}
