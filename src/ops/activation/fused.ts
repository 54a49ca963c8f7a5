import { ArgumentError } from '../../geometry.js';

/**
 * Activations that a forward kernel applies to its own result. They are the ones whose derivative follows
 * from y alone, so that the value before the activation need not be kept.
 */
export type FusedActivation = 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'tanh';

/** y = act(x) for one number; NaN stays NaN. */
export const fusedActivation: Readonly<Record<FusedActivation, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  elu: (x) => (x < 0 ? Math.expm1(x) : x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: (x) => Math.tanh(x),
};

/** Replaces every element of y by its activation, or of rows that begin `pitch` apart the first `width`. */
export function applyFused(y: Float32Array | Float64Array, activation: FusedActivation, width = y.length, pitch = width): void {
  if (activation === 'linear') return;
  const f = fusedActivation[activation];
  for (let row = 0; row < y.length; row += pitch) {
    const end = row + width;
    if (activation === 'relu') {
      for (let i = row; i < end; i++) if (y[i]! < 0) y[i] = 0;
    } else {
      for (let i = row; i < end; i++) y[i] = f(y[i]!);
    }
  }
}

/** @throws ArgumentError where a forward kernel does not know the activation */
export function checkActivation(op: string, activation: string): void {
  if (!Object.hasOwn(fusedActivation, activation)) {
    throw new ArgumentError(
      `${op}: activation must be one of ${Object.keys(fusedActivation).join(', ')}, got '${activation}'; ` +
        'apply any other to the result',
    );
  }
}
