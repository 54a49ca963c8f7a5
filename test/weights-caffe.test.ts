/** Caffe's nets as protobufjs builds them after a schema of the test's own, and one whose bytes were written by hand. */
import protobuf from 'protobufjs';
import { readWeights } from '../src/weights/read-weights.js';

/** The part of Caffe's schema that weights need, as caffe.proto has it. */
const { root } = protobuf.parse(
  `
  syntax = "proto2";
  message BlobShape { repeated int64 dim = 1 [packed = true]; }
  message BlobProto {
    optional BlobShape shape = 7;
    repeated float data = 5 [packed = true];
    repeated double double_data = 8 [packed = true];
    optional int32 num = 1; optional int32 channels = 2; optional int32 height = 3; optional int32 width = 4;
  }
  message LayerParameter { optional string name = 1; optional string type = 2; repeated string bottom = 3; repeated BlobProto blobs = 7; }
  message V0LayerParameter { optional string name = 1; }
  message V1LayerParameter {
    optional V0LayerParameter layer = 1; repeated string bottom = 2; optional string name = 4; optional int32 type = 5;
    repeated BlobProto blobs = 6;
  }
  message NetParameter { optional string name = 1; repeated V1LayerParameter layers = 2; repeated LayerParameter layer = 100; }
`,
  { keepCase: true },
);

function net(fields: object): Uint8Array {
  const type = root.lookupType('NetParameter');
  return Uint8Array.from(type.encode(type.fromObject(fields)).finish());
}

const blob = (dim: number[], data: number[]) => ({ shape: { dim }, data });
const float = (shape: number[], data: number[]) => ({ shape, dtype: 'float32', data: new Float32Array(data) });

test('layers of version 2', async () => {
  const weights = Array.from({ length: 12 }, (_, i) => i / 8);
  const bytes = net({
    name: 'two',
    layer: [
      { name: 'data', type: 'Input' },
      { name: 'conv', type: 'Convolution', blobs: [blob([2, 1, 3, 2], weights), blob([2], [5, -5])] },
      { name: 'bn', type: 'BatchNorm', blobs: [blob([2], [4, 8]), blob([2], [2, 6]), blob([1], [4])] },
      { name: 'untrained', type: 'BatchNorm', blobs: [blob([1], [4]), blob([1], [2]), blob([1], [0])] },
      { name: 'scale', type: 'Scale', blobs: [blob([2], [1, 2]), blob([2], [3, 4])] },
      { name: 'fc', type: 'InnerProduct', blobs: [{ shape: { dim: [1, 2] }, double_data: [0.1, 0.2] }] },
    ],
  });
  const { format, framework, arrays, metadata } = await readWeights(bytes);
  expect({ ...arrays }).toEqual({
    'conv.weight': float([2, 1, 3, 2], weights),
    'conv.bias': float([2], [5, -5]),
    'bn.running_mean': float([2], [1, 2]),
    'bn.running_var': float([2], [0.5, 1.5]),
    'untrained.running_mean': float([1], [0]),
    'untrained.running_var': float([1], [0]),
    'scale.weight': float([2], [1, 2]),
    'scale.bias': float([2], [3, 4]),
    'fc.weight': { shape: [1, 2], dtype: 'float64', data: new Float64Array([0.1, 0.2]) },
  });
  expect({ format, framework, metadata }).toEqual({ format: 'caffe', framework: 'torch', metadata: { net: 'two' } });
});

test('layers of version 1, whose blobs have four axes', async () => {
  const four = (num: number, channels: number, height: number, width: number, data: number[]) => ({
    num,
    channels,
    height,
    width,
    data,
  });
  const bytes = net({
    name: 'one',
    layers: [
      { name: 'conv', type: 4, blobs: [four(2, 1, 1, 1, [1, 2]), four(1, 1, 1, 2, [3, 4])] },
      { name: 'relu', type: 18 },
      { name: 'fc', type: 14, blobs: [four(1, 1, 1, 2, [5, 6]), four(1, 1, 1, 1, [7])] },
    ],
  });
  const { arrays } = await readWeights(bytes);
  expect({ ...arrays }).toEqual({
    'conv.weight': float([2, 1, 1, 1], [1, 2]),
    'conv.bias': float([2], [3, 4]),
    'fc.weight': float([1, 2], [5, 6]),
    'fc.bias': float([1], [7]),
  });
});

test('a net written by hand', async () => {
  // name "n"; layer { name "c", type "Convolution", blobs { shape { dim: 1 }, data: 1.0 } }
  const shape = [0x3a, 3, 0x0a, 1, 1];
  const data = [0x2a, 4, 0, 0, 0x80, 0x3f];
  const kind = [...'Convolution'].map((letter) => letter.charCodeAt(0));
  const layer = [0x0a, 1, 0x63, 0x12, kind.length, ...kind, 0x3a, shape.length + data.length, ...shape, ...data];
  const bytes = Uint8Array.from([0x0a, 1, 0x6e, 0xa2, 0x06, layer.length, ...layer]);
  expect({ ...(await readWeights(bytes)).arrays }).toEqual({ 'c.weight': float([1], [1]) });
});

test.each([
  [{ name: 'x', layers: [{ layer: { name: 'old' } }] }, "expected layers of Caffe's version 1 or 2, found older ones"],
  [{ name: 'x', layer: [{ name: 'a', blobs: [blob([3], [1])] }] }, "layer 'a': expected numbers for the shape [3], found 1"],
  [{ name: 'x', layer: [{ name: 'a', type: 'BatchNorm', blobs: [blob([1], [1])] }] }, 'mean, variance and one factor'],
  [{ name: 'x', layer: [1, 2].map(() => ({ name: 'a', blobs: [blob([1], [1])] })) }, "a name for each layer, found 'a' twice"],
])('what is refused', async (fields, message) => {
  await expect(readWeights(net(fields))).rejects.toThrow(message);
});
