import { DataError, type ImageDataset, type NamedBytes } from './dataset.js';
import { parseIdx } from './idx.js';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * A dataset of MNIST's kind (MNIST, Fashion-MNIST, KMNIST): grey pictures and labels as a pair of idx files.
 *
 * @param classNames default: the ten digits
 * @throws DataError where a file is damaged, the counts differ, or a label has no class
 */
export function parseMnist(
  images: NamedBytes,
  labels: NamedBytes,
  sourceDescription: string,
  classNames: readonly string[] = DIGITS,
): ImageDataset {
  const pictures = parseIdx(images.bytes, 3, images.name);
  const classes = parseIdx(labels.bytes, 1, labels.name);
  const [count, height, width] = pictures.shape;
  if (classes.shape[0] !== count) {
    throw new DataError(labels.name, `${count} labels, one for each picture of ${images.name}`, `${classes.shape[0]}`);
  }
  if (count * height * width === 0) throw new DataError(images.name, 'at least one picture', pictures.shape.join(' x '));
  const strange = classes.values.findIndex((label) => label >= classNames.length);
  if (strange >= 0) {
    throw new DataError(labels.name, `labels below ${classNames.length}`, `${classes.values[strange]} at place ${strange}`);
  }
  return {
    images: pictures.values,
    labels: Int32Array.from(classes.values),
    count,
    height,
    width,
    channels: 1,
    classNames,
    sourceDescription,
  };
}

/** Class names of Fashion-MNIST, whose files have the names of MNIST's. */
export const FASHION_CLASSES: readonly string[] = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
];
