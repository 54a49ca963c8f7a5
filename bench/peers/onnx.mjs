// The forward convolutions in onnxruntime-web with two threads. `npm install --no-save onnxruntime-web` brings it.
// Says as a line of JSON what it can run; then each line of its input, an index, is one run, answered by its milliseconds.
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 2;

// The smallest ONNX model with one Conv: protobuf fields written by hand, so that no tool is needed.
const text = new TextEncoder();
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const string = (field, value) => bytes(field, [...text.encode(value)]);
const number = (field, value) => [...varint(field << 3), ...varint(value)];

function conv(batch, channels, side) {
  const ints = (name, values) => bytes(5, [...string(1, name), ...values.flatMap((v) => number(8, v)), ...number(20, 7)]);
  const node = bytes(1, [...string(1, 'x'), ...string(1, 'w'), ...string(2, 'y'), ...string(4, 'Conv'), ...ints('kernel_shape', [3, 3]), ...ints('pads', [1, 1, 1, 1])]);
  const value = (field, name, shape) => {
    const dims = bytes(2, shape.flatMap((size) => bytes(1, number(1, size))));
    return bytes(field, [...string(1, name), ...bytes(2, bytes(1, [...number(1, 1), ...dims]))]);
  };
  const picture = [batch, channels, side, side];
  const graph = [...node, ...string(2, 'g'), ...value(11, 'x', picture), ...value(11, 'w', [channels, channels, 3, 3]), ...value(12, 'y', picture)];
  return new Uint8Array([...number(1, 8), ...bytes(7, graph), ...bytes(8, number(2, 13))]);
}

const runs = [];
for (const [batch, side, channels] of [[8, 56, 64], [16, 28, 128], [32, 14, 256]]) {
  const session = await ort.InferenceSession.create(conv(batch, channels, side), { executionProviders: ['wasm'] });
  const tensor = (shape) => new ort.Tensor('float32', Float32Array.from({ length: shape.reduce((a, b) => a * b) }, Math.random), shape);
  const feeds = { x: tensor([batch, channels, side, side]), w: tensor([channels, channels, 3, 3]) };
  runs.push([`conv 3x3 forward ${batch}x${side}x${side}x${channels}`, () => session.run(feeds)]);
}
console.log(JSON.stringify(runs.map(([name]) => name)));
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  await runs[Number(line)][1]();
  console.log(performance.now() - start);
}
process.exit(0);
