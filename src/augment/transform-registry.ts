/** Transforms by name: what is sent to workers and written into models is a class's name and its options. */
import { shown } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import type { Transform } from './transform.js';

/** A transform as plain JSON. */
export interface SerializedTransform {
  /** Name of a registered class. */
  readonly className: string;
  /** What its getConfig() gave. */
  readonly config: Record<string, unknown>;
}

/** A class that can be registered: its constructor takes what getConfig() gives, and checks it. */
export interface TransformClass {
  /** Its name in the registry, and in JSON. */
  readonly className: string;
  new (config: never): Transform;
}

const classes = new Map<string, TransformClass>();

/**
 * Makes a class known to `transformFrom`. Workers know the package's classes alone.
 *
 * @throws ArgumentError where another class has that name already
 */
export function registerTransform(cls: TransformClass): void {
  const known = classes.get(cls.className);
  if (known !== undefined && known !== cls) {
    throw new ArgumentError(`registerTransform: there is another class named '${cls.className}'; choose another name`);
  }
  classes.set(cls.className, cls);
}

/**
 * The transform that JSON tells of; a transform is given back as it is.
 *
 * @throws ArgumentError where the class is not registered, or it refuses its options
 */
export function transformFrom(transform: Transform | SerializedTransform): Transform {
  if (isTransform(transform)) return transform;
  const { className, config } = (transform ?? {}) as Partial<SerializedTransform>;
  const cls = typeof className === 'string' ? classes.get(className) : undefined;
  if (cls === undefined) {
    const names = [...classes.keys()].sort().join(', ');
    throw new ArgumentError(
      `transformFrom: className must be one of ${names} (import what defines another, or call registerTransform), ` +
        `got ${shown(className)}`,
    );
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new ArgumentError(`transformFrom: config of ${className} must be an object, its options, got ${shown(config)}`);
  }
  return new cls(config as never);
}

/** What `transformFrom` makes the transform of again. */
export function serializedTransform(transform: Transform): SerializedTransform {
  return { className: transform.className, config: transform.getConfig() };
}

function isTransform(value: Transform | SerializedTransform): value is Transform {
  return typeof (value as Partial<Transform> | null)?.draw === 'function';
}
