/** A large file of weights: the time and the memory that reading it takes, beside Python's own readers. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { saveWeights } from 'tfjs-cnn/weights/node';
import { timing } from './measure.js';
import { type Row, row } from './table.js';

const root = dirname(createRequire(import.meta.url).resolve('tfjs-cnn/package.json'));
const PYTHON_PACKAGES = join(root, 'build/python');
const SCRIPT = join(root, 'bench/peers/read_weights.py');

/** 100 arrays of 5 MB: 500 MB. */
const ARRAYS = 100;
const SHAPE = [1280, 1024];
const RUNS = 3;

interface Reader {
  readonly name: string;
  /** The path is added. */
  readonly command: readonly [string, ...string[]];
}

const ours: Reader = { name: 'tfjs-cnn', command: [process.execPath, join(root, 'dist/bench/read-file.js')] };
const peer = (name: string, how: string): Reader => ({ name, command: ['python3', SCRIPT, how] });

const files: readonly { readonly name: string; readonly what: string; readonly peers: readonly Reader[] }[] = [
  {
    name: 'large.safetensors',
    what: 'safetensors',
    peers: [peer("safetensors' own reader, which maps the file and reads what is looked at", 'safetensors')],
  },
  { name: 'large.pt', what: "PyTorch's checkpoint", peers: [peer('torch.load', 'torch')] },
  { name: 'large.weights.h5', what: "Keras 3's weights", peers: [peer('model.load_weights of Keras', 'keras')] },
];

export async function reading(peers: boolean): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tfjs-cnn-bench-'));
  try {
    const rows: Row[] = [];
    const withPython = peers && existsSync(join(PYTHON_PACKAGES, 'ready'));
    for (const { name, what, peers: others } of files) {
      const path = join(folder, name);
      if (!(await made(path, withPython))) continue;
      const { size } = await stat(path);
      const readers = withPython ? [ours, ...others] : [ours];
      const timings = [];
      for (const reader of readers) timings.push(await measured(reader, path));
      rows.push(row(`${what}, ${megabytes(size)} MB`, timings));
      await rm(path);
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** False where there is nobody to write it: Keras's file is to be Keras's own. */
async function made(path: string, withPython: boolean): Promise<boolean> {
  if (path.endsWith('.h5')) {
    if (withPython) await run(peer('', 'write-keras'), path);
    return withPython;
  }
  // One block of numbers under all names: what is in the file makes no difference.
  const data = Float32Array.from({ length: SHAPE[0]! * SHAPE[1]! }, (_, i) => Math.sin(i));
  const arrays = Object.fromEntries(Array.from({ length: ARRAYS }, (_, i) => [`layer${i}.weight`, { shape: SHAPE, data }]));
  await saveWeights(path, arrays);
  return true;
}

async function measured(reader: Reader, path: string) {
  const runs: number[] = [];
  let most = 0;
  for (let i = 0; i < RUNS; i++) {
    const { milliseconds, bytes } = await run(reader, path);
    runs.push(milliseconds);
    most = Math.max(most, bytes);
  }
  return timing(`${reader.name}: ${megabytes(most)} MB more at the peak`, runs);
}

async function run({ command: [program, ...args] }: Reader, path: string): Promise<{ milliseconds: number; bytes: number }> {
  const env = { ...process.env, PYTHONPATH: PYTHON_PACKAGES, KERAS_BACKEND: 'jax' };
  const { stdout } = await promisify(execFile)(program, [...args, path], { env, cwd: root });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
