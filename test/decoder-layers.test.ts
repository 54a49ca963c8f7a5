/** Layers of decoders in whole models: pooling whose switches lead back, enlarging layers; saved, trained, profiled. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';
import { convTranspose2d, layers, locallyConnected2d, maxPoolWithSwitches, maxUnpool2d, upsample2d } from '../src/index.js';
import { profile } from '../src/inspect/index.js';

/** SegNet in small: two pools, whose switches the decoder uses in reverse order. */
function segNet(): tfl.LayersModel {
  const x = tfl.input({ shape: [9, 8, 2] });
  const conv = (filters: number, from: tfl.SymbolicTensor) =>
    layers.conv2d({ filters, kernelSize: 3, padding: 1, activation: 'relu' }).apply(from) as tfl.SymbolicTensor;
  const first = conv(4, x);
  const [a, aSwitches] = layers
    .maxPoolingWithSwitches2d({ poolSize: 3, strides: 2, padding: 1 })
    .apply(first) as tfl.SymbolicTensor[];
  const [b, bSwitches] = layers.maxPoolingWithSwitches2d().apply(conv(6, a!)) as tfl.SymbolicTensor[];
  const up = layers.maxUnpooling2d({ outputSize: [5, 4] }).apply([conv(6, b!), bSwitches!]);
  const whole = layers
    .maxUnpooling2d({ poolSize: 3, strides: 2, padding: 1, outputSize: [9, 8] })
    .apply([conv(4, up as tfl.SymbolicTensor), aSwitches!]);
  const y = layers.conv2d({ filters: 2, kernelSize: 1 }).apply(whole) as tfl.SymbolicTensor;
  return tfl.model({ inputs: x, outputs: y });
}

/** Down by a locally connected layer, up in all three ways. */
function decoder(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      layers.locallyConnected2d({ filters: 4, kernelSize: 3, strides: 2, padding: 1, activation: 'relu', inputShape: [9, 8, 2] }),
      layers.convTranspose2d({ filters: 5, kernelSize: 3, strides: 2, padding: 1, outputPadding: [0, 1], activation: 'elu' }),
      layers.maxPooling2d({ poolSize: [9, 4], strides: [9, 4] }),
      layers.upSampling2d({ size: [3, 2], interpolation: 'bilinear' }),
      layers.upSampling2d({ size: [3, 2] }),
      layers.conv2d({ filters: 2, kernelSize: 1 }),
    ],
  });
}

const nets: [string, () => tfl.LayersModel][] = [
  ['pooling with switches and unpooling', segNet],
  ['locally connected, transposed and upsampled', decoder],
];

const pictures = (): tf.Tensor4D => tf.randomNormal([3, 9, 8, 2], 0, 1, 'float32', 5);

async function reloaded(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs } = JSON.parse(JSON.stringify({ ...saved!, weightData: undefined })) as tf.io.ModelArtifacts;
  return tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: saved!.weightData }));
}

describe.each(['cpu', 'wasm-cnn', 'wasm'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test.each(nets)('%s: saved and loaded, the outputs are the same', async (_, make) => {
    const net = make();
    expect(net.outputs[0]!.shape).toEqual([null, 9, 8, 2]);
    const again = await reloaded(net);
    const x = pictures();
    expect((again.predict(x) as tf.Tensor).dataSync()).toEqual((net.predict(x) as tf.Tensor).dataSync());
  });

  test.each(nets)('%s: steps of training lower the loss, and leave nothing behind', async (_, make) => {
    const net = make();
    const x = pictures();
    net.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
    const losses: number[] = [];
    let tensors = 0;
    for (let step = 0; step < 6; step++) {
      losses.push((await net.trainOnBatch(x, x)) as number);
      if (step === 1) tensors = tf.memory().numTensors;
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe('on cpu', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('each layer computes what its op computes', () => {
    const x: tf.Tensor4D = tf.randomNormal([2, 4, 6, 3], 0, 1, 'float32', 2);
    const weights = (layer: tfl.layers.Layer): tf.Tensor[] => layer.getWeights();
    const same = (found: unknown, expected: tf.Tensor) => expect((found as tf.Tensor).arraySync()).toEqual(expected.arraySync());

    const transposed = layers.convTranspose2d({ filters: 4, kernelSize: 3, strides: 2, padding: 1, biasInitializer: 'ones' });
    const y = transposed.apply(x);
    const [kernel, bias] = weights(transposed) as [tf.Tensor4D, tf.Tensor1D];
    expect(kernel.shape).toEqual([3, 3, 4, 3]);
    same(y, convTranspose2d(x, kernel, { strides: 2, pads: 1, bias }));

    const local = layers.locallyConnected2d({ filters: 2, kernelSize: [3, 2], biasInitializer: 'randomNormal' });
    const z = local.apply(x);
    const [filter, biases] = weights(local) as [tf.Tensor4D, tf.Tensor3D];
    expect([filter.shape, biases.shape]).toEqual([
      [2, 5, 18, 2],
      [2, 5, 2],
    ]);
    same(z, locallyConnected2d(x, filter, { kernelSize: [3, 2], bias: biases }));

    const [pooled, places] = layers.maxPoolingWithSwitches2d({ poolSize: 2 }).apply(x) as [tf.Tensor4D, tf.Tensor4D];
    const { y: maxima, switches } = maxPoolWithSwitches(x, { size: 2 });
    same(pooled, maxima);
    same(places, switches);
    same(layers.maxUnpooling2d().apply([pooled, places]), maxUnpool2d(maxima, switches, { size: 2 }));
    same(layers.upSampling2d({ size: [1, 3] }).apply(x), upsample2d(x, { scale: [1, 3] }));
  });

  test('a locally connected layer begins at each place as a convolution does', () => {
    const local = layers.locallyConnected2d({ filters: 8, kernelSize: 3, kernelInitializer: 'glorotNormal' });
    local.build([null, 18, 18, 8]);
    const kernel = local.getWeights()[0]!;
    const { variance } = tf.moments(kernel);
    // 2 / (72 + 72), less what truncation at two deviations takes; of 147,456 numbers, to a few per cent.
    expect(variance.dataSync()[0]! / (2 / 144)).toBeGreaterThan(0.7);
    expect(variance.dataSync()[0]! / (2 / 144)).toBeLessThan(1.05);
    const [one, other] = [tf.slice(kernel, [0, 0, 0, 0], [1, 1, -1, -1]), tf.slice(kernel, [1, 0, 0, 0], [1, 1, -1, -1])];
    expect(one.dataSync()).not.toEqual(other.dataSync());
  });

  test('a profile knows their multiply-accumulates and what they see', () => {
    const rows = profile(decoder()).layers;
    const macs = (name: string) => rows.find(({ className }) => className === name)!.macs;
    expect(macs('CnnLocallyConnected2D')).toBe(5 * 4 * 4 * 9 * 2);
    expect(macs('CnnConvTranspose2D')).toBe(5 * 4 * 4 * 9 * 5);
    const [local, transposed] = rows.map(({ field }) => field!);
    expect(local!.size).toEqual([3, 3]);
    // Each pixel of the transposed convolution sees up to two of the layer below, whose windows are two apart.
    expect(transposed!.size).toEqual([5, 5]);
    const seg = profile(segNet());
    expect(seg.notes).toEqual([]);
    expect(seg.layers.at(-1)!.outputShape).toEqual([9, 8, 2]);
  });
});
