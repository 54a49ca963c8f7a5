// WebGPU on whatever GPU there is, in Node through Dawn: GFLOP/s of convolutions, milliseconds of training steps, stock tfjs beside ours
// and, where python3 has PyTorch with CUDA, PyTorch in float32. One file for a machine that has neither the package nor a network:
//
//     npm run build
//     npx esbuild bench/gpu.mjs --bundle --platform=node --loader:.py=text --outfile=build/gpu.cjs
//     node build/gpu.cjs [--small] [--only kernels|steps|javascript] [--tiles shared64|shared128|direct] [--no-stock]
//
// Dawn is that of the package `webgpu`, or the addon that DAWN_NODE names.
import { nodeAdapter } from 'tfjs-cnn/node-webgpu';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-webgpu';
import { accelerate, cifarResNet20, leNet5, resNet18 } from 'tfjs-cnn';
import { stepsOf } from './compiled.js';
import { timing } from './measure.js';
import torchGpu from './peers/torch_gpu.py';
import torchNets from './peers/torch_nets.py';
import torchStep from './peers/torch_step.py';
import * as stockNets from './stock-nets.js';
import { ourStep, stockLeNet, stockStep } from './steps.js';

const { values: options } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    only: { type: 'string' },
    tiles: { type: 'string', default: 'auto' },
    'no-stock': { type: 'boolean', default: false },
  },
});

/** [batch, side, channels, outChannels, kernel]: those of CIFAR ResNet-20 at batch 128, of ResNet-18 and ResNet-50 at batch 8. */
const shapes = options.small
  ? [
      [4, 32, 16, 16, 3],
      [4, 16, 32, 32, 3],
      [4, 8, 64, 64, 3],
    ]
  : [
      [128, 32, 3, 16, 3],
      [128, 32, 16, 16, 3],
      [128, 16, 32, 32, 3],
      [128, 8, 64, 64, 3],
      [8, 56, 64, 64, 3],
      [8, 28, 128, 128, 3],
      [8, 14, 256, 256, 3],
      [8, 7, 512, 512, 3],
      [8, 56, 64, 256, 1],
      [64, 28, 128, 128, 3],
    ];

/** Nets by the names that PyTorch's side knows. */
const nets = {
  'LeNet-5': { batch: 64, side: 28, channels: 1, classes: 10, ours: () => leNet5({ seed: 1 }), stock: stockLeNet },
  'ResNet-20': {
    ...{ batch: options.small ? 8 : 128, side: 32, channels: 3, classes: 10 },
    ours: () => cifarResNet20({ shortcut: 'B', seed: 1 }),
    stock: stockNets.cifarResNet20,
  },
  ...(!options.small && {
    'ResNet-18': { batch: 8, side: 224, channels: 3, classes: 1000, ours: () => resNet18({ seed: 1 }), stock: stockNets.resNet18 },
  }),
};

const PARTS = { forward: 'Conv2D', dx: 'Conv2DBackpropInput', dfilter: 'Conv2DBackpropFilter' };

/** Kernels under tfjs's names as they are now: stock's before the backend is accelerated, then ours. */
const kernelsNow = () => Object.fromEntries(Object.values(PARTS).map((name) => [name, tf.getKernel(name, 'webgpu').kernelFunc]));

/** Median milliseconds of a launch: launches in a row, waited for at their end. */
async function milliseconds(launch, atLeast = 200) {
  const { queue } = tf.backend();
  const run = async (times) => {
    const start = performance.now();
    for (let i = 0; i < times; i++) tf.dispose(launch());
    tf.backend().endComputePassEncoder();
    if (tf.backend().commandEncoder) tf.backend().submitQueue();
    await queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  await run(1);
  const once = await run(1);
  const times = Math.max(1, Math.min(100, Math.round(atLeast / 5 / once)));
  const runs = [];
  for (let round = 0; round < 5; round++) runs.push((await run(times)) / times);
  return timing('', runs).median;
}

async function kernels(stock, ours, peer) {
  for (const [i, shape] of shapes.entries()) {
    const [batch, side, channels, outChannels, kernel] = shape;
    const x = tf.randomUniform([batch, side, side, channels], -1, 1);
    const filter = tf.randomUniform([kernel, kernel, channels, outChannels], -1, 1);
    const dy = tf.randomUniform([batch, side, side, outChannels], -1, 1);
    const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], inputShape: x.shape, filterShape: filter.shape };
    const gigaflop = (2 * batch * side * side * kernel * kernel * channels * outChannels) / 1e9;
    for (const [part, name] of Object.entries(PARTS)) {
      const of = async (functions) => {
        const launch = () => {
          const info = functions[name]({ inputs: { x, filter, dy }, attrs, backend: tf.backend() });
          return tf.engine().makeTensorFromTensorInfo(info);
        };
        return functions && gigaflop / ((await milliseconds(launch)) / 1e3);
      };
      const peerMs = peer?.shapes?.[i]?.[part];
      const row = { stock: await of(stock), ours: await of(ours), torch: peerMs && gigaflop / (peerMs / 1e3) };
      const cells = Object.entries(row).filter(([, value]) => value);
      const ratio = row.stock ? `  ${(row.ours / row.stock).toFixed(1)}x stock` : '';
      console.log(
        `${kernel}x${kernel} ${batch}x${side}x${side}x${channels} -> ${outChannels}  ${part.padEnd(7)}  ` +
          `${cells.map(([who, value]) => `${who} ${value.toFixed(1)}`).join('  ')} GFLOP/s${ratio}`,
      );
    }
    tf.dispose([x, filter, dy]);
  }
}

