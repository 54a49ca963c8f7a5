import { DataError } from '../../../data/dataset.js';
import { Hdf5Dataset } from '../hdf5/dataset.js';
import { Hdf5Group } from '../hdf5/group.js';
import type { StoredArray } from '../weight-file.js';
import { type ConfigLayer, layerPaths } from './layer-paths.js';
import { rolesOf } from './roles.js';

/** Groups that say how Keras found a layer, not what it is called; the second one is TensorFlow 2.13's. */
const CONTAINERS = /^(layers|_layer_checkpoint_dependencies)$/;
/** State of a training, not of the model. */
const TRAINING = ['optimizer', 'metrics', '_loss_tracker'];
/** Deeper ones are no models but cycles. */
const DEEPEST = 64;

/** Where variables are: `path/vars/0`, ... */
interface Holder {
  readonly path: readonly string[];
  readonly vars: Hdf5Group;
}

/** Whether a group is laid out as Keras 3's .weights.h5. */
export function hasVariables(root: Hdf5Group): boolean {
  return (
    root.group('vars') !== undefined ||
    root.group('layers') !== undefined ||
    root.group('_layer_checkpoint_dependencies') !== undefined
  );
}

/**
 * All variables of a Keras 3 file by the names that Keras gives them, as `conv2d/kernel`; those of classes that are not known
 * keep their number. In the order of the config, else of their paths.
 * @param config the model's, if the file has it
 */
export async function readVariables(
  name: string,
  root: Hdf5Group,
  config: Readonly<Record<string, unknown>> | undefined,
): Promise<Record<string, StoredArray>> {
  const layers = config ? layerPaths(config) : new Map<string, ConfigLayer>();
  const order = new Map([...layers.keys()].map((path, i) => [path, i]));
  const rank = ({ path }: Holder) => order.get(pathOf(path)) ?? order.size;
  const holders = [...holdersIn(name, root, [])].sort(
    (a, b) => rank(a) - rank(b) || pathOf(a.path).localeCompare(pathOf(b.path), 'en', { numeric: true }),
  );
  const arrays: Record<string, StoredArray> = Object.create(null);
  for (const { path, vars } of holders) {
    const layer = layers.get(pathOf(path));
    const snake = (path.at(-1) ?? '').replace(/_\d+$/, '');
    const count = vars.names().length;
    const roles = rolesOf(snake, count, layer?.config);
    const scope = namePath(root, path, layers);
    for (let i = 0; i < count; i++) {
      const variable = vars.get(`${i}`);
      if (!(variable instanceof Hdf5Dataset)) {
        throw new DataError(name, `a variable '${pathOf(path)}/vars/${i}'`, 'none', 'the file is damaged');
      }
      const own = [...scope, roles[i] as string].join('/');
      const key = own in arrays ? `${pathOf(path)}/${roles[i]}` : own;
      arrays[key] = await variable.read();
    }
  }
  return arrays;
}

function* holdersIn(name: string, group: Hdf5Group, path: readonly string[]): Generator<Holder> {
  if (path.length > DEEPEST) throw new DataError(name, `groups in groups, at most ${DEEPEST}`, 'more', 'the file is damaged');
  for (const member of group.names()) {
    if (path.length === 0 && TRAINING.includes(member)) continue;
    const inner = group.get(member);
    if (!(inner instanceof Hdf5Group)) continue;
    if (member === 'vars') yield { path, vars: inner };
    else yield* holdersIn(name, inner, [...path, member]);
  }
}

/** Names of a variable's layers, outermost first. */
function namePath(root: Hdf5Group, path: readonly string[], layers: ReadonlyMap<string, ConfigLayer>): string[] {
  return path.flatMap((part, i) => {
    if (CONTAINERS.test(part)) return [];
    const here = pathOf(path.slice(0, i + 1));
    return [root.group(`${here}/vars`)?.text('name') ?? layers.get(here)?.name ?? part];
  });
}

function pathOf(path: readonly string[]): string {
  return path.join('/');
}
