/** Trainings in a page: on MNIST, and one whose device goes away. */
import * as tf from '@tensorflow/tfjs-core';
import { DataLoader, type ImageDataset, parseMnist, sliceDataset, syntheticDigits } from '../../src/data/index.js';
import { conv2d, leNet5 } from '../../src/index.js';
import { DeviceLostError, IndexedDbCheckpoints, Sgd, Trainer, type TrainerCallback } from '../../src/train/index.js';
import { type Surroundings, type Target, useTarget } from './targets.js';

async function unpacked(name: string): Promise<{ name: string; bytes: Uint8Array }> {
  const { body } = await fetch(`/data/mnist/${name}.gz`);
  const stream = body!.pipeThrough(new DecompressionStream('gzip'));
  return { name, bytes: new Uint8Array(await new Response(stream).arrayBuffer()) };
}

/** The first digits of MNIST's test files: they are smaller. */
async function mnist(count: number): Promise<ImageDataset> {
  const [images, labels] = await Promise.all([unpacked('t10k-images-idx3-ubyte'), unpacked('t10k-labels-idx1-ubyte')]);
  return sliceDataset(parseMnist(images, labels, 'MNIST'), 0, count);
}

/** An epoch, and why its steps were not compiled. */
interface Epoch extends Surroundings {
  readonly losses: readonly number[];
  readonly whyEager: string | undefined;
}

/** An epoch of LeNet-5, step by step. */
export async function epochOnMnist(target: Target, count: number): Promise<Epoch> {
  const surroundings = await useTarget(target);
  const optimizer = new Sgd({ learningRate: 0.05 });
  const net = leNet5({ seed: 7 });
  const trainer = new Trainer(net, { optimizer });
  const data = new DataLoader(await mnist(count), { batchSize: 50 });
  const { losses } = await trainer.fit(data, { epochs: 1 });
  const { whyEager } = trainer;
  trainer.dispose();
  optimizer.dispose();
  net.dispose();
  return { ...surroundings, losses, whyEager };
}

/** What a training told that ended with its device, and the one that went on from its checkpoint on wasm-cnn. */
export interface Interrupted {
  readonly error: string;
  /** Whether it is of the class that says so. */
  readonly known: boolean;
  readonly step?: number;
  readonly checkpoint?: string;
  readonly resumedFrom?: string;
  readonly losses: readonly number[];
  /** Of the same training on wasm-cnn from its beginning. */
  readonly expected: readonly number[];
}

/** tfjs's GPU backends, as far as they can be taken away. */
type GpuBackend = { gpgpu?: { gl: WebGL2RenderingContext }; device?: GPUDevice };

/** How a device fails: it goes, or it gets work that it must refuse. */
export type Mishap = 'lost' | 'refused';

/** The GPU goes: WebGL by the extension that is made for this, WebGPU by the device's end. */
function befall(mishap: Mishap): void {
  const { gpgpu, device } = tf.backend() as unknown as GpuBackend;
  if (mishap === 'refused') device!.createShaderModule({ code: 'this is no WGSL' });
  else if (gpgpu) gpgpu.gl.getExtension('WEBGL_lose_context')!.loseContext();
  else device!.destroy();
}

/** A convolution whose output no device of today holds at once: what is said. */
export async function tooLarge(target: Target): Promise<string> {
  await useTarget(target);
  const x = tf.zeros<tf.Rank.R4>([1, 1024, 1024, 1]);
  const filter = tf.zeros<tf.Rank.R4>([1, 1, 1, 8192]);
  try {
    const y = conv2d(x, filter);
    await y.data();
    return `there is room for ${y.size} numbers`;
  } catch (error) {
    return String(error);
  }
}

/** Trains with a checkpoint every other step, loses the device after a few, and goes on elsewhere. */
export async function loseInTheMiddle(target: Target, loseAt: number, mishap: Mishap = 'lost'): Promise<Interrupted> {
  await useTarget(target);
  const digits = syntheticDigits({ train: 64, test: 1 }, 5).train;
  const run = async (name: string, callback: TrainerCallback = {}) => {
    const optimizer = new Sgd({ learningRate: 0.05, momentum: 0.9 });
    const checkpoints = { store: new IndexedDbCheckpoints(name), everySteps: 2 };
    const trainer = new Trainer(leNet5({ seed: 7 }), { optimizer, checkpoints, callbacks: [callback] });
    return trainer.fit(new DataLoader(digits, { batchSize: 8 }), { epochs: 1 });
  };
  const name = `${mishap} ${target.backend} ${target.accelerated}`;
  const error = await run(name, { onStep: ({ step }) => void (step === loseAt && befall(mishap)) }).then(
    () => new Error('the training went on to its end'),
    (thrown: Error) => thrown,
  );
  await tf.setBackend('wasm-cnn');
  const { losses, resumedFrom } = await run(name);
  const { losses: expected } = await run(`${name}, whole`);
  const known = error instanceof DeviceLostError;
  return {
    error: String(error),
    known,
    ...(known && { step: error.step, checkpoint: error.checkpoint }),
    resumedFrom,
    losses,
    expected,
  };
}
