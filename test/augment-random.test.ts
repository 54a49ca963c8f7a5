/** What geometric transforms draw, and what they refuse. */
import {
  affine,
  type Box,
  CenterCrop,
  Compose,
  centerCropBox,
  ElasticTransform,
  elastic,
  fiveCrop,
  fiveCropBoxes,
  Pad,
  perspective,
  RandomAffine,
  RandomCrop,
  RandomHorizontalFlip,
  RandomPerspective,
  RandomResizedCrop,
  RandomRotation,
  RandomVerticalFlip,
  Resize,
  resize,
  resizedCrop,
  rotate,
  serializedTransform,
  type Transform,
  tenCrop,
  transformFrom,
} from '../src/augment/index.js';
import type { Picture } from '../src/data/resize.js';
import { seededRandom } from '../src/random.js';
import { picture } from './augment-parts.js';

const photo = picture('photo', 9, 11, 3);

/** The numbers given, one after another. */
function numbers(...list: number[]): () => number {
  return () => {
    if (list.length === 0) throw new Error('more numbers are drawn than are said');
    return list.shift()!;
  };
}

const drawn = (transform: Transform, random: () => number, x: Picture = photo): Picture => transform.draw(random, x).onPicture(x);

/** Channels say where pixels stand. */
function chart(height: number, width: number): Picture {
  const pixels = Uint8Array.from({ length: 2 * height * width }, (_, i) =>
    i % 2 ? (i >> 1) % width : Math.floor((i >> 1) / width),
  );
  return { pixels, height, width, channels: 2 };
}

