import { Command, Option } from 'commander';
import { formatProfile } from '../../inspect/profile/format.js';
import { profile } from '../../inspect/profile/profile.js';
import { getModel, modelInfo } from '../../zoo/catalog.js';
import { useBackend } from '../backends.js';
import { pictureShapeText } from '../net-or-saved.js';
import { jsonOption, positiveInteger } from '../options.js';
import { Output, percent } from '../output.js';

interface SummaryOptions {
  variant?: string;
  classes?: number;
  inputShape?: [number, number, number];
  batchSize?: number;
  recompute?: boolean;
  json?: boolean;
}

export function summaryCommand(): Command {
  return new Command('summary')
    .description('a net layer by layer: shapes, parameters, multiply-accumulates, receptive fields, memory')
    .argument('<net>', "a name that 'tfjs-cnn models' lists")
    .addOption(new Option('--variant <name>', 'torch, keras or paper; default: the first that is listed'))
    .addOption(new Option('--classes <number>', 'units of the last layer').argParser(positiveInteger))
    .addOption(new Option('--input-shape <shape>', 'height x width x channels, e.g. 96x96x3').argParser(pictureShapeText))
    .addOption(
      new Option('--batch-size <number>', 'also the memory of a training step of so many pictures').argParser(positiveInteger),
    )
    .addOption(new Option('--recompute', 'blocks keep only their inputs in training'))
    .addOption(jsonOption())
    .action(summary);
}

async function summary(name: string, { batchSize, json, ...options }: SummaryOptions): Promise<void> {
  // Weights are not made there before somebody looks at them.
  await useBackend('wasm-cnn');
  const output = new Output(json === true);
  const info = modelInfo(name);
  const model = getModel(name, options);
  const result = profile(model, { batchSize });
  const variant = info.variants.find((each) => each.variant === (options.variant ?? info.variants[0].variant));
  output.say(formatProfile(result).trimEnd());
  output.say(`paper        ${info.paper}`);
  if (variant) {
    const { preprocessing, top1 } = variant;
    const { order, scale, mean, deviation, crop } = preprocessing;
    const middle = crop < 1 ? `; the middle ${percent(crop)} of the shorter side` : '';
    output.say(
      `pictures     ${order} x ${Number(scale.toPrecision(4))}, minus [${mean.join(', ')}], divided by [${deviation.join(', ')}]${middle}`,
    );
    if (top1) output.say(`published    ${top1.percent} % on ${top1.dataset} (${top1.source})`);
  }
  output.result({ ...result, paper: info.paper, ...variant });
}
