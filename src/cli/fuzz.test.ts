/** Whatever stands in a file, the answer is problems with places in it, or a fabric that can be planned: never an exception. */
import { anything, array, assert, constantFrom, dictionary, integer, oneof, property, string } from 'fast-check';
import colors from 'picocolors';
import { describe, it } from 'vitest';
import { stringify } from 'yaml';
import { checkDeclaration, checkText } from '../check/check-fabric.ts';
import { planArrays } from '../fabric/plan.ts';
import { renderProblems } from './render-problems.ts';

const plain = colors.createColors(false);

function look(text: string): void {
  const { fabric, problems } = checkText(text, 'f.yaml');
  const lines = text.split('\n').length;
  for (const { line, column, endLine, endColumn, message, remedy } of problems) {
    const inside = line >= 1 && line <= lines && column >= 1 && (endLine > line || (endLine === line && endColumn >= column));
    if (!inside || message === '' || remedy === '')
      throw new Error(`bad problem at ${line}:${column}-${endLine}:${endColumn}: ${message} ${remedy}`);
  }
  renderProblems(problems, text, plain);
  if (fabric === undefined && problems.length === 0) throw new Error('neither a fabric nor a problem');
  if (fabric !== undefined) planArrays(fabric, 'f.yaml');
}

const BASE = `version: 1
name: base
arrays:
  array1:
    portals: ["127.0.0.1:3260", { listen: "[::1]:0", announce: "a.example:1", group: 2 }]
    limits: { loginTimeout: 15s }
    negotiation: { headerDigest: [none], firstBurst: 64KiB }
    targets:
      iqn.2026-01.net.example:disk1:
        portals: ["127.0.0.1:3260"]
        access: [any, { initiator: iqn.1994-05.com.redhat:a, chap: { user: u, secret: { env: A }, mutual: { user: v, secret: { file: b } } } }]
        luns: [{ store: memory, size: 64MiB, blockSize: 4096 }, { lun: 5, store: file, path: a.img }]
      iqn.2026-01.net.example:disk2: { redirect: "192.0.2.1:3260", luns: { 0: { store: memory, size: 1GiB } } }
`;

const WORDS = [
  'version',
  'name',
  'arrays',
  'portals',
  'targets',
  'luns',
  'access',
  'chap',
  'secret',
  'env',
  'size',
  'store',
  'listen',
  'redirect',
  'lun',
  '__proto__',
  'constructor',
  'iqn.2026-01.net.example:a',
  'any',
  '127.0.0.1:0',
];

describe('fuzz', () => {
  it('text that is no YAML', () => {
    assert(property(oneof(string(), string({ unit: 'binary' }), string({ unit: constantFrom(...'{}[]:-,&*!|>%@"\'\n\t #a1?<~') })), look), {
      numRuns: 600,
    });
  });

  it('a good file with a piece cut out, doubled, or replaced', () => {
    const at = integer({ min: 0, max: BASE.length });
    const piece = oneof(
      string(),
      constantFrom(...WORDS, '\n', '  ', '[', '}', ': ', '- ', '&x ', '*x', '~', '1e999', '.nan', '-0', '0x10', '!!str'),
    );
    assert(
      property(at, at, piece, (a, b, text) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        look(BASE.slice(0, from) + text + BASE.slice(to));
        look(BASE.slice(0, from) + text + BASE.slice(from));
        look(BASE.slice(0, to) + BASE.slice(from));
      }),
      { numRuns: 200 },
    );
  });

  it('values of every shape where known words are expected', () => {
    const leaf = oneof(anything({ maxDepth: 1 }), constantFrom(...WORDS, 0, 1, -1, 1.5, null, true, '64MiB', '15s'));
    const level = (inner: ReturnType<typeof oneof>): ReturnType<typeof oneof> =>
      oneof(leaf, array(inner, { maxLength: 4 }), dictionary(constantFrom(...WORDS), inner, { maxKeys: 6 }));
    const value = level(level(level(level(level(leaf)))));
    assert(
      property(value, (arrays) => {
        checkDeclaration({ version: 1, name: 'x', arrays }, 'code');
        checkDeclaration(arrays, 'code');
      }),
      { numRuns: 200 },
    );
  });

  it('a good declaration with one value changed, as YAML again', () => {
    const good = { store: 'memory', size: '64MiB' };
    assert(
      property(
        constantFrom('lun', 'store', 'size', 'path', 'blockSize', 'physicalBlockSize', 'serial', 'extra'),
        anything({ maxDepth: 2, withObjectString: false }),
        (key, value) => {
          const fabric = {
            version: 1,
            name: 'x',
            arrays: { a: { portals: ['127.0.0.1:0'], targets: { 'iqn.2026-01.net.example:a': { luns: [{ ...good, [key]: value }] } } } },
          };
          checkDeclaration(fabric, 'code');
          let text: string;
          try {
            text = stringify(fabric);
          } catch {
            return;
          }
          look(text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
