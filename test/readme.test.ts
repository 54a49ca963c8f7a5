/** Every block of code in the README runs as it stands, against the built package. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '..');
const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^## (.*)$|^```js\n([\s\S]*?)^```$/gm)];

/** [heading, code] of each block. */
const examples: [string, string][] = [];
let heading = '';
for (const [, title, code] of blocks) {
  if (title) heading = title;
  else examples.push([`${heading} ${examples.length + 1}`, code!]);
}

test('the README has examples', () => expect(examples.length).toBeGreaterThanOrEqual(5));

test.each(examples)('%s', async (name, code) => {
  // Inside the package's own folder its name resolves to what package.json exports.
  const folder = join(root, 'build/readme');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replace(/\W+/g, '-')}.mjs`);
  writeFileSync(file, code);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: root, timeout: 120_000 });
  expect(stdout).not.toMatch(/NaN|FAIL/);
});
