import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { type ActivationGeometry, activationGeometry } from '../activation/geometry.js';
import type { ConcatGeometry } from '../concat/geometry.js';
import type { Conv2DGeometry } from '../conv2d/geometry.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { branchesOf, kernelsOf } from './parts.js';

/** Kernels of a backend that makes tensors itself. */
interface Pieces<Runner> {
  readonly convolution: Parts<RunnerKernel<Conv2DGeometry, Runner>>;
  readonly activation: Parts<RunnerKernel<ActivationGeometry, Runner>>;
  /** Of that many tensors. */
  concat(count: number): Parts<RunnerKernel<ConcatGeometry, Runner>>;
}

/** The convolution by itself, in a tensor of its own. */
function alone({ outPitch: _pitch, ...own }: Readonly<Conv2DGeometry>): Conv2DGeometry {
  return own;
}

/** Joined convolutions of a pattern as parts.ts has it: every convolution by itself, then their channels side by side. */
export function runnerKernels<Runner extends { dispose(info: TensorInfo): void }>(
  pattern: string,
  { convolution, activation, concat }: Pieces<Runner>,
): Parts<RunnerKernel<JoinedConv2DGeometry, Runner>> {
  const side = concat(pattern.length);
  return kernelsOf<RunnerKernel<JoinedConv2DGeometry, Runner>>(
    pattern,
    {
      forward(inputs, g, runner) {
        const branches = g.convolutions.map((own, i) => {
          const { [`x${i}`]: x, [`filter${i}`]: filter, [`bias${i}`]: bias } = inputs;
          return own ? convolution['forward']!({ x: x!, filter: filter!, bias: bias! }, alone(own), runner)[0]! : x!;
        });
        const y = side['forward']!(Object.fromEntries(branches.map((branch, i) => [`x${i}`, branch])), g, runner);
        for (const i of branchesOf(pattern, 'C')) runner.dispose(branches[i]!);
        return y;
      },
      shared({ dy, y }, g, runner) {
        return branchesOf(pattern, 'C').map((i) => {
          const own = (all: TensorInfo): TensorInfo => side[`dx${i}`]!({ dy: all }, g, runner)[0]!;
          const { activation: kind } = g.convolutions[i]!;
          const before = own(dy!);
          if (kind === 'linear') return before;
          const seen = own(y!);
          const [after] = activation['dx']!({ dy: before, y: seen }, activationGeometry(kind, before.shape), runner);
          for (const each of [before, seen]) runner.dispose(each);
          return after!;
        });
      },
    },
    (part, i) => (inputs, g, runner) => {
      const own = { x: inputs[`x${i}`]!, filter: inputs[`filter${i}`]!, dy: inputs[`dy${i}`]! };
      return convolution[part]!(own, alone(g.convolutions[i]!), runner);
    },
    (i) => side[`dx${i}`]!,
  );
}
