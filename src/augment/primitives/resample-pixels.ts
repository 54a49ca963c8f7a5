import { matMul, reshape, type Tensor, type Tensor2D, type Tensor4D, tensor3d } from '@tensorflow/tfjs-core';
import { type PixelShare, resample, triangleShares } from '../../data/resample.js';
import type { Picture } from '../../data/resize.js';
import { BatchOperation } from '../operation.js';
import type { PictureSize } from '../transform.js';

/** Every pixel a weighted mean of a rectangle of the picture, first along rows, then along columns. */
export class ResamplePixels extends BatchOperation {
  private readonly rows: readonly PixelShare[];
  private readonly columns: readonly PixelShare[];

  constructor(
    private readonly from: PictureSize,
    height: number,
    width: number,
  ) {
    super();
    this.rows = triangleShares(from.height, height, from.height / height);
    this.columns = triangleShares(from.width, width, from.width / width);
  }

  onPicture(picture: Picture): Picture {
    return resample(picture, this.rows, this.columns);
  }

  protected onBatch(x: Tensor4D): Tensor4D {
    const [batch, height, width, channels] = x.shape;
    const lines = reshape(x, [batch * height, width, channels]);
    const wide = matMul(matrix(this.columns, this.from.width), lines);
    const columns = this.columns.length * channels;
    const tall = matMul(matrix(this.rows, this.from.height), reshape(wide, [batch, height, columns])) as Tensor;
    return reshape(tall, [batch, this.rows.length, this.columns.length, channels]);
  }
}

/** [1, shares, size]: a matrix for every picture or line of the batch. */
function matrix(shares: readonly PixelShare[], size: number): Tensor2D {
  const values = new Float32Array(shares.length * size);
  shares.forEach(({ first, values: share }, i) => values.set(share, i * size + first));
  return tensor3d(values, [1, shares.length, size]) as Tensor as Tensor2D;
}
