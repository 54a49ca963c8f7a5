import { DataError } from '../../../data/dataset.js';
import { type Fields, fieldReader, text } from '../protobuf/fields.js';
import type { StoredArray, WeightReader } from '../weight-file.js';
import { readBlob } from './blob.js';
import { namedBlobs } from './roles.js';

/** NetParameter's fields. Source: caffe.proto of BVLC's Caffe. */
const NET = { name: 1, oldLayers: 2, layers: 100 };
/** LayerParameter's: kinds are names. */
const LAYER = { name: 1, kind: 2, blobs: 7 };
/** V1LayerParameter's: kinds are numbers; `older` is a layer of the version before. */
const OLD_LAYER = { older: 1, name: 4, kind: 5, blobs: 6 };
/** Kinds of old layers that have weights. */
const OLD_KINDS: Readonly<Record<number, string>> = { 4: 'Convolution', 14: 'InnerProduct', 39: 'Deconvolution' };

/** What may follow a net's name: layers of both versions, inputs, their sizes, flags. */
const AFTER_NAME = [0x12, 0x1a, 0x20, 0x28, 0x32, 0x38, 0x42, 0xa2];

/** Caffe's binary nets: layers of version 1 and 2, with the weights in them. */
export const caffeReader: WeightReader = {
  format: 'caffe',
  matches(head) {
    if (head[0] !== 0x0a) return head[0] === 0xa2 && head[1] === 0x06;
    const length = head[1] as number;
    const name = head.subarray(2, 2 + length);
    return length < 128 && name.every((byte) => byte >= 32) && AFTER_NAME.includes(head[2 + length] as number);
  },
  async read(source) {
    const bytes = await source.bytes(0, source.size);
    const fields = await fieldReader(source.name);
    const arrays: Record<string, StoredArray> = Object.create(null);
    const metadata: Record<string, unknown> = {};
    let layers = 0;
    for (const field of fields(bytes)) {
      if (field.id === NET.name) metadata['net'] = text(field);
      if (field.id !== NET.layers && field.id !== NET.oldLayers) continue;
      layers++;
      const layer = readLayer(fields, field.bytes, field.id === NET.oldLayers, source.name);
      for (const [role, array] of namedBlobs(layer, source.name)) {
        const name = `${layer.name}.${role}`;
        if (name in arrays) throw new DataError(source.name, 'a name for each layer', `'${layer.name}' twice`);
        arrays[name] = array;
      }
    }
    if (layers === 0)
      throw new DataError(source.name, 'layers of a Caffe net', 'none', 'the file is damaged, or only a description');
    return { format: 'caffe', framework: 'torch', arrays, metadata };
  },
};

/** A layer with its weights. */
export interface CaffeLayer {
  readonly name: string;
  readonly kind: string;
  readonly blobs: readonly StoredArray[];
}

function readLayer(fields: Fields, bytes: Uint8Array, old: boolean, source: string): CaffeLayer {
  const ids = old ? OLD_LAYER : LAYER;
  let [name, kind] = ['', ''];
  const blobs: Uint8Array[] = [];
  for (const field of fields(bytes)) {
    if (old && field.id === OLD_LAYER.older) {
      throw new DataError(
        source,
        "layers of Caffe's version 1 or 2",
        'older ones',
        "convert the file with Caffe's upgrade_net_proto_binary",
      );
    }
    if (field.id === ids.name) name = text(field);
    else if (field.id === ids.kind) kind = old ? (OLD_KINDS[Number(field.bits)] ?? `${field.bits}`) : text(field);
    else if (field.id === ids.blobs) blobs.push(field.bytes);
  }
  return { name, kind, blobs: blobs.map((blob) => readBlob(fields, blob, `${source}, layer '${name}'`)) };
}
