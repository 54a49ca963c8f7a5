import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { ArgumentError, GeometryError } from '../../geometry.js';

/**
 * Slots from a file, by the variables they belong to.
 *
 * @param find the variable of a weight's name; throws where there is none
 * @throws ArgumentError for a name that is no weight's slot, or a slot that is missing; GeometryError for another shape
 */
export function placedSlots(
  where: string,
  tensors: Readonly<Record<string, Tensor>>,
  slotNames: readonly string[],
  find: (name: string) => Variable,
): Map<Variable, Record<string, Tensor>> {
  const placed = new Map<Variable, Record<string, Tensor>>();
  for (const [key, tensor] of Object.entries(tensors)) {
    const cut = key.lastIndexOf('/');
    const slot = key.slice(cut + 1);
    if (!slotNames.includes(slot)) {
      const known = slotNames.length === 0 ? 'this optimizer keeps no slots' : `slots are ${slotNames.join(', ')}`;
      throw new ArgumentError(`${where}: '${key}' is no slot of this optimizer; ${known}`);
    }
    const variable = find(key.slice(0, cut));
    if (String(tensor.shape) !== String(variable.shape) || tensor.dtype !== 'float32') {
      const expected = `float32 [${variable.shape}] as its weight`;
      throw new GeometryError(`${where}: the slot '${key}' is ${tensor.dtype} [${tensor.shape}], expected ${expected}`);
    }
    const slots = placed.get(variable) ?? {};
    placed.set(variable, slots);
    slots[slot] = tensor;
  }
  for (const [{ name }, slots] of placed) {
    const missing = slotNames.find((slot) => !slots[slot]);
    if (missing) throw new ArgumentError(`${where}: of '${name}' there is no slot '${missing}' among those to be loaded`);
  }
  return placed;
}
