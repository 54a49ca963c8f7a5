/** Whether two steps asked the same of TensorFlow: only then a third will. */
import { listsAlike, sameAttributes, sameBits } from '../alike.js';
import type { Call, KernelCall, Origin, Recording, ShapedValue } from './recording.js';

/** What of the second recording is not as in the first; undefined where they are alike. */
export function differenceOf(a: Recording, b: Recording): string | undefined {
  if (a.calls.length !== b.calls.length) return `one step made ${a.calls.length} kernel calls, the next ${b.calls.length}`;
  for (const [i, call] of a.calls.entries()) {
    const other = b.calls[i]!;
    if (call.name !== other.name) return `a step called ${call.name} where the next called ${other.name}`;
    const origins = [...call.reads, ...call.writes].every((value) => sameOrigin(a.origins[value]!, b.origins[value]));
    if (!origins || !sameCall(call, other)) return `${call.name} is not called alike in two steps that follow each other`;
  }
  if (a.renewals.length !== b.renewals.length) return 'the steps do not draw or count alike';
  if (!listsAlike(a.outputs, b.outputs, sameShaped)) return 'the steps do not give the same results';
  if (!listsAlike([...a.assigned], [...b.assigned], ([v, x], [w, y]) => v === w && x === y))
    return 'the steps do not change the same variables';
  return undefined;
}

function sameCall(a: Call, b: Call): boolean {
  if (!sameAttributes(a.reads, b.reads) || !sameAttributes(a.writes, b.writes)) return false;
  if ('options' in a && 'options' in b) return sameAttributes(a.options, b.options);
  return 'geometries' in a && 'geometries' in b && sameKernel(a, b);
}

function sameKernel(a: KernelCall, b: KernelCall): boolean {
  const named = (x: KernelCall['inputs'][number], y: typeof x) => x.name === y.name && sameShaped(x, y);
  if (!sameAttributes(a.renewals, b.renewals) || !listsAlike(a.inputs, b.inputs, named)) return false;
  return a.renewals.every((renewal, i) => renewal !== undefined || sameAttributes(a.geometries[i], b.geometries[i]));
}

function sameOrigin(a: Origin, b: Origin | undefined): boolean {
  if (a.from === 'input' && b?.from === 'input') return a.index === b.index;
  if (a.from === 'variable' && b?.from === 'variable') return a.variable === b.variable;
  if (a.from === 'outside' && b?.from === 'outside') return a.handle === b.handle;
  if (a.from === 'constant' && b?.from === 'constant') {
    return a.type === b.type && sameAttributes(a.shape, b.shape) && sameBits(a.values, b.values);
  }
  return a.from === 'call' && b?.from === 'call';
}

function sameShaped(a: ShapedValue, b: ShapedValue): boolean {
  return a.value === b.value && a.dtype === b.dtype && sameAttributes(a.shape, b.shape);
}
