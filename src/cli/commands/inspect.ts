import { Command } from 'commander';
import { textTable } from '../../inspect/text-table.js';
import type { StoredArray } from '../../weights/formats/weight-file.js';
import { type DetectedNet, detectNet } from '../../weights/nets/recognise.js';
import { readWeights } from '../../weights/read-weights.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('what a file of weights holds: format, framework, net, arrays')
    .argument('<file>', 'PyTorch, safetensors, Keras, tfjs, npz, Caffe or ONNX')
    .option('--key <name>', "which dictionary of a PyTorch checkpoint, 'ema' say (default: the largest)")
    .addOption(jsonOption())
    .action(inspect);
}

async function inspect(path: string, { key, json }: { key?: string; json?: boolean }): Promise<void> {
  const output = new Output(json === true);
  const { format, framework, arrays, metadata } = await readWeights(path, { key });
  const net = detectNet({ format, framework, arrays, metadata });
  const rows = Object.entries(arrays).map(([name, array]) => ({ name, ...describe(array) }));
  const numbers = Object.values(arrays).reduce((sum, { data }) => sum + data.length, 0);
  output.say(`format     ${format}`);
  output.say(`framework  ${framework ?? 'not told'}`);
  output.say(`net        ${net ? describeNet(net) : 'none that the zoo knows'}`);
  if (net) output.say(`pictures   ${JSON.stringify(net.pictures)}`);
  output.say(`arrays     ${rows.length}, ${numbers.toLocaleString('en-US')} numbers`);
  const table = rows.map(({ name, shape, dtype, mean, std }) => [name, `[${shape}]`, dtype, short(mean), short(std)]);
  for (const line of textTable([['name', 'shape', 'type', 'mean', 'std'], ...table], ['mean', 'std'])) output.say(line);
  output.result({ format, framework, net, numbers, arrays: rows, metadata });
}

function describeNet({ net, options, names }: DetectedNet): string {
  return `${net} ${JSON.stringify(options)}, names of ${names}`;
}

/** Null where there are no numbers; JSON has no NaN. */
function describe({ shape, dtype, data }: StoredArray) {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < data.length; i++) sum += Number(data[i]);
  const mean = sum / data.length;
  for (let i = 0; i < data.length; i++) squares += (Number(data[i]) - mean) ** 2;
  const std = Math.sqrt(squares / data.length);
  return { shape, dtype, mean: Number.isFinite(mean) ? mean : null, std: Number.isFinite(std) ? std : null };
}

const short = (value: number | null) => (value === null ? '-' : Number(value.toPrecision(4)).toString());
