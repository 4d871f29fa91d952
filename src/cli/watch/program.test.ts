/** The words of `samewire inspect`, `stats` and `top`. */
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../program.ts';
import { testContext } from '../testing/test-context.ts';

/** What it said, or why it refused. */
async function said(...words: readonly string[]): Promise<string> {
  const context = testContext();
  const program = buildProgram(context, '1.2.3', () => {});
  for (const command of program.commands) for (const one of [program, command, ...command.commands]) one.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    return `${context.written()}${(error as Error).message}`;
  }
  return context.written();
}

describe('the words of the commands', () => {
  it('have intervals of whole seconds, as iostat takes them or with a unit', async () => {
    // Nothing is up: what is right gets as far as asking.
    for (const every of ['1', '5s', '1m', '1h']) expect(await said('stats', '--every', every)).toBe('The fabric is not up any more.');
    for (const every of ['500ms', '1.5s', '0', '2h'])
      expect(await said('stats', '-e', every)).toContain('It has to be whole seconds, from 1s to 1h.');
    expect(await said('stats', '-e', 'often')).toContain('`often` is not a length of time.');
    expect(await said('stats', '-c', '0')).toContain('It has to be a whole number');
  });

  it('are told by help that fits a terminal of 80 columns', async () => {
    for (const command of ['inspect', 'stats', 'top']) {
      const help = await said(command, '--help');
      expect(help).toContain('Examples:\n');
      for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});
