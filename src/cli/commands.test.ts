import { describe, expect, it } from 'vitest';
import { STORIES } from '../check/rules.ts';
import { fabricJsonSchemaText } from '../fabric/json-schema.ts';
import { check } from './check.ts';
import { buildProgram } from './program.ts';
import { type TestContext, testContext, type TestOptions } from './testing/test-context.ts';

/** Runs a command line; the code is undefined if no command ran. */
async function run(
  line: string,
  options: TestOptions = {},
): Promise<{ code: number | undefined; out: string; err: string; context: TestContext }> {
  const context = testContext(options);
  let code: number | undefined;
  const program = buildProgram(context, '1.2.3', (given) => {
    code = given;
  });
  for (const command of [program, ...program.commands]) command.exitOverride();
  let thrown = '';
  try {
    await program.parseAsync(
      line.split(' ').filter((word) => word !== ''),
      { from: 'user' },
    );
  } catch (error) {
    thrown = (error as Error).message;
  }
  return { code, out: context.written(), err: context.complaints() + thrown, context };
}

describe('samewire', () => {
  it('helps, with examples', async () => {
    const { out } = await run('--help');
    for (const command of ['check', 'explain', 'init', 'schema', 'up', 'serve']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(out).toContain('Examples:\n  samewire init');
    expect((await run('serve --help')).out).toContain('samewire serve --memory 64MiB --portal 127.0.0.1:0 --json');
  });

  it('knows its version', async () => expect((await run('--version')).out).toBe('1.2.3\n'));

  it('guesses what was meant', async () => {
    expect((await run('chek')).err).toContain('(Did you mean check?)');
    expect((await run('up --jsn')).err).toContain('(Did you mean --json?)');
  });
});

describe('samewire init', () => {
  it('writes a file that is clean, and says what comes next', async () => {
    const { code, out, context } = await run('init');
    expect({ code, out }).toEqual({ code: 0, out: 'Wrote fabric.yaml. Next:\n  samewire check fabric.yaml\n  samewire up\n' });
    expect(await check(['fabric.yaml'], {}, context)).toBe(0);
    expect(context.written()).toContain('ok fabric.yaml: 1 array, 1 target, 1 LUN');
  });

  it('is clean also with everything commented in that can be', async () => {
    const { context } = await run('init a.yaml');
    const all = context.files.get('a.yaml')!.replace(/^( {6,})#(?! \S)/gm, '$1');
    context.files.set('a.yaml', all);
    expect(await check(['a.yaml'], {}, context), context.written()).toBe(0);
    expect(context.written()).toContain('1 target, 2 LUNs');
    expect(all).toMatch(/^ +mutual:/m);
  });

  it('overwrites nothing unless told to', async () => {
    const files = { 'fabric.yaml': 'precious' };
    const refused = await run('init', { files });
    expect(refused.err).toContain('exists already');
    expect(refused.context.files.get('fabric.yaml')).toBe('precious');
    expect((await run('init --force', { files })).code).toBe(0);
  });
});

describe('samewire schema', () => {
  it('prints the schema, or writes it', async () => {
    expect((await run('schema')).out).toBe(fabricJsonSchemaText());
    const { context, out } = await run('schema --out s.json');
    expect([out, context.files.get('s.json')]).toEqual(['', fabricJsonSchemaText()]);
  });
});

describe('samewire explain', () => {
  const told = STORIES.flatMap(({ rules }) => rules);

  it('lists the rules by family, as check --rules does', async () => {
    const { out } = await run('explain');
    expect(out.match(/^SW-\d{4} (error {2}|warning) [A-Z]/gm)).toHaveLength(told.length);
    expect(out).toMatch(/^Reading the file\nSW-0001 error {3}/);
    expect((await run('check --rules')).out).toBe(out);
    const listed = JSON.parse((await run('check --rules --json')).out);
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(told.map(({ id }) => id));
    expect(listed[0]).toMatchObject({ name: 'yaml', family: 'reading', severity: 'error', examples: { fail: expect.any(String) } });
  });

  it('explains one, by number or name', async () => {
    const { out, code } = await run('explain sw-1004');
    expect(code).toBe(0);
    expect(out).toContain('SW-1004 open-portal (error)');
    expect(out).toContain('If nobody mends it: A machine that scans');
    expect(out).toContain('      portals: ["192.0.2.1:3260"]');
    expect(out).toMatch(/\nSource: RFC 7143 §9\n$/);
    for (const line of ['explain open-portal', 'check --explain SW-1004', 'check --explain open-portal'])
      expect((await run(line)).out).toBe(out);
    expect(JSON.parse((await run('check --explain SW-1004 --json')).out)).toMatchObject({ id: 'SW-1004', family: 'storage' });
    for (const line of ['explain SW-9999', 'check --explain SW-9999']) expect((await run(line)).err).toContain('There is no rule SW-9999.');
  });
});

describe('samewire check', () => {
  it('takes fabric.yaml where no file is named', async () => {
    expect((await run('check')).err).toBe("Can't read fabric.yaml: there is no such file.");
  });
});
