/** Where the time of a compiled training step goes: milliseconds inside the kernels, by their names. */
import * as tf from '@tensorflow/tfjs-core';
import { ways } from './backends.js';
import { stepsOf, tasks } from './compiled.js';
import { timing } from './measure.js';
import { type Row, row } from './table.js';

const STEPS = 12;
/** Kernels below this share of the step are summed up. */
const LEAST_SHARE = 0.005;

/** What of wasm-cnn's runtime runs kernels; the name comes first, if there is one. */
type Launcher = Record<'parallel' | 'call' | 'clear', (...args: unknown[]) => unknown>;

/** Counts the time of everything that is launched, until the function it gives is called. */
function listen(runtime: Launcher, heard: (name: string, ms: number) => void): () => void {
  const kinds = ['parallel', 'call', 'clear'] as const;
  for (const kind of kinds) {
    const launch = runtime[kind].bind(runtime);
    runtime[kind] = (...args) => {
      const start = performance.now();
      const result = launch(...args);
      heard(kind === 'clear' ? kind : String(args[0]), performance.now() - start);
      return result;
    };
  }
  return () => {
    // The class's own methods come back.
    for (const kind of kinds) Reflect.deleteProperty(runtime, kind);
  };
}

/** Every kernel's launches a step, and their time; what is left is JavaScript and small kernels. */
export async function launchesOfSteps(): Promise<Row[]> {
  await ways.wasmCnn.use();
  const { runtime } = tf.backend() as unknown as { runtime: Launcher };
  const rows: Row[] = [];
  for (const task of tasks) {
    const { contestants, dispose } = stepsOf(task);
    const { run } = contestants.find(({ name }) => name === 'compiled')!;
    // Steps are recorded until two in a row are alike.
    for (let i = 0; i < 5; i++) await run();
    const launches = new Map<string, { count: number; steps: number[] }>();
    const whole: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const stop = listen(runtime, (name, ms) => {
        const one = launches.get(name) ?? { count: 0, steps: [] };
        one.count++;
        one.steps[step] = (one.steps[step] ?? 0) + ms;
        launches.set(name, one);
      });
      const start = performance.now();
      await run();
      whole.push(performance.now() - start);
      stop();
    }
    const all = timing('one step', whole);
    const named = [...launches].map(([name, { count, steps }]) => ({ name, each: timing(`${count / STEPS} launches`, steps) }));
    const large = named.filter(({ each }) => each.median >= LEAST_SHARE * all.median);
    const rest = whole.map((ms, step) => ms - large.reduce((sum, { each }) => sum + each.runs[step]!, 0));
    rows.push(row(task.what, [all]));
    for (const { name, each } of large.sort((a, b) => b.each.median - a.each.median)) rows.push(row(`- ${name}`, [each]));
    rows.push(row('- all else', [timing('', rest)]));
    dispose();
  }
  return rows;
}
