/**
 * The rows nearest to one query, out of ranks that come block by block and are slightly off: all rows that can be among
 * the k nearest in truth.
 */
export class Shortlist {
  /** The k smallest ranks so far, in order. */
  private readonly best: Float64Array;
  private ranks: number[] = [];
  private rows: number[] = [];

  /** @param slack how much above the k-th smallest rank a row is still of interest */
  constructor(
    k: number,
    private readonly slack: (limit: number) => number,
  ) {
    this.best = new Float64Array(k).fill(Infinity);
  }

  /** Takes the ranks of rows that follow each other, the first of which is `firstRow`. */
  add(ranks: Float32Array, firstRow: number): void {
    let limit = this.limit();
    for (let i = 0; i < ranks.length; i++) {
      const rank = ranks[i]!;
      if (!(rank <= limit)) continue;
      this.ranks.push(rank);
      this.rows.push(firstRow + i);
      if (rank < this.best[this.best.length - 1]!) {
        this.insert(rank);
        limit = this.limit();
      }
    }
    this.prune(limit);
  }

  /** The rows, in ascending order. */
  candidates(): readonly number[] {
    return this.rows;
  }

  private limit(): number {
    const largest = this.best[this.best.length - 1]!;
    return largest + (largest === Infinity ? 0 : this.slack(largest));
  }

  private insert(rank: number): void {
    const { best } = this;
    let i = best.length - 1;
    for (; i > 0 && best[i - 1]! > rank; i--) best[i] = best[i - 1]!;
    best[i] = rank;
  }

  private prune(limit: number): void {
    const kept = this.ranks.map((rank) => rank <= limit);
    this.rows = this.rows.filter((_, i) => kept[i]);
    this.ranks = this.ranks.filter((_, i) => kept[i]);
  }
}