async function steps(undo, peer) {
  const stockWay = { name: 'stock webgpu', use: async () => undo() };
  const ourWay = { name: 'webgpu', use: async () => void (undo = await accelerate('webgpu')) };
  const rounds = options.small ? 3 : 20;
  for (const [name, { batch, side, channels, classes, ours, stock }] of Object.entries(nets)) {
    const shape = [batch, side, side, channels];
    const contestants = [
      ...(options['no-stock'] ? [] : [stockStep(stockWay, { build: stock, shape, classes }, 1)]),
      ourStep(ourWay, { build: ours, shape, classes }, 1),
    ];
    const medians = [];
    for (const contestant of contestants) {
      await contestant.before();
      await contestant.run();
      const runs = [];
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await contestant.run();
        runs.push(performance.now() - start);
      }
      medians.push({ name: contestant.name, ms: timing('', runs).median });
    }
    const torch = peer?.nets?.[name];
    const texts = medians.map((each) => `${each.name} ${each.ms.toFixed(1)}`);
    if (torch) texts.push(`torch ${typeof torch === 'number' ? torch.toFixed(1) : torch}`);
    const ratio = medians.length > 1 ? `  ${(medians[0].ms / medians[1].ms).toFixed(1)}x stock` : '';
    console.log(`${name}, batch ${batch}, one step  ${texts.join('  ')} ms${ratio}`);
  }
}

/** What JavaScript takes to tell an idle GPU of a step: on tfjs's tape, and of one that was recorded. */
async function javascript() {
  const { queue } = tf.backend();
  for (const [name, { batch, ours }] of Object.entries(nets)) {
    const { compiled, eager, dispose } = stepsOf({ batchSize: batch, build: ours });
    const times = { compiled: [], eager: [] };
    for (let round = 0; round < 24; round++) {
      for (const [way, step] of Object.entries({ compiled, eager })) {
        const start = performance.now();
        const results = step();
        times[way].push(performance.now() - start);
        await results[0].data();
        await queue.onSubmittedWorkDone();
        tf.dispose(results);
      }
    }
    // The first ones compile programs and are recorded.
    const [recorded, tape] = Object.values(times).map((all) => timing('', all.slice(4)).median);
    console.log(`${name}, batch ${batch}, JavaScript of one step  tape ${tape.toFixed(2)}  recorded ${recorded.toFixed(2)} ms  ${(tape / recorded).toFixed(1)}x`);
    dispose();
  }
}

/** PyTorch's milliseconds; what is missing is said. */
function torchPeer() {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-bench-'));
  try {
    const files = { 'torch_gpu.py': torchGpu, 'torch_nets.py': torchNets, 'torch_step.py': torchStep };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const asked = JSON.stringify({ shapes, nets: Object.keys(nets) });
    const { status, stdout, stderr, error } = spawnSync('python3', [join(folder, 'torch_gpu.py'), asked], { encoding: 'utf8' });
    if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1));
    return { absent: error?.message ?? stderr.trim().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  const { vendor, architecture, device, description } = await nodeAdapter();
  console.log(`WebGPU: ${vendor} ${architecture} ${device} (${description}), Node ${process.version}`);
  const peer = torchPeer();
  console.log(peer.absent ? `no PyTorch beside it: ${peer.absent}` : `PyTorch: ${peer.device}, float32 without TF32`);
  // The device is made as our programs want it; tfjs's own run on the same one. Nothing is timed yet.
  tf.env().set('CNN_WEBGPU_TILES', 'direct');
  (await accelerate('webgpu'))();
  await tf.setBackend('webgpu');
  tf.env().set('CNN_WEBGPU_TILES', options.tiles);
  const stock = options['no-stock'] ? undefined : kernelsNow();
  const start = performance.now();
  const undo = await accelerate('webgpu');
  console.log(`tiles: ${options.tiles}, ready in ${Math.round(performance.now() - start)} ms`);
  const wanted = (part) => (options.only ?? part) === part;
  if (wanted('kernels')) await kernels(stock, kernelsNow(), peer);
  if (wanted('javascript')) await javascript();
  if (wanted('steps')) await steps(undo, peer);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
