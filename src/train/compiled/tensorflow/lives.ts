/** Which calls of a step are needed, and how long each value is. */
import type { Call, Recording, Value } from './recording.js';

/** A call, and the values that nobody needs once it has run. */
export type PlannedCall = Call & { readonly spent: readonly Value[] };

export interface Lives {
  /** The calls that are needed. */
  readonly calls: readonly PlannedCall[];
  /** Whether each of those who get what lasts, first outputs, then variables, can have the step's own handle of it. */
  readonly takes: readonly ('own' | 'copy')[];
}

export function livesOf(recording: Recording): Lives {
  const { origins, outputs, assigned } = recording;
  const lasting = [...outputs.map(({ value }) => value), ...assigned.values()];
  const passes = (value: Value) => origins[value]!.from === 'call' || origins[value]!.from === 'input';
  const needed = new Set(lasting);
  const calls: PlannedCall[] = [];
  for (const call of [...recording.calls].reverse()) {
    if (!call.writes.some((value) => needed.has(value))) continue;
    // Seen from the end: who reads a value that nobody has asked for yet is the last to do so.
    const spent = new Set([...call.reads, ...call.writes].filter((value) => passes(value) && !needed.has(value)));
    for (const value of call.reads) needed.add(value);
    calls.push({ ...call, spent: [...spent] });
  }
  const taken = new Set<Value>();
  const takes = lasting.map((value) => {
    const own = passes(value) && !taken.has(value);
    taken.add(value);
    return own ? 'own' : 'copy';
  });
  return { calls: calls.reverse(), takes };
}
