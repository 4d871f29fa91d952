/**
 * The floors of docs/architecture.md: imports only go down and never in a circle; nothing below os/ touches the operating system, time or
 * chance; every file in wire/ cites its standard; no file is long. Each detector is first shown something that it must find.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  citesStandard,
  codeOf,
  findCycle,
  floorOf,
  forbiddenGlobals,
  headerOf,
  importsOf,
  isBuiltin,
  mayImport,
  mayPageImport,
  mayUsePackage,
  OS_FLOOR,
  typeImportsOf,
} from './architecture-rules.ts';

const SRC = 'src';
const LINES_MAX = 500;
/** The tree held more than this when the test was written; fewer means that it looked in the wrong place. */
const FILES_MIN = 60;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

function readTree(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return readTree(path);
    if (!/\.tsx?$/.test(entry.name)) return [];
    const isTest = /\.test\.tsx?$/.test(entry.name) || path.split('/').includes('testing');
    return [{ path, text: readFileSync(path, 'utf8'), isTest }];
  });
}

const files = readTree(SRC);
const production = files.filter((file) => !file.isTest);
/** Where a relative import leads, as a path like those of `files`; undefined for a package. */
const target = (file: SourceFile, specifier: string): string | undefined =>
  specifier.startsWith('.') ? relative(process.cwd(), resolve(dirname(file.path), specifier)) : undefined;
const folderOf = (path: string): string => relative(SRC, path).split('/')[0]!;

