import { describe, expect, it } from 'vitest';
import { RULES } from '../check/rules.ts';
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
  it('lists the rules', async () => expect((await run('explain')).out.trim().split('\n')).toHaveLength(RULES.length));

  it('explains one, by number or name', async () => {
    const { out } = await run('explain sw-1004');
    expect(out).toContain('SW-1004 open-portal (error)');
    expect(out).toContain('      portals: ["192.0.2.1:3260"]');
    expect((await run('explain open-portal')).out).toBe(out);
    expect((await run('explain SW-9999')).err).toContain('There is no rule SW-9999.');
  });
});

describe('samewire check', () => {
  it('takes fabric.yaml where no file is named', async () => {
    expect((await run('check')).err).toBe("Can't read fabric.yaml: there is no such file.");
  });
});
