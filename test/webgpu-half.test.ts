/** Half precision on WebGPU: halves packed by hand on Chromium's software driver, the device's own on Mesa's. */
import { resolve } from 'node:path';
import { bundled, runWith } from './command-line.js';
import { describeIf, lavapipeDriver, vulkanDriver } from './requires.js';

const root = resolve(__dirname, '..');

interface Training {
  readonly losses: number[];
  readonly scale: number;
  readonly skipped: number;
}

interface Found {
  readonly adapter: object;
  readonly withHalves: number;
  readonly tiles: Record<string, { products: { name: string; ofHalves: number; exact: number }[]; largest: (number | string)[] }>;
  readonly trainings: Record<'float32' | 'float16' | 'tooLarge' | 'still', Training>;
}

const drivers = [
  // Its tiles are compiled in seconds each: 128 differ from 64 by their number only, and are compiled on one driver.
  { component: 'vulkan', driver: vulkanDriver, architecture: 'swiftshader', tiles: ['shared64', 'shared128', 'direct'] },
  { component: 'lavapipe', driver: lavapipeDriver, architecture: 'software', tiles: ['direct', 'shared64'] },
] as const;

describe.each(drivers)('$architecture', ({ component, driver, architecture, tiles }) => {
  describeIf(component, 'half precision', () => {
    let found: Found;
    beforeAll(() => {
      const program = bundled('test/processes/webgpu-half.ts', `webgpu-half-${architecture}`);
      const { status, stderr, json } = runWith({ VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver }, program, root, ...tiles);
      if (status !== 0) throw new Error(`ends with ${status}: ${stderr}`);
      found = json as unknown as Found;
    }, 900_000);

    test('runs on the driver that was asked for, with its own halves where it has some', () => {
      expect(found.adapter).toMatchObject({ architecture });
      if (architecture === 'software') expect(found.withHalves).toBeGreaterThan(5);
      else expect(found.withHalves).toBe(0);
    });

    describe.each([...tiles])('products in tiles %s', (name) => {
      test('are those of the nearest halves, summed up in float32', () => {
        const { products } = found.tiles[name]!;
        expect(products.map((each) => each.name)).toHaveLength(9);
        for (const { name: product, ofHalves } of products) expect([product, ofHalves < 1]).toEqual([product, true]);
      });

      test('are as near to those of the numbers themselves as two roundings to halves let them be, and no nearer', () => {
        for (const { name: product, exact } of found.tiles[name]!.products) {
          // Float32 would be off by a thousandth of that.
          expect([product, exact > 0.01 && exact < 1]).toEqual([product, true]);
        }
      });

      test('are infinite from where a half is', () => {
        expect(found.tiles[name]!.largest).toEqual([65504, 65504, 'Infinity', '-Infinity', 'Infinity', 2]);
      });
    });

    test('LeNet-5 trains as in float32', () => {
      const { float16, float32 } = found.trainings;
      expect(float16).toMatchObject({ scale: 65536, skipped: 0 });
      expect(float16.losses).toHaveLength(12);
      // Five layers round twice in each of three products, by 2^-11: of the logits, which are no larger than the loss, and of each step.
      float16.losses.forEach((loss, i) => {
        const bound = 5 * 3 * 2 * 2 ** -11 * (i + 1) * float32.losses[i]!;
        expect([i, Math.abs(loss - float32.losses[i]!) < bound]).toEqual([i, true]);
      });
      // Not float32 under another name.
      expect(float16.losses).not.toEqual(float32.losses);
    });

    test('a scale too large is halved until dy fits, and the steps before that change no weight', () => {
      const { tooLarge, still } = found.trainings;
      expect(tooLarge.skipped).toBeGreaterThan(0);
      expect(tooLarge.skipped).toBeLessThan(10);
      expect(tooLarge.scale).toBe(2 ** (24 - tooLarge.skipped));
      // Losses are those of the net as it was, up to the first step that is taken.
      const same = tooLarge.skipped + 1;
      expect(tooLarge.losses.slice(0, same)).toEqual(still.losses.slice(0, same));
      expect(tooLarge.losses[same]).toBeLessThan(still.losses[same]!);
    });
  });
});
