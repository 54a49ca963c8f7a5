/** `tfjs-cnn tensorflow install` on machines that lack something: every tool is a script that does what the test wants. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Installed, type InstallOptions, installTensorflow } from '../src/backends/tensorflow/install/install-node.js';
import { InstallError } from '../src/backends/tensorflow/install/tools-node.js';
import { bundled } from './command-line.js';

const root = resolve(__dirname, '..');

/** Puts the package there as npm would, with a copy of tfjs-core beside it. */
const NPM = `
scope=node_modules/@tensorflow
/bin/mkdir -p $scope/tfjs-node/dist $scope/tfjs-core
echo '{"version": "4.22.0"}' > $scope/tfjs-node/package.json
printf '"use strict";\\nmodule.exports = require("util").isNullOrUndefined(null);\\n' > $scope/tfjs-node/dist/index.js`;

/** pip, which writes an empty wheel; and Python, which unpacks it or tells of an installed TensorFlow. */
const PYTHON = `
if [ "$1" = -m ]; then
  while [ "$1" != --dest ]; do shift; done
  /bin/mkdir -p "$2" && : > "$2/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"
elif [ $# -gt 2 ]; then
  /bin/mkdir -p "$4/tensorflow/include/tensorflow/c"
  : > "$4/tensorflow/libtensorflow_cc.so.2"
  : > "$4/tensorflow/libtensorflow_framework.so.2"
else
  echo "$INSTALLED_TENSORFLOW"
fi`;

/** Compiles whatever it is told to into an empty file. */
const COMPILER = `
while [ "$1" != -o ]; do shift; done
: > "$2"`;

/** A machine: a folder of tools, a log of how they were called, and a project. */
class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-install-'));
  readonly bin = join(this.folder, 'bin');
  readonly into = join(this.folder, 'project');
  readonly addon = join(this.into, 'node_modules/@tensorflow/tfjs-node');
  readonly binding = join(this.addon, 'lib/napi-v8/tfjs_binding.node');
  readonly native = join(this.addon, 'lib/napi-v8/tfjs_cnn_native.node');
  readonly marker = join(this.addon, 'tfjs-cnn.json');
  private readonly log = join(this.folder, 'log');

  constructor() {
    mkdirSync(join(this.folder, 'headers', process.versions.node, 'include/node'), { recursive: true });
    writeFileSync(join(this.folder, 'headers', process.versions.node, 'include/node/node_api.h'), '');
    mkdirSync(this.bin);
    this.tool('npm', NPM);
    this.tool('npx', '/bin/mkdir -p lib/napi-v8 && : > lib/napi-v8/tfjs_binding.node');
    this.tool('make', '');
    this.tool('python3', PYTHON);
    this.tool('g++', COMPILER);
  }

  /** A tool that answers when it is asked for its version, writes down how it is called otherwise, and runs a script. */
  tool(name: string, script: string): this {
    const asked = '[ "$1" = --version ] || [ "$3" = --version ] && exit 0';
    writeFileSync(join(this.bin, name), `#!/bin/bash\n${asked}\necho ${name} >> "${this.log}"\n${script}\n`);
    chmodSync(join(this.bin, name), 0o755);
    return this;
  }

  without(name: string): this {
    rmSync(join(this.bin, name));
    return this;
  }

  /** The tools that were called since the last look. */
  calls(): string[] {
    const lines = existsSync(this.log) ? readFileSync(this.log, 'utf8').trim().split('\n') : [];
    rmSync(this.log, { force: true });
    return lines;
  }

  install(options: Partial<InstallOptions> = {}): Installed {
    const before = { ...process.env };
    process.env['PATH'] = this.bin;
    process.env['npm_config_devdir'] = join(this.folder, 'headers');
    delete process.env['CXX'];
    try {
      return installTensorflow({ into: this.into, root, ...options });
    } finally {
      process.env = before;
    }
  }
}

const machines: Machine[] = [];
function machine(): Machine {
  const made = new Machine();
  machines.push(made);
  return made;
}

afterAll(() => {
  for (const { folder } of machines) rmSync(folder, { recursive: true });
});

