import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { nonNegativeInteger, onlyKnown, positiveInteger, positiveNumber, refuse } from '../../checks.js';
import { type BackendCertificate, type Certificate, certificateOf } from './certificate.js';
import { type Reference, referenceTraining } from './reference.js';
import { type CertifyTask, recordTraining, type TrainingRecord } from './training-record.js';

/** Options of `certify`. */
export interface CertifyOptions {
  /** Names of backends that can be set, in order; default: the current one. */
  readonly backends?: readonly string[];
  /** Training steps; default 10. */
  readonly steps?: number;
  /** Pictures a step; default 4. */
  readonly batchSize?: number;
  /** Of Sgd with momentum 0.9; default 0.001. */
  readonly learningRate?: number;
  /** Of pictures and classes; default 1. */
  readonly seed?: number;
}

/** The task of a net and options. @throws ArgumentError where an option is none */
export function taskOf(build: () => LayersModel, options: Omit<CertifyOptions, 'backends'> = {}): CertifyTask {
  const { steps = 10, batchSize = 4, learningRate = 0.001, seed = 1 } = options;
  if (typeof build !== 'function')
    refuse('certify', 'build', 'a function that makes the net, () => leNet5({ seed: 1 }) say', build);
  return {
    build,
    steps: positiveInteger('certify', 'steps', steps),
    batchSize: positiveInteger('certify', 'batchSize', batchSize),
    learningRate: positiveNumber('certify', 'learningRate', learningRate),
    seed: nonNegativeInteger('certify', 'seed', seed),
  };
}

/** The certificate of trainings that have run, here or elsewhere. */
export function certificateOfAll(reference: Reference, records: readonly TrainingRecord[]): Certificate {
  const backends: BackendCertificate[] = records.map((record) => certificateOf(reference, record));
  const { exact, roundingKernels } = reference;
  return { passed: backends.every(({ passed }) => passed), steps: exact.losses.length, backends, roundingKernels };
}

/**
 * Trains the same steps from the same weights and pictures on several backends, and in float64, and says how far apart they are: the
 * parity certificate that `tfjs-cnn certify` prints. Bounds follow from the training itself: it is repeated in float64 with the roundings
 * of float32 put into every kernel. The reference is slow: take a small net or few pictures.
 *
 *     const certificate = await certify(() => leNet5({ seed: 1 }), { backends: ['wasm-cnn', 'cpu'] });
 *     console.log(formatCertificate(certificate).join('\n'));
 *
 * @param build makes the net, a classifier that gives logits, with the same weights at every call; the nets are disposed
 * @throws ArgumentError where an option is none; Error where a backend cannot be set
 */
export async function certify(build: () => LayersModel, options: CertifyOptions = {}): Promise<Certificate> {
  onlyKnown('certify', options, ['backends', 'steps', 'batchSize', 'learningRate', 'seed']);
  const current = getBackend();
  const { backends = [current], ...rest } = options;
  if (!Array.isArray(backends) || backends.length === 0)
    refuse('certify', 'backends', "a list of backends, ['wasm-cnn'] say", backends);
  const task = taskOf(build, rest);
  const records: TrainingRecord[] = [];
  try {
    for (const backend of backends) {
      if (!(await setBackend(backend))) throw new Error(`certify: the backend '${backend}' cannot be initialised`);
      records.push(await recordTraining(task));
    }
    return certificateOfAll(await referenceTraining(task), records);
  } finally {
    if (current) await setBackend(current);
  }
}
