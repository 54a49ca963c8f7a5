// Puts tfjs-node into build/tfjs-node, built against the TensorFlow of pip's wheel `tensorflow-cpu`, as a
// second oracle for tests and a peer for the bench. Needs npm, python3 with pip, make and a C++ compiler.
//
// npm's own tfjs-node downloads TensorFlow 2.9 when it is installed; here its addon is compiled instead.
// It shares this project's tfjs-core: what it brings of its own is removed, so that Node's resolution
// climbs from build/tfjs-node to the project's node_modules.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TFJS_NODE = '4.22.0';
const TENSORFLOW = '2.21.0';
/** What the wheel was built for; only its C library is used, so Python's own version does not matter. */
const WHEEL = ['--python-version', '311', '--implementation', 'cp', '--abi', 'cp311', '--platform', 'manylinux_2_27_x86_64'];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'build/tfjs-node');
const ready = join(folder, 'ready');
const addon = join(folder, 'node_modules/@tensorflow/tfjs-node');
const tensorflow = join(folder, 'tensorflow');
const made = `tfjs-node ${TFJS_NODE}, TensorFlow ${TENSORFLOW}\n`;

const run = (command, args, cwd = folder) => execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });

if (existsSync(ready) && readFileSync(ready, 'utf8') === made) {
  console.log(`build/tfjs-node is ready: ${made.trim()}`);
} else {
  rmSync(ready, { force: true });
  mkdirSync(folder, { recursive: true });
  installPackage();
  fetchTensorFlow();
  linkTensorFlow();
  compile();
  writeFileSync(ready, made);
  console.log(`build/tfjs-node is built: ${made.trim()}`);
}

function installPackage() {
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `@tensorflow/tfjs-node@${TFJS_NODE}`]);
  for (const shared of ['tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu']) {
    rmSync(join(folder, 'node_modules/@tensorflow', shared), { recursive: true, force: true });
  }
}

/** Unpacks the wheel's libraries and headers. */
function fetchTensorFlow() {
  const wheels = join(folder, 'wheels');
  const only = ['--no-deps', '--only-binary=:all:', ...WHEEL];
  run('python3', ['-m', 'pip', 'download', '--quiet', ...only, '--dest', wheels, `tensorflow-cpu==${TENSORFLOW}`]);
  const wheel = readdirSync(wheels).find((name) => name.startsWith(`tensorflow_cpu-${TENSORFLOW}`));
  const unpack = [
    'import sys, zipfile',
    'wheel = zipfile.ZipFile(sys.argv[1])',
    "wanted = [n for n in wheel.namelist() if n.startswith('tensorflow/include/') or n.startswith('tensorflow/libtensorflow_')]",
    'wheel.extractall(sys.argv[2], wanted)',
  ].join('\n');
  run('python3', ['-c', unpack, join(wheels, wheel), folder]);
  rmSync(wheels, { recursive: true });
}

/** The names under which tfjs-node's linker and loader look for the wheel's libraries. */
function linkTensorFlow() {
  const deps = join(addon, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  symlinkSync(join(tensorflow, 'include'), join(deps, 'include'));
  const links = {
    'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  };
  for (const [name, library] of Object.entries(links)) symlinkSync(join(tensorflow, library), join(deps, 'lib', name));
}

function compile() {
  // Headers that were installed with Node save a download.
  const prefix = resolve(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  run('npx', ['--no', 'node-pre-gyp', 'install', '--build-from-source', ...headers], addon);
}