describe('draws', () => {
  const bilinear = { interpolation: 'bilinear', fill: [1, 2, 3] } as const;

  test.each<[Transform, number[], Picture]>([
    [new RandomRotation({ degrees: 40, ...bilinear }), [0.25], rotate(photo, -20, bilinear)],
    [new RandomRotation({ degrees: [10, 50], center: [1, 2] }), [0.5], rotate(photo, 30, { center: [1, 2] })],
    [
      new RandomAffine({ degrees: 20, translate: [0.2, 0.3], scale: [0.5, 1.5], shear: 8, ...bilinear }),
      // An angle, pixels right of 2.2 and down of 2.7, a scale, shears.
      [0.75, 1, 0.25, 0.5, 0, 0.9],
      affine(photo, { angle: 10, translate: [2, -1], scale: 1, shear: [-8, 0], ...bilinear }),
    ],
    [
      new RandomAffine({ degrees: [5, 5], shear: [1, 2, 3, 4], center: [0, 0] }),
      [0.3, 0.3, 0.3, 0.3, 0.5, 0.25],
      affine(photo, { angle: 5, shear: [1.5, 3.25], center: [0, 0] }),
    ],
    [
      new RandomPerspective({ distortionScale: 0.8, p: 0.4, fill: 9 }),
      // Places 0 .. 4 from the left and 7 .. 10 on the right, 0 .. 3 from the top and 5 .. 8 below.
      [0.39, 0, 0.99, 0.5, 0.3, 0.99, 0.99, 0.45, 0],
      perspective(
        photo,
        [
          [0, 0],
          [10, 0],
          [10, 8],
          [0, 8],
        ],
        [
          [0, 3],
          [8, 1],
          [10, 8],
          [2, 5],
        ],
        { fill: 9 },
      ),
    ],
    [new RandomPerspective({ p: 0.4 }), [0.4], photo],
    [
      new RandomResizedCrop({ size: [4, 6], scale: [0.25, 0.75], ratio: [1, 4] }),
      // Half of the area at proportion 2: 4.97 x 9.95 pixels.
      [0.5, 0.5, 0.99, 0.4],
      resizedCrop(photo, { top: 4, left: 0, height: 5, width: 10 }, [4, 6]),
    ],
    [new Resize({ size: 6 }), [], resize(photo, [6, 7])],
    [new Resize({ size: [3, 2], interpolation: 'nearest' }), [], resize(photo, [3, 2], { interpolation: 'nearest' })],
  ])('%#: its numbers in the order that is said', (transform, list, expected) => {
    expect(drawn(transform, numbers(...list))).toEqual(expected);
  });

  test('crop and flip in one pass, as in two', () => {
    const crop = new RandomCrop({ size: [8, 10], padding: 3, fill: [1, 2, 3] });
    const flips = [new RandomHorizontalFlip({ p: 1 }), new RandomVerticalFlip({ p: 1 })];
    const pads = [new Pad({ padding: 1, fill: 50 }), new CenterCrop({ size: 7 })];
    for (let seed = 0; seed < 20; seed++) {
      for (const others of [flips, pads, [...pads, ...flips]]) {
        const all = new Compose({ transforms: [crop, ...others] });
        const random = seededRandom(seed);
        const inTurn = [crop, ...others].reduce((x, transform) => drawn(transform, random, x), photo);
        expect(drawn(all, seededRandom(seed))).toEqual(inTurn);
      }
    }
  });

  test('elastic displacements of the noise that is drawn', () => {
    const plain = new ElasticTransform({ alpha: 4, sigma: 1e-3 });
    const random = seededRandom(5);
    const field = () => Float64Array.from({ length: 99 }, () => 2 * (2 * random() - 1));
    const dx = field();
    expect(drawn(plain, seededRandom(5))).toEqual(elastic(photo, { dx, dy: field() }));
  });

  test('crops from every place equally often', () => {
    const crop = new RandomCrop({ size: [3, 4], padding: { top: 0, bottom: 1, left: 0, right: 0 }, fill: 99 });
    const x = chart(4, 6);
    const counts = new Map<string, number>();
    const random = seededRandom(11);
    for (let i = 0; i < 9000; i++) {
      const place = drawn(crop, random, x).pixels.subarray(0, 2).join();
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['0,0', '0,1', '0,2', '1,0', '1,1', '1,2', '2,0', '2,1', '2,2']);
    // 9,000 draws of chance 1 / 9 lie within 5 sqrt(9000 8 / 81), but for 6 in ten million.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt((9000 * 8) / 81));
  });

  const side = 64;
  /** Of a picture that was enlarged to side x side from a box of at most so many pixels. */
  function boxOf({ pixels }: Picture): Box {
    const [top, left] = pixels as unknown as [number, number];
    const [bottom, right] = pixels.subarray(-2) as unknown as [number, number];
    return { top, left, height: bottom - top + 1, width: right - left + 1 };
  }

  test('boxes of the area and proportion that are said', () => {
    const transform = new RandomResizedCrop({ size: side, scale: [0.2, 0.8], ratio: [0.5, 2], interpolation: 'nearest' });
    const x = chart(40, 60);
    const random = seededRandom(3);
    const logarithms: number[] = [];
    for (let i = 0; i < 500; i++) {
      const { height, width } = boxOf(drawn(transform, random, x));
      // Sides are rounded to whole pixels, of which there are at least 15.
      expect((height * width) / 2400).toBeGreaterThan(0.2 * 0.93);
      expect((height * width) / 2400).toBeLessThan(0.8 * 1.07);
      expect(width / height).toBeGreaterThan(0.5 * 0.93);
      expect(width / height).toBeLessThan(2 * 1.07);
      logarithms.push(Math.log2(width / height));
    }
    // Large boxes that are tall do not fit and are drawn again, so there are more wide ones; all kinds come.
    for (const from of [-1, -0.5, 0, 0.5]) {
      expect(logarithms.filter((value) => value >= from && value < from + 0.5).length).toBeGreaterThan(50);
    }
  });

  test('the largest box in the middle where none fits', () => {
    const box = (ratio: [number, number], x: Picture) =>
      boxOf(drawn(new RandomResizedCrop({ size: side, scale: [1, 1], ratio, interpolation: 'nearest' }), seededRandom(1), x));
    expect(box([1, 2], chart(3, 40))).toEqual({ top: 0, left: 17, height: 3, width: 6 });
    expect(box([0.5, 1], chart(40, 3))).toEqual({ top: 17, left: 0, height: 6, width: 3 });
    expect(box([0.01, 0.02], chart(40, 60))).toEqual({ top: 0, left: 29, height: 40, width: 1 });
  });

  test.each<Transform>([
    new RandomCrop({ size: 5, padding: [1, 2], paddingMode: 'symmetric' }),
    new CenterCrop({ size: [3, 4] }),
    new Pad({ padding: { top: 1, bottom: 2, left: 3, right: 4 }, fill: [1, 2, 3] }),
    new RandomHorizontalFlip({ p: 0.3 }),
    new RandomVerticalFlip(),
    new Resize({ size: 5 }),
    new RandomResizedCrop({ size: 4 }),
    new RandomRotation({ degrees: 30, fill: 3 }),
    new RandomAffine({ degrees: 3, shear: [1, 2, 3, 4], translate: [0.1, 0.2], scale: [0.5, 2] }),
    new RandomPerspective({ p: 1 }),
    new ElasticTransform({ alpha: 20, sigma: 2 }),
  ])('$className: the same from JSON, of the size that is said', (transform) => {
    const again = transformFrom(JSON.parse(JSON.stringify(serializedTransform(transform))));
    const after = transform.sizeAfter(photo);
    for (let seed = 0; seed < 5; seed++) {
      const result = drawn(transform, seededRandom(seed));
      expect(drawn(again, seededRandom(seed))).toEqual(result);
      expect({ height: result.height, width: result.width, channels: result.channels }).toEqual({
        height: after.height,
        width: after.width,
        channels: after.channels,
      });
    }
  });

  test('of one pixel, and of one row', () => {
    for (const x of [picture('dot', 1, 1, 3), picture('row', 1, 9, 1)]) {
      for (const transform of [
        new RandomPerspective({ p: 1, distortionScale: 1 }),
        new ElasticTransform(),
        new RandomRotation({ degrees: 180, interpolation: 'bilinear' }),
        new RandomResizedCrop({ size: 3 }),
        new RandomCrop({ size: [1, 1], padding: 3, paddingMode: 'reflect' }),
      ]) {
        for (let seed = 0; seed < 5; seed++) {
          const { pixels } = drawn(transform, seededRandom(seed), x);
          const after = transform.sizeAfter(x);
          expect(pixels.length).toBe(after.height * after.width * after.channels);
        }
      }
    }
  });
});

