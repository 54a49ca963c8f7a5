// Puts tfjs-node into build/tfjs-node, built against the TensorFlow of pip's wheel, with the native ops: a second oracle for tests and a
// peer for the bench. It is what `tfjs-cnn tensorflow install` does.
import { join } from 'node:path';
import { importBundled, root } from './bundled.mjs';

const { installTensorflow } = await importBundled('backends/tensorflow/install/install-node.ts');
const into = join(root, 'build/tfjs-node');
const { complaint, version, tensorflow } = installTensorflow({ into, root, say: (line) => console.log(line) });
// Here nothing may be missing.
if (complaint) throw new Error(complaint);
console.log(`build/tfjs-node is ready: tfjs-node ${version}, TensorFlow ${tensorflow}`);
