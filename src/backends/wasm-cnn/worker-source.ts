import * as control from './control-block.js';

/**
 * The program of a worker thread, for Node and browsers alike. It is text because a bundler cannot lose
 * it then. It takes pieces until none is left, spins for a moment (the next kernel mostly follows within
 * microseconds), then sleeps until woken.
 */
export const workerSource = `
const node = typeof process === 'object' && process.getBuiltinModule;
const run = ({ module, memory, index, spin }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = Object.values(exports);
  const words = new Int32Array(memory.buffer, ${control.CONTROL}, 64);
  const values = new Float64Array(memory.buffer, ${control.CONTROL + control.ARGUMENTS}, ${control.MAX_ARGUMENTS});
  // One list for all calls: garbage would be collected while the others wait.
  const given = [];
  const work = () => {
    for (let left = Atomics.load(words, ${control.REMAINING}); left > 0; ) {
      const seen = Atomics.compareExchange(words, ${control.REMAINING}, left, left - 1);
      if (seen !== left) { left = seen; continue; }
      const grain = words[${control.GRAIN}];
      const count = words[${control.ARGUMENT_COUNT}];
      given.length = count + 2;
      given[0] = (left - 1) * grain;
      given[1] = Math.min(given[0] + grain, words[${control.COUNT}]);
      for (let i = 0; i < count; i++) given[i + 2] = values[i];
      try {
        kernels[words[${control.KERNEL}]].apply(null, given);
      } catch {
        Atomics.store(words, ${control.FAILED}, index);
      }
      Atomics.add(words, ${control.DONE}, 1);
      left = Atomics.load(words, ${control.REMAINING});
    }
  };
  for (;;) {
    const generation = Atomics.load(words, ${control.GENERATION});
    work();
    const until = performance.now() + spin;
    do {
      for (let i = 0; i < 100 && Atomics.load(words, ${control.GENERATION}) === generation; i++);
    } while (Atomics.load(words, ${control.GENERATION}) === generation && performance.now() < until);
    Atomics.add(words, ${control.SLEEPING}, 1);
    Atomics.wait(words, ${control.GENERATION}, generation);
    Atomics.sub(words, ${control.SLEEPING}, 1);
  }
};
if (node) run(process.getBuiltinModule('node:worker_threads').workerData);
else onmessage = ({ data }) => run(data);
`;
