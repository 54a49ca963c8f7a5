import { taskOf } from '../../inspect/certify/certify.js';
import type { CertifyTask } from '../../inspect/certify/training-record.js';
import { getModel, modelInfo } from '../../zoo/catalog.js';

/** What is trained, as it goes to another process or to a page. */
export interface CertifySpec {
  /** A net's name in the catalogue. */
  readonly net: string;
  /** Of its builder. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** @throws ArgumentError where there is no such net */
export function taskOfSpec({ net, options, ...rest }: CertifySpec): CertifyTask {
  const { name, variants } = modelInfo(net);
  // Training wants logits; nets whose first variant is Keras's end in probabilities.
  const head = variants[0].variant === 'keras' ? { classifierActivation: 'linear' } : {};
  return taskOf(() => getModel(name, { seed: rest.seed, ...head, ...options }), rest);
}
