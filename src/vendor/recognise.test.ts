import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { loadFabric } from '../fabric/load.ts';
import type { Dialect, OutputKind, Reading } from './core/dialect.ts';
import { DIALECTS } from './dialects.ts';
import { fabricText } from './import/fabric-text.ts';
import { gather, type Given } from './import/gather.ts';
import { durationText, rateText, sizeText, vlanItems } from './import/words.ts';
import { recognise } from './recognise.ts';
import { nodeFor } from './testing/node-for.ts';

/** Understands lines that hold its word. */
const toy = (name: string, word: string, score: number): Dialect => ({
  name,
  product: name,
  source: name,
  kinds: ['switch'],
  says: () => true,
  emit: () => ({ commands: [], verification: [], files: [], unsaid: [] }),
  outputs: [
    {
      name: 'output',
      recognise: (text) => (text.includes('port') ? score : 0),
      read: (text): Reading => {
        const lines = text.split('\n').map((line, index) => ({ line: index + 1, text: line }));
        return {
          node: undefined,
          kind: 'switch',
          settings: lines
            .filter((one) => one.text.includes(word))
            .map((one) => ({ key: ['ports', one.text, 'disabled'], value: true, from: { kind: 'output', file: 'x', line: one.line } })),
          unknown: lines.filter((one) => !one.text.includes(word)),
          errors: [],
          covers: () => false,
          defaultOf: () => undefined,
        };
      },
    },
  ],
});

describe('what a text is', () => {
  it('is what the only product says that knows it', () => {
    expect(recognise('port a', [toy('one', 'a', 0.5), toy('other', 'b', 0)])).toMatchObject({ dialect: { name: 'one' } });
  });

  it('is of the product that understands most of it, where several know it', () => {
    const dialects = [toy('one', 'a', 0.9), toy('other', 'b', 0.8)];
    expect(recognise('port a\nport b\nport b\nport b', dialects)).toMatchObject({ dialect: { name: 'other' } });
    expect(recognise('port a\nport a\nport b', dialects)).toMatchObject({ dialect: { name: 'one' } });
  });

  it('is what somebody said, where that understands it', () => {
    expect(recognise('port p', [toy('one', 'p', 0)])).toMatchObject({ output: { name: 'output' } });
    expect(recognise('port a\nport b', [toy('one', 'p', 0)])).toMatchObject({ dialect: { name: 'one' } });
    expect(recognise('port a\nfoo\nfoo', [toy('one', 'a', 0)])).toBe('it looks like no output of `one`');
    const [linux] = DIALECTS.filter(({ name }) => name === 'linux');
    expect(recognise('ip link set dev p1 mtu 9000', [linux!])).toMatchObject({ output: { name: 'commands' } });
  });

  it('is not guessed', () => {
    expect(recognise('port p', [toy('one', 'p', 0.8), toy('other', 'p', 0.8)])).toBe('it may be of `one` or `other`: say which with --as');
    expect(recognise('hello', DIALECTS)).toMatch(/no output that is known here .*: say whose it is with --as$/);
    expect(recognise('x'.repeat(17 * 1024 * 1024), DIALECTS)).toContain('more than 16 MiB');
  });
});

describe('outputs of a node', () => {
  it('are of one kind', () => {
    const { mistakes } = gather(
      [given('a.txt', '{"targets": [], "storage_objects": []}'), given('b.txt', '## Running database "initial"\nhostname n1\n')],
      DIALECTS,
    );
    expect(mistakes).toEqual([{ file: 'b.txt', line: undefined, message: 'this is of a switch, and a.txt says that `n1` is an array.' }]);
  });
});

describe('values', () => {
  it('are written as people write them', () => {
    expect([25e9, 2.5e9, 100e6, 1001].map(rateText)).toEqual(['25G', '2500M', '100M', 1001]);
    expect([2 ** 30, 64 * 2 ** 20, 3 * 2 ** 10, 1000].map(sizeText)).toEqual(['1GiB', '64MiB', '3KiB', 1000]);
    expect([5e9, 500e6, 20e3].map(durationText)).toEqual(['5s', '500ms', '20us']);
    expect(['none', '10,20-29'].map(vlanItems)).toEqual([[], [10, '20-29']]);
  });
});

