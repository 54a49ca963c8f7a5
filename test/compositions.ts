import { hostOf, ops } from '../src/op-kernels.js';

/** Parts of all ops, as 'CnnMaxout dx', for which a backend has no kernel: it runs them as compositions of tfjs ops. */
export function composedParts(backendName: string): string[] {
  const { has = () => true } = hostOf(backendName) ?? { has: () => false };
  return [...ops.values()].flatMap((op) =>
    Object.keys(op.parts)
      .filter((part) => !has(op, part))
      .map((part) => `${op.name} ${part}`),
  );
}
