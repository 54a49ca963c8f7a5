/** Whether two steps told the GPU the same: only then a third will. */
import { listsAlike, sameAttributes, sameBits } from '../alike.js';
import { type Command, type KernelCall, type Origin, type Output, type Recording, touchedBy } from './recording.js';

/** What of the second recording is not as in the first; undefined where they are alike. */
export function differenceOf(a: Recording, b: Recording): string | undefined {
  if (a.commands.length !== b.commands.length) {
    return `one step told the GPU ${a.commands.length} commands, the next ${b.commands.length}`;
  }
  // Uniforms of kernels whose attributes are made anew are others, and made anew, too.
  const anew = new Set(a.kernels.flatMap(({ dispatches }) => dispatches));
  for (const [i, command] of a.commands.entries()) {
    const other = b.commands[i]!;
    const fixed = touchedBy(command).slice(0, anew.has(i) ? -1 : undefined);
    const origins = fixed.every((value) => sameOrigin(a.origins[value]!, b.origins[value]));
    if (!origins || !sameCommand(command, other)) return 'one tells the GPU something else than the next';
  }
  if (a.renewals.length !== b.renewals.length) return 'the steps do not draw or count alike';
  if (!listsAlike(a.kernels, b.kernels, sameKernel)) return 'kernels are not called alike in two steps that follow each other';
  if (!listsAlike(a.outputs, b.outputs, sameOutput)) return 'the steps do not give the same results';
  if (!listsAlike([...a.assigned], [...b.assigned], ([v, x], [w, y]) => v === w && x === y))
    return 'the steps do not change the same variables';
  return undefined;
}

function sameCommand(a: Command, b: Command): boolean {
  if (!sameAttributes(touchedBy(a), touchedBy(b))) return false;
  if ('bound' in a && 'bound' in b) return a.pipeline === b.pipeline && sameAttributes(a.groups, b.groups);
  return 'size' in a && 'size' in b && a.size === b.size;
}

function sameKernel(a: KernelCall, b: KernelCall): boolean {
  if (a.name !== b.name || !sameAttributes(a.inputs, b.inputs) || !sameAttributes(a.renewals, b.renewals)) return false;
  return a.renewals.every((renewal, i) => renewal !== undefined || sameAttributes(a.geometries[i], b.geometries[i]));
}

function sameOrigin(a: Origin, b: Origin | undefined): boolean {
  if (a.from === 'input' && b?.from === 'input') return a.index === b.index;
  if (a.from === 'variable' && b?.from === 'variable') return a.variable === b.variable;
  if (a.from === 'outside' && b?.from === 'outside') return a.buffer === b.buffer && a.dataId === b.dataId;
  if (a.from === 'constant' && b?.from === 'constant') return a.usage === b.usage && sameBits(a.bytes, b.bytes);
  return a.from === 'step' && b?.from === 'step' && a.size === b.size && a.usage === b.usage;
}

function sameOutput(a: Output, b: Output): boolean {
  return a.value === b.value && a.dtype === b.dtype && sameAttributes(a.shape, b.shape);
}
