/** What somebody may have meant who misspelt a name. */

/** Names that are listed at most. */
const LISTED = 6;

/** Letters that must be changed, put in or left out to get from one word to the other. Source: Levenshtein (1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The names that are most like a word, the likest first; those that begin with it count as near. */
export function nearNames(word: string, names: readonly string[]): string[] {
  const wanted = word.toLowerCase();
  const ranked = [...new Set(names)].map((name) => {
    const lower = name.toLowerCase();
    return { name, rank: wanted !== '' && lower.startsWith(wanted) ? 1 : distance(wanted, lower) };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, LISTED)
    .map(({ name }) => name);
}
