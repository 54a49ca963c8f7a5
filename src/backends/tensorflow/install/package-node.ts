import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Layout, TFJS_VERSION } from './layout-node.js';
import { runTool } from './tools-node.js';

/** What a folder that was no project gets, so that npm does not look farther up. */
const NO_PROJECT = '{"private": true}\n';

/**
 * Has npm put tfjs-node there, without the script of its own that would download a TensorFlow of 2022.
 * @param whole an installation ended well there, so that npm need not look
 */
export function installPackage({ folder, packageName, addon }: Layout, whole: boolean): void {
  const own = join(folder, 'package.json');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(own)) writeFileSync(own, NO_PROJECT);
  if (!whole || versionIn(addon) !== TFJS_VERSION) {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${packageName}@${TFJS_VERSION}`];
    runTool('npm', args, { cwd: folder, purpose: `installing ${packageName}` });
  }
  if (isNoProject(own)) shareWithParents(folder);
  restoreUtil(addon);
}

function versionIn(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version : undefined;
}

/** Whether the folder holds nothing but what was installed here: npm has added its own line. */
function isNoProject(packageFile: string): boolean {
  const keys = Object.keys(JSON.parse(readFileSync(packageFile, 'utf8')) as object);
  return keys.every((key) => key === 'private' || key === 'dependencies');
}

/** Of tfjs there must be one: what a folder above has already is taken from there, as Node looks for it. */
function shareWithParents(folder: string): void {
  const scope = join(folder, 'node_modules/@tensorflow');
  for (const name of readdirSync(scope)) {
    if (name.startsWith('tfjs-') && !name.startsWith('tfjs-node') && isAbove(folder, join('node_modules/@tensorflow', name))) {
      rmSync(join(scope, name), { recursive: true });
    }
  }
}

function isAbove(folder: string, path: string): boolean {
  const parent = dirname(folder);
  return parent !== folder && (existsSync(join(parent, path)) || isAbove(parent, path));
}

/** Two functions of Node's that tfjs-node calls in most of its ops, and that Node 23 and later have no more. */
const RESTORED = `// tfjs-cnn: functions that newer versions of Node lack.
{
  const util = require('util');
  util.isArray ??= Array.isArray;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
`;

function restoreUtil(addon: string): void {
  const file = join(addon, 'dist/index.js');
  const source = readFileSync(file, 'utf8');
  if (source.includes(RESTORED)) return;
  const strict = '"use strict";\n';
  const patched = source.startsWith(strict) ? strict + RESTORED + source.slice(strict.length) : RESTORED + source;
  writeFileSync(`${file}.part`, patched);
  renameSync(`${file}.part`, file);
}
