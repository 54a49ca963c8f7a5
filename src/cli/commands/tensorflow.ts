import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { installTensorflow } from '../../backends/tensorflow/install/install-node.js';
import { TENSORFLOW_VERSION } from '../../backends/tensorflow/install/wheel-node.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';

interface InstallCommandOptions {
  gpu?: boolean;
  tensorflow: string;
  into: string;
  json?: boolean;
}

export function tensorflowCommand(): Command {
  return new Command('tensorflow').description("tfjs's tensorflow backend on a TensorFlow of today").addCommand(
    new Command('install')
      .description(
        "puts @tensorflow/tfjs-node into a project, its addon compiled against TensorFlow's library from pip, and this package's own ops " +
          'for it; needs npm, python3 with pip, make and a C++ compiler. Can be stopped and goes on from there',
      )
      .option(
        '--gpu',
        '@tensorflow/tfjs-node-gpu with CUDA 12 and cuDNN 9 (3.5 GB to fetch, 6 GB on the disk); own ops are compiled by nvcc, which pip brings',
      )
      .option('--tensorflow <version>', "a version from pip, or 'installed': the one that python3 has", TENSORFLOW_VERSION)
      .option('--into <folder>', 'of the project', '.')
      .addOption(jsonOption())
      .action(install),
  );
}

function install({ gpu, tensorflow, into, json }: InstallCommandOptions): void {
  const output = new Output(json === true);
  const root = dirname(createRequire(import.meta.url).resolve('tfjs-cnn/package.json'));
  const installed = installTensorflow({ into, root, gpu, tensorflow, say: (line) => output.say(line) });
  const { native, complaint } = installed;
  output.say(`${installed.package} ${installed.version} is ready, on TensorFlow ${installed.tensorflow}`);
  output.say(
    `native ops: ${native ? (native.cuda ? `for CPU and GPU (CUDA ${native.cuda})` : 'for CPU') : 'none, compositions run'}`,
  );
  if (complaint) output.say(complaint);
  output.say("npm ci and npm rebuild run tfjs-node's own installer: give them --ignore-scripts, and run this command after them");
  output.result(installed);
}
