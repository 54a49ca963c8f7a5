// Puts tfjs-node into build/tfjs-node, built against the TensorFlow of pip's wheel, with the native ops: a second oracle for tests and a
// peer for the bench. It is what `tfjs-cnn tensorflow install` does, before there is a dist to run.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const program = join(root, 'build/install-tensorflow.mjs');
await esbuild.build({
  entryPoints: [join(root, 'src/backends/tensorflow/install/install-node.ts')],
  outfile: program,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
});
const { installTensorflow } = await import(pathToFileURL(program).href);
const into = join(root, 'build/tfjs-node');
const { complaint, ...installed } = installTensorflow({ into, root, say: (line) => console.log(line) });
// Here nothing may be missing.
if (complaint) throw new Error(complaint);
console.log(`build/tfjs-node is ready: tfjs-node ${installed.version}, TensorFlow ${installed.tensorflow}`);
