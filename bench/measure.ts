/** Paired measurement: what is compared runs in turn, so that a machine that slows down slows all of it. */

/** Something to measure. `run` does it once, to the end. */
export interface Contestant {
  name: string;
  run(): void | Promise<void>;
  /** Made ready before each run, not counted: the backend it needs, say. */
  before?(): void | Promise<void>;
  /** Runs in a row that count as one, their mean: as in training, where step follows step. Default 1. */
  repeat?: number;
}

/** Milliseconds of one contestant. */
export interface Timing {
  name: string;
  median: number;
  /** First and third quartile. */
  spread: [number, number];
  runs: number[];
}

export interface MeasureOptions {
  /** Rounds; in each every contestant runs once. */
  rounds?: number;
  /** Rounds before, not counted. */
  warmUp?: number;
}

/** Runs all in turn, round after round. */
export async function measure(
  contestants: readonly Contestant[],
  { rounds = 7, warmUp = 2 }: MeasureOptions = {},
): Promise<Timing[]> {
  const runs = contestants.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      await contestant.before?.();
      const repeat = contestant.repeat ?? 1;
      const start = performance.now();
      for (let run = 0; run < repeat; run++) await contestant.run();
      if (round >= 0) runs[i]!.push((performance.now() - start) / repeat);
    }
  }
  return contestants.map(({ name }, i) => timing(name, runs[i]!));
}

export function timing(name: string, runs: number[]): Timing {
  const sorted = [...runs].sort((a, b) => a - b);
  return { name, median: quantile(sorted, 0.5), spread: [quantile(sorted, 0.25), quantile(sorted, 0.75)], runs };
}

/** How many times faster a is than b, round by round: median and quartiles of the ratios. */
export function speedUp(a: Timing, b: Timing): { median: number; spread: [number, number] } {
  const ratios = a.runs.map((run, i) => b.runs[i]! / run).sort((x, y) => x - y);
  return { median: quantile(ratios, 0.5), spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low]! + (sorted[Math.ceil(at)]! - sorted[low]!) * (at - low);
}
