import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownUrl } from '../../own-url.js';
import { BackendError } from '../backends.js';

/**
 * Where the page of `certify` lies: built, or in a checkout as source.
 * @throws BackendError where it is in neither place
 */
export function pageFile(): string {
  const places = ['dist/esm/cli/certify/page.js', 'src/cli/certify/page.ts'].map((path) => join(packageFolder(), path));
  const entry = places.find((path) => existsSync(path));
  if (!entry) throw new BackendError(`the page is not built: ${places[0]} is missing; npm run build makes it`);
  return entry;
}

/** Where this package lies; of code that was bundled elsewhere, as the program that runs finds it. */
function packageFolder(): string {
  const place = ownUrl()?.match(/^(.*\/)(dist\/(esm|cjs)|src)\/[^/]*$/);
  if (place) return fileURLToPath(place[1]!);
  return dirname(createRequire(process.argv[1]!).resolve('tfjs-cnn/package.json'));
}
