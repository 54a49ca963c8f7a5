/** ONNX as Python's onnx writes it, and hand-made messages that it would not write. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memorySource } from '../src/weights/formats/byte-source.js';
import { onnxReader } from '../src/weights/formats/onnx/read.js';
import { readWeights } from '../src/weights/read-weights.js';
import { python } from './python.js';
import { describeIf } from './requires.js';

/** One initialiser of every type in both ways of storage; prints name, shape, ONNX's own float64 or text of each number. */
const WRITE = `
import sys, json, numpy as np, onnx, ml_dtypes
from onnx import helper, numpy_helper, TensorProto as T
folder = sys.argv[1]
x = np.array([[0, 1, -2], [3.25, -100, 7]])
types = dict(FLOAT='f4', DOUBLE='f8', FLOAT16='f2', INT64='i8', INT32='i4', INT16='i2', INT8='i1', UINT8='u1', UINT16='u2', UINT32='u4', UINT64='u8', BOOL='?')
tensors, expected = [], {}
def add(tensor, values):
  tensors.append(tensor)
  expected[tensor.name] = dict(shape=list(values.shape), values=[str(int(v)) if values.dtype.kind in 'iu' else float(v) for v in values.ravel()])
for name, t in types.items():
  values = np.abs(x).astype(t) if t[0] in 'u' else x.astype(t)
  if name in ('INT64',): values[0, 0] = -2**62 - 1
  if name in ('UINT64',): values[0, 0] = 2**62 + 1
  add(numpy_helper.from_array(values, name + '_raw'), values)
  add(helper.make_tensor(name + '_typed', getattr(T, name), values.shape, values.ravel().tolist()), values)
bf = x.astype(ml_dtypes.bfloat16)
add(helper.make_tensor('BFLOAT16_typed', T.BFLOAT16, bf.shape, bf.ravel()), bf)
add(helper.make_tensor('BFLOAT16_raw', T.BFLOAT16, bf.shape, bf.tobytes(), raw=True), bf)
add(numpy_helper.from_array(np.float32(2.5), 'scalar'), np.array(2.5, 'f4'))
add(numpy_helper.from_array(np.zeros((0, 4), 'f4'), 'empty'), np.zeros((0, 4), 'f4'))
texts = helper.make_tensor('texts', T.STRING, [1], [b'a'])
graph = helper.make_graph([], 'net', [], [], initializer=tensors + [texts])
model = helper.make_model(graph, producer_name='test')
onnx.save(model, folder + '/model.onnx')
onnx.save(model, folder + '/outside.onnx', save_as_external_data=True, size_threshold=0)
print(json.dumps(expected))
`;

describeIf('python', 'ONNX', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
  let expected: Record<string, { shape: number[]; values: (number | string)[] }>;
  beforeAll(() => {
    expected = python(WRITE, folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('initialisers of every type, raw and typed', async () => {
    const { format, framework, arrays, metadata } = await readWeights(join(folder, 'model.onnx'));
    const found = Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, dtype, data }]) => {
        const integers = /int/.test(dtype);
        return [
          name,
          { shape: [...shape], values: Array.from(data as ArrayLike<number>, (value) => (integers ? String(value) : value)) },
        ];
      }),
    );
    expect(found).toEqual(expected);
    expect(Object.keys(found)).toHaveLength(28);
    expect(arrays['FLOAT16_raw']).toMatchObject({ dtype: 'float16', data: new Float32Array([0, 1, -2, 3.25, -100, 7]) });
    expect({ format, framework, metadata }).toEqual({
      format: 'onnx',
      framework: 'torch',
      metadata: { producer: 'test', graph: 'net', passedOver: ['texts'] },
    });
  });

  test('numbers in other files are refused by name', async () => {
    await expect(readWeights(join(folder, 'outside.onnx'))).rejects.toThrow(
      /outside\.onnx, tensor '\w+': expected numbers in the file, found numbers in another one; save the model as one file/,
    );
  });
});

test('repeated numbers that are not packed, in several pieces', async () => {
  // A tensor of two float32: dims 2 as a varint, 1.5 and -1.5 each as a field of its own.
  const tensor = [0x08, 2, 0x10, 1, 0x25, 0, 0, 0xc0, 0x3f, 0x25, 0, 0, 0xc0, 0xbf, 0x42, 1, 0x77];
  const graph = [0x2a, tensor.length, ...tensor];
  const bytes = Uint8Array.from([0x08, 8, 0x3a, graph.length, ...graph]);
  const { arrays } = await onnxReader.read(memorySource('hand-made', bytes));
  expect({ ...arrays }).toEqual({ w: { shape: [2], dtype: 'float32', data: new Float32Array([1.5, -1.5]) } });
});
