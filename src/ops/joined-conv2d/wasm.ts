import type { Parts, WasmKernel } from '../../kernels.js';
import { activationCode } from '../activation/functions.js';
import { copyOfRange, copyToRange } from '../concat/kernels.js';
import { wasmCnn as convolution } from '../conv2d/wasm.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { branchesOf, kernelsOf } from './parts.js';

/** Elements a piece: three arrays of 64 KiB. */
const GRAIN = 16384;

/** conv2d's kernels, which write a range of the channels of y each. */
export function wasmCnn(pattern: string): Parts<WasmKernel<JoinedConv2DGeometry>> {
  return kernelsOf<WasmKernel<JoinedConv2DGeometry>>(
    pattern,
    {
      forward(inputs, { y }, g, wasm) {
        for (const i of branchesOf(pattern, 'C')) {
          const { [`x${i}`]: x, [`filter${i}`]: filter, [`bias${i}`]: bias } = inputs;
          const own = { x: x!, filter: filter!, bias: bias! };
          convolution['forward']!(own, { y: y! + g.offsets[i]! * 4 }, g.convolutions[i]!, wasm);
        }
        for (const i of branchesOf(pattern, 'T')) copyToRange(wasm, inputs[`x${i}`]!, y!, g, i);
      },
      shared({ dy, y }, outputs, g, wasm) {
        for (const i of branchesOf(pattern, 'C')) {
          const own = outputs[`dy${i}`]!;
          const { activation } = g.convolutions[i]!;
          if (activation === 'linear') {
            copyOfRange(wasm, dy!, own, g, i);
            continue;
          }
          const width = g.channels[i]!;
          const skip = g.offsets[i]! * 4;
          const grain = Math.max(1, Math.floor(GRAIN / width));
          const pitch = g.total * 4;
          wasm.parallel(
            'activationGradientRows',
            g.rows,
            grain,
            dy! + skip,
            y! + skip,
            pitch,
            own,
            width,
            activationCode[activation],
          );
        }
      },
    },
    (part, i) => (inputs, outputs, g, wasm) => {
      const own = { x: inputs[`x${i}`]!, filter: inputs[`filter${i}`]!, dy: inputs[`dy${i}`]! };
      convolution[part]!(own, { [part]: outputs[`${part}${i}`]! }, g.convolutions[i]!, wasm);
    },
    (i) =>
      ({ dy }, outputs, g, wasm) =>
        copyOfRange(wasm, dy!, outputs[`dx${i}`]!, g, i),
  );
}
