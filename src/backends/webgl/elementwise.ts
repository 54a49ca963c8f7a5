import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { WebglRunner } from './runner.js';

/** A function of equal elements of several tensors. */
export interface Elementwise {
  /** Op and part, for errors. */
  readonly name: string;
  readonly geometry: object;
  readonly variant?: string;
  /** GLSL that `values` calls. */
  readonly functions?: string;
  /** GLSL that sets out0, out1, ... of the texels named as the inputs. */
  readonly values: string;
  /** All of the outputs' shape. */
  readonly inputs: Named<TensorInfo | undefined>;
  /** Inputs that are scalars: floats of their names. */
  readonly scalars?: Named<TensorInfo | undefined>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly shape: readonly number[];
  /** How many outputs; default 1. */
  readonly outputs?: number;
}

/** Runs it, texel by texel: what lies in the rest of an odd texel does not matter. */
export function elementwise(runner: WebglRunner, op: Elementwise): TensorInfo[] {
  const { name, geometry, variant, functions = '', values, inputs, scalars = {}, floats, shape, outputs = 1 } = op;
  const given = (tensors: Named<TensorInfo | undefined>) => Object.keys(tensors).filter((key) => tensors[key]);
  const named = (tensors: Named<TensorInfo | undefined>, suffix: string) =>
    Object.fromEntries(given(tensors).map((key) => [`${key}${suffix}`, tensors[key]!]));
  return runner.run({
    name,
    geometry,
    variant,
    code: () =>
      [
        functions,
        'void compute(int texel) {',
        ...given(inputs).map((key) => `  vec4 ${key} = ${key}At(texel);`),
        ...given(scalars).map((key) => `  float ${key} = ${key}At(0).x;`),
        values,
        '}',
      ].join('\n'),
    inputs: { ...named(inputs, 'At'), ...named(scalars, 'At') },
    ...(floats && { floats }),
    outputs: Array.from({ length: outputs }, () => shape),
  });
}
