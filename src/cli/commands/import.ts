import { Command } from 'commander';
import { importWeights } from '../../export/index.js';
import { useBackend } from '../backends.js';
import { addNetOptions, type NetBuildOptions, netOrSaved } from '../net-or-saved.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';
import { prepareFolder, saveModel } from '../saved-model.js';

interface ImportOptions extends NetBuildOptions {
  model: string;
  out: string;
  json?: boolean;
}

export function importCommand(): Command {
  const command = new Command('import')
    .description('bring back the weights of a net that was exported and trained elsewhere')
    .argument('<weights>', 'trained.pt or trained.npz')
    .requiredOption('--model <model>', 'what was exported: model.json, its folder, or a net by name and the same options')
    .requiredOption('--out <folder>', 'for the model');
  return addNetOptions(command).addOption(jsonOption()).action(importNet);
}

async function importNet(weights: string, { model: path, out, json, ...options }: ImportOptions): Promise<void> {
  const output = new Output(json === true);
  await useBackend('wasm-cnn');
  const { model, input } = await netOrSaved(path, options);
  const { loaded } = await importWeights(model, weights);
  await prepareFolder(out);
  const saved = await saveModel(model, input, out, {});
  output.say(`${loaded.length} weights from ${weights}; the model is ${saved}`);
  output.result({ loaded: loaded.length, model: saved });
}
