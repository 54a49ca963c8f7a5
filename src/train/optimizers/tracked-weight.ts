import type { Variable } from '@tensorflow/tfjs-core';
import type { WeightSettings } from './parameter-groups.js';

/** Numbers that an optimizer keeps of a weight, beside the slots; plain JSON. */
export interface WeightState {
  /** Steps that the weight has taken. */
  step: number;
  /** NAdam's product of all momenta so far. */
  momentumProduct?: number;
}

/** A weight that an optimizer moves, and what it keeps of it. Recorded steps hold on to it, so it is changed, never replaced. */
export interface TrackedWeight {
  readonly variable: Variable;
  /** By slot names, in their order. */
  readonly slots: Readonly<Record<string, Variable>>;
  state: WeightState;
  settings: WeightSettings;
}

/** What the numbers of one weight's step follow from. */
export interface WeightMoment {
  /** The optimizer's learning rate times the group's scale. */
  readonly rate: number;
  /** The weight's. */
  readonly weightDecay: number;
  /** With this step counted. */
  readonly state: WeightState;
}