/** Undefined: nothing. */
function wrongWith(output: OutputKind, text: string): string | undefined {
  try {
    if (!(output.recognise(text) >= 0)) return 'no score';
    const { unknown, errors, settings } = output.read(text, { file: 'x', port: 'p1' });
    const last = text.split('\n').length;
    const stray = [...unknown, ...errors].find(({ line }) => line < 1 || line > last);
    if (stray !== undefined) return `line ${stray.line} of ${last}`;
    const empty = settings.find(({ key, value }) => key.length === 0 || value === undefined || Number.isNaN(value));
    return empty === undefined ? undefined : `${JSON.stringify(empty)}`;
  } catch (error) {
    return String(error);
  }
}

const given = (file: string, text: string): Given => ({ file, text, node: 'n1', port: undefined });

describe('secrets', () => {
  const kinds = DIALECTS.flatMap((dialect) => dialect.outputs.map((output) => [dialect.name, output.name, dialect, output] as const));
  it.each(kinds)('of unknown lines are not shown: %s, %s', (_name, _output, dialect, output) => {
    const { commands, files } = dialect.emit(nodeFor(dialect, 3).node);
    const telling = [
      'frobnicate password=Hunter2Hunter2',
      'frob node.session.auth.password_in = Hunter2Hunter2',
      '  "mutual_password": "Hunter2Hunter2",',
      'Set-Frob -ChapSecret "Hunter2Hunter2" -Now',
      'esxcli iscsi frob auth chap set -A vmhba64 -S Hunter2Hunter2',
      'snmp-server community Hunter2Hunter2 ro',
      `frobnicate ${'x'.repeat(1100)} password=Hunter2Hunter2`,
    ];
    for (const lines of [commands.map(({ text }) => text), ...files.map(({ text }) => text.split('\n'))])
      for (const line of telling) {
        const reading = output.read([...lines, line].join('\n'), { file: 'x', port: 'p1' });
        expect(JSON.stringify(reading), line).not.toContain('Hunter2');
      }
  });
});

const ROUNDS = Number(process.env['SAMEWIRE_FUZZ_RUNS'] ?? 6);

describe('any text', () => {
  /** Commands of a node, cut up: lines dropped, doubled, exchanged, bytes changed. */
  it('gives a reading from every output of every dialect, never an exception', () => {
    const rng = seededRng(11);
    const pick = (bound: number): number => rng.uint32() % bound;
    let readings = 0;
    for (const dialect of DIALECTS) {
      const made = nodeFor(dialect, 3);
      const { commands, files } = dialect.emit(made.node);
      for (const text of [commands.map((one) => one.text).join('\n'), ...files.map((one) => one.text)]) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const lines = text.split('\n');
          for (let change = 0; change < 6; change += 1) {
            const at = pick(lines.length);
            const line = lines[at]!;
            const cut = pick(line.length + 1);
            const what = pick(5);
            if (what === 0) lines.splice(at, 1);
            else if (what === 1) lines.splice(at, 0, lines[pick(lines.length)] ?? '');
            else if (what === 2) lines[at] = line.slice(0, cut);
            else if (what === 3)
              lines[at] =
                `${line.slice(0, cut)}${['"', "'", '{', '[', '-', '\t', '__proto__', '\u00e9', '%', '999999999999'][pick(10)]!}${line.slice(cut)}`;
            else lines[at] = line.split('').toReversed().join('');
            if (lines.length === 0) lines.push('');
          }
          const changed = lines.join('\n');
          // Whatever was read becomes a text that can be read as a fabric file, mistakes and all.
          const gathered = gather([given('x', changed)], [dialect]);
          if (gathered.nodes.length > 0) loadFabric(fabricText(gathered, 'x'), 'x');
          for (const other of DIALECTS)
            for (const output of other === dialect || round === 0 ? other.outputs : []) {
              const wrong = wrongWith(output, changed);
              if (wrong !== undefined) throw new Error(`${other.name}: ${output.name}: ${wrong} ${JSON.stringify(changed)}`);
              readings += 1;
            }
        }
      }
    }
    expect(readings).toBeGreaterThan(300);
  });
});
