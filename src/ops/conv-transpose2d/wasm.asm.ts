// What the input gradient of a convolution leaves to do of a transposed convolution.
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';

/** y = act(y + bias) for pixels [begin, end) of y [pixels, channels]; a bias of 0 stands for none. */
export function biasAndActivation(begin: i32, end: i32, y: usize, bias: usize, channels: i32, activation: i32): void {
  const pixel = <usize>channels << 2;
  const stop = y + <usize>end * pixel;
  for (let row = y + <usize>begin * pixel; row < stop; row += pixel) {
    for (let c = 0; c < channels; c += 4) {
      const at = <usize>c << 2, lanes = channels - c;
      let v = loadLanes(row + at, lanes);
      if (bias) v = f32x4.add(v, loadLanes(bias + at, lanes));
      storeLanes(row + at, applyActivation(v, activation), lanes);
    }
  }
}
