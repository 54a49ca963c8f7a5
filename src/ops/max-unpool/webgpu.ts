import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { nanText } from '../pool/webgpu-windows.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** Threads that keep a GPU busy: more of them only read all switches more often. */
const ENOUGH = 2048;

const uniforms = { size: 'u32', values: 'i32', places: 'i32', channels: 'i32', bands: 'i32', bandPlaces: 'i32' } as const;

/** The place that a switch names, or -1. A switch may hold anything. */
const placeText = `${nanText()}
fn placeOf(named: f32) -> i32 {
  if (isNan(named) || named < 0.0 || named >= f32(u.places) || named != floor(named)) { return -1; }
  return i32(named);
}`;

/** One thread has a channel of a band of a picture of y to itself: it clears it and adds up, in order, what is sent there. */
const forward = (): Program => ({
  reads: { x: 'f32', switches: 'f32' },
  writes: { y: 'f32' },
  uniforms,
  text: `${placeText}
${forEach(
  'u.size',
  `  let c = i32(i) % u.channels;
  let first = i32(i) / u.channels % u.bands * u.bandPlaces;
  let picture = i32(i) / u.channels / u.bands;
  let end = min(first + u.bandPlaces, u.places);
  let to = picture * u.places * u.channels + c;
  for (var p = first; p < end; p++) { y[to + p * u.channels] = 0.0; }
  var at = picture * u.values * u.channels + c;
  for (var v = 0; v < u.values; v++) {
    let spot = placeOf(switches[at]);
    if (spot >= first && spot < end) { y[to + spot * u.channels] += x[at]; }
    at += u.channels;
  }`,
)}`,
});

/** One thread fetches dy of the place that its switch names. */
const dx = (): Program => ({
  reads: { dy: 'f32', switches: 'f32' },
  writes: { dx: 'f32' },
  uniforms,
  text: `${placeText}
${forEach(
  'u.size',
  `  let c = i32(i) % u.channels;
  let picture = i32(i) / u.channels / u.values;
  let spot = placeOf(switches[i]);
  dx[i] = select(0.0, dy[(picture * u.places + max(spot, 0)) * u.channels + c], spot >= 0);`,
)}`,
});

/** Bands of a picture follow from sizes alone, and do not change a sum. */
function numbersOf(g: MaxUnpoolGeometry) {
  const [values, places] = [g.inHeight * g.inWidth, g.outHeight * g.outWidth];
  const wanted = Math.max(1, Math.min(places, Math.floor(ENOUGH / (g.batch * g.channels))));
  const bandPlaces = Math.ceil(places / wanted);
  return { values, places, channels: g.channels, bands: Math.ceil(places / bandPlaces), bandPlaces };
}

/** x, switches, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const webgpu: Parts<RunnerKernel<MaxUnpoolGeometry, WebgpuRunner>> = {
  forward({ x, switches }, g, runner) {
    const y = runner.output([g.batch, g.outHeight, g.outWidth, g.channels]);
    const numbers = numbersOf(g);
    const size = g.batch * numbers.bands * g.channels;
    runner.launchForEach(runner.program('maxUnpool2d forward', '', g, forward), { x, switches, y }, { size, ...numbers }, size);
    return [y];
  },

  dx({ dy, switches }, g, runner) {
    const result = runner.output([g.batch, g.inHeight, g.inWidth, g.channels]);
    const size = g.batch * g.inHeight * g.inWidth * g.channels;
    const program = runner.program('maxUnpool2d dx', '', g, dx);
    runner.launchForEach(program, { dy, switches, dx: result }, { size, ...numbersOf(g) }, size);
    return [result];
  },
};
