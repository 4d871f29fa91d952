/** The rules of test/architecture.test.ts as functions of text: what a file imports, which globals it uses, what heads it. */
import { builtinModules } from 'node:module';

/** Floors from the ground up; the rooms on one floor that are listed together don't import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['base'],
  ['wire'],
  ['link', 'inet', 'rdma', 'fc', 'ib'],
  ['storage'],
  ['device'],
  ['runtime'],
  ['fabric'],
  ['check'],
  ['vendor'],
  ['os'],
  ['server'],
  ['cli'],
];

export function floorOf(folder: string): number | undefined {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(folder));
  return floor === -1 ? undefined : floor;
}

export const OS_FLOOR = floorOf('os')!;

/** Within a room everything may import everything (circles apart); otherwise only what lies lower. */
export function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const [above, below] = [floorOf(from), floorOf(to)];
  return above !== undefined && below !== undefined && below < above;
}

const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  yaml: ['fabric', 'check', 'vendor', 'os', 'server', 'cli'],
  zod: ['fabric', 'check', 'vendor', 'os', 'server', 'cli'],
  // Computes and touches nothing: names and passwords are hashed on several floors.
  '@noble/hashes': ['base', 'wire', 'storage', 'fabric'],
  '@node-rs/crc32': ['base', 'wire', 'storage'],
  'fastest-levenshtein': ['fabric', 'check', 'cli'],
  // Calls into the C library; an optional dependency.
  koffi: ['os'],
  pino: ['os', 'server', 'cli'],
  commander: ['cli'],
  fastify: ['server'],
  '@fastify/swagger': ['server'],
  '@fastify/static': ['server'],
  ws: ['server'],
  'prom-client': ['server'],
  'tar-stream': ['server', 'cli'],
  picocolors: ['os', 'server', 'cli'],
};

export function mayUsePackage(folder: string, specifier: string): boolean {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return PACKAGE_ROOMS[name]?.includes(folder) ?? false;
}

const PAGE_PACKAGES: readonly string[] = ['react', 'react-dom', '@xyflow/react', 'elkjs', 'uplot'];

/** What a file of the page may import: the page itself, its packages, and of the program the types in `src/server/page.ts`. */
export function mayPageImport(specifier: string, to: string | undefined, onlyTypes: boolean): boolean {
  if (to === undefined) return PAGE_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return to.startsWith('web/') || (to === 'src/server/page.ts' && onlyTypes);
}

/** The modules of which only types are imported. */
export const typeImportsOf = (text: string): string[] =>
  [...strip(text, 'keep strings').matchAll(/\b(?:import|export)\s+type\s+[^;'"]*?\bfrom\s*(['"])([^'"\n]+)\1/g)].map((match) => match[2]!);

const builtins = new Set(builtinModules);
export const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtins.has(specifier) || builtins.has(specifier.split('/')[0]!);

const IMPORT_FORMS: readonly RegExp[] = [
  // Nothing is quoted between the two words: 'from', 'to' in a list is no import.
  /\b(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/g,
  /(?:^|[;\n])\s*import\s*(['"])([^'"\n]+)\1/g,
  /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g,
  /\brequire\s*\(\s*(['"])([^'"\n]+)\1/g,
];

/** Every module a file names, of whatever form, types included. */
export function importsOf(text: string): string[] {
  const code = strip(text, 'keep strings');
  return IMPORT_FORMS.flatMap((form) => [...code.matchAll(form)].map((match) => match[2]!));
}

/** What nobody below os/ may name. Promises and `async` are there because they complete outside virtual time. */
const FORBIDDEN: readonly string[] = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'Buffer',
  'crypto',
  'globalThis',
  'global',
  'fetch',
  'console',
  'Promise',
  'async',
  'await',
  'WebSocket',
  'Worker',
  'Atomics',
];

/**
 * Not a property (`a.process`), nor a key or a member being declared (`process:`, `process?:`). `process` can't be called, so that
 * `process(` is a method of ours.
 */
const uses = (code: string, name: string): boolean =>
  new RegExp(`(?<![\\w$.#]|\\?\\.)${name}(?![\\w$]|\\s*\\??\\s*:${name === 'process' ? '|\\s*\\(' : ''})`).test(code);

export function forbiddenGlobals(text: string): string[] {
  const code = codeOf(text);
  const found = FORBIDDEN.filter((name) => uses(code, name));
  return /(?<![\w$.])Math\s*\.\s*random\b/.test(code) ? [...found, 'Math.random'] : found;
}

/** The code alone: comments, regular expressions and the insides of strings are blank, what stands in `${}` is not. */
export const codeOf = (text: string): string => strip(text, 'blank strings');

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_PATTERN = /(?:^|[=(,:;!&|?{}[\n+\-*%~<>]|\breturn|\btypeof|\bcase|=>)\s*$/;

function strip(text: string, strings: 'keep strings' | 'blank strings'): string {
  let out = '';
  let at = 0;
  /** One entry for each template literal we are in the `${}` of: how many braces are open there. */
  const templates: number[] = [];
  const templateChunk = (): void => {
    // From behind a backtick or a closing brace up to the next `${` or the end.
    while (at < text.length && text[at] !== '`') {
      if (text.startsWith('${', at)) {
        at += 2;
        out += ' ${';
        templates.push(0);
        return;
      }
      const length = text[at] === '\\' ? 2 : 1;
      if (strings === 'keep strings') out += text.slice(at, at + length);
      at += length;
    }
    at += 1;
    out += '`';
  };
  while (at < text.length) {
    const char = text[at]!;
    if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      at = end === -1 ? text.length : end + 2;
      out += ' ';
    } else if (char === "'" || char === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== char && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
      out += strings === 'keep strings' ? text.slice(at, end + 1) : `${char}${char}`;
      at = end + 1;
    } else if (char === '`') {
      out += '`';
      at += 1;
      templateChunk();
    } else if (char === '/' && BEFORE_PATTERN.test(out.slice(-12))) {
      const pattern = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/.exec(text.slice(at))?.[0];
      out += pattern === undefined ? char : ' 0 ';
      at += pattern?.length ?? 1;
    } else if (char === '}' && templates.at(-1) === 0) {
      templates.pop();
      out += '}';
      at += 1;
      templateChunk();
    } else {
      const depth = templates.length - 1;
      if (depth >= 0 && char === '{') templates[depth]! += 1;
      if (depth >= 0 && char === '}') templates[depth]! -= 1;
      out += char;
      at += 1;
    }
  }
  return out;
}

/** The comment a file begins with, if it begins with one. */
export const headerOf = (text: string): string => /^(?:\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[0] ?? '';

export const citesStandard = (comment: string): boolean =>
  /\b(?:RFC \d+|draft-[a-z]+-[a-z]+|(?:SPC|SBC|SAM|SSC|FCP|SRP|iSER)-\d|IEEE (?:Std )?\d+|IBTA|T10\b|INCITS|ISO\/IEC|FC-[A-Z]{2}|FIPS|ITU-T|ANSI|NIST)/.test(
    comment,
  );

/** The first circle found, as the names on it with the first again at the end. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): readonly string[] | undefined => {
    const start = path.indexOf(name);
    if (start !== -1) return [...path.slice(start), name];
    if (finished.has(name)) return undefined;
    path.push(name);
    for (const next of graph.get(name) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    finished.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const cycle = visit(name);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
