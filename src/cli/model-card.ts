import type { DatasetSplit } from '../data/dataset.js';
import type { TrainResult } from '../train/trainer.js';
import { describeData } from './data-options.js';
import { percent } from './output.js';

export interface CardFacts {
  readonly name: string;
  /** As it was typed. */
  readonly command: string;
  readonly backend: string;
  readonly seed: number;
  readonly data: Parameters<typeof describeData>[0] & DatasetSplit<{ readonly classNames: readonly string[] }>;
  readonly result: Pick<TrainResult, 'epochs' | 'seconds'> & Partial<Pick<TrainResult, 'imagesPerSecond'>>;
  /** What else there is to say, as lines of a list. */
  readonly more?: readonly string[];
}

/** The card that goes with a model, in Markdown: what it was trained on, how, and how good it is. */
export function modelCard({ name, command, backend, seed, data, result, more = [] }: CardFacts): string {
  const last = result.epochs[result.epochs.length - 1];
  const pace = result.imagesPerSecond === undefined ? '' : `, ${Math.round(result.imagesPerSecond)} images/s`;
  const rows = result.epochs.map(({ epoch, train, test }) => {
    const cells = [
      epoch,
      train.loss.toFixed(4),
      percent(train.accuracy),
      test ? percent(test.accuracy) : '',
      test?.loss.toFixed(4) ?? '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `# ${name}`,
    '',
    `- Test accuracy: ${last.test ? percent(last.test.accuracy) : 'not tested'} of ${data.test.count} pictures`,
    `- Data: ${describeData(data)}`,
    `- Classes: ${data.train.classNames.join(', ')}`,
    `- Command: \`${command}\``,
    `- Seed: ${seed}`,
    `- Backend: ${backend}, ${result.seconds.toFixed(1)} s${pace}`,
    ...more.map((line) => `- ${line}`),
    '',
    '| epoch | training loss | training accuracy | test accuracy | test loss |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'The learning curve is in curve.svg. What pictures must look like (size, mean, standard deviation, class',
    "names) is in model.json's userDefinedMetadata.",
    '',
  ].join('\n');
}