test('places that are no numbers lie outside', () => {
  const nowhere = new Float32Array(99).map((_, i) => [NaN, Infinity, -Infinity][i % 3]!);
  for (const interpolation of ['nearest', 'bilinear'] as const) {
    const { pixels } = elastic(photo, { dx: nowhere, dy: nowhere }, { interpolation, fill: 7 });
    expect(new Set(pixels)).toEqual(new Set([7]));
  }
});

test('boxes of test-time crops', () => {
  expect(centerCropBox({ height: 10, width: 7 }, [3, 4])).toEqual({ top: 4, left: 2, height: 3, width: 4 });
  expect(fiveCropBoxes({ height: 256, width: 300 }, 224)).toEqual([
    { top: 0, left: 0, height: 224, width: 224 },
    { top: 0, left: 76, height: 224, width: 224 },
    { top: 32, left: 0, height: 224, width: 224 },
    { top: 32, left: 76, height: 224, width: 224 },
    { top: 16, left: 38, height: 224, width: 224 },
  ]);
  expect(() => fiveCrop(photo, 10)).toThrow('a crop of 10 x 10 does not fit into 9 x 11 pixels; resize or pad it before');
  expect(() => tenCrop(photo, 3, { verticalFlip: 1 as never })).toThrow('tenCrop: verticalFlip must be true or false, got 1');
});

