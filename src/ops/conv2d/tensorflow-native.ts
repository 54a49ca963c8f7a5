import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import { type Composition, composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner } from '../../backends/tensorflow/runner.js';
import type { Parts } from '../../kernels.js';
import { activated } from '../activation/tensorflow-fused.js';
import type { Conv2DGeometry } from './geometry.js';
import { portable } from './portable.js';
import { compositions } from './tensorflow.js';
import { winogradAllowed, winogradSuits } from './winograd-rule.js';

/** What the native ops take: sizes in and out, filter and strides by height and width, pads at the top and left. */
function attributes(run: TensorflowRunner, g: Conv2DGeometry): OpAttribute[] {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padTop, padLeft } = g;
  return [
    run.int('geometry', [
      ...[inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth],
      ...[strideHeight, strideWidth, padTop, padLeft],
    ]),
    run.flag('winograd', winogradAllowed() && winogradSuits(g)),
  ];
}

const onCpu: Parts<Composition<Conv2DGeometry>> = {
  forward({ x, filter, bias }, g, run) {
    const relu = g.activation === 'relu';
    const inputs = bias ? [x!, filter!, bias] : [x!, filter!];
    const more = [run.flag('relu', relu), run.int('N', inputs.length - 2)];
    const y = run.op('TfjsCnnConv2D', inputs, [...attributes(run, g), ...more]);
    return [relu ? y : activated(run, y, g.activation)];
  },
  dx: ({ dy, filter }, g, run) => [run.op('TfjsCnnConv2DGradInput', [dy!, filter!], attributes(run, g))],
  dfilter: ({ x, dy }, g, run) => [run.op('TfjsCnnConv2DGradFilter', [x!, dy!], attributes(run, g))],
};

function isNative(run: TensorflowRunner, { groups, dilationHeight, dilationWidth }: Conv2DGeometry): boolean {
  return [groups, dilationHeight, dilationWidth].every((one) => one === 1) && run.runsNatively('TfjsCnnConv2D');
}

const nativeWhereItSuits: Parts<Composition<Conv2DGeometry>> = { ...compositions };
for (const [part, composition] of Object.entries(onCpu)) {
  nativeWhereItSuits[part] = (inputs, g, run) => (isNative(run, g) ? composition : compositions[part]!)(inputs, g, run);
}

/** Convolution by native ops where they do it, else by TensorFlow's. */
export const nativeConv2D = composed(nativeWhereItSuits, portable);
