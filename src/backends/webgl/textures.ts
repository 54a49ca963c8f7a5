import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { TextureData, WebglBackend } from './backend.js';
import { alike, matricesOf, packed, textureShape } from './layout.js';
import type { WebglRunner } from './runner.js';

/**
 * The tensor, packed as our kernels read it (layout.ts). It is packed where it lies: tfjs's kernels read any layout, and the next of ours
 * finds it ready. Only a slice, which lies in another tensor's texture, and a tensor of `inUse` are copied: then what comes back is
 * another tensor, the caller's to dispose.
 * @param inUse data that must stay where it is
 */
export function pack(runner: WebglRunner, backend: WebglBackend, info: TensorInfo, inUse: ReadonlySet<object>): TensorInfo {
  const { dataId, shape } = info;
  const data = backend.texData.get(dataId);
  if (isReady(data, shape)) return info;
  if (data.texture == null && data.slice == null) {
    upload(backend, info, data);
    return info;
  }
  const made = repacked(runner, info, data);
  const shared = data.slice != null || (backend.dataRefCount.get(dataId) ?? 1) > 1 || inUse.has(dataId);
  if (shared) return made;
  exchange(data, backend.texData.get(made.dataId));
  runner.dispose(made);
  return info;
}

function isReady({ texture, isPacked, texShape, shape: lying, slice }: TextureData, shape: readonly number[]): boolean {
  if (texture == null || !isPacked || slice != null || !alike(lying, shape)) return false;
  const [rows, columns] = textureShape(matricesOf(shape).texels);
  return texShape![0] === rows && texShape![1] === columns;
}

/** Values that are still JavaScript's go to the GPU in our order at once. */
function upload(backend: WebglBackend, { dataId, shape }: TensorInfo, data: TextureData): void {
  const { values } = data;
  const texShape = textureShape(matricesOf(shape).texels);
  Object.assign(data, { values: null, usage: null, isPacked: true, shape, texShape });
  backend.uploadToGPU(dataId);
  const { gl } = backend.gpgpu;
  gl.bindTexture(gl.TEXTURE_2D, data.texture!.texture);
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, texShape[1] / 2, texShape[0] / 2, gl.RGBA, gl.FLOAT, packed(values!, shape));
}

/** Two tensors trade their textures. */
function exchange(a: TextureData, b: TextureData): void {
  for (const key of ['texture', 'texShape', 'usage', 'isPacked', 'shape'] as const) {
    const mine = a[key];
    Object.assign(a, { [key]: b[key] });
    Object.assign(b, { [key]: mine });
  }
}

/** A value by its index in an unpacked texture, which may be another's. */
const UNPACKED = `float value(int i) {
  int at = i + offset, width = textureSize(xTexture, 0).x;
  return texelFetch(xTexture, ivec2(at % width, at / width), 0).r;
}`;

/** A value by its index in a packed texture of any width. */
const PACKED = `float value(int i) {
  int line = i / fromColumns, c = i - line * fromColumns;
  int matrix = line / fromRows, r = line - matrix * fromRows;
  int at = (matrix * ((fromRows + 1) >> 1) + (r >> 1)) * ((fromColumns + 1) >> 1) + (c >> 1);
  int width = textureSize(xTexture, 0).x;
  vec4 four = texelFetch(xTexture, ivec2(at % width, at / width), 0);
  vec2 two = (r & 1) == 0 ? four.xy : four.zw;
  return (c & 1) == 0 ? two.x : two.y;
}`;

/** One fragment gathers the four values of its texel. */
const GATHER = `void compute(int texel) {
  int width = (columns + 1) >> 1, height = (rows + 1) >> 1;
  int line = texel / width, c = (texel - line * width) << 1;
  int matrix = line / height, r = (line - matrix * height) << 1;
  int i = (matrix * rows + r) * columns + c;
  bool right = c + 1 < columns, below = r + 1 < rows;
  out0 = vec4(value(i), right ? value(i + 1) : 0., below ? value(i + columns) : 0., right && below ? value(i + columns + 1) : 0.);
}`;

/** A copy of the tensor as our kernels read it. */
export function repacked(runner: WebglRunner, x: TensorInfo, { isPacked, shape: lying, slice }: TextureData): TensorInfo {
  const { rows, columns } = matricesOf(x.shape);
  const from = matricesOf(lying);
  const [made] = runner.draw({
    name: 'packing',
    geometry: { shape: x.shape },
    variant: isPacked ? 'packed' : 'unpacked',
    code: () => `${isPacked ? PACKED : UNPACKED}\n${GATHER}`,
    inputs: { x },
    ints: {
      rows,
      columns,
      ...(isPacked ? { fromRows: from.rows, fromColumns: from.columns } : { offset: slice?.flatOffset ?? 0 }),
    },
    outputs: [x.shape],
  });
  return made!;
}
