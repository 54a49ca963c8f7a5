import { type CifarVariant, parseCifar } from './cifar.js';
import { DataError, type ImageDataset, type NamedBytes } from './dataset.js';
import { textOf } from './pickle/machine.js';
import { isPickledArray, numpyGlobals } from './pickle/numpy-globals.js';
import { unpickle } from './pickle/unpickle.js';

const PIXELS = 3 * 32 * 32;

/**
 * Joins batches of CIFAR's python version: pickled dictionaries with `data`, bytes [count, 3072], and `labels` or `fine_labels`.
 *
 * @param classNames default: CIFAR-10's names, or the numbers
 * @throws DataError where a file is damaged or holds something else; nothing that it names is run
 */
export function parseCifarPython(
  files: readonly NamedBytes[],
  variant: CifarVariant,
  sourceDescription: string,
  classNames?: readonly string[],
): ImageDataset {
  const records = files.map((file) => ({ name: file.name, bytes: recordsOf(file, variant) }));
  return parseCifar(records, variant, sourceDescription, classNames);
}

/** Names of the classes in a pickled `meta` or `batches.meta`. */
export function parseCifarNames({ name, bytes }: NamedBytes, variant: CifarVariant): string[] {
  const key = variant.classes === 10 ? 'label_names' : 'fine_label_names';
  const names = dictionaryOf(name, bytes).get(key);
  if (!Array.isArray(names) || names.length !== variant.classes) {
    throw new DataError(name, `${variant.classes} class names under '${key}'`, Array.isArray(names) ? `${names.length}` : 'none');
  }
  return names.map(textOf);
}

/** The same batch in the binary version, whose reader checks labels. */
function recordsOf({ name, bytes }: NamedBytes, variant: CifarVariant): Uint8Array {
  const batch = dictionaryOf(name, bytes);
  const data = batch.get('data');
  const key = variant.classes === 10 ? 'labels' : 'fine_labels';
  const labels = batch.get(key);
  if (!isPickledArray(data) || data.dtype !== '|u1' || data.fortran || data.shape.length !== 2 || data.shape[1] !== PIXELS) {
    const found = isPickledArray(data) ? `${data.dtype} [${data.shape.join(', ')}]` : 'something else';
    throw new DataError(name, `an array of bytes [count, ${PIXELS}] under 'data'`, found);
  }
  const [count] = data.shape as [number];
  if (!Array.isArray(labels) || labels.length !== count) {
    throw new DataError(name, `${count} numbers under '${key}'`, Array.isArray(labels) ? `${labels.length}` : 'something else');
  }
  const record = variant.labelBytes + PIXELS;
  const records = new Uint8Array(count * record);
  labels.forEach((label: unknown, i) => {
    if (!(Number.isInteger(label) && (label as number) >= 0 && (label as number) < variant.classes)) {
      throw new DataError(name, `labels below ${variant.classes}`, `${String(label)} at place ${i}`);
    }
    records[i * record + variant.labelBytes - 1] = label as number;
    records.set(data.bytes.subarray(i * PIXELS, (i + 1) * PIXELS), i * record + variant.labelBytes);
  });
  return records;
}

function dictionaryOf(name: string, bytes: Uint8Array): Map<unknown, unknown> {
  const { value } = unpickle(bytes, name, { globals: numpyGlobals });
  if (value instanceof Map) return value as Map<unknown, unknown>;
  throw new DataError(name, 'a pickled dictionary', 'something else');
}
