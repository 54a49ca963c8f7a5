import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner } from '../../backends/tensorflow/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import { tensorflow } from './tensorflow.js';

function attributes(run: TensorflowRunner, g: WindowGeometry): OpAttribute[] {
  const sizes: Record<string, number> = {
    out_height: g.outHeight,
    out_width: g.outWidth,
    filter_height: g.filterHeight,
    filter_width: g.filterWidth,
    stride_height: g.strideHeight,
    stride_width: g.strideWidth,
    dilation_height: g.dilationHeight,
    dilation_width: g.dilationWidth,
    pad_top: g.padTop,
    pad_left: g.padLeft,
  };
  return Object.entries(sizes).map(([name, value]) => run.int(name, value));
}

const onCpu = composed<WindowGeometry>({
  forward: ({ x }, g, run) => [run.op('TfjsCnnMaxPool', [x!], attributes(run, g))],
  dx: ({ dy, x, y }, g, run) => [run.op('TfjsCnnMaxPoolGrad', [dy!, x!, y!], attributes(run, g))],
});

/** Max pooling by native ops where they are, else as without. */
export const nativeMaxPool: typeof tensorflow = {
  forward: (inputs, g, run) => (run.runsNatively('TfjsCnnMaxPool') ? onCpu : tensorflow)['forward']!(inputs, g, run),
  dx: (inputs, g, run) => (run.runsNatively('TfjsCnnMaxPool') ? onCpu : tensorflow)['dx']!(inputs, g, run),
};
