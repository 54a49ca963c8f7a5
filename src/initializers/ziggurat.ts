import { exp, log } from './exact-math.js';
import type { RandomBits } from './random-bits.js';

/** Layers of equal area under the bell, where its tail begins, and the area of one (Doornik's table 1). */
const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

/** The bell, not scaled. */
const bell = (x: number) => exp(-0.5 * x * x);

/** Right edge of each layer, from the lowest, which stands for the tail too, to the top. */
const edges = layerEdges();
/** What of a layer lies within the one above, as a number below 2^23: there no second look is needed. */
const inner = Float64Array.from({ length: LAYERS }, (_, i) => Math.floor((edges[i + 1]! / edges[i]!) * 2 ** 23) - 1);
const steps = Float64Array.from({ length: LAYERS }, (_, i) => edges[i]! / 2 ** 23);

function layerEdges(): Float64Array {
  const edge = new Float64Array(LAYERS + 1);
  edge[0] = AREA / bell(TAIL);
  edge[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) edge[i] = Math.sqrt(-2 * log(AREA / edge[i - 1]! + bell(edge[i - 1]!)));
  return edge;
}

/**
 * A normally distributed number of mean 0 and deviation 1. These 32 bits serve for nearly all: 7 choose the layer, 24 sign
 * and place in it; `random` serves for the rest. Only exactly specified arithmetic: the same bits give the same number on
 * every engine.
 * Source: Marsaglia and Tsang, The Ziggurat Method (2000), in Doornik's form (An Improved Ziggurat Method, 2005), whose
 * layer and place share no bits.
 */
export function normal(bits: number, random: RandomBits): number {
  const layer = bits & (LAYERS - 1);
  // Half a step from zero, so that both signs are alike.
  const place = (bits >> 8) + 0.5;
  return Math.abs(place) < inner[layer]! ? place * steps[layer]! : atTheEdge(layer, place, random);
}

/** The same, where a layer sticks out from under the one above; kept apart, so that what is common is short. */
function atTheEdge(layer: number, place: number, random: RandomBits): number {
  if (layer === 0) return place < 0 ? -tail(random) : tail(random);
  const x = place * steps[layer]!;
  const above = exp(-0.5 * (edges[layer]! * edges[layer]! - x * x));
  const below = exp(-0.5 * (edges[layer + 1]! * edges[layer + 1]! - x * x));
  return below + random.nextFraction() * (above - below) < 1 ? x : normal(random.next(), random);
}

/** A number beyond the last layer's edge (Marsaglia 1964). */
function tail(random: RandomBits): number {
  for (;;) {
    // Half a step from zero, whose logarithm there is not.
    const x = -log(random.nextFraction() + 2 ** -33) / TAIL;
    const y = -log(random.nextFraction() + 2 ** -33);
    if (2 * y > x * x) return TAIL + x;
  }
}
