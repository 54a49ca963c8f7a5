import { InvalidArgumentError } from 'commander';
import { RandomCrop, RandomHorizontalFlip, type Transform } from '../augment/index.js';

/** Makes a transform for pictures of a size, in pixels; `argument` is what stood behind the colon. */
type Maker = (argument: string | undefined, height: number, width: number) => Transform;

const makers: Readonly<Record<string, Maker>> = {
  crop: (padding = '4', height, width) => new RandomCrop({ size: [height, width], padding: wholeNumber('crop', padding) }),
  flip: () => new RandomHorizontalFlip(),
};

/** Words that --augment takes. */
export const AUGMENTATIONS = ['none', 'crop[:padding]', 'flip'] as const;

/**
 * The transforms that --augment names.
 *
 * @param text words with commas between them
 * @throws InvalidArgumentError listing what there is
 */
export function augmentation(text: string, height: number, width: number): Transform[] {
  if (text === 'none') return [];
  return text.split(',').map((word) => {
    const [name, argument] = word.trim().split(':') as [string, string | undefined];
    const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
    if (!make) throw new InvalidArgumentError(`Expected ${AUGMENTATIONS.join(', ')} with commas between them, found '${word}'.`);
    return make(argument, height, width);
  });
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`Expected ${name}:<pixels>, found '${name}:${text}'.`);
  return Number(text);
}
