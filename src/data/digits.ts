import { mixSeeds, seededRandom } from '../random.js';
import type { DatasetSplit, ImageDataset } from './dataset.js';
import { DIGIT_STROKES, type Point, type Stroke } from './digit-strokes.js';

// As locals: a look-up of Math takes longer than the work where globals are intercepted (jest, vm contexts).
const { cos, exp, floor, max, min, round, sin, sqrt } = Math;

/** As MNIST: 28 x 28, the digit in a box of 20. */
const SIDE = 28;
const BOX = 20;

/**
 * Handwritten-looking digits, drawn by the package itself: the strokes of ten digits in several styles,
 * with random slant, turn, proportions, wobble, thickness and noise, anti-aliased, grey on black, 28 x 28.
 * As in MNIST the larger side of the digit measures 20 pixels and its centre of mass lies in the middle.
 *
 * @param counts pictures in each part; default 60,000 and 10,000
 * @param seed   default 1; the same seed draws the same digits
 */
export function syntheticDigits(counts: { train: number; test: number } = { train: 60000, test: 10000 }, seed = 1): DatasetSplit {
  return { train: drawDigits(counts.train, mixSeeds(seed, 0)), test: drawDigits(counts.test, mixSeeds(seed, 1)) };
}

function drawDigits(count: number, seed: number): ImageDataset {
  const random = seededRandom(seed);
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = floor(random() * DIGIT_STROKES.length);
    drawDigit(labels[i], random, images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
  }
  return {
    images,
    labels,
    count,
    height: SIDE,
    width: SIDE,
    channels: 1,
    classNames: DIGIT_STROKES.map((_, digit) => `${digit}`),
    sourceDescription: 'synthetic digits, drawn by tfjs-cnn',
  };
}

function drawDigit(digit: number, random: () => number, out: Uint8Array): void {
  const styles = DIGIT_STROKES[digit];
  const style = styles[floor(random() * styles.length)];
  const bend = randomBend(random);
  const lines = fitToBox(style.map((stroke) => smooth(wobble(stroke, random)).map(bend)));
  const radius = 0.75 + random();
  const softness = 0.6 + 0.5 * random();
  const ink = new Float32Array(SIDE * SIDE);
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) inkSegment(ink, line[i - 1], line[i], radius, softness);
  }
  const strength = 225 + 30 * random();
  const grain = 0.12 * random();
  for (let i = 0; i < ink.length; i++) {
    const value = ink[i] && ink[i] * (1 - grain * random());
    out[i] = round(strength * value);
  }
}

/** Every point of a stroke moved a little by itself: no two people turn at the same place. */
function wobble(stroke: Stroke, random: () => number): Point[] {
  const spread = 0.05;
  return stroke.map(([x, y]) => [x + spread * (random() + random() - 1), y + spread * (random() + random() - 1)] as const);
}

/** Slant, turn, proportions and one slow wave over the page, about the middle of the unit square. */
function randomBend(random: () => number): (point: Point) => Point {
  const symmetric = () => random() + random() - 1;
  const angle = 0.2 * symmetric();
  const slant = 0.15 + 0.5 * symmetric();
  const stretch = exp(0.4 * symmetric());
  const [waveX, waveY, phaseX, phaseY] = [0.06 * symmetric(), 0.06 * symmetric(), 6.3 * random(), 6.3 * random()];
  const [turnX, turnY] = [cos(angle), sin(angle)];
  return ([px, py]) => {
    const x = (px - 0.5) * stretch + waveX * sin(4 * py + phaseX);
    const y = py - 0.5 + waveY * sin(4 * px + phaseY);
    const slanted = x - slant * y;
    return [turnX * slanted - turnY * y, turnY * slanted + turnX * y];
  };
}

/** Catmull-Rom spline through the points: a stroke bends at them, it does not break. */
function smooth(points: Point[]): Point[] {
  if (points.length === 2) return points;
  const steps = 5;
  const curve: Point[] = [points[0]];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, c, d] = [points[max(0, i - 1)], points[i], points[i + 1], points[min(points.length - 1, i + 2)]];
    for (let s = 1; s <= steps; s++) {
      const t = s / steps;
      const along = (k: 0 | 1) =>
        b[k] + 0.5 * t * (c[k] - a[k] + t * (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k] + t * (3 * (b[k] - c[k]) + d[k] - a[k])));
      curve.push([along(0), along(1)]);
    }
  }
  return curve;
}

/** Scales lines so that their larger side is BOX less the pen's width, their centre of mass in the picture's middle. */
function fitToBox(lines: Point[][]): Point[][] {
  const points = lines.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const side = max(max(...xs) - min(...xs), max(...ys) - min(...ys));
  const scale = (BOX - 2) / side;
  let [mass, centreX, centreY] = [0, 0, 0];
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) {
      const length = sqrt((line[i][0] - line[i - 1][0]) ** 2 + (line[i][1] - line[i - 1][1]) ** 2);
      mass += length;
      centreX += (length * (line[i][0] + line[i - 1][0])) / 2;
      centreY += (length * (line[i][1] + line[i - 1][1])) / 2;
    }
  }
  return lines.map((line) =>
    line.map(([x, y]) => [(x - centreX / mass) * scale + SIDE / 2, (y - centreY / mass) * scale + SIDE / 2] as const),
  );
}

/** Ink of a round pen along one segment; overlapping strokes do not add up. */
function inkSegment(ink: Float32Array, [ax, ay]: Point, [bx, by]: Point, radius: number, softness: number): void {
  const reach = radius + softness;
  const left = max(0, floor(min(ax, bx) - reach));
  const right = min(SIDE - 1, floor(max(ax, bx) + reach));
  const top = max(0, floor(min(ay, by) - reach));
  const bottom = min(SIDE - 1, floor(max(ay, by) + reach));
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
      const along = min(1, max(0, (px * dx + py * dy) / squared));
      const [offX, offY] = [px - along * dx, py - along * dy];
      const distance = sqrt(offX * offX + offY * offY);
      const cover = min(1, max(0, (radius + softness / 2 - distance) / softness));
      const place = y * SIDE + x;
      if (cover > ink[place]) ink[place] = cover;
    }
  }
}
