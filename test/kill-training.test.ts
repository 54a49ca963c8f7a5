/** A training that is killed again and again ends as one that never was. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../src/random.js';
import { bundled } from './command-line.js';

const KILLS = 100;
/** Milliseconds after a life's first step; 96 steps with their checkpoints take about twice that. */
const LONGEST_LIFE = 800;

let program: string;
let folder: string;
beforeAll(() => {
  program = bundled('test/processes/training.ts', 'kill-test');
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * One life.
 *
 * @param killAfter milliseconds after its first step; below 0 it is killed before that
 * @returns         what it printed at its end; undefined where it was killed before
 */
function live(checkpoints: string, killAfter: number): Promise<{ result?: string; step?: number }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, checkpoints]);
    let timer: NodeJS.Timeout | undefined;
    const kill = (after: number) => {
      timer ??= setTimeout(() => child.kill('SIGKILL'), after);
    };
    if (killAfter < 0) kill(500 + killAfter);
    let [output, errors] = ['', ''];
    child.stdout.on('data', (text) => {
      output += text;
      kill(killAfter);
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code !== 0 && signal !== 'SIGKILL') fail(new Error(`exit ${code} ${signal}: ${errors}`));
      const step = output.match(/^ready (\d+)/)?.[1];
      done({ result: code === 0 ? output.split('\n')[1] : undefined, step: step === undefined ? undefined : Number(step) });
    });
  });
}

test('killed at 100 random moments: losses, tests and weights are the same to the bit', async () => {
  const unbroken = await live(join(folder, 'unbroken'), 60_000);
  expect(JSON.parse(unbroken.result!).losses).toHaveLength(96);
  const random = seededRandom(20);
  const begun = new Set<number>();
  let run = 0;
  for (let kills = 0; kills < KILLS; ) {
    const { result, step } = await live(join(folder, `${run}`), LONGEST_LIFE * (1.1 * random() - 0.1));
    if (step !== undefined) begun.add(step);
    if (result === undefined) kills++;
    else {
      expect(result).toBe(unbroken.result);
      run++;
    }
  }
  // It did go on from many places, and came to its end.
  expect(run).toBeGreaterThan(0);
  expect(begun.size).toBeGreaterThan(10);
  const { result } = await live(join(folder, `${run}`), 60_000);
  expect(result).toBe(unbroken.result);
}, 600_000);
