/** `npm run fuzz -- --format pytorch --minutes 10 [--seed N]`: prints how many inputs a reader was tried on, and keeps those that it fails on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';
import { targets } from './targets.js';

const { values } = parseArgs({
  options: {
    format: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
const known = targets.map(({ format }) => format as string);
const unknown = values.format?.find((format) => !known.includes(format));
if (unknown !== undefined) throw new Error(`--format must be one of ${known.join(', ')}, got '${unknown}'`);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new Error('--minutes must be above 0, --seed an integer');

for (const target of targets) {
  if (values.format && !values.format.includes(target.format)) continue;
  const { inputs, read, failures } = await fuzz(target, { seed, milliseconds: 60_000 * minutes });
  console.log(`${target.format}: ${inputs} inputs from seed ${seed}, ${read} read, ${failures.length} failures`);
  for (const { input, bytes, reason } of failures) {
    const folder = 'build/fuzz';
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${target.format}-${seed}-${input}`);
    writeFileSync(path, bytes);
    console.log(`  ${path}: ${reason}`);
    process.exitCode = 1;
  }
}
