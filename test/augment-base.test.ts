/** What all transforms have in common: on which backend, from which seed, by which name, of which input. */
import * as tf from '@tensorflow/tfjs-core';
import '../src/standard/register.js';
import '@tensorflow/tfjs-backend-wasm';
import {
  CenterCrop,
  Compose,
  crop,
  flipHorizontal,
  type Operation,
  Pad,
  type PictureSize,
  PictureTransform,
  type Random,
  RandomApply,
  RandomChoice,
  RandomCrop,
  RandomHorizontalFlip,
  RandomVerticalFlip,
  registerTransform,
  serializedTransform,
  transformFrom,
} from '../src/augment/index.js';
import { seededRandom } from '../src/random.js';
import { allowance, augmentCases } from './augment-cases.js';
import { differenceOf, picture } from './augment-parts.js';

const photo = picture('photo', 9, 11, 3);
const draw = (t: { draw(random: Random, size: PictureSize): Operation }, seed: number, x = photo) =>
  t.draw(seededRandom(seed), x).onPicture(x);

describe.each(['cpu', 'wasm-cnn', 'wasm'])('tensors on %s hold what bytes hold', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test.each(augmentCases)('$name', async (each) => {
    const before = tf.memory().numTensors;
    for (const x of [photo, picture('small', 7, 9, 3)]) {
      expect(await differenceOf(each, x)).toBeLessThanOrEqual(allowance(each));
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('transforms made of transforms', () => {
  const flips = [new RandomHorizontalFlip(), new RandomVerticalFlip()];

  test('draw the same from the same seed, and from JSON', () => {
    const all = new Compose({
      transforms: [
        new RandomCrop({ size: 8, padding: 2, paddingMode: 'reflect' }),
        new RandomApply({ transforms: flips, p: 0.6 }),
        new RandomChoice({ transforms: [...flips, new Compose({ transforms: [] })], p: [1, 2, 0.5] }),
        new Pad({ padding: [1, 2], fill: 9 }),
        new CenterCrop({ size: [7, 7] }),
      ],
    });
    expect(all.sizeAfter(photo)).toEqual({ height: 7, width: 7, channels: 3 });
    const again = transformFrom(JSON.parse(JSON.stringify(serializedTransform(all))));
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const { pixels, height, width } = draw(all, seed);
      expect([height, width]).toEqual([7, 7]);
      expect(draw(again, seed).pixels).toEqual(pixels);
      seen.add(pixels.join());
    }
    expect(seen.size).toBeGreaterThan(30);
  });

  test('choose as often as is said', () => {
    // 1,000 draws of chance q lie within 5 sqrt(1000 q (1 - q)), but for 6 in ten million.
    const expectShare = (t: { draw(random: Random, size: PictureSize): Operation }, share: number, of: Uint8Array) => {
      let count = 0;
      const random = seededRandom(3);
      for (let i = 0; i < 1000; i++) if (Buffer.compare(t.draw(random, photo).onPicture(photo).pixels, of) === 0) count++;
      expect(Math.abs(count - 1000 * share)).toBeLessThanOrEqual(5 * Math.sqrt(1000 * share * (1 - share)));
    };
    const mirrored = flipHorizontal(photo).pixels;
    expectShare(new RandomHorizontalFlip({ p: 0.2 }), 0.2, mirrored);
    expectShare(new RandomHorizontalFlip({ p: 0 }), 1, photo.pixels);
    const always = new RandomHorizontalFlip({ p: 1 });
    expectShare(new RandomApply({ transforms: [always], p: 0.9 }), 0.9, mirrored);
    const never = new RandomVerticalFlip({ p: 0 });
    expectShare(new RandomChoice({ transforms: [never, always], p: [1, 3] }), 0.75, mirrored);
    expectShare(new RandomChoice({ transforms: [never, always, never, never] }), 0.25, mirrored);
    expectShare(new RandomChoice({ transforms: [never, always], p: [1, 0] }), 1, photo.pixels);
  });

  test('refuse what leaves the size to chance', () => {
    const cut = new CenterCrop({ size: 4 });
    expect(() => draw(new RandomApply({ transforms: [cut] }), 1)).toThrow(
      'RandomApply: transforms must keep the size of pictures, which may or may not pass through them, got 4 x 4 x 3 from 9 x 11 x 3',
    );
    expect(() => draw(new RandomChoice({ transforms: [cut, new Pad({ padding: 1 })] }), 1)).toThrow(
      'RandomChoice: all transforms must give pictures of one size, got 4 x 4 x 3 and 11 x 13 x 3',
    );
  });
});

describe('the registry', () => {
  test('knows classes of yours', () => {
    class Same extends PictureTransform<{ note: string }> {
      static readonly className = 'TestSame';
      draw(): Operation {
        return { onPicture: (x) => x, onTensor: (x) => x };
      }
    }
    registerTransform(Same);
    registerTransform(Same);
    const same = transformFrom({ className: 'TestSame', config: { note: 'a' } });
    expect(same).toBeInstanceOf(Same);
    expect(serializedTransform(same)).toEqual({ className: 'TestSame', config: { note: 'a' } });
    expect(transformFrom(same)).toBe(same);
    expect(() => registerTransform(class extends Same {})).toThrow(
      "registerTransform: there is another class named 'TestSame'; choose another name",
    );
  });

  test.each<[unknown, string | RegExp]>([
    [
      { className: 'Crop', config: {} },
      /transformFrom: className must be one of .*RandomCrop.* registerTransform\), got "Crop"$/,
    ],
    [{ className: '__proto__', config: {} }, 'got "__proto__"'],
    [null, 'got undefined'],
    [{ className: 'RandomCrop' }, 'transformFrom: config of RandomCrop must be an object, its options, got undefined'],
    [{ className: 'RandomCrop', config: [] }, 'config of RandomCrop must be an object, its options, got []'],
    [{ className: 'RandomCrop', config: { size: -3 } }, 'RandomCrop: size must be a positive integer or two of them'],
    [
      { className: 'Compose', config: { transforms: [{ className: 'RandomHorizontalFlip', config: { p: 'x' } }] } },
      'RandomHorizontalFlip: p must be a number in [0, 1], got "x"',
    ],
    [{ className: 'Compose', config: {} }, 'Compose: transforms must be a list of transforms, got undefined'],
    [{ className: 'RandomChoice', config: { transforms: [] } }, 'RandomChoice: transforms must be a list of at least one'],
  ])('refuses %j', (json, message) => {
    expect(() => transformFrom(json as never)).toThrow(message);
  });

  test.each<[unknown, string]>([
    [[1], 'RandomChoice: p must be 2 numbers from 0 on, one for each transform, not all 0, got [1]'],
    [[0, 0], 'not all 0, got [0,0]'],
    [[-1, 2], 'got [-1,2]'],
    [[NaN, 2], 'one for each transform'],
  ])('refuses chances %j', (p, message) => {
    const transforms = [new RandomHorizontalFlip(), new RandomVerticalFlip()];
    expect(() => new RandomChoice({ transforms, p: p as number[] })).toThrow(message);
  });
});

describe('what functions refuse', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const tensor = (shape: number[], dtype: 'float32' | 'int32' = 'float32') =>
    tf.zeros(shape as [number, number, number], dtype) as tf.Tensor3D;
  test.each<[string, () => unknown, string]>([
    [
      'another rank',
      () => flipHorizontal(tensor([4, 4])),
      'flipHorizontal: x must have the shape [height, width, channels] or [batch, height, width, channels], got rank 2 [4,4]',
    ],
    [
      'integers',
      () => flipHorizontal(tensor([4, 4, 1], 'int32')),
      'flipHorizontal: x must be float32 with grey levels 0..255 (tf.cast makes it so), got "int32"',
    ],
    ['no pixels', () => flipHorizontal(tensor([4, 0, 1])), 'flipHorizontal: x must have pixels, got the shape [4,0,1]'],
    [
      'no picture',
      () => flipHorizontal({ data: [] } as never),
      'flipHorizontal: x must be a float32 tensor, or a picture { pixels: Uint8Array, height, width, channels }, got "{ data }"',
    ],
    ['nothing', () => flipHorizontal(undefined as never), 'got "undefined"'],
    [
      'too few bytes',
      () => flipHorizontal({ pixels: new Uint8Array(5), height: 2, width: 3, channels: 1 }),
      'flipHorizontal: x of 2 x 3 x 1 must have 6 bytes in pixels, got 5',
    ],
    [
      'no size',
      () => flipHorizontal({ pixels: new Uint8Array(0), height: 0, width: NaN, channels: 1 }),
      'flipHorizontal: x must have a positive height, width and number of channels, got 0 x NaN x 1',
    ],
    [
      'a box outside',
      () => crop(photo, { top: 1, left: 0, height: 9, width: 4 }),
      'crop: box must lie in the picture of 9 x 11, got rows 1 to 10 and columns 0 to 4; pad the picture before',
    ],
    [
      'half a box',
      () => crop(photo, { top: 1, left: 0, height: 2.5, width: 4 }),
      'crop: box must be { top, left, height, width } in whole pixels, height and width positive, got {"top":1',
    ],
    [
      'a crop that does not fit',
      () => draw(new RandomCrop({ size: [32, 9], padding: 1 }), 1),
      'RandomCrop: a crop of 32 x 9 does not fit into 11 x 13 pixels; give a padding or a smaller size',
    ],
    ['another mode', () => new RandomCrop({ size: 3, paddingMode: 'wrap' as never }), 'paddingMode must be one of "constant"'],
    ['a padding of no pixels', () => new Pad({ padding: -1 }), 'Pad: padding must be a non-negative integer, [height, width] or'],
    ['a padding of four', () => new Pad({ padding: [1, 1, 1, 1] as never }), 'Pad: padding must be'],
    ['no options', () => new Pad(undefined as never), 'Pad: padding must be'],
    ['a fill of no level', () => new Pad({ padding: 1, fill: NaN }), 'Pad: fill must be a grey level, or a list'],
    [
      'a fill of other channels',
      () => draw(new Pad({ padding: 1, fill: [1, 2] }), 1),
      'Pad: fill must have one grey level for each of the 3 channels, got 2',
    ],
    [
      'a chance that is none',
      () => new RandomVerticalFlip({ p: 1.5 }),
      'RandomVerticalFlip: p must be a number in [0, 1], got 1.5',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
