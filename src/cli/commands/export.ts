import { Command, Option } from 'commander';
import { replaceFiles } from '../../data/write-file-node.js';
import { EXPORT_TARGETS, type ExportTarget, exportModel } from '../../export/index.js';
import { useBackend } from '../backends.js';
import { addNetOptions, type NetBuildOptions, netOrSaved } from '../net-or-saved.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';
import { prepareFolder } from '../saved-model.js';

interface ExportOptions extends NetBuildOptions {
  to: ExportTarget;
  layout: 'nhwc' | 'nchw';
  json?: boolean;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('take a net to another framework: to train it on more than one machine, or to serve it')
    .argument('<model>', "model.json, its folder, or a net that 'tfjs-cnn models' lists")
    .argument('<out>', 'folder for the files')
    .addOption(new Option('--to <target>', 'where to').choices([...EXPORT_TARGETS]).makeOptionMandatory())
    .addOption(new Option('--layout <layout>', 'of pictures, ONNX only').choices(['nhwc', 'nchw']).default('nhwc'));
  return addNetOptions(command).addOption(jsonOption()).action(exportNet);
}

async function exportNet(path: string, out: string, { to, layout, json, ...options }: ExportOptions): Promise<void> {
  const output = new Output(json === true);
  await useBackend('wasm-cnn');
  const { model } = await netOrSaved(path, options);
  await prepareFolder(out);
  const files = await exportModel(model, { to, layout });
  await replaceFiles(out, Object.entries(files));
  output.say(`wrote ${Object.keys(files).join(', ')} to ${out}`);
  if ('README.md' in files) output.say('README.md there says how it is trained and brought back');
  output.result({ to, out, files: Object.keys(files) });
}
