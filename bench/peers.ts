/** Others on the same machine, each in a process of its own; they take turns. What is not installed is named and left out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { timing } from './measure.js';
import { nets } from './nets.js';
import { type Row, row, toMarkdown } from './table.js';
import { root, TFJS_NODE, withoutTfjsNode } from './tfjs-node.js';

const PYTHON = join(root, 'build/python');

/** Rounds that count, and those before: engines compile, libraries choose. */
const ROUNDS = 15;
const WARM_UP = 5;

interface Peer {
  name: string;
  /** The last argument, 'kernels' or a net's name, is added. */
  command: string[];
  /** Why it cannot run, if so. */
  missing?: () => string | undefined;
  /** Has kernels only. */
  withoutNets?: boolean;
}

const ACCELERATED = 'accelerated tfjs-node';

const here = join(root, 'dist/bench/here.js');
const all: Peer[] = [
  { name: 'wasm-cnn', command: [process.execPath, here, 'wasm-cnn'] },
  { name: ACCELERATED, command: [process.execPath, here, TFJS_NODE, 'accelerated'], missing: withoutTfjsNode },
  { name: 'stock tfjs-node on the same TensorFlow', command: [process.execPath, here, TFJS_NODE], missing: withoutTfjsNode },
  { name: 'PyTorch CPU', command: ['python3', join(root, 'bench/peers/torch_steps.py')] },
  { name: 'onnxruntime-web', command: [process.execPath, join(root, 'bench/peers/onnx.mjs')], withoutNets: true },
];

/** A peer's process: what it can run, and one run of it. */
class Running {
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  private constructor(private readonly process: ChildProcess) {
    this.lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
    process.stderr!.on('data', (text: Buffer) => (this.errors += text));
    process.stdin!.on('error', () => undefined);
  }

  static async start(command: readonly string[]): Promise<[Running, string[]]> {
    const env = { ...process.env, ...(existsSync(PYTHON) && { PYTHONPATH: PYTHON }) };
    const running = new Running(spawn(command[0]!, command.slice(1), { cwd: root, env, stdio: 'pipe' }));
    return [running, JSON.parse(await running.line()) as string[]];
  }

  /** Milliseconds of one run. */
  async run(index: number): Promise<number> {
    this.process.stdin!.write(`${index}\n`);
    return Number(await this.line());
  }

  stop(): void {
    this.process.kill();
  }

  private async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(this.errors.trim().split('\n').at(-1) || 'it ended');
    return value;
  }
}

/** Markdown tables of all peers that run. */
export async function peers(): Promise<string> {
  const notes = new Set<string>();
  const rows: Row[] = [];
  for (const part of ['kernels', ...Object.keys(nets)]) rows.push(...(await rowsOf(part, notes)));
  return [toMarkdown('Beside others on this machine', rows), '', ...notes].join('\n');
}

async function rowsOf(part: string, notes: Set<string>): Promise<Row[]> {
  const started: { name: string; peer: Running; items: string[] }[] = [];
  for (const { name, command, missing, withoutNets } of all) {
    if (withoutNets && part !== 'kernels') continue;
    const why = missing?.();
    if (why) notes.add(`${name}: left out; ${why}`);
    if (why) continue;
    try {
      const [peer, items] = await Running.start([...command, part]);
      started.push({ name, peer, items });
    } catch (error) {
      notes.add(`${name}, ${part}: left out; ${(error as Error).message}`);
    }
  }
  const rows: Row[] = [];
  for (const item of started[0]?.items ?? []) {
    const able = started.filter(({ items }) => items.includes(item));
    const runs = able.map((): number[] => []);
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const [i, { peer, items }] of able.entries()) {
        const ms = await peer.run(items.indexOf(item));
        if (round >= 0) runs[i]!.push(ms);
      }
    }
    const timings = able.map(({ name }, i) => timing(name, runs[i]!));
    rows.push(row(item, timings));
    // Ours on TensorFlow beside what else runs on it, or is like it.
    const accelerated = able.findIndex(({ name }) => name === ACCELERATED);
    if (accelerated > 0) rows.push(row(`${item}, on TensorFlow`, timings.slice(accelerated)));
  }
  for (const { peer } of started) peer.stop();
  return rows;
}
