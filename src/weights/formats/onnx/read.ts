import { DataError } from '../../../data/dataset.js';
import { fieldReader, text } from '../protobuf/fields.js';
import type { StoredArray, WeightReader } from '../weight-file.js';
import { readTensor } from './tensor.js';

/** ModelProto's fields. Source: onnx.proto of the ONNX project. */
const MODEL = { producer: 2, producerVersion: 3, graph: 7 };
const GRAPH = { name: 2, initializer: 5 };

/** ir_version comes first; then one of ModelProto's other fields, of its own wire type. */
const SECOND = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72];
const NEWEST_IR = 31;

/** ONNX: the initialisers of a model's graph, in PyTorch's layout, which ONNX's operators have. */
export const onnxReader: WeightReader = {
  format: 'onnx',
  matches: (head) => head[0] === 0x08 && (head[1] as number) <= NEWEST_IR && SECOND.includes(head[2] as number),
  async read(source) {
    const bytes = await source.bytes(0, source.size);
    const fields = await fieldReader(source.name);
    const arrays: Record<string, StoredArray> = Object.create(null);
    const passedOver: string[] = [];
    const metadata: Record<string, unknown> = {};
    let graphs = 0;
    for (const field of fields(bytes)) {
      if (field.id === MODEL.producer) metadata['producer'] = text(field);
      if (field.id === MODEL.producerVersion) metadata['producerVersion'] = text(field);
      if (field.id !== MODEL.graph) continue;
      graphs++;
      for (const part of fields(field.bytes)) {
        if (part.id === GRAPH.name) metadata['graph'] = text(part);
        if (part.id !== GRAPH.initializer) continue;
        const { name, array } = readTensor(fields, part.bytes, source.name);
        if (typeof array === 'string') passedOver.push(name);
        else if (name === '__proto__' || name in arrays)
          throw new DataError(source.name, 'a name for each tensor', `'${name}' twice`);
        else arrays[name] = array;
      }
    }
    if (graphs === 0) throw new DataError(source.name, 'an ONNX model', 'one without a graph', 'the file is damaged');
    if (passedOver.length > 0) metadata['passedOver'] = passedOver;
    return { format: 'onnx', framework: 'torch', arrays, metadata };
  },
};
