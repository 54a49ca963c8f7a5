import {
  add,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import type { SeededInitializer } from '../initializers/seeded-initializer.js';
import { countRight, type Score, ScoreSum } from '../train/score.js';
import { checkFitOptions, descend, type FitOptions, type FitResult } from './descent.js';
import { classIndices, type Labels, meanSquaredNorm, rowsOf, sliceRows } from './examples.js';

/** Options of the classifiers that learn by gradients. */
export interface GradientClassifierOptions {
  /** Factor of the sum of squares of all weights, biases left out, in the loss; default 0. */
  regularization?: number;
  /** Of the first weights and of the examples' order; default 1. */
  seed?: number;
}

/** A weight matrix and the bias that follows it. */
export interface Affine {
  /** [inputs, outputs] */
  readonly weight: Variable;
  /** [outputs] */
  readonly bias: Variable;
}

/** Rows that scores are computed of at a time. */
const ROWS = 1000;

/** A classifier that is fitted by mini-batch gradient descent with momentum, from seeded weights. */
export abstract class GradientClassifier {
  protected readonly regularization: number;
  protected readonly seed: number;
  /** The usual learning rate times an example's usual squared norm, with which the loss's curvature grows. */
  protected abstract readonly pace: number;
  private maps: readonly Affine[] = [];
  private features = 0;
  private classes = 0;

  /** @throws ArgumentError for a regularization that is negative or no number */
  constructor(
    protected readonly where: string,
    { regularization = 0, seed = 1 }: GradientClassifierOptions,
  ) {
    if (!(regularization >= 0 && regularization < Infinity)) {
      throw new ArgumentError(`${where}: regularization must be 0 or a positive number, got ${regularization}`);
    }
    this.regularization = regularization;
    this.seed = seed;
  }

  /** The weights it begins with. */
  protected abstract begin(features: number, classes: number): readonly Affine[];

  /** Scores [rows, classes] of x. */
  protected abstract forward(x: Tensor2D, maps: readonly Affine[]): Tensor2D;

  /** Mean loss of the scores, without the penalty on the weights. */
  protected abstract lossOf(scores: Tensor2D, labels: Tensor1D): Scalar;

  /**
   * Learns from nothing, whatever was learnt before.
   *
   * @param x      [examples, features]; the training part, preprocessed
   * @param labels class indices, one of each example
   * @returns      the learning curve
   * @throws ArgumentError, GeometryError for what makes no sense; DivergedError where the loss is no number any more
   */
  async fit(x: Tensor2D, labels: Labels, options: FitOptions = {}): Promise<FitResult> {
    const rows = await rowsOf(`${this.where}.fit`, x);
    const size = meanSquaredNorm(rows);
    if (!Number.isFinite(size)) throw new ArgumentError(`${this.where}.fit: x must hold finite numbers`);
    const checked = checkFitOptions(`${this.where}.fit`, options, this.pace / (1 + size));
    const known = classIndices(`${this.where}.fit`, labels, rows.count);
    this.dispose();
    this.maps = this.begin(rows.features, known.classes);
    this.features = rows.features;
    this.classes = known.classes;
    const descent = {
      rows,
      labels: known.labels,
      seed: this.seed,
      variables: this.maps.flatMap(({ weight, bias }) => [weight, bias]),
      scores: (batch: Tensor2D) => this.forward(batch, this.maps),
      loss: (scores: Tensor2D, right: Tensor1D) => this.lossOf(scores, right),
      penalties: () => this.penalties(),
    };
    return descend(descent, { ...checked, signal: options.signal });
  }

  /** Scores of each class, [examples, classes]; the highest is what is predicted. */
  scores(x: Tensor2D): Tensor2D {
    this.checkFitted();
    return tidy(() => this.forward(x, this.maps));
  }

  /** The class of each example. */
  async predict(x: Tensor2D): Promise<Int32Array> {
    const predicted: number[] = [];
    for await (const { scores, size } of this.scoreBlocks(x)) {
      for (let i = 0; i < size; i++) {
        const own = scores.subarray(i * this.classes, (i + 1) * this.classes);
        predicted.push(own.indexOf(Math.max(...own)));
      }
    }
    return Int32Array.from(predicted);
  }

  /** Mean loss, the penalty on the weights included, and share of the examples whose class is predicted rightly. */
  async evaluate(x: Tensor2D, labels: Labels): Promise<Score> {
    const total = new ScoreSum();
    const { labels: right } = classIndices(`${this.where}.evaluate`, labels, x.shape[0], this.classes);
    for await (const { begin, size, scores } of this.scoreBlocks(x)) {
      const own = right.subarray(begin, begin + size);
      const loss = tidy(() => this.penalized(tensor2d(scores, [size, this.classes]), tensor1d(Float32Array.from(own))));
      total.add((await loss.data())[0]!, countRight(scores, { labels: own, size }), size);
      loss.dispose();
    }
    return total.score;
  }

  /** Gives the weights' memory back. */
  dispose(): void {
    for (const { weight, bias } of this.maps) {
      weight.dispose();
      bias.dispose();
    }
    this.maps = [];
  }

  /** A weight [inputs, outputs] and a bias of zeros. */
  protected affine(inputs: number, outputs: number, initializer: SeededInitializer): Affine {
    const [first, none] = [initializer.apply([inputs, outputs]), zeros([outputs])];
    const made = { weight: variable(first), bias: variable(none) };
    first.dispose();
    none.dispose();
    return made;
  }

  private checkFitted(): void {
    if (this.maps.length === 0) throw new ArgumentError(`${this.where}: fit must be called first`);
  }

  private penalized(scores: Tensor2D, labels: Tensor1D): Scalar {
    return [this.lossOf(scores, labels), ...this.penalties()].reduce((total, each) => add(total, each));
  }

  private penalties(): Scalar[] {
    if (this.regularization === 0) return [];
    return this.maps.map(({ weight }) => mul(sum(square(weight)), this.regularization) as Scalar);
  }

  /** Scores of all examples, some at a time. */
  private async *scoreBlocks(x: Tensor2D): AsyncGenerator<{ begin: number; size: number; scores: Float32Array }> {
    this.checkFitted();
    const rows = await rowsOf(this.where, x, this.features);
    for (let begin = 0; begin < rows.count; begin += ROWS) {
      const end = Math.min(begin + ROWS, rows.count);
      const scores = tidy(() => this.forward(tensor2d(sliceRows(rows, begin, end), [end - begin, rows.features]), this.maps));
      yield { begin, size: end - begin, scores: (await scores.data()) as Float32Array };
      scores.dispose();
    }
  }
}
