/** GLSL of the first of the largest: `best` so far and its number `place`, below 0 before there is one. NaN is larger than every number. */
export const LOOK = `// By its bits: compilers take v != v for false.
bool isNaN(float v) { return (floatBitsToUint(v) & 0x7fffffffu) > 0x7f800000u; }
void look(float v, float at, inout float best, inout float place) {
  if (v > best || place < 0. || (isNaN(v) && !isNaN(best))) {
    best = v;
    place = at;
  }
}`;
