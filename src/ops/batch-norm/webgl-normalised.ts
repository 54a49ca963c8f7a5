/** GLSL of a texel's normalisation: what the vectors of channels say of its four numbers. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';

/** `xhat`, `gain` (gamma over the deviation) and `z`, before the activation, of texel `at` of channels c. */
export function normalisedCode({ gamma, beta }: Named<TensorInfo | undefined>): string {
  return `vec4 deviation = sqrt(varianceAt(c).xyxy + epsilon);
  vec4 xhat = (xAt(at) - meanAt(c).xyxy) / deviation;
  vec4 gain = ${gamma ? 'gammaAt(c).xyxy' : 'vec4(1)'};
  vec4 z = gain * xhat${beta ? ' + betaAt(c).xyxy' : ''};`;
}

/** `dz`: dy where relu, if there was one, let it through. */
export function unfusedCode(activation: 'linear' | 'relu'): string {
  return activation === 'relu' ? 'vec4 dz = mix(dyAt(at), vec4(0), lessThanEqual(z, vec4(0)));' : 'vec4 dz = dyAt(at);';
}

/** Inputs under the names that this code reads them by. */
export function readAs(inputs: Named<TensorInfo | undefined>): Named<TensorInfo> {
  const named: Named<TensorInfo> = {};
  for (const name in inputs) if (inputs[name]) named[`${name}At`] = inputs[name];
  return named;
}