describe('the floors', () => {
  it('were really looked at', () => {
    expect(production.length).toBeGreaterThan(FILES_MIN);
    expect(production.filter((file) => folderOf(file.path) === 'wire').length).toBeGreaterThan(3);
    expect(production.flatMap((file) => importsOf(file.text)).length).toBeGreaterThan(2 * FILES_MIN);
  });

  it('are all known: every folder in src/ is one', () => {
    const unknown = production.filter((file) => relative(SRC, file.path).includes('/') && floorOf(folderOf(file.path)) === undefined);
    expect(unknown.map((file) => file.path)).toEqual([]);
  });

  it('only import downwards', () => {
    const wrong = production.flatMap((file) =>
      importsOf(file.text)
        .map((specifier) => ({ specifier, to: target(file, specifier) }))
        // A file in src/ itself is the package's front door: it may import everything, and nothing may import it.
        .filter(({ to }) => to !== undefined && relative(SRC, file.path).includes('/') && !mayImport(folderOf(file.path), folderOf(to)))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it('import files that exist, by their real names', () => {
    const known = new Set(files.map((file) => file.path));
    const wrong = files.flatMap((file) =>
      importsOf(file.text)
        .map((specifier) => target(file, specifier))
        .filter((to) => to !== undefined && to.startsWith(`${SRC}/`) && !known.has(to))
        .map((to) => `${file.path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('have no circles, not even of types', () => {
    const graph = new Map(
      production.map((file) => [
        file.path,
        importsOf(file.text)
          .map((specifier) => target(file, specifier))
          .filter((to) => to !== undefined),
      ]),
    );
    expect(findCycle(graph)).toBeUndefined();
  });

  it('use test helpers only in tests', () => {
    const wrong = production.flatMap((file) =>
      importsOf(file.text)
        .filter((specifier) => /(^|\/)testing\/|\.test\.ts$|^vitest$|^fast-check$/.test(specifier))
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('below os/', () => {
  const below = production.filter((file) => (floorOf(folderOf(file.path)) ?? OS_FLOOR) < OS_FLOOR);

  it('there are most of the files', () => {
    expect(below.length).toBeGreaterThan(FILES_MIN / 2);
  });

  it('nothing imports the platform', () => {
    const wrong = below.flatMap((file) =>
      importsOf(file.text)
        .filter(isBuiltin)
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it('nothing reads a clock, starts a timer, draws a random number, or knows Node', () => {
    expect(below.flatMap((file) => forbiddenGlobals(file.text).map((name) => `${file.path} uses ${name}`))).toEqual([]);
  });
});

describe('packages', () => {
  it('are used only where they belong', () => {
    const wrong = production.flatMap((file) =>
      importsOf(file.text)
        .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
        .filter((specifier) => !mayUsePackage(folderOf(file.path), specifier))
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the page', () => {
  const page = readTree('web');

  it('knows of the program only the types that one file gives', () => {
    expect(page.length).toBeGreaterThan(2);
    const wrong = page
      .filter((file) => !file.isTest)
      .flatMap((file) => {
        const types = new Set(typeImportsOf(file.text));
        return importsOf(file.text)
          .filter((specifier) => !mayPageImport(specifier, target(file, specifier), types.has(specifier)))
          .map((specifier) => `${file.path} imports ${specifier}`);
      });
    expect(wrong).toEqual([]);
  });

  it('has no circles, and no long file', () => {
    const graph = new Map(page.map((file) => [file.path, importsOf(file.text).flatMap((specifier) => target(file, specifier) ?? [])]));
    expect(findCycle(graph)).toBeUndefined();
    expect(page.filter((file) => file.text.split('\n').length - 1 >= LINES_MAX).map((file) => file.path)).toEqual([]);
  });
});

describe('files', () => {
  it('in wire/ cite their standard in the comment that heads them', () => {
    const wire = production.filter((file) => folderOf(file.path) === 'wire' && !file.path.endsWith('/index.ts'));
    expect(wire.filter((file) => !citesStandard(headerOf(file.text))).map((file) => file.path)).toEqual([]);
  });

  it(`have fewer than ${LINES_MAX} lines`, () => {
    expect(files.filter((file) => file.text.split('\n').length - 1 >= LINES_MAX).map((file) => file.path)).toEqual([]);
  });

  it('export by name', () => {
    expect(production.filter((file) => /\bexport\s+default\b/.test(codeOf(file.text))).map((file) => file.path)).toEqual([]);
  });
});

describe('the detectors', () => {
  it('see every form of import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from '../b.ts';",
      "import './c.ts';",
      "export * from './d.ts';",
      "export { e } from './e.ts';",
      "const f = await import('./f.ts');",
      'import {\n  g,\n} from "./g.ts";',
      "import h from 'node:fs';",
      "let i: import('./i.ts').I;",
      "const j = require('./j.ts');",
      "// import { no } from './comment.ts';",
      "const words = ['to', 'from', 'at', 'import', 'diff'];",
    ].join('\n');
    expect(importsOf(text).sort()).toEqual([
      '../b.ts',
      './a.ts',
      './c.ts',
      './d.ts',
      './e.ts',
      './f.ts',
      './g.ts',
      './i.ts',
      './j.ts',
      'node:fs',
    ]);
  });

  it('tell imports of types from others, and what the page may have', () => {
    const text = "import type { A } from './a.ts';\nimport { type B, c } from './b.ts';\nexport type { D } from './d.ts';";
    expect(typeImportsOf(text)).toEqual(['./a.ts', './d.ts']);
    expect(mayPageImport('../../src/server/page.ts', 'src/server/page.ts', true)).toBe(true);
    expect(mayPageImport('../../src/server/page.ts', 'src/server/page.ts', false)).toBe(false);
    expect(mayPageImport('../../src/base/event.ts', 'src/base/event.ts', true)).toBe(false);
    expect(mayPageImport('react/jsx-runtime', undefined, false)).toBe(true);
    expect(mayPageImport('node:fs', undefined, false)).toBe(false);
  });

  it('know up from down, and siblings', () => {
    expect(mayImport('wire', 'base')).toBe(true);
    expect(mayImport('wire', 'wire')).toBe(true);
    expect(mayImport('base', 'wire')).toBe(false);
    expect(mayImport('storage', 'os')).toBe(false);
    expect(mayImport('storage', 'rdma')).toBe(true);
    expect(mayImport('rdma', 'inet')).toBe(false);
    expect(mayImport('inet', 'link')).toBe(false);
    expect(mayImport('cli', 'server')).toBe(true);
    expect(mayImport('server', 'cli')).toBe(false);
    expect(mayImport('nowhere', 'base')).toBe(false);
  });

  it('find a circle of any length, and its members', () => {
    expect(findCycle(new Map([['a', ['b']], ['b', ['c']], ['c', []]]))).toBeUndefined(); // biome-ignore format: a picture
    expect(findCycle(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]]))).toEqual(['b', 'c', 'b']); // biome-ignore format: a picture
    expect(findCycle(new Map([['a', ['a']]]))).toEqual(['a', 'a']);
  });

  it('find the platform under each of its names', () => {
    for (const name of ['node:fs', 'fs', 'net', 'node:net', 'fs/promises', 'node:worker_threads', 'crypto', 'perf_hooks', 'node:test']) {
      expect(isBuiltin(name), name).toBe(true);
    }
    for (const name of ['./fs.ts', 'yaml', '@noble/hashes/sha2.js']) expect(isBuiltin(name), name).toBe(false);
  });

  it('find time, chance and Node in code', () => {
    const planted = [
      'const a = Date.now();',
      'const b = new Date(0);',
      'performance.now();',
      'setTimeout(() => {}, 1);',
      'setInterval(f, 1);',
      'setImmediate(f);',
      'queueMicrotask(f);',
      'Math.random();',
      'process.exit(1);',
      'Buffer.alloc(1);',
      'crypto.randomUUID();',
      'globalThis.f;',
      'fetch(url);',
      'new Promise((r) => r(1));',
      'async function f() {}',
      'console.log(1);',
      'const c = `${Date.now()}`;',
    ];
    for (const line of planted) expect(forbiddenGlobals(line), line).not.toEqual([]);
  });

  it('are not taken in by comments, strings, properties and words that only look alike', () => {
    const innocent = [
      '// Date.now() is forbidden',
      '/* setTimeout(f) */',
      "const a = 'process.exit(1)';",
      'const b = `Math.random() of ${x}`;',
      'clock.setTimeout(f);',
      'this.process(command);',
      'class A { process(command: Command): void {} }',
      'const processed = 1; arrayBuffer; new ArrayBuffer(1); value.buffer;',
      'interface X { readonly process: number; date: string }',
      'const { performance: p } = words;',
      "const division = a / b; // it's",
      'const pattern = /Date.now()/;',
    ];
    for (const line of innocent) expect(forbiddenGlobals(line), line).toEqual([]);
  });

  it('read the comment that heads a file, and know a standard when they see one', () => {
    expect(headerOf('/** One (RFC 7143). */\ncode();')).toContain('RFC 7143');
    expect(headerOf('// One\n// two (SBC-4).\ncode();')).toContain('SBC-4');
    expect(headerOf("import x from 'x';\n/** RFC 1 */")).toBe('');
    for (const text of [
      'RFC 793',
      'SPC-5',
      'SBC-4 §5',
      'SAM-6',
      'IEEE 802.1Q',
      'IBTA 1.7',
      'T10/1731',
      'FC-BB-6',
      'FIPS 180-4',
      'INCITS 514',
      'ISO/IEC 8802',
    ]) {
      expect(citesStandard(text), text).toBe(true);
    }
    expect(citesStandard('a header that everybody knows')).toBe(false);
  });

  it('know where packages belong', () => {
    expect(mayUsePackage('storage', '@noble/hashes/legacy.js')).toBe(true);
    expect(mayUsePackage('storage', 'zod')).toBe(false);
    expect(mayUsePackage('fabric', 'yaml')).toBe(true);
    expect(mayUsePackage('cli', 'commander')).toBe(true);
    expect(mayUsePackage('runtime', 'pino')).toBe(false);
    expect(mayUsePackage('cli', 'left-pad')).toBe(false);
  });
});
