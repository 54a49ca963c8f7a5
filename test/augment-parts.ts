/** Pictures for tests of augmentation, and what tensors give for them. */
import * as tf from '@tensorflow/tfjs-core';
import * as augment from '../src/augment/index.js';
import type { Picture } from '../src/data/resize.js';
import { mixSeeds, seededRandom } from '../src/random.js';
import type { AugmentCase } from './augment-cases.js';
import { uniform } from './golden-fill.js';

/** Bytes by the golden files' generator: test/fixtures/golden_fill.py makes the same. */
export function picture(name: string, height: number, width: number, channels: number): Picture {
  const pixels = Uint8Array.from(uniform(name, height * width * channels), (value) => Math.floor((value + 1) * 128));
  return { pixels, height, width, channels };
}

/** [height, width, channels] */
export function tensorOf({ pixels, height, width, channels }: Picture): tf.Tensor3D {
  return tf.tensor3d(Float32Array.from(pixels), [height, width, channels]);
}

/** Largest difference of a case's tensors, of rank 3 and 4, from its bytes, in grey levels; infinite where shapes differ. */
export async function differenceOf(each: AugmentCase, x: Picture): Promise<number> {
  const other = { ...x, pixels: x.pixels.toReversed() };
  const expected = [each.run(x, augment), each.run(other, augment)].map((result) => [result].flat() as Picture[]);
  const found = tf.tidy(() => {
    const one = each.run(tensorOf(x), augment);
    const both = each.run(tf.stack([tensorOf(x), tensorOf(other)]) as tf.Tensor4D, augment);
    return { one: [one].flat() as tf.Tensor3D[], both: [both].flat() as tf.Tensor4D[] };
  });
  let worst = found.one.length === expected[0]!.length ? 0 : Infinity;
  const compare = async (tensor: tf.Tensor, pictures: readonly Picture[]) => {
    const { height, width, channels } = pictures[0]!;
    const shape = [...(tensor.rank === 4 ? [pictures.length] : []), height, width, channels];
    const bytes = pictures.flatMap(({ pixels }) => [...pixels]);
    const values = await tensor.data();
    if (String(tensor.shape) !== String(shape)) worst = Infinity;
    // Not Math.max alone, which NaN would pass by.
    bytes.forEach((byte, i) => {
      const distance = Math.abs(values[i]! - byte);
      if (!(distance <= worst)) worst = Number.isNaN(distance) ? Infinity : distance;
    });
    tensor.dispose();
  };
  for (const [i, tensor] of found.one.entries()) await compare(tensor, [expected[0]![i]!]);
  for (const [i, tensor] of found.both.entries()) await compare(tensor, [expected[0]![i]!, expected[1]![i]!]);
  return worst;
}

/** Transforms for a layer: what they copy and what they compute. */
export const layerTransforms = [
  new augment.RandomCrop({ size: [9, 11], padding: 2, paddingMode: 'reflect' }),
  new augment.RandomHorizontalFlip(),
  new augment.RandomRotation({ degrees: 20, interpolation: 'bilinear', fill: 128 }),
];

/** Pictures that go through the layer in tests. */
export const layerPictures = ['a', 'b', 'c'].map((name) => picture(name, 9, 11, 3));

/** What the pipeline makes of them in a step, with that seed. */
export function layerBytes(seed: number, step: number): number[] {
  const all = new augment.Compose({ transforms: layerTransforms });
  return layerPictures.flatMap((x, place) => [...all.draw(seededRandom(mixSeeds(seed, step, place)), x).onPicture(x).pixels]);
}

/** Largest difference of a layer's tensors from the pipeline's bytes, over four training steps. */
export async function layerDifference(): Promise<number> {
  const layer = augment.augmentation({ transforms: layerTransforms, seed: 5 });
  const x = tf.tidy(() => tf.stack(layerPictures.map(tensorOf)));
  let worst = 0;
  for (let step = 0; step < 4; step++) {
    const y = tf.tidy(() => layer.apply(x, { training: true }) as tf.Tensor);
    const values = await y.data();
    layerBytes(5, step).forEach((byte, i) => {
      const distance = Math.abs(values[i]! - byte);
      if (!(distance <= worst)) worst = Number.isNaN(distance) ? Infinity : distance;
    });
    y.dispose();
  }
  x.dispose();
  return worst;
}
