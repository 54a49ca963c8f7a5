/** Compiled training steps against eager ones. */
import * as tf from '@tensorflow/tfjs-core';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import { cifarResNet20, leNet5 } from '../src/zoo/index.js';
import { expectEqualSteps, isCompiled, trained } from './compiled.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

test('LeNet-5 and ResNet-20 are trained to the same bits', () => {
  for (const build of [() => leNet5({ seed: 1 }), () => cifarResNet20({ seed: 1, width: 4, classifierActivation: 'linear' })]) {
    const [eager, other] = [trained(build()), trained(build())];
    const compiled = new CompiledStep(other.model, other.step);
    expectEqualSteps(eager, other, compiled, [8, 8, 8, 8, 8, 8, 5, 8]);
    expect(compiled.whyEager).toBeUndefined();
    expect(isCompiled(compiled, other, 8)).toBe(true);
    compiled.dispose();
    eager.dispose();
    other.dispose();
  }
});
