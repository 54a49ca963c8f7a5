import { type Command, Option } from 'commander';
import { type DatasetSplit, type ImageDataset, sliceDataset } from '../data/dataset.js';
import { syntheticDigits } from '../data/digits.js';
import { findMnist } from '../data/find-mnist-node.js';
import { DATA_FORMATS, type DataFormat, loadDataset } from '../data/load-dataset-node.js';
import { positiveInteger } from './options.js';

/** Options of the commands that read a data set. */
export interface DataOptions {
  data?: string;
  format: DataFormat | 'auto';
  imageSize?: number;
  channels?: 1 | 3;
  failOnBroken?: boolean;
  limit?: number;
}

export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <folder>',
      "folder of the data set, or 'synthetic' for digits drawn by tfjs-cnn (default: MNIST, searched and downloaded)",
    )
    .addOption(new Option('--format <format>', 'format of the data').choices(['auto', ...DATA_FORMATS]).default('auto'))
    .option('--image-size <pixels>', 'side to which a folder of pictures is scaled', positiveInteger)
    .addOption(
      new Option('--channels <count>', 'colours of a folder of pictures: 1 (grey) or 3').choices(['1', '3']).argParser(Number),
    )
    .option('--fail-on-broken', 'end at a picture that does not decode (default: leave it out and name it)')
    .option('--limit <count>', 'use the first pictures of each part only', positiveInteger);
}

/** What a folder of pictures is made into unless the options say otherwise. */
interface PictureDefaults {
  readonly size: number;
  readonly channels: 1 | 3;
  /** Length that the shorter side is scaled to before the middle is cut out. */
  readonly resize?: number | undefined;
  /** Of the split into parts. */
  readonly seed: number;
}

/** Reads what the options name, or finds MNIST, or draws digits. */
export async function readData(
  options: DataOptions,
  pictures: PictureDefaults,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<DatasetSplit> {
  const { data, limit } = options;
  if (data === 'synthetic') return syntheticDigits(limit ? { train: limit, test: limit } : undefined);
  const split = data ? await readFolder(data, options, pictures, say) : await findOrDraw(say, signal);
  return limit ? { train: sliceDataset(split.train, 0, limit), test: sliceDataset(split.test, 0, limit) } : split;
}

async function readFolder(
  folder: string,
  { format, imageSize, channels, failOnBroken }: DataOptions,
  pictures: PictureDefaults,
  say: (line: string) => void,
): Promise<DatasetSplit> {
  const size = imageSize ?? pictures.size;
  let broken = 0;
  const split = await loadDataset(folder, format, {
    height: size,
    width: size,
    resize: imageSize === undefined ? pictures.resize : undefined,
    channels: channels ?? pictures.channels,
    undecodable: failOnBroken ? 'fail' : 'skip',
    seed: pictures.seed,
    onSkipped({ message }) {
      broken++;
      say(`left out: ${message}`);
    },
  });
  if (broken > 0)
    say(`left out: ${broken} of ${broken + split.train.count + split.test.count + (split.validation?.count ?? 0)} pictures`);
  return split;
}

async function findOrDraw(say: (line: string) => void, signal: AbortSignal): Promise<DatasetSplit> {
  const found = await findMnist({ onNotice: say, onProgress: showBytes, signal });
  if (found) return found;
  say('Using digits drawn by tfjs-cnn instead. To train on MNIST, put its four idx files in a folder and name it with --data.');
  return syntheticDigits();
}

function showBytes(bytes: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${(bytes / 1e6).toFixed(1)} MB\r`);
}

/** A part of a data set, in memory or not. */
type DescribedPart = Pick<ImageDataset, 'count' | 'channels' | 'sourceDescription'> &
  Partial<Pick<ImageDataset, 'height' | 'width'>>;

/** "60,000 + 10,000 pictures of 28 x 28 x 1 from /data/mnist" */
export function describeData({ train, test }: DatasetSplit<DescribedPart>): string {
  const count = (n: number) => n.toLocaleString('en-US');
  const { height, width, channels, sourceDescription } = train;
  return `${count(train.count)} + ${count(test.count)} pictures of ${height} x ${width} x ${channels}: ${sourceDescription}`;
}
