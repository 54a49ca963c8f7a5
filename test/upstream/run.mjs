// Runs tfjs-core's own specs on one backend and writes how each ended:
//   node test/upstream/run.mjs --backend wasm-cnn [--package] [--accelerated] [--suites REGEX] --out FILE

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleSpecs, root } from './bundle.mjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    package: { type: 'boolean', default: false },
    accelerated: { type: 'boolean', default: false },
    suites: { type: 'string', default: '' },
    out: { type: 'string' },
  },
});
const require = createRequire(import.meta.url);

globalThis.upstream = {
  backend: options.backend,
  accelerated: options.accelerated,
  tfjsNode: options.backend === 'tensorflow' && join(root, 'build/tfjs-node/node_modules/@tensorflow/tfjs-node'),
  wasmPath: `${join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`,
};
const jasmineRequire = require('jasmine-core');
const jasmine = jasmineRequire.boot(jasmineRequire);
const env = jasmine.getEnv();
// The suites' names hold the backend's; without it the runs of two backends can be compared.
const nameOf = (result) => result.fullName.replaceAll(` ${options.backend} {} `, ' ');
const suites = new RegExp(options.suites, 'i');
env.configure({ random: false, specFilter: (spec) => suites.test(spec.getFullName()) });

const passed = [];
const failed = {};
env.addReporter({
  specDone(result) {
    if (result.status === 'passed') passed.push(nameOf(result));
    if (result.status === 'failed') failed[nameOf(result)] = result.failedExpectations[0]?.message ?? 'failed';
  },
  suiteDone(result) {
    for (const { message } of result.failedExpectations) failed[`${nameOf(result)} (suite)`] = message;
  },
});
console.warn = () => undefined;
require(await bundleSpecs(options.package));
await globalThis.upstream.ready;
await env.execute();

mkdirSync(dirname(options.out), { recursive: true });
writeFileSync(options.out, JSON.stringify({ passed: passed.filter((name) => !(name in failed)), failed }, null, 1));
console.log(`${options.backend}: ${passed.length} of ${passed.length + Object.keys(failed).length} specs pass`);
process.exit(0);
