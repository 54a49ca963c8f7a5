/** Every public name is used by a test and stands in the reference, which is built without a warning. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { JSONOutput } from 'typedoc';
import ts from 'typescript';

const root = resolve(__dirname, '..');

/** 'ops/index' for './ops', 'data/node' for './data/node': the source behind each key of package.json's exports. */
function sourceOf(exported: object): string {
  const { import: entry } = exported as { import: { default: string } };
  return entry.default.replace('./dist/esm/', '').replace('.js', '');
}

const { exports: exported } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, object> };
const sources = Object.entries(exported)
  .filter(([key]) => key !== './package.json')
  .map(([, entry]) => sourceOf(entry));

function namesOf(source: string): string[] {
  return Object.keys(require(join(root, 'src', source)) as object);
}

/** Every identifier in the tests but this one, imports and comments apart; what is called on `layers` as 'layers.dense'. */
function namesInTests(): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) names.add(node.text);
    // What a process of its own throws is told by its text.
    if (ts.isRegularExpressionLiteral(node)) for (const [word] of node.text.matchAll(/\w+Error/g)) names.add(word);
    if (ts.isPropertyAccessExpression(node) && /\blayers$/.test(node.expression.getText())) names.add(`layers.${node.name.text}`);
    ts.forEachChild(node, visit);
  };
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((path) => path.endsWith('.ts') && path !== basename(__filename))) {
    visit(ts.createSourceFile(file, readFileSync(join(__dirname, file), 'utf8'), ts.ScriptTarget.Latest, true));
  }
  return names;
}

describe('the tests', () => {
  const used = namesInTests();

  test.each(sources)('use every name of %s', (source) => {
    // Layers and ops share some names.
    const isFactory = (name: string) => source === 'layers/index' && /^[a-z]/.test(name);
    expect(namesOf(source).filter((name) => !used.has(isFactory(name) ? `layers.${name}` : name))).toEqual([]);
  });
});

/** Sizes and sides, which say all by their names. */
const SELF_EVIDENT = /^(height|width|channels|name|top|bottom|left|right)$/;

interface Undocumented {
  readonly path: string;
  readonly property: JSONOutput.DeclarationReflection;
}

/** Some of typedoc's ReflectionKind; the enum itself is in an ES module, which a test here cannot load. */
const Kind = { Variable: 32, Class: 128, Property: 1024 };

/** Properties that have no docstring, wherever they lie in a type; what functions take and return is told by `@param`. */
function undocumentedIn(node: unknown, path: string): Undocumented[] {
  if (Array.isArray(node)) return node.flatMap((item) => undocumentedIn(item, path));
  if (typeof node !== 'object' || node === null) return [];
  const reflection = node as Partial<JSONOutput.DeclarationReflection>;
  const here = typeof reflection.name === 'string' ? `${path}.${reflection.name}` : path;
  const found = Object.entries(node).flatMap(([key, value]) => (key === 'signatures' ? [] : undocumentedIn(value, here)));
  const bare = reflection.kind === Kind.Property && !reflection.comment?.summary.length;
  return bare ? [{ path: here, property: reflection as JSONOutput.DeclarationReflection }, ...found] : found;
}

describe('the reference', () => {
  let reference: JSONOutput.ProjectReflection;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-reference-'));
    try {
      const file = join(folder, 'reference.json');
      const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
      // Warnings are errors: types that are left out, names without a docstring, links that lead nowhere. Types: `npm run check`.
      execFileSync(process.execPath, [typedoc, '--json', file, '--treatWarningsAsErrors', '--skipErrorChecking'], {
        cwd: root,
        stdio: 'pipe',
      });
      reference = JSON.parse(readFileSync(file, 'utf8')) as JSONOutput.ProjectReflection;
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
      throw new Error(`typedoc: ${stdout}${stderr}`, { cause: error });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 300_000);

  test.each(sources)('holds every name of %s', (source) => {
    const module = reference.children?.find(({ name }) => name === source || `${name}/index` === source);
    const documented = new Set(module?.children?.map(({ name }) => name));
    expect(namesOf(source).filter((name) => !documented.has(name))).toEqual([]);
  });

  test('explains every property of an interface that does not explain itself', () => {
    const modules = reference.children ?? [];
    const open = modules
      .flatMap(({ children }) => children ?? [])
      .filter(({ kind, name }) => kind !== Kind.Class && kind !== Kind.Variable && !name.endsWith('Geometry'))
      .flatMap((type) => undocumentedIn(type, ''))
      .filter(({ property }) => !SELF_EVIDENT.test(property.name));
    expect(open.map(({ path }) => path)).toEqual([]);
  });
});
