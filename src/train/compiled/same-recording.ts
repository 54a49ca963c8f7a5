/** Whether two steps did the same: only then a third will. */
import { listsAlike, recordsAlike, sameAttributes, sameBits } from './alike.js';
import { nameOf } from './recorder.js';
import type { Call, Origin, Recording, ShapedValue, Value } from './recording.js';

/** What of the second recording is not as in the first; undefined where they are alike. */
export function differenceOf(a: Recording, b: Recording): string | undefined {
  if (a.calls.length !== b.calls.length) return `one step made ${a.calls.length} kernel calls, the next ${b.calls.length}`;
  for (const [i, call] of a.calls.entries()) {
    const other = b.calls[i]!;
    if (nameOf(call) !== nameOf(other)) return `a step called ${nameOf(call)} where the next called ${nameOf(other)}`;
    if (!sameCall(call, other)) return `${nameOf(call)} is not called alike in two steps that follow each other`;
  }
  if (a.renewals.length !== b.renewals.length) return 'the steps do not draw or count alike';
  if (!listsAlike(a.outputs, b.outputs, sameShaped)) return 'the steps do not give the same results';
  const assigned = [...b.assigned];
  if (!listsAlike([...a.assigned], assigned, ([v, x], [w, y]) => v === w && sameValue(x, y)))
    return 'the steps do not change the same variables';
  return undefined;
}

function sameCall(a: Call, b: Call): boolean {
  if ('op' in a && 'op' in b) {
    if (a.op !== b.op || a.renewal !== b.renewal) return false;
    if (a.renewal === undefined && !sameAttributes(a.geometry, b.geometry)) return false;
    return recordsAlike(a.reads, b.reads, sameOptional) && recordsAlike(a.writes, b.writes, sameValue);
  }
  if ('op' in a || 'op' in b) return false;
  return (
    sameAttributes(a.attrs, b.attrs) &&
    recordsAlike(a.inputs, b.inputs, sameShaped) &&
    listsAlike(a.outputs, b.outputs, sameShaped)
  );
}

const sameOptional = (a: Value | undefined, b: Value | undefined): boolean => (a && b ? sameValue(a, b) : a === b);

function sameValue(a: Value, b: Value): boolean {
  return a.id === b.id && a.length === b.length && a.dtype === b.dtype && sameOrigin(a.origin, b.origin);
}

function sameOrigin(a: Origin, b: Origin): boolean {
  if (a.from === 'input' && b.from === 'input') return a.index === b.index;
  if (a.from === 'variable' && b.from === 'variable') return a.variable === b.variable;
  if (a.from === 'outside' && b.from === 'outside') return a.tensor.dataId === b.tensor.dataId;
  if (a.from === 'constant' && b.from === 'constant') return sameBits(a.values, b.values);
  return a.from === 'call' && b.from === 'call';
}

function sameShaped(a: ShapedValue, b: ShapedValue): boolean {
  return sameValue(a.value, b.value) && a.dtype === b.dtype && sameAttributes(a.shape, b.shape);
}
