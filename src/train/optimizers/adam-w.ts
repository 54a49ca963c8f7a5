import { serialization } from '@tensorflow/tfjs-core';
import { Adam, type AdamOptions } from './adam.js';

/**
 * Adam with decoupled weight decay: each step also takes learningRate weightDecay w from w; by default 0.01, and not from biases and
 * normalisations (decayBiasAndNorm).
 * Source: PyTorch's AdamW, and its other defaults; Loshchilov, Hutter: Decoupled weight decay regularization (2019).
 */
export class AdamW extends Adam {
  static override readonly className: string = 'CnnAdamW';
  /** @internal */
  protected override readonly decoupledDecay = true;

  constructor(options: AdamOptions = {}) {
    super(options, { weightDecay: 1e-2, decayBiasAndNorm: false });
  }
}
serialization.registerClass(AdamW, 'tfjs-cnn');
