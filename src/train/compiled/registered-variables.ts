import { engine, type Variable } from '@tensorflow/tfjs-core';

/** All variables that there are, whoever made them. */
export function registeredVariables(): Variable[] {
  return Object.values(engine().registeredVariables);
}
