import { nodeModule } from './node-module.js';

/** Of CommonJS; where there is none, a build says `import.meta.url` in place of this (scripts/build-package.mjs). */
declare const __filename: string;

/** URL of this file, from which the package's own files and its peers are found; undefined where a bundler has taken the code elsewhere. */
export function ownUrl(): string | undefined {
  if (typeof __filename === 'undefined') return undefined;
  return nodeModule<typeof import('node:url')>('node:url')?.pathToFileURL(__filename).href;
}
