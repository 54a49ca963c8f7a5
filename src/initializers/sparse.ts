import { serialization } from '@tensorflow/tfjs-core';
import { positiveInteger } from '../checks.js';
import type { RandomBits } from './random-bits.js';
import { type Fill, SeededInitializer, type SeedOptions } from './seeded-initializer.js';
import { normal } from './ziggurat.js';

/** Options of the initializer Sparse. */
export interface SparseOptions extends SeedOptions {
  /** Inputs of each output unit whose weight is not 0, all of them where there are fewer; default 15, Martens' choice. */
  connections?: number;
  /** Standard deviation of the weights that are not 0; default 0.01. */
  deviation?: number;
}

/**
 * Initializer: each output unit is connected to a few random inputs by normal weights, all others are 0. An input of a
 * convolution is one place and channel of its window.
 * Source: Martens, Deep learning via Hessian-free optimization (2010), section 5; CS231n, "Sparse initialization".
 */
export class Sparse extends SeededInitializer {
  static className = 'CnnSparse';
  private readonly connections: number;
  private readonly deviation: number;

  constructor(options: SparseOptions) {
    super(options);
    this.connections = positiveInteger('CnnSparse', 'connections', options.connections ?? 15);
    this.deviation = this.positive('deviation', options.deviation ?? 0.01);
  }

  protected override fillOf(shape: readonly number[]): Fill {
    const outputs = shape[shape.length - 1] ?? 1;
    return (values, random) => {
      values.fill(0);
      const inputs = values.length / outputs;
      for (let co = 0; co < outputs; co++) {
        for (const ci of chosen(Math.min(this.connections, inputs), inputs, random)) {
          values[ci * outputs + co] = normal(random.next(), random) * this.deviation;
        }
      }
    };
  }

  /** The options, as a saved model holds them. */
  override getConfig(): serialization.ConfigDict {
    const { connections, deviation } = this;
    return { ...super.getConfig(), connections, deviation };
  }
}
serialization.registerClass(Sparse, 'tfjs-cnn');

/** So many different numbers out of 0 .. of - 1, all choices equally likely (Floyd's algorithm). */
function chosen(count: number, of: number, random: RandomBits): Set<number> {
  const numbers = new Set<number>();
  for (let last = of - count; last < of; last++) {
    const candidate = random.nextBelow(last + 1);
    numbers.add(numbers.has(candidate) ? last : candidate);
  }
  return numbers;
}
