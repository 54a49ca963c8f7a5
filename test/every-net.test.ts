/** Trains the nets of the catalogue that the tests of their families leave out. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listModels, type NetName } from '../src/index.js';
import { trainsOnEveryBackend } from './nets.js';
import { smallNets } from './small-nets.js';

const trained = readdirSync(__dirname)
  .filter((file) => file.endsWith('.test.ts') && file !== basename(__filename))
  .map((file) => readFileSync(join(__dirname, file), 'utf8').split('trainsOnEveryBackend({')[1] ?? '')
  .join('\n');
const leftOut = listModels()
  .map(({ name }) => name as NetName)
  .filter((name) => !trained.includes(`=> ${name}(`));

trainsOnEveryBackend(Object.fromEntries(leftOut.map((name) => [name, smallNets[name]])));

it('has something to try of every net', () => {
  expect(Object.keys(smallNets).sort()).toEqual(
    listModels()
      .map(({ name }) => name)
      .sort(),
  );
});
