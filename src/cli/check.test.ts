import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, type CheckOptions } from './check.ts';
import { UsageError } from './context.ts';
import { testContext } from './testing/test-context.ts';

const checkOf = async (text: string, options: CheckOptions = {}): Promise<{ code: number; out: string }> => {
  const context = testContext({ files: { 'f.yaml': text } });
  return { code: await check(['f.yaml'], options, context), out: context.written() };
};

const GOOD = `version: 1
name: good
arrays:
  array1:
    portals: ["127.0.0.1:3260"]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: memory, size: 64MiB }]
`;

const chap = (rest: string): string => `${GOOD}        access:\n          - initiator: any\n            chap: { user: disk, ${rest}\n`;

describe('samewire check', () => {
  it('says so when there is nothing to say', async () => {
    expect(await checkOf(GOOD)).toEqual({ code: 0, out: 'ok f.yaml: 1 array, 1 target, 1 LUN\n' });
  });

  it('counts what there is of each kind', async () => {
    const network = `${GOOD}switches: { tor1: {}, tor2: {} }\nlinks: [[tor1:1, tor2:1]]\n`;
    expect((await checkOf(network)).out).toBe('ok f.yaml: 1 array, 1 target, 1 LUN, 2 switches, 1 link\n');
    const wired = 'version: 1\nname: x\nhosts: { a: { nics: { n: {} } } }\nswitches: { s: {} }\nlinks: [[a:n, s:1]]\n';
    expect((await checkOf(wired)).out).toBe('ok f.yaml: 1 host, 1 switch, 1 link\n');
    expect((await checkOf('version: 1\nname: x\n')).out).toBe('ok f.yaml: nothing in it\n');
  });

  it('shows each mistake with a caret under it, what is wrong and what to write', async () => {
    const text = `version: 1
name: bad
arrays:
  array1:
    portals:
      - 127.0.0.1:3260
      - 127.0.0.1:3260
    targets:
      iqn.2026-01.net.example:disk1:
        luns:
          - store: memory
            blocksize: 4096
          - { store: file, size: 64M }
`;
    expect(await checkOf(text)).toEqual({
      code: 1,
      out: `f.yaml:7:9: error SW-1002: \`127.0.0.1:3260\` is taken by another portal.
   |
 7 |       - 127.0.0.1:3260
   |         ^^^^^^^^^^^^^^
 6 |       - 127.0.0.1:3260
   |         ^^^^^^^^^^^^^^ the other one
   = Use another port, or port 0 for a free one.

f.yaml:11:13: error SW-1012: LUN 0 is kept in memory and has no size.
    |
 11 |           - store: memory
    |             ^
    = Add \`size:\`, such as \`64MiB\`.

f.yaml:12:13: error SW-0003: There is no key \`blocksize\` in item 1 of \`luns\`.
    |
 12 |             blocksize: 4096
    |             ^^^^^^^^^
    = Did you mean \`blockSize\`?

f.yaml:13:13: error SW-1013: LUN 1 is kept in a file and has no path.
    |
 13 |           - { store: file, size: 64M }
    |             ^^^^^^^^^^^^^^^^^^^^^^^^^^
    = Add \`path:\`, such as \`disk1.img\`.

f.yaml:13:34: error SW-0006: \`M\` is not a unit of size.
    |
 13 |           - { store: file, size: 64M }
    |                                  ^^^
    = Write \`64MiB\` (powers of 1024) or \`64MB\` (powers of 1000).

5 errors in 1 file.
What a rule is about: samewire check --explain SW-1002
`,
    });
  });

  it('keeps tabs, so that the caret stands right', async () => {
    expect((await checkOf('a:\n\tb: 1\n')).out).toBe(`f.yaml:2:1: error SW-0001: A tab indents this line, and YAML allows only spaces.
   |
 2 | \tb: 1
   | ^
   = Replace the tab with spaces (two a level).

1 error in 1 file.
What a rule is about: samewire check --explain SW-0001
`);
    expect((await checkOf('version: 1\nname:\t\tx y\narrays: {}\n')).out).toContain(' 2 | name:\t\tx y\n   |      \t\t^^^\n');
  });

  it('shows a long line around the caret', async () => {
    const { out } = await checkOf(`version: 1\nname: x\narrays: { ${'a: {}, '.repeat(1)}${' '.repeat(300)}"b c": {} ${' '.repeat(300)}}\n`);
    const line = out.split('\n').findIndex((text) => text.includes('"b c": {}'));
    expect(out.split('\n')[line]!.length).toBeLessThan(140);
    expect(out.split('\n')[line + 1]!.indexOf('^')).toBe(out.split('\n')[line]!.indexOf('"b c"'));
  });

  it('lets warnings pass', async () => {
    const { code, out } = await checkOf(GOOD.replace('luns: [{ store: memory, size: 64MiB }]', 'alias: Empty'));
    expect(code).toBe(0);
    expect(out).toContain('f.yaml:7:7: warning SW-1015');
    expect(out).toMatch(/\n1 warning in 1 file\.\n.*--explain SW-1015\n$/);
  });

  it('never shows a secret that stands in the file, readable or not', async () => {
    for (const rest of [
      'secret: hunter2hunter2 }',
      'secret: "hunter2 hunter2", x: 1 }',
      "secret: 'hunter2', x: 1 }",
      'password: hunter2 }',
      'pasword: hunter2 }',
      'secret: { hunter2 } }',
      'secret: { env: "hunter2 hunter2" } }',
      'secret: { hunter2: 5, env: A } }',
      'secret: [hunter2] }',
      'mutual: hunter2, secret: { env: A } }',
      'secret: hunter2hunter2',
      'secret: "hunter2hunter2',
      'password: hunter2 @',
    ]) {
      const { code, out } = await checkOf(chap(rest));
      expect(code, rest).toBe(1);
      expect(out, rest).toContain('disk');
      expect(out, rest).not.toContain('hunter2');
      expect((await checkOf(chap(rest), { json: true })).out, rest).not.toContain('hunter2');
    }
  });

  it('makes control characters visible instead of obeying them', async () => {
    const { out } = await checkOf('version: 1\nname: "\\e[31mred"\narrays: {}\nb\u001b[2Jad: 1\n');
    expect(out).not.toContain('\u001b');
  });

  it('is one JSON object with --json', async () => {
    const { code, out } = await checkOf(GOOD.replace('64MiB', '64M'), { json: true });
    expect(code).toBe(1);
    expect(out.split('\n')).toHaveLength(2);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      errors: 1,
      warnings: 0,
      problems: [
        {
          rule: 'SW-0006',
          severity: 'error',
          message: '`M` is not a unit of size.',
          remedy: 'Write `64MiB` (powers of 1024) or `64MB` (powers of 1000).',
          file: 'f.yaml',
          where: 'arrays.array1.targets["iqn.2026-01.net.example:disk1"].luns[0].size',
          line: 8,
          column: 39,
          endLine: 8,
          endColumn: 42,
        },
      ],
    });
    expect(JSON.parse((await checkOf(GOOD, { json: true })).out)).toEqual({ ok: true, errors: 0, warnings: 0, problems: [] });
  });

  it('checks several files, standard input among them', async () => {
    const context = testContext({ files: { 'a.yaml': GOOD, '-': 'version: 1\n' } });
    expect(await check(['a.yaml', '-'], {}, context)).toBe(1);
    expect(context.written()).toMatch(/^ok a\.yaml[^]*<stdin>:1:1: error SW-0004[^]*\n1 error in 2 files\.\n.*\n$/);
  });

  it('tells a few of those that are alike, and who has the others', async () => {
    const text = `version: 1\nname: x\nswitches: {}\nhosts:\n${Array.from({ length: 60 }, (_, index) => `  esx${index + 1}: { mtu: 9000 }\n`).join('')}`;
    const { out } = await checkOf(text);
    expect(out.match(/error SW-0003/g)).toHaveLength(3);
    expect(out).toContain('\n   ... and 57 more like it (esx4, esx5, esx6, esx7, ... esx60)\n');
    expect(out).toContain('\n60 errors in 1 file.\n');
    expect((await checkOf(text, { all: true })).out.match(/error SW-0003/g)).toHaveLength(60);
  });

  it('tells what problems come from, and then those', async () => {
    expect((await checkOf(rack(7, () => 9000))).out).toBe(`f.yaml:12:16: 7 errors come from \`mtu\` of switch \`tor1\`
    |
 12 |   tor1: { mtu: 1500, portCount: 64 }
    |                ^^^^

  f.yaml:4:32: error SW-1058: \`esx1:nic0\` sends packets of up to 9000 bytes, and \`tor1\` carries 1500.
     |
   4 |   esx1: { nics: { nic0: { mtu: 9000 } } }
     |                                ^^^^
     = Write \`mtu: 1500\` or less, or a larger one there.

  f.yaml:5:32: error SW-1058: \`esx2:nic0\` sends packets of up to 9000 bytes, and \`tor1\` carries 1500.
     |
   5 |   esx2: { nics: { nic0: { mtu: 9000 } } }
     |                                ^^^^
     = Write \`mtu: 1500\` or less, or a larger one there.

  f.yaml:6:32: error SW-1058: \`esx3:nic0\` sends packets of up to 9000 bytes, and \`tor1\` carries 1500.
     |
   6 |   esx3: { nics: { nic0: { mtu: 9000 } } }
     |                                ^^^^
     = Write \`mtu: 1500\` or less, or a larger one there.
     ... and 4 more like it (esx4, esx5, esx6, esx7)

7 errors in 1 file.
What a rule is about: samewire check --explain SW-1058
`);
    const { problems } = JSON.parse(
      (
        await checkOf(
          rack(1, () => 9000),
          { json: true },
        )
      ).out,
    );
    expect(problems[0].cause).toEqual({
      line: 6,
      column: 16,
      endLine: 6,
      endColumn: 20,
      description: '`mtu` of switch `tor1`',
      where: 'switches.tor1.mtu',
    });
  });

  it('tells a cause with one consequence beside it', async () => {
    const { out } = await checkOf(rack(1, () => 9000));
    expect(out).toContain(`f.yaml:4:32: error SW-1058`);
    expect(out).toContain(' 6 |   tor1: { mtu: 1500, portCount: 64 }\n   |                ^^^^ `tor1`\n   = Write');
  });

  it('shows a place with several problems once', async () => {
    const { out } = await checkOf(
      `version: 1\nname: x\nswitches: { tor1: {}, tor2: {} }\nlinks:\n  - [tor1:1, tor2:1]\n  - [tor1:1, tor2:1]\n`,
    );
    expect(out.match(/error SW-1040/g)).toHaveLength(2);
  });

  it('shows no more than anybody reads', async () => {
    const different = rack(60, (index) => 1501 + index);
    const { out } = await checkOf(different);
    expect(out.match(/error SW-1058/g)).toHaveLength(50);
    expect(out).toContain('... and 10 problems more; `samewire check --all` shows each.');
    expect(out).toContain('60 errors in 1 file.');
    expect((await checkOf(different, { all: true })).out.match(/error SW-1058/g)).toHaveLength(60);
  });

  it('looks for what it is asked for, and always tells what it could not read', async () => {
    const text = rack(1, () => 9000);
    const rules = async (...rule: string[]): Promise<unknown> =>
      JSON.parse((await checkOf(text, { json: true, rule })).out).problems.map((problem: { rule: string }) => problem.rule);
    expect(await rules('sw-1058')).toEqual(['SW-1058']);
    expect(await rules('SW-1057,carried-mtu')).toEqual(['SW-1058']);
    expect(await rules('SW-1057', 'SW-1001')).toEqual([]);
    expect(await checkOf(text, { rule: ['SW-1057'] })).toEqual({ code: 0, out: 'ok f.yaml: other rules find something\n' });
    expect((await checkOf('version: 1\n', { rule: ['SW-1057'] })).out).toContain('error SW-0004');
    await expect(checkOf(text, { rule: ['SW-9999'] })).rejects.toThrow('There is no rule SW-9999.');
  });

  it('fails on warnings where they count', async () => {
    const text = GOOD.replace('luns: [{ store: memory, size: 64MiB }]', 'alias: Empty');
    expect((await checkOf(text, { warningsAsErrors: true })).code).toBe(1);
    const { code, out } = await checkOf(text, { warningsAsErrors: true, json: true });
    expect([code, JSON.parse(out)]).toMatchObject([1, { ok: false, errors: 0, warnings: 1 }]);
    expect((await checkOf(GOOD, { warningsAsErrors: true })).code).toBe(0);
  });

  it('writes a log for code scanning', async () => {
    const { code, out } = await checkOf(
      rack(1, () => 9000),
      { sarif: true },
    );
    const log = JSON.parse(out);
    expect([code, log.version, log.runs[0].results.length]).toEqual([1, '2.1.0', 1]);
    await expect(checkOf(GOOD, { sarif: true, json: true })).rejects.toThrow('Give one of');
  });

  it('tells a file that can not be read from one that is wrong', async () => {
    await expect(check(['none.yaml'], {}, testContext())).rejects.toBeInstanceOf(UsageError);
  });
});

/** Hosts whose packets are too long for their switch. */
function rack(hosts: number, mtu: (index: number) => number): string {
  const lines = (line: (index: number) => string): string => Array.from({ length: hosts }, (_, index) => line(index + 1)).join('');
  const declared = lines((index) => `  esx${index}: { nics: { nic0: { mtu: ${mtu(index)} } } }\n`);
  return `version: 1\nname: rack\nhosts:\n${declared}switches:\n  tor1: { mtu: 1500, portCount: 64 }\nlinks:\n${lines((index) => `  - [esx${index}:nic0, tor1:${index}]\n`)}`;
}

describe('fabrics/', () => {
  const directory = new URL('../../fabrics/', import.meta.url);
  const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));

  it('holds examples', () => expect(files).toEqual(expect.arrayContaining(['first.yaml', 'chap.yaml', 'conformance.yaml'])));

  it.each(files)('%s is clean, and points editors at the schema', async (name) => {
    const text = readFileSync(new URL(name, directory), 'utf8');
    expect(await checkOf(text)).toMatchObject({ code: 0, out: expect.stringMatching(/^ok /) });
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\/fabric\.schema\.json\n/);
  });
});
