/** Transforms made of transforms. */
import { onlyKnown, refuse } from '../checks.js';
import { GeometryError } from '../geometry.js';
import { inSequence, unchanged } from './operation.js';
import { type ChanceOptions, probability } from './options.js';
import type { Operation, PictureSize, Random, Transform } from './transform.js';
import { registerTransform, type SerializedTransform, serializedTransform, transformFrom } from './transform-registry.js';

/** Options of Compose. */
export interface ComposeOptions {
  /** Transforms, or the JSON of them. */
  transforms: readonly (Transform | SerializedTransform)[];
}

/** Options of RandomApply. */
export interface RandomApplyOptions extends ComposeOptions, ChanceOptions {}

/** Options of RandomChoice. */
export interface RandomChoiceOptions extends ComposeOptions {
  /** How likely each is, in any unit; default: all alike. */
  p?: readonly number[] | null;
}

/** @throws ArgumentError where they are no list of transforms */
export function transformsOf(where: string, transforms: unknown): readonly Transform[] {
  if (!Array.isArray(transforms)) return refuse(where, 'transforms', 'a list of transforms', transforms);
  return transforms.map((transform: Transform | SerializedTransform) => transformFrom(transform));
}

const sizeAfterAll = (transforms: readonly Transform[], size: PictureSize): PictureSize =>
  transforms.reduce((result, transform) => transform.sizeAfter(result), size);

function drawAll(transforms: readonly Transform[], random: Random, size: PictureSize): Operation {
  let current = size;
  return inSequence(
    transforms.map((transform) => {
      const operation = transform.draw(random, current);
      current = transform.sizeAfter(current);
      return operation;
    }),
  );
}

const sameSize = (a: PictureSize, b: PictureSize): boolean =>
  a.height === b.height && a.width === b.width && a.channels === b.channels;

const sizeText = ({ height, width, channels }: PictureSize): string => `${height} x ${width} x ${channels}`;

/** One after another; each draws for the size that those before leave. */
export class Compose implements Transform {
  static readonly className: string = 'Compose';
  readonly className = Compose.className;
  readonly fixed: boolean;
  private readonly transforms: readonly Transform[];

  /** @throws ArgumentError where transforms is no list of transforms */
  constructor(options: ComposeOptions) {
    this.transforms = transformsOf('Compose', onlyKnown('Compose', options, ['transforms']).transforms);
    this.fixed = this.transforms.every(({ fixed }) => fixed === true);
  }

  draw(random: Random, size: PictureSize): Operation {
    return drawAll(this.transforms, random, size);
  }

  sizeAfter(size: PictureSize): PictureSize {
    return sizeAfterAll(this.transforms, size);
  }

  getConfig(): Record<string, unknown> {
    return { transforms: this.transforms.map(serializedTransform) };
  }
}
registerTransform(Compose);

/** All of them or none. Draws one number, and what they draw where they are applied. They must keep the size of pictures. */
export class RandomApply implements Transform {
  static readonly className: string = 'RandomApply';
  readonly className = RandomApply.className;
  private readonly transforms: readonly Transform[];
  private readonly p: number;

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomApplyOptions) {
    const { transforms, p = 0.5 } = onlyKnown('RandomApply', options, ['transforms', 'p']);
    this.transforms = transformsOf('RandomApply', transforms);
    this.p = probability('RandomApply', 'p', p);
  }

  draw(random: Random, size: PictureSize): Operation {
    this.sizeAfter(size);
    return random() < this.p ? drawAll(this.transforms, random, size) : unchanged;
  }

  sizeAfter(size: PictureSize): PictureSize {
    const after = sizeAfterAll(this.transforms, size);
    if (sameSize(after, size)) return size;
    throw new GeometryError(
      `RandomApply: transforms must keep the size of pictures, which may or may not pass through them, ` +
        `got ${sizeText(after)} from ${sizeText(size)}`,
    );
  }

  getConfig(): Record<string, unknown> {
    return { transforms: this.transforms.map(serializedTransform), p: this.p };
  }
}
registerTransform(RandomApply);

/** One of them. Draws one number, and what that one draws. All must give pictures of one size. */
export class RandomChoice implements Transform {
  static readonly className: string = 'RandomChoice';
  readonly className = RandomChoice.className;
  private readonly transforms: readonly Transform[];
  private readonly p: readonly number[] | null;

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomChoiceOptions) {
    const { transforms, p = null } = onlyKnown('RandomChoice', options, ['transforms', 'p']);
    this.transforms = transformsOf('RandomChoice', transforms);
    const { length } = this.transforms;
    if (length === 0) refuse('RandomChoice', 'transforms', 'a list of at least one transform', []);
    const fits = Array.isArray(p) && p.length === length && p.every((value) => value >= 0 && value < Infinity);
    if (p !== null && !(fits && p.some((value) => value > 0))) {
      refuse('RandomChoice', 'p', `${length} numbers from 0 on, one for each transform, not all 0`, p);
    }
    this.p = p;
  }

  draw(random: Random, size: PictureSize): Operation {
    this.sizeAfter(size);
    return this.transforms[this.place(random())]!.draw(random, size);
  }

  /** The place that a number in [0, 1) falls on. */
  private place(number: number): number {
    const { p, transforms } = this;
    if (p === null) return Math.floor(number * transforms.length);
    let rest = number * p.reduce((sum, value) => sum + value, 0);
    const place = p.findIndex((value) => {
      rest -= value;
      return rest < 0;
    });
    // Where the sum's rounding leaves a rest, the last that can be chosen.
    return place >= 0 ? place : p.findLastIndex((value) => value > 0);
  }

  sizeAfter(size: PictureSize): PictureSize {
    const [first, ...others] = this.transforms.map((transform) => transform.sizeAfter(size)) as [PictureSize, ...PictureSize[]];
    const other = others.find((each) => !sameSize(each, first));
    if (other === undefined) return first;
    throw new GeometryError(
      `RandomChoice: all transforms must give pictures of one size, got ${sizeText(first)} and ${sizeText(other)}`,
    );
  }

  getConfig(): Record<string, unknown> {
    return { transforms: this.transforms.map(serializedTransform), p: this.p };
  }
}
registerTransform(RandomChoice);
