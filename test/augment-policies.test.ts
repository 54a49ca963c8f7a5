/** Policies: spaces, pairs and operations against torchvision's; what is drawn; bytes and tensors alike. */
import * as tf from '@tensorflow/tfjs-core';
import '../src/standard/register.js';
import '@tensorflow/tfjs-backend-wasm';
import {
  AutoAugment,
  type AutoAugmentPolicy,
  Compose,
  RandAugment,
  serializedTransform,
  type Transform,
  TrivialAugmentWide,
  transformFrom,
} from '../src/augment/index.js';
import {
  type AugmentationSpace,
  autoAugmentSpace,
  type PolicyOperation,
  randAugmentSpace,
  trivialAugmentWideSpace,
} from '../src/augment/policies/augmentation-space.js';
import { policies } from '../src/augment/policies/auto-augment-policies.js';
import { drawName, drawStrength, policyOperation } from '../src/augment/policies/policy-operation.js';
import { seededRandom } from '../src/random.js';
import { picture, tensorOf } from './augment-parts.js';
import { fixture } from './fixtures.js';

interface Golden {
  height: number;
  width: number;
  spaces: {
    policy: 'AutoAugment' | 'RandAugment' | 'TrivialAugmentWide';
    bins: number;
    space: Record<string, { magnitudes: number[] | null; signed: boolean }>;
  }[];
  policies: Record<AutoAugmentPolicy, unknown[]>;
  operations: { name: PolicyOperation; magnitude: number; pixels: string }[];
}
const golden = fixture<Golden>('torchvision-policies.json');
const size = { height: golden.height, width: golden.width, channels: 3 };
const photo = picture('photo', size.height, size.width, 3);

const spaces: Record<string, AugmentationSpace> = {
  AutoAugment: autoAugmentSpace,
  RandAugment: randAugmentSpace,
  TrivialAugmentWide: trivialAugmentWideSpace,
};

test.each(golden.spaces.map((each) => [each.policy, each.bins, each.space] as const))(
  '%s chooses from what torchvision does, of %d strengths',
  (policy, bins, expected) => {
    const found = spaces[policy]!;
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { magnitudes, signed }] of Object.entries(expected)) {
      const own = found[name as PolicyOperation]!;
      expect([name, own.signed]).toEqual([name, signed]);
      const values = own.of(bins, size);
      expect(values?.length).toBe(magnitudes?.length);
      // Torch's are float32, of a few operations.
      magnitudes?.forEach((value, i) =>
        expect(Math.abs(values![i]! - value)).toBeLessThanOrEqual(4 * 2 ** -24 * Math.max(1, value)),
      );
    }
  },
);

test('AutoAugment has the pairs of torchvision', () => {
  expect(policies).toEqual(golden.policies);
});

describe('operations do what torchvision does, within one grey level', () => {
  test.each(golden.operations.map((each) => [each.name, each.magnitude, each] as const))(
    '%s %d',
    (name, magnitude, { pixels }) => {
      const expected = Buffer.from(pixels, 'base64');
      const found = policyOperation(name, magnitude, size, { interpolation: 'nearest', fill: 0 }).onPicture(photo).pixels;
      const off = found.filter((level, i) => Math.abs(level - expected[i]!) > 1).length;
      expect(off).toBe(0);
    },
  );
});

const all: [string, () => Transform][] = [
  ['RandAugment', () => new RandAugment({ numOps: 3, magnitude: 20, fill: [9, 99, 200] })],
  ['RandAugment, bilinear', () => new RandAugment({ numMagnitudeBins: 11, interpolation: 'bilinear' })],
  ['TrivialAugmentWide', () => new TrivialAugmentWide()],
  ['AutoAugment of imagenet', () => new AutoAugment()],
  ['AutoAugment of cifar10', () => new AutoAugment({ policy: 'cifar10' })],
  ['AutoAugment of svhn', () => new AutoAugment({ policy: 'svhn', interpolation: 'bilinear', fill: 128 })],
];

describe.each(all)('%s', (_, make) => {
  test('draws the same from the same seed, and from JSON, and much', () => {
    const again = transformFrom(JSON.parse(JSON.stringify(serializedTransform(make()))));
    const seen = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const draw = (transform: Transform) => transform.draw(seededRandom(seed), size).onPicture(photo);
      expect(draw(again)).toEqual(draw(make()));
      seen.add(draw(again).pixels.join());
    }
    expect(seen.size).toBeGreaterThan(20);
    expect(make().sizeAfter(size)).toBe(size);
  });

  test.each(['cpu', 'wasm-cnn', 'wasm'])('gives the same bytes on %s, chains too', async (backend) => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const chain = new Compose({ transforms: [make(), make()] });
    for (const x of [photo, picture('grey', 19, 17, 1)]) {
      // A fill of three colours is none of grey pictures.
      if (x.channels === 1 && Array.isArray(make().getConfig()['fill'])) continue;
      for (let seed = 0; seed < 12; seed++) {
        const operation = chain.draw(seededRandom(seed), x);
        const expected = operation.onPicture(x).pixels;
        const levels = tf.tidy(() => operation.onTensor(tensorOf(x)).dataSync());
        expect([...levels]).toEqual([...expected]);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('every operation is chosen as often as the others, every direction as often as the opposite', () => {
  const random = seededRandom(5);
  const count = 7000;
  // Five deviations of a share of so many draws.
  const expectShare = (times: number, share: number) =>
    expect(Math.abs(times - count * share)).toBeLessThan(5 * Math.sqrt(count * share * (1 - share)));
  const times: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const name = drawName(randAugmentSpace, random);
    times[name] = (times[name] ?? 0) + 1;
  }
  expect(Object.keys(times).length).toBe(14);
  for (const name in times) expectShare(times[name]!, 1 / 14);
  const grey = { pixels: new Uint8Array(1).fill(100), height: 1, width: 1, channels: 1 };
  let darker = 0;
  for (let i = 0; i < count; i++) {
    const operation = drawStrength(randAugmentSpace, 'Brightness', 9, 31, { random, size: grey, warp: {} });
    // 0.9 9 / 30 is 0.27.
    const [level] = operation.onPicture(grey).pixels;
    expect([73, 127]).toContain(level);
    if (level === 73) darker++;
  }
  expectShare(darker, 0.5);
});

test.each<[() => unknown, string]>([
  [() => new RandAugment({ numOps: -1 }), 'RandAugment: numOps must be an integer, 0 or more, got -1'],
  [() => new RandAugment({ magnitude: 31 }), 'RandAugment: magnitude must be an integer from 0 to 30, got 31'],
  [
    () => new TrivialAugmentWide({ numMagnitudeBins: 1 }),
    'TrivialAugmentWide: numMagnitudeBins must be an integer from 2 on, got 1',
  ],
  [
    () => new AutoAugment({ policy: 'mnist' as never }),
    'AutoAugment: policy must be one of "imagenet", "cifar10", "svhn", got "mnist"',
  ],
  [() => new AutoAugment({ interpolation: 'cubic' as never }), 'AutoAugment: interpolation must be one of'],
  [
    () => new RandAugment({ numOps: 20 }).draw(seededRandom(1), { ...size, channels: 4 }).onPicture({ ...photo, channels: 4 }),
    'pictures must have 1 channel (grey) or 3 (red, green, blue), got 4',
  ],
])('%p is refused: %s', (act, message) => {
  expect(act).toThrow(message);
});
