import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Named, Parts, PortableKernel, RunnerKernel } from '../../kernels.js';
import type { TensorflowRunner, Value } from './runner.js';

/** How many portable compositions run inside of each other. */
let fallbacks = 0;

/**
 * Whether a portable composition stands in for one of these kernels: what it calls by tfjs's names must be tfjs's kernels then, or it
 * might come back here for ever.
 */
export function isFallingBack(): boolean {
  return fallbacks > 0;
}

/** A kernel composed of TensorFlow's ops; undefined where it does not fit, so that the portable composition has to do it. */
export type Composition<Geometry> = (inputs: Named<Value>, geometry: Geometry, run: TensorflowRunner) => Value[] | undefined;

/**
 * Compositions as kernels of the backend's table.
 * @param portable what runs where a composition gives up; not needed where none does
 */
export function composed<Geometry>(
  compositions: Parts<Composition<Geometry>>,
  portable: Parts<PortableKernel<Geometry>> = {},
): Parts<RunnerKernel<Geometry, TensorflowRunner>> {
  const parts: Parts<RunnerKernel<Geometry, TensorflowRunner>> = {};
  for (const [part, composition] of Object.entries(compositions)) {
    parts[part] = (inputs, geometry, runner) => {
      const outputs = runner.compose(inputs, (values) => composition(values, geometry, runner));
      return outputs ?? fallBack(() => portable[part]!(inputs as Named<Tensor>, geometry));
    };
  }
  return parts;
}

function fallBack(kernel: () => Tensor | Tensor[]): Tensor[] {
  fallbacks++;
  try {
    return [tidy(kernel)].flat();
  } finally {
    fallbacks--;
  }
}
