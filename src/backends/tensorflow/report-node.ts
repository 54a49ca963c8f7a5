/** What tfjs's `tensorflow` backend runs on here, as `tfjs-cnn doctor` tells it. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Installed } from './install/install-node.js';
import { readInstalled } from './install/install-node.js';
import { loadedFile, type NativeAddon, nativeAddon } from './native.js';

/** One TensorFlow and what it can compute on. */
export interface TensorflowReport {
  readonly version: string;
  /** Folder of its libraries. */
  readonly folder: string | null;
  /** By TensorFlow's names, CPU:0 say. */
  readonly devices: readonly string[];
  /** NVIDIA's GPUs that the machine has, each with its driver and memory. */
  readonly gpus: readonly string[];
  /** CUDA's libraries that came with it. */
  readonly cuda: Installed['cuda'] | null;
  /** Native ops; null where none are built. */
  readonly native: Pick<NativeAddon, 'ops' | 'cuda' | 'gpu'> | null;
}

/** As far as a report reads it. */
interface Backend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** @param backend the running `tensorflow` backend */
export function tensorflowReport(backend: object): TensorflowReport {
  const { isUsingGpuDevice, binding } = backend as Backend;
  const library = loadedFile(fs, /\/libtensorflow(_cc)?\.so[.\d]*$/);
  const own = loadedFile(fs, /\/tfjs_binding\.node$/);
  const installed = own && readInstalled({ marker: join(dirname(own), '../../tfjs-cnn.json') });
  const addon = nativeAddon();
  return {
    version: binding.TF_Version,
    folder: library ? dirname(library) : null,
    devices: addon?.devices().map((name) => name.replace(/^.*device:/, '')) ?? [isUsingGpuDevice ? 'GPU:0' : 'CPU:0'],
    gpus: nvidiaGpus(),
    cuda: (installed || undefined)?.cuda ?? null,
    native: addon ? { ops: addon.ops, cuda: addon.cuda, gpu: addon.gpu } : null,
  };
}

function nvidiaGpus(): string[] {
  const asked = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', asked, { env: process.env, encoding: 'utf8' });
  return status === 0 ? stdout.trim().split('\n').filter(Boolean) : [];
}

/** The same for people, a line a matter; what is missing with how to get it. */
export function tensorflowNotes({ version, folder, devices, gpus, cuda, native }: TensorflowReport): string[] {
  const onGpu = devices.some((name) => name.startsWith('GPU'));
  const install = 'npx tfjs-cnn tensorflow install';
  const notes = [`TensorFlow ${version}${folder ? ` in ${folder}` : ''}`, `computes on ${devices.join(', ')}`];
  if (cuda) notes.push(`CUDA ${cuda.runtime ?? 'of unknown version'}, cuDNN ${cuda.cudnn ?? 'of unknown version'}`);
  if (gpus.length > 0) notes.push(`GPUs: ${gpus.join('; ')}${onGpu || cuda ? '' : `; to compute on them: ${install} --gpu`}`);
  else notes.push('no GPU of NVIDIA (nvidia-smi tells of none)');
  if (!native) notes.push(`no native ops, compositions run in their place; ${install} builds them`);
  else if (native.cuda === null) notes.push(`${native.ops.length} native ops, for CPUs`);
  else if (native.gpu) notes.push(`${native.ops.length} native ops, for CPUs and GPUs (CUDA ${native.cuda})`);
  else
    notes.push(
      `${native.ops.length} native ops, for CPUs; for GPUs they were compiled with CUDA ${native.cuda}, which no driver here runs`,
    );
  return notes;
}
