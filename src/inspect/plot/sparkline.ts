const BARS = '\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588';

/** Numbers as bars in a line of text, from the smallest to the largest; what is no finite number is a blank, equal ones are low. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      return BARS[range === 0 ? 0 : Math.round(((value - low) / range) * (BARS.length - 1))];
    })
    .join('');
}

/** A long row of numbers in a bounded number of means: whenever there are too many, each two become one. */
export class Means {
  private means: number[] = [];
  /** Numbers behind each of them. */
  private stretch = 1;
  private open = { sum: 0, count: 0 };

  /** @param length there are fewer than these; a multiple of 2 */
  constructor(private readonly length: number) {}

  add(value: number): void {
    const { open } = this;
    open.sum += value;
    open.count++;
    if (open.count < this.stretch) return;
    this.means.push(open.sum / open.count);
    this.open = { sum: 0, count: 0 };
    if (this.means.length < this.length) return;
    this.means = this.means.flatMap((mean, i, all) => (i % 2 === 1 ? [(mean + all[i - 1]!) / 2] : []));
    this.stretch *= 2;
  }

  /** In order. */
  get values(): readonly number[] {
    return this.means;
  }
}
