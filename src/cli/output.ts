/**
 * Where a command writes. With --json the results' object is the only thing on stdout, so that programs
 * can read it; words for people go to stderr then.
 */
export class Output {
  constructor(private readonly json: boolean) {}

  /** A line for people. */
  say(line: string): void {
    (this.json ? process.stderr : process.stdout).write(`${line}\n`);
  }

  /** The results, for programs; the last thing a command prints. */
  result(result: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

/** 0.98765 becomes '98.77 %'. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
