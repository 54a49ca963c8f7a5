/** What wrappers put before the names of a net's weights. */

/** DataParallel's, also of averaged models; and that of torch.compile, which stands wherever a part was compiled. */
const PARALLEL = 'module.';
const COMPILED = '_orig_mod.';
/** How many models were averaged: no weight, and the one name without the prefix. */
const AVERAGED = 'n_averaged';

/** Names as the net itself has them. */
export interface PlainNames {
  /** The plain name of each one; undefined for what is no weight. */
  plain(name: string): string | undefined;
  /** What was taken off, in its order. */
  readonly stripped: readonly string[];
}

/** @param names of all weights; where two would become one, all stay as they are */
export function plainNames(names: readonly string[]): PlainNames {
  const weights = names.filter((name) => name !== AVERAGED);
  const stripped: string[] = [];
  let now = weights;
  for (;;) {
    if (now.some((name) => name.includes(COMPILED))) {
      now = now.map((name) => name.replaceAll(COMPILED, ''));
      stripped.push(COMPILED);
    } else if (now.length > 0 && now.every((name) => name.startsWith(PARALLEL))) {
      now = now.map((name) => name.slice(PARALLEL.length));
      stripped.push(PARALLEL);
    } else break;
  }
  if (stripped.length === 0 || new Set(now).size < now.length) return { plain: (name) => name, stripped: [] };
  const byName = new Map(weights.map((name, i) => [name, now[i]!]));
  return { plain: (name) => byName.get(name), stripped };
}
