// Max unpooling. x, switches, dx [batch, values, channels]; y, dy [batch, places, channels].
// A switch is float32 and may hold anything: it counts where it is a whole number of [0, places).
import { clearFloats } from '../../backends/wasm-cnn/asm/move';

/** The place that a switch names, or -1. */
// @ts-ignore: decorator
@inline function placeOf(at: usize, places: i32): i32 {
  const named = load<f32>(at);
  if (!(named >= 0 && named < <f32>places)) return -1;
  const place = <i32>named;
  return <f32>place == named ? place : -1;
}

/**
 * y = sum of the x that are sent there, for strips [begin, end) of up to `width` channels, ceil(channels / width) of each
 * picture: any value of a strip may go to any of its places, and to no other's.
 */
export function maxUnpoolForward(begin: i32, end: i32, x: usize, switches: usize, y: usize, values: i32, places: i32, channels: i32, width: i32): void {
  const strips = (channels + width - 1) / width;
  const pixel = <usize>channels << 2;
  for (let unit = begin; unit < end; unit++) {
    const b = unit / strips, first = (unit - b * strips) * width;
    const count = min(width, channels - first), bytes = <usize>count << 2;
    const to = y + <usize>(b * places) * pixel + (<usize>first << 2);
    for (let p = to, stop = to + <usize>places * pixel; p < stop; p += pixel) clearFloats(p, count);
    let at = <usize>(b * values) * pixel + (<usize>first << 2);
    for (let i = 0; i < values; i++, at += pixel) {
      for (let c: usize = 0; c < bytes; c += 4) {
        const place = placeOf(switches + at + c, places);
        if (place < 0) continue;
        const p = to + <usize>place * pixel + c;
        store<f32>(p, load<f32>(p) + load<f32>(x + at + c));
      }
    }
  }
}

/** dx = dy of the place that was named, else 0, for pixels [begin, end) of batch * values. */
export function maxUnpoolDx(begin: i32, end: i32, dy: usize, switches: usize, dx: usize, values: i32, places: i32, channels: i32): void {
  const pixel = <usize>channels << 2;
  for (let i = begin; i < end; i++) {
    const from = dy + <usize>(i / values * places) * pixel, at = <usize>i * pixel;
    for (let c: usize = 0; c < pixel; c += 4) {
      const place = placeOf(switches + at + c, places);
      store<f32>(dx + at + c, place < 0 ? 0 : load<f32>(from + <usize>place * pixel + c));
    }
  }
}
