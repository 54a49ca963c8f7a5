import { Keys } from './keys.js';
import type { PlainArray } from './plain-weights.js';

const ROLES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  gamma: 'weight',
  bias: 'bias',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** Keras's names and shapes as PyTorch would have them; the numbers stay where they are. */
export function torchView(keys: Keys): Keys {
  const arrays = [...keys.arrays].map(([name, array]): [string, PlainArray] => {
    const at = name.lastIndexOf('/');
    const role = ROLES[name.slice(at + 1)];
    if (at < 0 || !role) return [name, array];
    return [`${name.slice(0, at)}.${role}`, { ...array, shape: torchShape(array.shape) }];
  });
  return new Keys(new Map(arrays));
}

/** HWIO to OIHW, [in, out] to [out, in]. */
function torchShape(shape: readonly number[]): readonly number[] {
  const [a, b, c, d] = shape as [number, number, number, number];
  return shape.length === 4 ? [d, c, a, b] : shape.length === 2 ? [b, a] : shape;
}
