import type { Graph } from './graph.js';
import type { Pictures } from './pictures.js';
import { literal } from './python.js';

/** The lines of a model.py that data.py and train.py read. */
export function modelConstants(graph: Graph, pictures: Pictures, lossWeights: readonly number[]): string {
  const [height, width, channels] = graph.input.shape;
  return `# What pictures must look like: (pixel / 255 - MEAN) / STD, channel by channel.
HEIGHT, WIDTH, CHANNELS = ${height}, ${width}, ${channels}
# Length that a picture's shorter side is scaled to before the middle is cut out; 0: the net's size just fits in.
RESIZE = ${pictures.resize ?? 0}
MEAN, STD = ${literal(pictures.mean)}, ${literal(pictures.std)}
ORDER = ${literal(pictures.order)}
CLASS_NAMES = ${literal(pictures.classNames)}
# What the loss of each output counts in training.
LOSS_WEIGHTS = ${literal(lossWeights)}`;
}
