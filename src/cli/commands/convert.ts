import { Command, Option } from 'commander';
import { kerasConfig } from '../../export/keras/model-config.js';
import { ArgumentError } from '../../geometry.js';
import type { WeightFile, WeightFormat } from '../../weights/formats/weight-file.js';
import { fromPretrained } from '../../weights/from-pretrained.js';
import type { Framework } from '../../weights/layouts.js';
import { detectNet } from '../../weights/nets/recognise.js';
import { readWeights } from '../../weights/read-weights.js';
import { formatOfPath, saveWeights } from '../../weights/save-weights-node.js';
import { stateDict } from '../../weights/state-dict.js';
import { useBackend } from '../backends.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';

interface ConvertOptions {
  to?: WeightFormat;
  framework?: Framework;
  model?: string;
  key?: string;
  json?: boolean;
}

/** What can be written. */
const WRITTEN: readonly WeightFormat[] = ['safetensors', 'pytorch', 'keras-h5', 'keras-weights', 'keras', 'tfjs', 'npz'];

/** Formats whose places follow from the model, which is written with the weights, or known to who reads them. */
const OF_MODELS: readonly WeightFormat[] = ['keras', 'keras-weights'];

/** Whose layout a format's arrays have; the others hold either. */
const FRAMEWORKS: Partial<Record<WeightFormat, Framework>> = {
  pytorch: 'torch',
  'keras-h5': 'keras',
  'keras-weights': 'keras',
  keras: 'keras',
  tfjs: 'keras',
};

export function convertCommand(): Command {
  return new Command('convert')
    .description("write a file of weights in another format, and in another framework's layout where the net is known")
    .argument('<in>', 'PyTorch, safetensors, Keras, tfjs, npz, Caffe or ONNX')
    .argument('<out>', '.safetensors, .pt, .pth, .h5, .weights.h5, .keras, .npz or model.json')
    .addOption(new Option('--to <format>', "default: what the output's name says").choices(WRITTEN))
    .addOption(
      new Option('--framework <name>', "whose names and layout (default: the format's, else the input's)").choices([
        'torch',
        'keras',
      ]),
    )
    .option('--model <net>', "net of the zoo whose weights they are; its names are written (see 'tfjs-cnn models')")
    .option('--key <name>', "which dictionary of a PyTorch checkpoint, 'ema' say (default: the largest)")
    .addOption(jsonOption())
    .action(convert);
}

async function convert(from: string, to: string, options: ConvertOptions): Promise<void> {
  const output = new Output(options.json === true);
  const file = await readWeights(from, { key: options.key });
  const format = options.to ?? formatOfPath('convert', to);
  const framework = options.framework ?? FRAMEWORKS[format] ?? file.framework;
  const ofModel = OF_MODELS.includes(format);
  const translated = ofModel || options.model !== undefined || (framework !== undefined && framework !== file.framework);
  const net = translated ? await netOf(from, file, framework, options.model) : undefined;
  const weights = net ? await stateDict(net, { framework }) : file.arrays;
  const metadata = net && ofModel ? { config: kerasConfig(net) } : undefined;
  await saveWeights(to, weights, { format, framework, metadata });
  const count = Object.keys(weights).length;
  output.say(`${count} arrays of ${from} (${file.format}) written to ${to} (${format}${framework ? `, ${framework}` : ''})`);
  output.result({ from, to, format, framework, arrays: count, translated });
}

/** The net whose weights they are, with them. */
async function netOf(from: string, file: WeightFile, framework: Framework | undefined, model: string | undefined) {
  if (model === undefined && !detectNet(file)) {
    const layouts = `the layout of ${file.framework ?? 'a framework that is not told'}, and ${framework}'s is asked for`;
    throw new ArgumentError(`${from} has ${layouts}: name the net with --model, as its names do not tell it`);
  }
  // Weights are put into a model there, and taken out again.
  await useBackend('wasm-cnn');
  return fromPretrained(model ?? 'auto', file);
}
