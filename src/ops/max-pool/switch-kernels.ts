import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { KernelSet } from '../../kernels.js';
import { cpu as unpoolOnCpu } from '../max-unpool/cpu.js';
import type { MaxUnpoolGeometry } from '../max-unpool/geometry.js';
import { portable as unpoolPortable } from '../max-unpool/portable.js';
import { reference as unpoolReference } from '../max-unpool/reference.js';
import { wasmCnn as unpoolOnWasm } from '../max-unpool/wasm.js';
import { windowAxes } from '../pool/axis.js';
import { ordered } from '../pool/order.js';
import { cutPhases, forEachPlace, seenAt } from '../pool/phases.js';
import { elementsPerOutputRow, poolShape, rowsPerPiece } from '../pool/wasm.js';
import { forEachWindow } from '../pool/windows.js';
import { cpu, firstMaximum } from './cpu.js';
import { portable } from './portable.js';
import { forEachMaximum } from './reference.js';
import { wasmCnn } from './wasm.js';

/** The gradient of a pool whose switches are known is unpooling: dy goes where they point. */
function unpooling(g: WindowGeometry): MaxUnpoolGeometry {
  return {
    batch: g.batch,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    channels: g.inChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
  };
}

/** row * inWidth + column of element i of x. */
function placeOf(i: number, g: WindowGeometry): number {
  return Math.floor(i / g.inChannels) % (g.inHeight * g.inWidth);
}

/** maxPool's kernels, with the place of each maximum beside it. */
export const switchKernels: KernelSet<WindowGeometry> = {
  reference: {
    forward({ x }, { y, switches }, g) {
      forEachMaximum(x!, g, (i, o) => {
        y![o] = x![i]!;
        switches![o] = placeOf(i, g);
      });
    },
    dx: ({ dy, switches }, { dx }, g) => unpoolReference.forward!({ x: dy!, switches: switches! }, { y: dx! }, unpooling(g)),
  },

  cpu: {
    forward({ x }, { y, switches }, g) {
      cpu.forward!({ x: x! }, { y: y! }, g);
      forEachWindow(g, windowAxes(g), (window) => {
        for (let c = 0; c < g.inChannels; c++) {
          const o = window.output + c;
          switches![o] = placeOf(firstMaximum(x!, y![o]!, window, c), g);
        }
      });
    },
    dx: ({ dy, switches }, { dx }, g) => unpoolOnCpu.forward!({ x: dy!, switches: switches! }, { y: dx! }, unpooling(g)),
  },

  wasmCnn: {
    forward({ x }, { y, switches }, g, wasm) {
      wasmCnn.forward!({ x: x! }, { y: y! }, g, wasm);
      const windows = windowAxes(g);
      const grain = rowsPerPiece(elementsPerOutputRow(g, windows));
      wasm.parallel('maxPoolSwitches', g.batch * g.outHeight, grain, x!, y!, switches!, poolShape(wasm, g, windows));
    },
    dx: ({ dy, switches }, { dx }, g, wasm) =>
      unpoolOnWasm.forward!({ x: dy!, switches: switches! }, { y: dx! }, unpooling(g), wasm),
  },

  portable: {
    forward: ({ x }, g) => {
      const y = portable.forward!({ x: x! }, g) as tf.Tensor4D;
      return [y, switchesOf(x as tf.Tensor4D, y, g)];
    },
    dx: ({ dy, switches }, g) => unpoolPortable.forward!({ x: dy!, switches: switches! }, unpooling(g)),
  },
};

/** By output, the place of the first element that equals y. */
function switchesOf(x: tf.Tensor4D, y: tf.Tensor4D, g: WindowGeometry): tf.Tensor {
  const phases = cutPhases(ordered(x), g, Number.NEGATIVE_INFINITY);
  const maximum = ordered(y);
  const row = tf.reshape(tf.range(0, g.outHeight), [1, g.outHeight, 1, 1]);
  const column = tf.reshape(tf.range(0, g.outWidth), [1, 1, g.outWidth, 1]);
  const corner = tf.add(
    tf.mul(tf.sub(tf.mul(row, g.strideHeight), g.padTop), g.inWidth),
    tf.sub(tf.mul(column, g.strideWidth), g.padLeft),
  );
  const corners = tf.add(corner, tf.zerosLike(y));
  let switches: tf.Tensor = corners;
  let open: tf.Tensor = tf.onesLike(y);
  forEachPlace(g, (ky, kx) => {
    const hit = tf.logicalAnd(tf.equal(seenAt(phases, g, ky, kx), maximum), tf.greater(open, 0));
    switches = tf.where(hit, tf.add(corners, ky * g.dilationHeight * g.inWidth + kx * g.dilationWidth), switches);
    open = tf.where(hit, tf.zerosLike(open), open);
  });
  return switches;
}
