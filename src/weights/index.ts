/** Weights under the names and in the layouts of other frameworks. */
export type { Framework } from './layouts.js';
export {
  type LoadStateDictOptions,
  loadStateDict,
  type StateDict,
  StateDictError,
  type StateDictOptions,
  type StateDictReport,
  stateDict,
  type WeightArray,
} from './state-dict.js';