describe('refuses', () => {
  const corners = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const;
  test.each<[() => unknown, string]>([
    [() => rotate(photo, NaN), 'rotate: degrees must be a finite number, got NaN'],
    [() => rotate(photo, 1, { expand: 1 as never }), 'rotate: expand must be true or false, got 1'],
    [
      () => rotate(photo, 1, { expand: true, center: [1, 1] }),
      'rotate: center must be left out where the result expands about the middle, got [1,1]',
    ],
    [() => rotate(photo, 1, { center: [1] as never }), 'rotate: center must be finite numbers [x, y], got [1]'],
    [
      () => rotate(photo, 1, { interpolation: 'bicubic' as never }),
      'rotate: interpolation must be one of "nearest", "bilinear", got "bicubic"',
    ],
    [() => rotate(photo, 1, { fill: [1, 2] }), 'rotate: fill must have one grey level for each of the 3 channels, got 2'],
    [() => affine(photo, { scale: 0 }), 'affine: scale must be a finite number above 0, got 0'],
    [() => affine(photo, { shear: 90 }), 'affine: shear must be between -90 and 90 degrees, got 90'],
    [() => affine(photo, { translate: [1, NaN] }), 'affine: translate must be finite numbers [right, down], got [1,null]'],
    [() => affine(photo, { angle: '3' as never }), 'affine: angle must be a finite number, got "3"'],
    [() => perspective(photo, corners.slice(1), corners), 'perspective: startPoints must be four places [x, y], finite numbers'],
    [() => perspective(photo, corners, [...corners.slice(1), [NaN, 0]]), 'perspective: endPoints must be four places [x, y]'],
    [
      () =>
        perspective(photo, corners, [
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 1],
        ]),
      'perspective: no three of four places may lie on one line, got [[0,0],[1,0],[1,1],[0,1]] and [[0,0],[1,1],[2,2],[0,1]]',
    ],
    [() => elastic(photo, {} as never), 'elastic: displacement must be { dx, dy }, two arrays of numbers, got {}'],
    [
      () => elastic(photo, { dx: new Float32Array(99), dy: new Float32Array(9) }),
      'elastic: dx and dy must have a number for each of the 9 x 11 pixels, got 9',
    ],
    [() => resize(photo, 0), 'resize: size must be a positive integer, got 0'],
    [() => resize(photo, [3, NaN]), 'resize: size must be a positive integer or two of them [height, width], got [3,null]'],
    [() => resizedCrop(photo, { top: 0, left: 8, height: 2, width: 4 }, 3), 'resizedCrop: box must lie in the picture of 9 x 11'],
    [() => new Resize({ size: 2.5 }), 'Resize: size must be a positive integer, got 2.5'],
    [() => new RandomRotation({ degrees: -3 }), 'RandomRotation: degrees must be a number from 0 on, or [lowest, highest]'],
    [() => new RandomRotation({ degrees: [3, 1] }), 'RandomRotation: degrees must be [lowest, highest] in that order, got [3,1]'],
    [() => new RandomRotation(undefined as never), 'RandomRotation: degrees must be a number from 0 on'],
    [
      () => new RandomAffine({ degrees: 0, translate: [2, 0] }),
      'RandomAffine: translate must be parts of width and height in [0, 1], got [2,0]',
    ],
    [() => new RandomAffine({ degrees: 0, scale: [0, 1] }), 'RandomAffine: scale must be above 0, got [0,1]'],
    [() => new RandomAffine({ degrees: 0, shear: [1, 2, 3] as never }), 'RandomAffine: shear must be finite numbers'],
    [() => new RandomAffine({ degrees: 0, shear: 91 }), 'RandomAffine: shear must be between -90 and 90 degrees, got 91'],
    [() => new RandomPerspective({ distortionScale: 2 }), 'RandomPerspective: distortionScale must be a number in [0, 1], got 2'],
    [
      () => new RandomResizedCrop({ size: 3, scale: [0, 1] }),
      'scale must be parts of the area, above 0 and at most 1, got [0,1]',
    ],
    [
      () => new RandomResizedCrop({ size: 3, ratio: [0, 1] }),
      'RandomResizedCrop: ratio must be between 0.001 and 1000, got [0,1]',
    ],
    [() => new ElasticTransform({ alpha: Infinity }), 'ElasticTransform: alpha must be a finite number, got Infinity'],
    [() => new ElasticTransform({ sigma: 0 }), 'ElasticTransform: sigma must be a number above 0, at most 1000, got 0'],
    [
      () => new ElasticTransform({ sigma: 1e9 }),
      'ElasticTransform: sigma must be a number above 0, at most 1000, got 1000000000',
    ],
  ])('%#', (act, message) => {
    expect(act).toThrow(message);
  });
});
