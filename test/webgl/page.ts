/** Runs in the browser: kernels of webgl, each against what it must agree with. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-layers';
import { accelerate } from '../../src/index.js';
import { caseTensors } from '../../src/inspect/op-case.js';
import { validateGradients } from '../../src/inspect/validate-gradients.js';
import { geometryCases } from './cases.js';
import { brokenKernel, layouts, notANumber, products } from './kernels.js';
import { ownKernels } from './own-kernels.js';
import { part } from './part.js';
import { lossesOfLayers, programsOfSteps } from './steps.js';
import { otherUpdates, updates } from './updates.js';

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

  /** One of the geometry cases against float64 loops, forward and backward. */
  async geometry(name: string) {
    const opCase = geometryCases.find((each) => each.name === name)!;
    const { op, args, terms } = opCase;
    const tensors = caseTensors(opCase);
    const report = await validateGradients(op, args(tensors), { against: 'reference', terms });
    tf.dispose(tensors);
    return report.passed ? undefined : String(report);
  },

  ownKernels,
  part,
  products,
  updates,
  otherUpdates,
  notANumber,
  layouts,
  brokenKernel,
  programsOfSteps,

  /** Of tfjs's own layers: on its cpu backend, and here with our kernels. */
  async layers(steps: number) {
    const cpu = await lossesOfLayers('cpu', steps);
    return { cpu, webgl: await lossesOfLayers('webgl', steps) };
  },
};

export type WebglExercises = typeof exercises;

Object.assign(globalThis, { exercises });
