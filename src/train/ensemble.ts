import {
  concat,
  log,
  logSoftmax,
  logSumExp,
  maximum,
  mean,
  slice,
  softmax,
  stack,
  sub,
  type Tensor,
  type Tensor2D,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { oneOf, onlyKnown, positiveInteger, refuse } from '../checks.js';
import { endsInSoftmax, outputsOf, type Trainable, type TrainableFunction, trainedVariables } from './trainable.js';

/** What the nets of an ensemble put together: their probabilities, or their logits, whose mean is the geometric one of probabilities. */
export type Averaging = 'probabilities' | 'logits';

/** The smallest normal float32: a probability of 0 has no logarithm. */
const SMALLEST = 2 ** -126;

/**
 * What several classifiers say together of the same pictures.
 *
 * @param logits    of each net, all [batch, classes]
 * @param averaging default 'probabilities'
 * @returns         probabilities [batch, classes]
 * @throws ArgumentError without logits, or where shapes differ
 */
export function averagePredictions(logits: readonly Tensor2D[], averaging: Averaging = 'probabilities'): Tensor2D {
  return tidy(() => softmax(averagedLogits('averagePredictions', logits, averaging)));
}

/** Options of Ensemble. */
export interface EnsembleOptions {
  /** Default 'probabilities'. */
  readonly averaging?: Averaging;
}

/**
 * Several classifiers as one: nets from other seeds, other builders, other checkpoints. Usually a few per cent of the errors less.
 *
 *     const ensemble = new Ensemble([first, second, third]);
 *     await evaluate(ensemble, test);
 *     ensemble.predict(pictures);
 *
 * It is a net like others for `evaluate` and whatever else takes functions. The nets stay the caller's.
 * Source: CS231n notes, neural-networks-3, "Model ensembles".
 */
export class Ensemble implements TrainableFunction {
  private readonly averaging: Averaging;

  /**
   * @param nets of the same classes; models of layers may end in softmax, all else gives logits
   * @throws ArgumentError without nets
   */
  constructor(
    readonly nets: readonly Trainable[],
    options: EnsembleOptions = {},
  ) {
    const { averaging = 'probabilities' } = onlyKnown('Ensemble', options, ['averaging']);
    if (!Array.isArray(nets) || nets.length === 0) refuse('Ensemble', 'nets', 'a list of nets', nets);
    this.averaging = oneOf<Averaging>('Ensemble', 'averaging', averaging, ['probabilities', 'logits']);
  }

  /** The trained variables of all nets. */
  get variables(): Variable[] {
    return this.nets.flatMap(trainedVariables);
  }

  /**
   * @param x pictures [batch, height, width, channels]
   * @returns logits [batch, classes]: their softmax is the average
   * @throws ArgumentError where the nets' classes differ in number
   */
  apply(x: Tensor, { training = false }: { training?: boolean } = {}): Tensor2D {
    return tidy(() =>
      averagedLogits(
        'Ensemble',
        this.nets.map((net) => logitsOf(net, x, training)),
        this.averaging,
      ),
    );
  }

  /**
   * @param x       pictures [batch, height, width, channels]
   * @param options batchSize: pictures that go through the nets together; default 32
   * @returns       probabilities [batch, classes]
   */
  predict(x: Tensor, options: { batchSize?: number } = {}): Tensor2D {
    const { batchSize = 32 } = onlyKnown('Ensemble.predict', options, ['batchSize']);
    positiveInteger('Ensemble.predict', 'batchSize', batchSize);
    const [count] = x.shape as [number, ...number[]];
    return tidy(() => {
      const parts: Tensor2D[] = [];
      for (let begin = 0; begin < count; begin += batchSize) {
        parts.push(tidy(() => softmax(this.apply(slice(x, begin, Math.min(batchSize, count - begin))))));
      }
      return parts.length === 1 ? parts[0]! : concat(parts);
    });
  }
}

function logitsOf(net: Trainable, x: Tensor, training: boolean): Tensor2D {
  const [output] = outputsOf(net, x, training) as [Tensor2D];
  return endsInSoftmax(net) ? log(maximum(output, SMALLEST)) : output;
}

/** Logits whose softmax is the average. */
function averagedLogits(where: string, logits: readonly Tensor2D[], averaging: Averaging): Tensor2D {
  oneOf(where, 'averaging', averaging, ['probabilities', 'logits']);
  const shapes = logits.map(({ shape }) => `[${shape}]`);
  if (new Set(shapes).size !== 1) refuse(where, 'logits', 'of one shape [batch, classes]', shapes);
  if (averaging === 'logits') return mean(stack([...logits]), 0);
  // The logarithm of a mean of probabilities, without their underflow.
  const logarithms = logits.map((each) => logSoftmax(each));
  return sub(logSumExp(stack(logarithms), 0), Math.log(logits.length));
}
