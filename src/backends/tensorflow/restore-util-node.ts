import util from 'node:util';

/** Checks that Node 23 took out of node:util, of which tfjs-node 4.22 still asks some. */
const checks: Record<string, (value: unknown) => boolean> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: Array.isArray,
};

/** Puts back what tfjs-node needs of an older Node; to be called before it is imported. Where nothing is missing nothing changes. */
export function restoreUtil(): void {
  const exported = util as unknown as Record<string, unknown>;
  for (const [name, check] of Object.entries(checks)) exported[name] ??= check;
}
