/** Others on the same machine, each in a process of its own: what is not installed is named and left out. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { nets } from './nets.js';

/** What a peer prints as JSON: milliseconds by what was measured. */
type Result = Record<string, number>;

/** The package's folder. */
const root = dirname(createRequire(import.meta.url).resolve('tfjs-cnn/package.json'));

const TFJS_NODE = join(root, 'build/tfjs-node/node_modules/@tensorflow/tfjs-node');

interface Peer {
  name: string;
  /** The last argument, 'kernels' or a net's name, is added. */
  command: string[];
  /** Why it cannot run, if so. */
  missing(): string | undefined;
  /** Has kernels only. */
  withoutNets?: boolean;
}

const python = [join(root, 'build/python/bin/python'), 'python3'].find((path) => !path.includes('/') || existsSync(path))!;

const all: Peer[] = [
  { name: 'wasm-cnn', command: [process.execPath, join(root, 'dist/bench/here.js'), 'wasm-cnn'], missing: () => undefined },
  {
    name: 'stock tfjs-node on TensorFlow',
    command: [process.execPath, join(root, 'dist/bench/here.js'), TFJS_NODE],
    missing: () => (existsSync(TFJS_NODE) ? undefined : 'build it by node scripts/build-tfjs-node.mjs'),
  },
  { name: 'PyTorch CPU', command: [python, join(root, 'bench/peers/torch_steps.py')], missing: () => undefined },
  {
    name: 'onnxruntime-web',
    command: [process.execPath, join(root, 'bench/peers/onnx.mjs')],
    missing: () => undefined,
    withoutNets: true,
  },
];

/** A Markdown table of all peers that run. */
export async function peers(): Promise<string> {
  const results = new Map<string, Result>();
  const notes: string[] = [];
  for (const { name, missing } of all) {
    const why = missing();
    if (why) notes.push(`${name}: left out; ${why}`);
  }
  // Part after part, so that what is compared runs within the same minute.
  for (const part of ['kernels', ...Object.keys(nets)]) {
    for (const { name, command, missing, withoutNets } of all) {
      if (missing() || (withoutNets && part !== 'kernels')) continue;
      try {
        const { stdout } = await promisify(execFile)(command[0]!, [...command.slice(1), part], { cwd: root, timeout: 600_000 });
        const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as Result;
        results.set(name, { ...results.get(name), ...result });
      } catch (error) {
        const { stderr = '', message } = error as { stderr?: string; message: string };
        notes.push(`${name}, ${part}: left out; ${stderr.trim().split('\n').at(-1) || message}`);
      }
    }
  }
  const names = [...new Set([...results.values()].flatMap((result) => Object.keys(result)))];
  const table = [
    '### Beside others on this machine (median ms)',
    '',
    `| | ${[...results.keys()].join(' | ')} |`,
    `|---|${'---|'.repeat(results.size)}`,
    ...names.map(
      (name) =>
        `| ${name} | ${[...results.values()].map((result) => (name in result ? result[name]!.toPrecision(3) : '')).join(' | ')} |`,
    ),
  ];
  return [...table, '', ...notes].join('\n');
}
