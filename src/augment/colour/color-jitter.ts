import { refuse } from '../../checks.js';
import { drawBelow, drawBetween } from '../draws.js';
import { inSequence } from '../operation.js';
import { range } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { brightnessOperation } from './brightness.js';
import { checkColours } from './colours.js';
import { contrastOperation } from './contrast.js';
import { hueOperation } from './hue.js';
import { saturationOperation } from './saturation.js';

/** How much: a number a for factors in [max(0, 1 - a), 1 + a] (of hue [-a, a]), or [lowest, highest]. */
export type JitterRange = number | readonly [number, number];

/** Options of ColorJitter. Default of each: 0, nothing. */
export interface ColorJitterOptions {
  /** Factor of adjustBrightness. */
  brightness?: JitterRange;
  /** Factor of adjustContrast. */
  contrast?: JitterRange;
  /** Factor of adjustSaturation. */
  saturation?: JitterRange;
  /** Factor of adjustHue: at most 0.5, or within [-0.5, 0.5]. */
  hue?: JitterRange;
}

type Kind = keyof ColorJitterOptions;

const operations: Record<Kind, (factor: number, size: PictureSize) => Operation> = {
  brightness: brightnessOperation,
  contrast: contrastOperation,
  saturation: saturationOperation,
  hue: hueOperation,
};
const kinds = Object.keys(operations) as Kind[];

function factors(kind: Kind, given: JitterRange): readonly [number, number] {
  const middle = kind === 'hue' ? 0 : 1;
  if (typeof given === 'number') {
    if (!(given >= 0 && given < Infinity)) refuse('ColorJitter', kind, 'a finite number >= 0, or [lowest, highest]', given);
    const low = middle - given;
    return within(kind, [kind === 'hue' ? low : Math.max(0, low), middle + given]);
  }
  return within(kind, range('ColorJitter', kind, given, kind === 'hue' ? -0.5 : 0));
}

function within(kind: Kind, [low, high]: readonly [number, number]): readonly [number, number] {
  return kind === 'hue' && high > 0.5 ? refuse('ColorJitter', 'hue', 'within [-0.5, 0.5]', [low, high]) : [low, high];
}

/**
 * Brightness, contrast, saturation and hue changed by random factors, in random order. Draws seven numbers: three for
 * the order, four factors.
 * Source: torchvision's ColorJitter.
 */
export class ColorJitter extends PictureTransform<Record<Kind, readonly [number, number]>> {
  static readonly className: string = 'ColorJitter';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: ColorJitterOptions = {}) {
    const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options ?? {};
    super(
      {
        brightness: factors('brightness', brightness),
        contrast: factors('contrast', contrast),
        saturation: factors('saturation', saturation),
        hue: factors('hue', hue),
      },
      options,
    );
  }

  draw(random: Random, size: PictureSize): Operation {
    checkColours('ColorJitter', size);
    const order = [...kinds];
    for (let i = order.length - 1; i > 0; i--) {
      const j = drawBelow(random, i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const drawn = kinds.map((kind) => [kind, drawBetween(random, this.options[kind])] as const);
    const factorOf = Object.fromEntries(drawn) as Record<Kind, number>;
    const changing = order.filter((kind) => factorOf[kind] !== (kind === 'hue' ? 0 : 1));
    return inSequence(changing.map((kind) => operations[kind](factorOf[kind], size)));
  }
}
registerTransform(ColorJitter);
