import { availableParallelism, cpus, totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { Command } from 'commander';
import { type TensorflowReport, tensorflowNotes, tensorflowReport } from '../../backends/tensorflow/report-node.js';
import { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import { cacheFolder, mnistFolderIn } from '../../data/find-mnist-node.js';
import { ops } from '../../op-kernels.js';
import { BACKENDS, type BackendInfo, useBackend } from '../backends.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';

interface BackendReport {
  readonly name: string;
  readonly works: boolean;
  /** What was found, or what is missing and how to get it. */
  readonly notes: readonly string[];
  /** Of the backend tensorflow. */
  readonly tensorflow?: TensorflowReport;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('what this machine offers: backends, threads, SIMD, data; what is missing and how to get it')
    .addOption(jsonOption())
    .action(doctor);
}

async function doctor({ json }: { json?: boolean }): Promise<void> {
  const output = new Output(json === true);
  const machine = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    tfjs: tf.version_core,
  };
  output.say(
    `machine   Node ${machine.node}, ${machine.platform}, ${machine.processors} x ${machine.processor}, ${machine.memoryGiB} GiB; tfjs ${machine.tfjs}`,
  );
  const backends: BackendReport[] = [];
  for (const info of BACKENDS) {
    const report = await examine(info);
    backends.push(report);
    output.say(`${report.works ? 'ok     ' : 'missing'}   ${report.name.padEnd(10)} ${info.description}`);
    for (const note of report.notes) output.say(`${' '.repeat(21)}${note}`);
  }
  const mnist = findLocalMnist();
  output.say(
    `${mnist ? 'ok     ' : 'missing'}   MNIST      ${mnist ?? 'train downloads it (11 MB) or draws digits; or name its folder in TFJS_CNN_DATA'}`,
  );
  output.result({ ...machine, backends, mnist: mnist ?? null });
}

async function examine(info: BackendInfo): Promise<BackendReport> {
  const { name } = info;
  try {
    await useBackend(name);
  } catch (error) {
    return { name, works: false, notes: [(error as Error).message] };
  }
  const notes = [kernelNote(name)];
  const backend = tf.backend();
  if (backend instanceof WasmCnnBackend) notes.push(...runtimeNotes(backend));
  if (name !== 'tensorflow') return { name, works: true, notes };
  const tensorflow = tensorflowReport(backend);
  return { name, works: true, notes: [...notes, ...tensorflowNotes(tensorflow)], tensorflow };
}

function kernelNote(backendName: string): string {
  const own = [...ops.keys()].filter((kernelName) => tf.getKernel(kernelName, backendName));
  return `hand-written kernels for ${own.length} of ${ops.size} ops${own.length < ops.size ? '; the others are composed of tfjs ops' : ''}`;
}

function runtimeNotes({ runtime }: WasmCnnBackend): string[] {
  const { simd, threads, complaints } = runtime;
  const notes = [
    `SIMD: ${simd === 'relaxed-simd' ? 'relaxed (fused multiply-add)' : '128 bit; a newer engine has relaxed SIMD, which is faster'}`,
  ];
  const idle = availableParallelism() - threads;
  notes.push(`threads: ${threads}${idle > 0 ? ` of ${availableParallelism()}` : ''}`);
  return [...notes, ...complaints];
}

function findLocalMnist(): string | undefined {
  const named = process.env['TFJS_CNN_DATA'];
  return (named && mnistFolderIn(named)) || mnistFolderIn(cacheFolder());
}
