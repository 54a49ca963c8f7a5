/** Runs in the browser: kernels of webgl, each against what it must agree with. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-layers';
import { accelerate } from '../../src/index.js';
import { checkOps } from '../../src/inspect/check-ops.js';
import { caseTensors } from '../../src/inspect/op-case.js';
import { opCases } from '../../src/inspect/op-cases.js';
import { validateGradients } from '../../src/inspect/validate-gradients.js';
import { geometryCases } from './cases.js';

const exercises = {
  /** Puts the kernels in; where the page finds itself then. */
  async begin() {
    await accelerate('webgl');
    await tf.setBackend('webgl');
    const { gl } = (tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu;
    const info = gl.getExtension('WEBGL_debug_renderer_info');
    return {
      backend: tf.getBackend(),
      version: tf.env().getNumber('WEBGL_VERSION'),
      renderer: info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '',
    };
  },

  /** The op table; each case with its report where it is not passed. */
  async table(names: readonly string[]) {
    const rows = await checkOps(opCases.filter(({ name }) => names.includes(name)));
    return rows.map(({ name, report }) => ({ name, complaint: report.passed ? undefined : String(report) }));
  },

  /** One of the geometry cases against float64 loops, forward and backward. */
  async geometry(name: string) {
    const opCase = geometryCases.find((each) => each.name === name)!;
    const { op, args, terms } = opCase;
    const tensors = caseTensors(opCase);
    const report = await validateGradients(op, args(tensors), { against: 'reference', terms });
    tf.dispose(tensors);
    return report.passed ? undefined : String(report);
  },
};

export type WebglExercises = typeof exercises;

Object.assign(globalThis, { exercises });
