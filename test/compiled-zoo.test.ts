/** Every net of the zoo, trained by compiled steps and by eager ones. */
import * as tf from '@tensorflow/tfjs-core';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import type { NetName } from '../src/zoo/index.js';
import { expectEqualSteps, isCompiled, type Trained, trained } from './compiled.js';
import { smallNets } from './small-nets.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

/** As a callback may do it: in between, with tensors that others hold too. */
function changeWeights({ model }: Trained): void {
  const [first] = model.getWeights();
  tf.tidy(() => void model.weights[0]!.write(tf.mul(first!, 0.5)));
}

test.each(Object.keys(smallNets) as NetName[])('%s is trained to the same bits', (name) => {
  const [eager, other] = [trained(smallNets[name]()), trained(smallNets[name]())];
  const compiled = new CompiledStep(other.model, other.step);
  expectEqualSteps(eager, other, compiled, [3, 3, 3, 3, 3]);
  expect(compiled.whyEager).toBeUndefined();
  expect(isCompiled(compiled, other, 3)).toBe(true);
  changeWeights(eager);
  changeWeights(other);
  expectEqualSteps(eager, other, compiled, [3, 3], 5);
  compiled.dispose();
  eager.dispose();
  other.dispose();
});
