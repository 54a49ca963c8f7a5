import type { LayersModel } from '@tensorflow/tfjs-layers';
import { oneOf, onlyKnown } from '../checks.js';
import { stateDict } from '../weights/state-dict.js';
import { writeWeights } from '../weights/write-weights.js';
import { lossWeights } from '../zoo/loss-weights.js';
import { DATA_SCRIPT } from './data-script.js';
import type { Graph } from './graph.js';
import { endingSoftmax, graphOf } from './graph-of.js';
import { kerasModelSource } from './keras/model-source.js';
import { kerasTrainScript } from './keras/train-script.js';
import { onnxModel, type PictureLayout } from './onnx/onnx-model.js';
import { type Pictures, picturesOf } from './pictures.js';
import { kerasReadme, torchReadme } from './readmes.js';
import { torchModelSource } from './torch/model-source.js';
import { torchTrainScript } from './torch/train-script.js';

/** Where a net can be taken. */
export const EXPORT_TARGETS = ['torch-ddp', 'keras', 'onnx'] as const;

/** One of EXPORT_TARGETS. */
export type ExportTarget = (typeof EXPORT_TARGETS)[number];

/** Options of exportModel. */
export interface ExportModelOptions {
  /** PyTorch with DistributedDataParallel, Keras 3 with its distribution API, or ONNX for serving. */
  readonly to: ExportTarget;
  /** [height, width, channels] of the pictures, for a model that leaves sizes open; default the model's own. */
  readonly inputShape?: readonly number[] | undefined;
  /** ONNX only: how the served net takes pictures, and gives maps; default 'nhwc', as here. */
  readonly layout?: PictureLayout | undefined;
}

/** What a target is made of. */
interface Given {
  readonly model: LayersModel;
  readonly graph: Graph;
  readonly pictures: Pictures;
  readonly layout: PictureLayout;
}

type Files = Record<string, string | Uint8Array>;

/** A further target is a folder beside these and a line here. */
const targets: Readonly<Record<ExportTarget, (given: Given) => Promise<Files>>> = {
  'torch-ddp': async ({ model, graph, pictures }) => ({
    'model.py': torchModelSource(graph, pictures, lossWeights(model)),
    'weights.pt': await writeWeights(await stateDict(model, { framework: 'torch' }), 'pytorch'),
    'train.py': torchTrainScript(softmaxesOf(graph).includes(true)),
    'data.py': DATA_SCRIPT,
    'README.md': torchReadme(graph),
  }),
  keras: async ({ model, graph, pictures }) => ({
    'model.py': kerasModelSource(graph, pictures, lossWeights(model)),
    'weights.npz': await writeWeights(await stateDict(model, { framework: 'keras' }), 'npz'),
    'train.py': kerasTrainScript(softmaxesOf(graph)),
    'data.py': DATA_SCRIPT,
    'README.md': kerasReadme(graph),
  }),
  onnx: async ({ model, graph, pictures, layout }) => ({
    'model.onnx': await onnxModel(
      graph,
      await stateDict(model, { framework: 'torch' }),
      layout,
      servingMetadata(graph, pictures, layout),
    ),
  }),
};

const softmaxesOf = ({ outputs }: Graph): boolean[] => outputs.map(({ value }) => endingSoftmax(value) !== undefined);

/** What who serves the net must know, as JSON by name. */
function servingMetadata(
  { input }: Graph,
  { classNames, ...preprocessing }: Pictures,
  layout: PictureLayout,
): Record<string, string> {
  const [height, width, channels] = input.shape;
  const pictures = { layout, height, width, channels, formula: '(pixel / 255 - mean) / std', ...preprocessing };
  return { preprocessing: JSON.stringify(pictures), classNames: JSON.stringify(classNames) };
}

/**
 * A net as files that another framework runs, its weights with it.
 *
 * - 'torch-ddp': `model.py` (an nn.Module whose state_dict has the names of `stateDict(model, { framework: 'torch' })`), `weights.pt`,
 *   `train.py` for torchrun, `data.py`, `README.md`; NCHW. What it trains, `trained.pt`, comes back with {@link importWeights}.
 * - 'keras': `model.py` (functional API), `weights.npz`, `train.py` (DataParallel on JAX), `data.py`, `README.md`; `trained.npz`.
 * - 'onnx': `model.onnx`, operator set 17, any batch, its input 'input'; how pictures are prepared and what the classes are called
 *   stand in its metadata.
 *
 * Outputs agree with the model's to rounding; training does what it does here, for batch normalisation, too. Regularizers,
 * constraints, which layers are frozen, and dropout's seeds are left out. All sizes are those of the model's input.
 *
 * ```ts
 * const files = await exportModel(model, { to: 'onnx' });
 * await writeFile('model.onnx', files['model.onnx']);
 * ```
 *
 * @returns the files' bytes by their names
 * @throws ArgumentError naming the layer that has no counterpart, or an option
 */
export async function exportModel(model: LayersModel, options: ExportModelOptions): Promise<Record<string, Uint8Array>> {
  onlyKnown('exportModel', options, ['to', 'inputShape', 'layout']);
  const { to, inputShape, layout = 'nhwc' } = options;
  const target = targets[oneOf('exportModel', 'to', to, EXPORT_TARGETS)];
  oneOf('exportModel', 'layout', layout, ['nhwc', 'nchw']);
  const graph = graphOf(model, inputShape);
  const files = await target({ model, graph, pictures: picturesOf(model, graph.input.shape.at(-1)!), layout });
  const encoder = new TextEncoder();
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? encoder.encode(content) : content]),
  );
}
