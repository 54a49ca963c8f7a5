import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Expected numbers that scripts in test/fixtures made, by the file's name. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, 'fixtures', name), 'utf8')) as T;
}