describe('tensorflow install', () => {
  test('installs the package, TensorFlow, the addon and native ops, and says what it did', () => {
    const here = machine();
    const said: string[] = [];
    const installed = here.install({ say: (line) => said.push(line) });
    expect(here.calls()).toEqual(['npm', 'python3', 'python3', 'npx', 'g++']);
    expect(installed).toMatchObject({ package: '@tensorflow/tfjs-node', version: '4.22.0', tensorflow: '2.21.0' });
    expect(installed.native).toMatchObject({ cuda: null });
    expect(installed.complaint).toBeUndefined();
    expect(JSON.parse(readFileSync(here.marker, 'utf8'))).toEqual(installed);
    expect(said).toHaveLength(4);
    const deps = join(here.addon, 'deps/lib');
    for (const [name, library] of [
      ['libtensorflow.so', 'libtensorflow_cc.so.2'],
      ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
      ['libtensorflow_cc.so.2', 'libtensorflow_cc.so.2'],
    ] as const) {
      const target = readlinkSync(join(deps, name));
      // Relative: node_modules may be moved.
      expect(target.startsWith('../')).toBe(true);
      expect(resolve(deps, target)).toBe(
        join(here.into, `node_modules/.cache/tfjs-cnn/tensorflow-cpu-2.21.0/tensorflow/${library}`),
      );
    }
  });

  test('does nothing twice', () => {
    const here = machine();
    const first = here.install();
    here.calls();
    expect(here.install()).toEqual(first);
    expect(here.calls()).toEqual([]);
  });

  test('gives tfjs-node the functions that Node 23 took away, once', () => {
    const here = machine();
    here.install();
    here.install();
    const source = readFileSync(join(here.addon, 'dist/index.js'), 'utf8');
    expect(source.match(/isNullOrUndefined \?\?=/g)).toHaveLength(1);
    expect(source.startsWith('"use strict";\n')).toBe(true);
    const module = { exports: {} };
    const util: Record<string, unknown> = {};
    new Function('require', 'module', source)(() => util, module);
    expect(module.exports).toBe(true);
    expect((util['isNullOrUndefined'] as (value: unknown) => boolean)(0)).toBe(false);
    expect(util['isArray']).toBe(Array.isArray);
  });

  test('takes what a folder above has already, in a folder of its own and not in a project', () => {
    const alone = machine();
    mkdirSync(join(alone.folder, 'node_modules/@tensorflow/tfjs-core'), { recursive: true });
    alone.install();
    expect(existsSync(join(alone.into, 'node_modules/@tensorflow/tfjs-core'))).toBe(false);
    const project = machine();
    mkdirSync(join(project.folder, 'node_modules/@tensorflow/tfjs-core'), { recursive: true });
    mkdirSync(project.into);
    writeFileSync(join(project.into, 'package.json'), '{"name": "mine"}');
    project.install();
    expect(existsSync(join(project.into, 'node_modules/@tensorflow/tfjs-core'))).toBe(true);
    expect(readFileSync(join(project.into, 'package.json'), 'utf8')).toBe('{"name": "mine"}');
  });

  test.each([
    ['npm', /npm is missing; it comes with Node/],
    ['npx', /npx is missing; it comes with Node/],
    ['python3', /python3 is missing.*apt-get install python3 python3-pip/],
    ['make', /make is missing.*apt-get install make/],
    ['g\\+\\+', /a C\+\+ compiler is missing \(g\+\+, c\+\+ or clang\+\+.*apt-get install g\+\+/],
  ])('without %s says so before anything is fetched', (tool, message) => {
    const here = machine().without(tool.replaceAll('\\', ''));
    expect(() => here.install()).toThrow(message);
    expect(() => here.install()).toThrow(InstallError);
    expect(here.calls()).toEqual([]);
    expect(existsSync(here.into)).toBe(false);
  });

  test('without pip says so', () => {
    const here = machine();
    here.tool('python3', 'exit 1');
    writeFileSync(join(here.bin, 'python3'), '#!/bin/bash\n[ "$1" = --version ]\n');
    expect(() => here.install()).toThrow(/python3 has no pip.*apt-get install python3-pip/);
    expect(existsSync(here.marker)).toBe(false);
  });

  test('tells a network that is not there from a version that is not', () => {
    const here = machine().tool('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
    expect(() => here.install()).toThrow(
      /installing @tensorflow\/tfjs-node failed.*network.*HTTPS_PROXY\nnpm error code ENOTFOUND/s,
    );
    here.tool('npm', NPM).tool('python3', 'echo "ERROR: No matching distribution found for tensorflow-cpu==9.9.9" >&2; exit 1');
    expect(() => here.install({ tensorflow: '9.9.9' })).toThrow(
      /fetching tensorflow-cpu==9\.9\.9 failed.*is there such a version\?.*No matching/s,
    );
    here.tool('python3', 'echo "NewConnectionError: Failed to establish a new connection" >&2; exit 1');
    expect(() => here.install()).toThrow(/the network or the registry cannot be reached/);
    expect(existsSync(here.marker)).toBe(false);
  });

  test('an interrupted download is not taken for a whole one, and is fetched again', () => {
    const here = machine().tool('python3', `${PYTHON}\n[ "$1" = -c ] || [ $# -gt 2 ] && kill -INT $$`);
    expect(() => here.install()).toThrow(/interrupted \(SIGINT\); run the command again/);
    expect(existsSync(join(here.into, 'node_modules/.cache/tfjs-cnn/tensorflow-cpu-2.21.0'))).toBe(false);
    here.tool('python3', PYTHON).calls();
    here.install();
    expect(here.calls()).toEqual(['npm', 'python3', 'python3', 'npx', 'g++']);
    expect(existsSync(here.marker)).toBe(true);
  });

  test('goes on behind what is there when compiling failed', () => {
    const here = machine().tool('npx', 'echo "error: no such header" >&2; exit 1');
    expect(() => here.install()).toThrow(/compiling the addon of @tensorflow\/tfjs-node failed.*Node's headers.*no such header/s);
    expect(existsSync(here.marker)).toBe(false);
    here.tool('npx', '/bin/mkdir -p lib/napi-v8 && : > lib/napi-v8/tfjs_binding.node').calls();
    here.install();
    // TensorFlow is not fetched again.
    expect(here.calls()).toEqual(['npm', 'npx', 'g++']);
  });

  test('native ops that do not compile leave tfjs-node as it is, with the reason', () => {
    const here = machine().tool('g++', 'echo "native.cc:1: error" >&2; exit 1');
    const { native, complaint } = here.install();
    expect(native).toBeNull();
    expect(complaint).toMatch(/compiling the native ops failed.*native\.cc:1: error/s);
    expect(existsSync(here.binding)).toBe(true);
    expect(existsSync(here.native)).toBe(false);
    here.tool('g++', COMPILER).calls();
    expect(here.install().native).not.toBeNull();
    expect(here.calls()).toEqual(['g++']);
    expect(existsSync(here.native)).toBe(true);
  });

  test("another TensorFlow has the addon and native ops compiled anew; python3's own may be taken", () => {
    const here = machine();
    here.install();
    here.calls();
    const own = join(here.folder, 'site-packages/tensorflow');
    process.env['INSTALLED_TENSORFLOW'] = JSON.stringify([own, '2.19.0']);
    expect(() => here.install({ tensorflow: 'installed' })).toThrow(
      /python3's TensorFlow 2\.19\.0 in .* has no libtensorflow_cc\.so\.2/,
    );
    mkdirSync(join(own, 'include/tensorflow/c'), { recursive: true });
    for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/c_api.h']) {
      writeFileSync(join(own, file), '');
    }
    here.calls();
    expect(here.install({ tensorflow: 'installed' })).toMatchObject({ tensorflow: '2.19.0', libraries: own });
    expect(here.calls()).toEqual(['python3', 'npx', 'g++']);
    expect(readlinkSync(join(here.addon, 'deps/lib/libtensorflow.so'))).toBe(join(own, 'libtensorflow_cc.so.2'));
    process.env['INSTALLED_TENSORFLOW'] = '[null, false]';
    expect(() => here.install({ tensorflow: 'installed' })).toThrow(
      /python3 has no TensorFlow; leave out '--tensorflow installed'/,
    );
    delete process.env['INSTALLED_TENSORFLOW'];
  });

  test('is a command, which ends with what it installed or with what is missing', () => {
    const here = machine();
    const program = bundled('src/cli/main.ts', 'install-cli');
    const install = (...words: string[]) => {
      const env = { PATH: here.bin, HOME: here.folder, npm_config_devdir: join(here.folder, 'headers') };
      const all = [program, 'tensorflow', 'install', '--into', here.into, ...words];
      return spawnSync(process.execPath, all, { encoding: 'utf8', env });
    };
    const { status, stdout, stderr } = install('--json');
    expect([status, JSON.parse(stdout)]).toEqual([0, JSON.parse(readFileSync(here.marker, 'utf8'))]);
    expect(stderr).toMatch(/native ops: for CPU\n.*npm ci.*--ignore-scripts/);
    here.without('make');
    expect(install()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^\ntfjs-cnn: make is missing.*apt-get install make/),
    });
    expect(install('--tensorflow').status).toBe(2);
  }, 60_000);
});
