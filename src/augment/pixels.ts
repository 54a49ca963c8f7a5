/** What the functional forms take: bytes or tensors. */
import { clone, Tensor, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { refuse, shown } from '../checks.js';
import type { Picture } from '../data/resize.js';
import { GeometryError } from '../geometry.js';
import type { Operation, PictureSize } from './transform.js';

/**
 * A picture as bytes, or float32 grey levels 0..255 as a tensor: [height, width, channels], or pictures of one size [batch, height,
 * width, channels]. Functions give back what they were given: bytes for bytes, rank 3 for rank 3.
 */
export type Pixels = Picture | Tensor3D | Tensor4D;

/**
 * What every functional form is: checks x, makes the operation for pictures of its size, applies it. The result is a new tensor,
 * even where nothing changes.
 *
 * @throws ArgumentError where x is neither a picture nor such a tensor, or has no pixels
 */
export function applied<X extends Pixels>(where: string, x: X, operationFor: (size: PictureSize) => Operation): X {
  const operation = operationFor(pixelSize(where, x));
  if (!(x instanceof Tensor)) return operation.onPicture(x) as X;
  const y = operation.onTensor(x as Tensor3D | Tensor4D);
  return (y === x ? clone(x) : y) as X;
}

/** Height, width and channels. @throws ArgumentError as `applied` does */
export function pixelSize(where: string, x: Pixels): PictureSize {
  return x instanceof Tensor ? tensorSize(where, x) : pictureSize(where, x);
}

function tensorSize(where: string, x: Tensor): PictureSize {
  const { shape, rank, dtype } = x;
  if (rank !== 3 && rank !== 4) {
    throw new GeometryError(
      `${where}: x must have the shape [height, width, channels] or [batch, height, width, channels], got rank ${rank} [${shape}]`,
    );
  }
  if (dtype !== 'float32') refuse(where, 'x', 'float32 with grey levels 0..255 (tf.cast makes it so)', dtype);
  if (shape.includes(0)) throw new GeometryError(`${where}: x must have pixels, got the shape [${shape}]`);
  const [height, width, channels] = shape.slice(-3) as [number, number, number];
  return { height, width, channels };
}

function pictureSize(where: string, x: Picture): PictureSize {
  const { pixels, height, width, channels } = (x ?? {}) as Partial<Picture>;
  // Clamped bytes, a canvas's, are as good.
  const isBytes = pixels instanceof Uint8Array || (pixels as unknown) instanceof Uint8ClampedArray;
  if (!isBytes) {
    return refuse(where, 'x', 'a float32 tensor, or a picture { pixels: Uint8Array, height, width, channels }', kindOf(x));
  }
  if (![height, width, channels].every((size) => Number.isInteger(size) && size! > 0)) {
    throw new GeometryError(
      `${where}: x must have a positive height, width and number of channels, got ${shown(height)} x ${shown(width)} x ${shown(channels)}`,
    );
  }
  const count = height! * width! * channels!;
  if (pixels!.length !== count) {
    throw new GeometryError(
      `${where}: x of ${height} x ${width} x ${channels} must have ${count} bytes in pixels, got ${pixels!.length}`,
    );
  }
  return { height: height!, width: width!, channels: channels! };
}

function kindOf(x: unknown): string {
  return typeof x === 'object' && x !== null ? `{ ${Object.keys(x).slice(0, 8).join(', ')} }` : String(x);
}
