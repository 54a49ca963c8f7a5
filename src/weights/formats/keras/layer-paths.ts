import { isRecord } from '../../../checks.js';
import { snakeCase } from './roles.js';

/** A layer of a model's config. */
export interface ConfigLayer {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * All layers of a Keras 3 config by where their variables are in the file: `layers/conv2d_1`, and
 * `layers/functional/layers/conv2d` within a model of the model. In the order of the config.
 */
export function layerPaths(model: Readonly<Record<string, unknown>>): Map<string, ConfigLayer> {
  const paths = new Map<string, ConfigLayer>();
  addLayers(paths, model, '');
  return paths;
}

function addLayers(paths: Map<string, ConfigLayer>, model: Readonly<Record<string, unknown>>, prefix: string): void {
  const inner = model['config'];
  const layers = isRecord(inner) ? inner['layers'] : undefined;
  if (!Array.isArray(layers)) return;
  const counts = new Map<string, number>();
  for (const layer of layers) {
    if (!isRecord(layer) || !isRecord(layer['config'])) continue;
    const className = String(layer['class_name']);
    const snake = snakeCase(className);
    const count = counts.get(snake) ?? 0;
    counts.set(snake, count + 1);
    const path = `${prefix}layers/${count === 0 ? snake : `${snake}_${count}`}`;
    const name = layer['config']['name'] ?? layer['name'];
    paths.set(path, { name: String(name), className, config: layer['config'] });
    addLayers(paths, layer, `${path}/`);
  }
}
