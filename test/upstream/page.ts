/** Runs tfjs-core's own specs of CNNs in a browser, on a backend as it is or with this package's kernels. */
import { env } from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import type { Target } from '../browser/targets.js';
import { useTarget } from '../browser/targets.js';

/** How the specs ended. */
export interface Outcome {
  readonly adapter: string;
  readonly passed: string[];
  /** First message by name of the spec. */
  readonly failed: Record<string, string>;
}

/** What is used of jasmine; its types would meet jest's. */
interface Jasmine {
  core(of: Jasmine): { getEnv(options: object): JasmineEnv };
  interface(jasmine: object, env: JasmineEnv): object;
}
interface JasmineEnv {
  configure(options: object): void;
  addReporter(reporter: object): void;
  execute(): Promise<unknown>;
}
interface Result {
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

/** The specs read the environments to run in while they are imported. */
async function importSpecs(): Promise<void> {
  await import('@tensorflow/tfjs-core/dist/ops/conv1d_test');
  await import('@tensorflow/tfjs-core/dist/ops/conv2d_test');
  await import('@tensorflow/tfjs-core/dist/ops/conv2d_transpose_test');
  await import('@tensorflow/tfjs-core/dist/ops/conv2d_separable_test');
  await import('@tensorflow/tfjs-core/dist/ops/depthwise_conv2d_test');
  await import('@tensorflow/tfjs-core/dist/ops/fused/fused_conv2d_test');
  await import('@tensorflow/tfjs-core/dist/ops/fused/fused_depthwise_conv2d_test');
  await import('@tensorflow/tfjs-core/dist/ops/fused/fused_mat_mul_test');
  await import('@tensorflow/tfjs-core/dist/ops/avg_pool_test');
  await import('@tensorflow/tfjs-core/dist/ops/max_pool_test');
  await import('@tensorflow/tfjs-core/dist/ops/pool_test');
  await import('@tensorflow/tfjs-core/dist/ops/batchnorm_test');
  await import('@tensorflow/tfjs-core/dist/ops/local_response_normalization_test');
  await import('@tensorflow/tfjs-core/dist/ops/mat_mul_test');
  await import('@tensorflow/tfjs-core/dist/ops/relu_test');
  await import('@tensorflow/tfjs-core/dist/ops/relu6_test');
  await import('@tensorflow/tfjs-core/dist/ops/elu_test');
  await import('@tensorflow/tfjs-core/dist/ops/sigmoid_test');
  await import('@tensorflow/tfjs-core/dist/ops/tanh_test');
  await import('@tensorflow/tfjs-core/dist/ops/softmax_test');
  await import('@tensorflow/tfjs-core/dist/ops/dropout_test');
  await import('@tensorflow/tfjs-core/dist/ops/pad_test');
}

async function runSpecs(target: Target): Promise<Outcome> {
  const jasmineRequire = require('jasmine-core/lib/jasmine-core/jasmine.js') as Jasmine;
  const jasmine = jasmineRequire.core(jasmineRequire);
  const run = jasmine.getEnv({ suppressLoadErrors: true });
  Object.assign(globalThis, { jasmine }, jasmineRequire.interface(jasmine, run));
  run.configure({ random: false });
  const { adapter } = await useTarget(target);
  const passed: string[] = [];
  const failed: Record<string, string> = {};
  run.addReporter({
    specDone({ fullName, status, failedExpectations }: Result) {
      if (status === 'passed') passed.push(fullName);
      if (status === 'failed') failed[fullName] = failedExpectations[0]?.message ?? 'failed';
    },
    suiteDone({ fullName, failedExpectations }: Result) {
      for (const { message } of failedExpectations) failed[`${fullName} (suite)`] = message;
    },
  });
  // Small tensors go to the GPU, too.
  const flags: Record<string, number | boolean> =
    target.backend === 'webgl' ? { WEBGL_CPU_FORWARD: false, WEBGL_SIZE_UPLOAD_UNIFORM: 0 } : { WEBGPU_CPU_FORWARD: false };
  env().setFlags(flags);
  setTestEnvs([{ name: target.backend, backendName: target.backend, flags, isDataSync: target.backend === 'webgl' }]);
  await importSpecs();
  await run.execute();
  return { adapter, passed: passed.filter((name) => !(name in failed)), failed };
}

/** What the page offers. */
export type UpstreamPage = { runSpecs: typeof runSpecs };

Object.assign(globalThis, { runSpecs });
