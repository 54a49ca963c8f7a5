/**
 * In which order a step's calls run: those whose results nobody needs do not, and a call that frees at least as much memory as
 * it takes runs as early as it can. So a gradient is let go when its weight is updated, not at the end of the backward pass, and
 * an activation when the filter's gradient is made, before the input's is. What came behind the first result, the loss, stays behind
 * it: where the loss is no number, nothing has been updated yet.
 */
import { type Call, type Recording, readsOf, type Value, writesOf } from './recording.js';

/** Values that are there when the step is over. */
export function lastingValues({ outputs, assigned }: Recording): Set<Value> {
  return new Set([...outputs.map(({ value }) => value), ...assigned.values()]);
}

/** The calls that are needed, in their new order. */
export function ordered(recording: Recording): Call[] {
  const lasting = lastingValues(recording);
  const calls = needed(recording.calls, lasting);
  const readers = new Map<Value, number[]>();
  calls.forEach((call, i) => {
    for (const value of readsOf(call)) readers.set(value, [...(readers.get(value) ?? []), i]);
  });
  const readyAfter = new Map<Value, number>();
  const judged = calls.findIndex((call) => writesOf(call).includes(recording.outputs[0]!.value));
  // A call stands behind the one whose number is its anchor: its own, or that of an earlier one.
  const anchors: number[] = [];
  calls.forEach((call, i) => {
    const reads = readsOf(call);
    const ready = Math.max(-1, ...reads.map((value) => readyAfter.get(value) ?? -1));
    const dying = reads
      .filter((value) => readers.get(value)!.at(-1) === i && !lasting.has(value))
      .map((value) => {
        const others = readers.get(value)!.filter((reader) => reader !== i);
        return { value, free: Math.max(-1, ...others.map((reader) => anchors[reader]!)) };
      });
    const early = earliest(call, ready, dying) ?? i;
    const anchor = i > judged ? Math.max(early, judged) : early;
    anchors.push(anchor);
    for (const { value, free } of dying) {
      // It lives on until its last reader of the others has run.
      if (free > anchor) readers.set(value, [...readers.get(value)!.filter((reader) => reader !== i)]);
    }
    for (const value of writesOf(call)) readyAfter.set(value, anchor);
  });
  return calls
    .map((call, i) => ({ call, i, anchor: anchors[i]! }))
    .sort((a, b) => a.anchor - b.anchor || a.i - b.i)
    .map(({ call }) => call);
}

function needed(calls: readonly Call[], lasting: ReadonlySet<Value>): Call[] {
  const wanted = new Set(lasting);
  const kept: Call[] = [];
  for (const call of [...calls].reverse()) {
    if (!writesOf(call).some((value) => wanted.has(value))) continue;
    for (const value of readsOf(call)) wanted.add(value);
    kept.push(call);
  }
  return kept.reverse();
}

/** The value that an output of a call replaces, which its memory may then be. */
export function replacedBy(call: Call, output: string): Value | undefined {
  if (!('op' in call)) return undefined;
  const input = call.op.parts[call.part]!.updates?.[output];
  return input === undefined ? undefined : call.reads[input];
}

/** The anchor as of which the call frees as much as it takes; undefined where there is none. */
function earliest(call: Call, ready: number, dying: readonly { value: Value; free: number }[]): number | undefined {
  let anchor = ready;
  let taken = 0;
  for (const value of writesOf(call)) taken += value.bytes;
  if ('op' in call) {
    for (const [output, value] of Object.entries(call.writes)) {
      const replaced = replacedBy(call, output);
      const death = dying.find((one) => one.value === replaced);
      if (!death) continue;
      anchor = Math.max(anchor, death.free);
      taken -= value.bytes;
    }
  }
  // Variables keep their memory.
  const freed = dying.filter(({ value }) => value.origin.from === 'call').sort((a, b) => a.free - b.free);
  for (const { value, free } of freed) {
    if (taken <= 0) break;
    taken -= value.bytes;
    anchor = Math.max(anchor, free);
  }
  return taken <= 0 ? anchor : undefined;
}
