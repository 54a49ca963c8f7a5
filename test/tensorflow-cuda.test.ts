/** The CUDA side of native ops is compiled, without a GPU: what it computes is the arithmetic that the tests of the CPU side hold. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fetchCuda } from '../src/backends/tensorflow/install/cuda-node.js';
import { compileNative, nativeSources } from '../src/backends/tensorflow/install/native-node.js';
import { NATIVE_FILE } from '../src/backends/tensorflow/native.js';
import { describeIf, nvccFolder, tfjsNodeFolder } from './requires.js';

const root = resolve(__dirname, '..');

/** The kernels of each folder's native.cu. */
const KERNELS: Record<string, string[]> = {
  'add-relu': ['addRelu', 'addReluGrad'],
  'batch-norm': ['pieceMoments', 'joinPieces', 'normalise', 'sumPieces', 'addPieces', 'inputGradients'],
  'softmax-cross-entropy': ['rowLosses', 'addLosses', 'logitGradients'],
  'sgd-step': ['updateGroup'],
  'adam-step': ['updateGroup'],
};

describeIf(['tfjs-node', 'nvcc'], 'the CUDA side of native ops', () => {
  const work = mkdtempSync(join(tmpdir(), 'tfjs-cnn-cuda-'));
  afterAll(() => rmSync(work, { recursive: true }));
  const cuda = fetchCuda(dirname(nvccFolder));
  const sources = nativeSources(root).filter((file) => file.endsWith('.cu'));

  test('every folder with a native.cu is looked at', () => {
    expect(sources.map((file) => basename(dirname(file))).sort()).toEqual(Object.keys(KERNELS).sort());
  });

  test.each(Object.entries(KERNELS))(
    '%s compiles for sm_90',
    (folder, kernels) => {
      const source = sources.find((file) => basename(dirname(file)) === folder)!;
      const made = join(work, `${folder}.ptx`);
      execFileSync(cuda.nvcc, ['-ptx', '-std=c++17', '-arch=compute_90', '-DTFJS_CNN_CUDA', ...cuda.flags, source, '-o', made]);
      const ptx = readFileSync(made, 'utf8');
      expect(ptx).toMatch(/^\.target sm_90/m);
      const entries = [...ptx.matchAll(/^\s*(?:\.visible |\.weak )?\.entry (\w+)/gm)].map(([, name]) => name!);
      for (const kernel of kernels)
        expect(entries.filter((entry) => entry.includes(`${kernel.length}${kernel}`))).toHaveLength(1);
      expect(entries).toHaveLength(kernels.length);
    },
    300_000,
  );

  test('the whole addon is compiled and linked with it, and says whether a driver runs it; its CPU side is the same', () => {
    const tfjsNode = join(tfjsNodeFolder, 'node_modules/@tensorflow/tfjs-node');
    const addon = join(work, 'addon');
    mkdirSync(join(addon, 'lib/napi-v8'), { recursive: true });
    symlinkSync(join(tfjsNode, 'deps'), join(addon, 'deps'));
    writeFileSync(join(addon, 'lib/napi-v8/tfjs_binding.node'), '');
    const layout = { folder: work, packageName: '@tensorflow/tfjs-node', addon, cache: work, marker: join(work, 'marker') };
    compileNative(layout, root, cuda);
    const program = `
      const tf = require(${JSON.stringify(tfjsNode)});
      const module = { exports: {} };
      process.dlopen(module, ${JSON.stringify(join(addon, 'lib/napi-v8', NATIVE_FILE))});
      const [y] = tf.backend().executeMultipleOutputs('TfjsCnnAddRelu', [], [tf.tensor1d([1, -2]), tf.tensor1d([1, 1])], 1);
      console.log(JSON.stringify({ ...module.exports, y: Array.from(y.dataSync()) }));`;
    const said = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const { cuda: version, gpu, y, ops } = JSON.parse(said.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect({ version, y }).toEqual({ version: cuda.version, y: [2, 0] });
    expect(gpu).toBe(existsSync('/dev/nvidiactl'));
    expect(ops).toContain('TfjsCnnBatchNormGrad');
  }, 600_000);
});
