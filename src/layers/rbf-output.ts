import {
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import { InputSpec, type Shape } from '@tensorflow/tfjs-layers';
import { dense } from '../ops/dense/dense.js';
import { type Config, type LayerOptions, OneInputLayer, onlyShape, registerLayer, sizeOf } from './cnn-layer.js';

/** Options of the layer RbfOutput. */
export interface RbfOutputOptions extends LayerOptions {
  /** For each class, the fixed code that its pictures should give. */
  codes: number[][];
}

/**
 * Euclidean radial basis functions with fixed centres, over the last axis: y_i = -sum over j of (x_j - code_ij)^2.
 *
 * LeCun et al. 1998 have the positive distance, of which the smallest wins; with the sign turned the largest
 * wins, so that argmax, accuracy and softmax cross-entropy (the paper's discriminative criterion but for its
 * constant e^-j) work on it. The codes are no weights: they are not trained, counted or saved as such.
 */
export class RbfOutput extends OneInputLayer {
  static className = 'CnnRbfOutput';
  readonly codes: number[][];
  /** 2 codes^T and -|code|^2: the parts of -|x|^2 + 2 x code - |code|^2 that do not change. */
  private twiceCodes: Variable | undefined;
  private minusNorms: Variable | undefined;

  constructor(options: RbfOutputOptions) {
    super(options);
    const { codes } = options;
    const length = codes?.[0]?.length;
    if (!length || !codes.every((code) => code.length === length && code.every(Number.isFinite))) {
      this.refuse('codes', 'a code for each class, all of one length', codes);
    }
    this.codes = codes;
    this.inputSpec = [new InputSpec({ minNDim: 2, axes: { [-1]: length } })];
  }

  override build(inputShape: Shape | Shape[]): void {
    const { codes } = this;
    tidy(() => {
      this.twiceCodes = variable(tensor2d(codes[0]!.map((_, j) => codes.map((code) => 2 * code[j]!))), false);
      this.minusNorms = variable(tensor1d(codes.map((code) => -code.reduce((norm, c) => norm + c * c, 0))), false);
    });
    super.build(onlyShape(inputShape));
  }

  protected override forward(x: Tensor): Tensor {
    return tidy(() => {
      const bias = this.minusNorms as Tensor as Tensor1D;
      const rows = reshape(x, [-1, x.shape.at(-1)!]) as Tensor2D;
      const y = sub(dense(rows, this.twiceCodes as Tensor as Tensor2D, { bias }), sum(square(rows), 1, true));
      return reshape(y, this.outputShapeOf(x.shape) as number[]);
    });
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return [...shape.slice(0, -1), this.codes.length];
  }

  override macs(inputShape: readonly number[]): number {
    return sizeOf(inputShape) * this.codes.length;
  }

  protected override disposeWeights(): number {
    this.twiceCodes?.dispose();
    this.minusNorms?.dispose();
    return super.disposeWeights();
  }

  override getConfig(): Config {
    return { ...super.getConfig(), codes: this.codes };
  }
}
registerLayer(RbfOutput);
