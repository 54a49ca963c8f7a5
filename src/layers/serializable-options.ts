/**
 * Initializers, regularizers and constraints as options: by name, as an object of tfjs-layers, or in the
 * form in which a saved model holds them. tfjs-layers keeps its own readers of these to itself.
 */
import { serialization } from '@tensorflow/tfjs-core';
import { constraints, regularizers, initializers as stock } from '@tensorflow/tfjs-layers';
import { shown } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import * as factories from '../initializers/factories.js';
import { RandomNormal } from '../initializers/random-normal.js';
import { VarianceScaling } from '../initializers/variance-scaling.js';

/** An object made by `initializers`, ours or tfjs-layers', or one of your own with `apply(shape, dtype)` and `getConfig()`. */
export type Initializer = ReturnType<typeof stock.ones>;
/** An object made by `tf.regularizers`. */
export type Regularizer = ReturnType<typeof regularizers.l2>;
/** An object made by `tf.constraints`. */
export type Constraint = ReturnType<typeof constraints.nonNeg>;

/** What getConfig() holds of such an object. */
export interface Serialized {
  /** Name under which tfjs-layers knows the class. */
  className: string;
  /** What its getConfig() gave. */
  config: serialization.ConfigDict;
}

const glorot = { mode: 'fanAverage' } as const;
const truncated = { distribution: 'truncatedNormal' } as const;
const uniform = { distribution: 'uniform' } as const;

/**
 * By name. Those that tfjs-layers has keep its distributions (normal ones truncated, which is not made up for), but come
 * from our generator, which is two or three times as fast, and on 'wasm-cnn' are made when first asked for.
 */
const byName = {
  ...stock,
  ...factories,
  heNormal: () => new VarianceScaling({ scale: 2, ...truncated }),
  heUniform: () => new VarianceScaling({ scale: 2, ...uniform }),
  glorotNormal: () => new VarianceScaling({ ...glorot, ...truncated }),
  glorotUniform: () => new VarianceScaling({ ...glorot, ...uniform }),
  leCunNormal: () => new VarianceScaling(truncated),
  leCunUniform: () => new VarianceScaling(uniform),
  randomNormal: () => new RandomNormal({ deviation: 0.05 }),
} satisfies Record<InitializerName, unknown>;

/** Names of the initializers that need no arguments: tfjs-layers' and those of `initializers`. */
export type InitializerName =
  | Exclude<keyof typeof stock, 'constant'>
  | 'xavierNormal'
  | 'xavierUniform'
  | 'inverseSqrt'
  | 'torchDefault'
  | 'smallRandom'
  | 'sparse';
/** How weights begin: a name, an object, or the form in a saved model. */
export type InitializerOption = InitializerName | Initializer | Serialized;
/** A penalty on weights: a name, an object, or the form in a saved model. */
export type RegularizerOption = 'l1l2' | 'l1' | 'l2' | Regularizer | Serialized;
/** What weights must keep to: a name, an object, or the form in a saved model. */
export type ConstraintOption = keyof typeof constraints | Constraint | Serialized;

type Factories<T> = Record<string, (args: never) => T>;
type Kind = 'Initializer' | 'Regularizer' | 'Constraint';

/** @throws ArgumentError naming layer and option where there is no such initializer */
export function initializerOf(where: string, option: InitializerOption): Initializer {
  return resolve(where, 'Initializer', option, byName as Factories<Initializer>);
}

/** @throws ArgumentError naming layer and option where there is no such regularizer */
export function regularizerOf(where: string, option: RegularizerOption | null | undefined): Regularizer | null {
  return option == null ? null : resolve(where, 'Regularizer', option, regularizers as Factories<Regularizer>);
}

/** @throws ArgumentError naming layer and option where there is no such constraint */
export function constraintOf(where: string, option: ConstraintOption | null | undefined): Constraint | null {
  return option == null ? null : resolve(where, 'Constraint', option, constraints as Factories<Constraint>);
}

/** The form in which a saved model holds the object; null for none. */
export function serialized(object: serialization.Serializable | null): serialization.ConfigDict | null {
  return object && { className: object.getClassName(), config: object.getConfig() };
}

function resolve<T extends serialization.Serializable>(
  where: string,
  kind: Kind,
  option: string | T | Serialized,
  factories: Factories<T>,
): T {
  if (typeof option === 'string') {
    if (Object.hasOwn(factories, option)) return factories[option]!({} as never);
    throw new ArgumentError(
      `${where}: ${kind.toLowerCase()} must be one of ${Object.keys(factories).join(', ')}, or an object, got '${option}'`,
    );
  }
  if (typeof option !== 'object' || option === null) {
    throw new ArgumentError(`${where}: ${kind.toLowerCase()} must be a name or an object, got ${shown(option)}`);
  }
  if ('getConfig' in option) return option;
  const [cls, fromConfig] = serialization.SerializationMap.getMap().classNameMap[option.className] ?? [];
  if (!cls || !fromConfig) {
    throw new ArgumentError(
      `${where}: the ${kind.toLowerCase()}'s class '${option.className}' is not registered; ` +
        'import what defines it, or call tf.serialization.registerClass with it',
    );
  }
  return fromConfig(cls, option.config) as T;
}
