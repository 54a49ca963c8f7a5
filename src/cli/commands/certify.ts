import { Command, InvalidArgumentError, Option } from 'commander';
import { formatCertificate } from '../../inspect/certify/certificate.js';
import { certificateOfAll } from '../../inspect/certify/certify.js';
import { referenceTraining } from '../../inspect/certify/reference.js';
import type { TrainingRecord } from '../../inspect/certify/training-record.js';
import { BACKENDS, useBackend } from '../backends.js';
import { recordInBrowser } from '../certify/in-browser.js';
import { type Absence, answerParent, recordInChild } from '../certify/in-child.js';
import { type CertifySpec, taskOfSpec } from '../certify/spec.js';
import type { Driver } from '../chromium/find-chromium.js';
import { pictureShapeText } from '../net-or-saved.js';
import { jsonOption, positiveInteger, positiveNumber, seedNumber } from '../options.js';
import { Output } from '../output.js';

interface CertifyOptions {
  steps: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  width?: number;
  inputShape?: [number, number, number];
  classes?: number;
  backends?: string[];
  browser?: Driver;
  json?: boolean;
  /** Of children: the backend to train on, and the folder of what is to be trained and of the answer. */
  on?: string;
  in?: string;
}

export function certifyCommand(): Command {
  return new Command('certify')
    .description('train the same steps on every backend of this machine, and say how far each is from float64')
    .argument('<net>', "a name that 'tfjs-cnn models' lists")
    .option('--steps <count>', 'training steps', positiveInteger, 10)
    .option('--batch-size <count>', 'pictures in a step', positiveInteger, 4)
    .option('--learning-rate <rate>', 'of sgd with momentum 0.9', positiveNumber, 0.001)
    .option('--seed <number>', 'of weights, pictures and classes', seedNumber, 1)
    .option('--width <channels>', 'of the first block, where the net has that option: the reference is slow', positiveInteger)
    .addOption(new Option('--input-shape <shape>', 'height x width x channels, e.g. 16x16x3').argParser(pictureShapeText))
    .option('--classes <count>', 'units of the last layer', positiveInteger)
    .addOption(new Option('--backends <names>', 'only these, e.g. cpu,webgpu; default: all there are').argParser(backendNames))
    .addOption(
      new Option('--browser [driver]', "in Chromium, too: on the GPU it finds, or on its 'software' driver")
        .choices(['gpu', 'software'])
        .preset('gpu'),
    )
    .addOption(jsonOption())
    .addOption(new Option('--on <backend>').hideHelp())
    .addOption(new Option('--in <folder>').hideHelp())
    .action(certify);
}

function backendNames(text: string): string[] {
  const names = text.split(',');
  const known = BACKENDS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`There is no backend '${unknown}'; there are ${known.join(', ')}.`);
}

/** Exit code 1 where a backend is beyond its bound, failed, or was asked for and is not there. */
async function certify(net: string, { on, in: folder, backends, browser, json, ...options }: CertifyOptions): Promise<void> {
  if (on && folder) return answerParent(on, folder);
  const output = new Output(json === true);
  const { steps, batchSize, learningRate, seed, ...given } = options;
  const spec: CertifySpec = { net, options: given, steps, batchSize, learningRate, seed };
  const task = taskOfSpec(spec);
  await useBackend('wasm-cnn');
  output.say(`${net} in float64: ${steps} steps of ${batchSize} pictures`);
  const reference = await referenceTraining(task);
  const records: TrainingRecord[] = [];
  const absent: Absence[] = [];
  const take = (found: TrainingRecord | Absence) => {
    if ('losses' in found) records.push(found);
    else absent.push(found);
    const told = 'losses' in found ? 'trained' : `${found.missing ? 'missing' : 'FAILED'}: ${found.reason}`;
    output.say(`${found.backend.padEnd(18)} ${told}`);
  };
  for (const backend of backends ?? BACKENDS.map(({ name }) => name)) {
    take(await recordInChild([process.argv[1]!, 'certify', net], backend, spec));
  }
  if (browser) await recordInBrowser(browser, spec, take);
  const certificate = certificateOfAll(reference, records);
  output.say('');
  for (const line of formatCertificate(certificate)) output.say(line);
  output.result({ net, ...certificate, absent });
  const missed = absent.some(({ missing }) => !missing || backends);
  if (!certificate.passed || missed || records.length === 0) process.exitCode = 1;
}
