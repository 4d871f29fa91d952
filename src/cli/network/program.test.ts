/** The words of `samewire capture` and `samewire network`: which is the file, and what the help says. */
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../program.ts';
import { testContext } from '../testing/test-context.ts';

interface Asked {
  readonly file: string | undefined;
  readonly url: string;
  readonly body: unknown;
}

/** Everything that is asked is refused; what was asked comes back, or why it was not. */
async function asked(...words: readonly string[]): Promise<Asked | string> {
  let found: Asked | undefined;
  const refuse = (file: string | undefined, url: string, body: unknown): Promise<never> => {
    found = { file, url, body };
    return Promise.reject(new Error('refused'));
  };
  const context = {
    ...testContext({ streams: { openControlStream: refuse } }),
    askControl: (file: string | undefined, _method: string, url: string, body: unknown) => refuse(file, url, body),
  };
  const program = buildProgram(context, '1.2.3', () => {});
  for (const command of program.commands) for (const one of [program, command, ...command.commands]) one.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    return found ?? (error as Error).message;
  }
  return 'nothing was asked';
}

describe('the words of the commands', () => {
  it('begin with the file, which may be left out', async () => {
    const at = { at: 'tor1:1', count: undefined };
    expect(await asked('capture', 'tor1:1')).toEqual({ file: undefined, url: '/api/network/capture', body: at });
    expect(await asked('capture', 'f.yaml', 'tor1:1', '-c', '5')).toEqual({
      file: 'f.yaml',
      url: '/api/network/capture',
      body: { ...at, count: 5 },
    });
    expect(await asked('network', 'cut', 'f.yaml', 'tor1:1')).toEqual({
      file: 'f.yaml',
      url: '/api/network/link',
      body: { at: 'tor1:1', up: false },
    });
    expect(await asked('network', 'mend', 'tor1:1')).toEqual({
      file: undefined,
      url: '/api/network/link',
      body: { at: 'tor1:1', up: true },
    });
    expect(await asked('network', 'show')).toEqual({ file: undefined, url: '/api/network', body: undefined });
    expect(await asked('network', 'ping', 'esx1', 'array1', '-W', '2.5')).toEqual({
      file: undefined,
      url: '/api/network/ping',
      body: { host: 'esx1', to: 'array1', bytes: 56, waitSeconds: 2.5 },
    });
    expect(await asked('network', 'trace', 'f.yaml', 'esx1', 'array1')).toEqual({
      file: 'f.yaml',
      url: '/api/network/ping',
      body: { host: 'esx1', to: 'array1', waitSeconds: 1, hopLimit: 1 },
    });
    expect(await asked('network', 'delay', 'f.yaml', 'tor1:1', '5ms')).toEqual({
      file: 'f.yaml',
      url: '/api/network/delay',
      body: { at: 'tor1:1', delayNanos: 5_000_000 },
    });
    expect(await asked('capture', 'tor1:1', '--headers-only')).toMatchObject({ body: { at: 'tor1:1', headersOnly: true } });
    expect(await asked('network', 'fault', 'tor1:1', '--loss', '1%', '--duplication', '0.25')).toEqual({
      file: undefined,
      url: '/api/network/faults',
      body: { at: 'tor1:1', loss: 0.01, duplication: 0.25 },
    });
  });

  it('are neither too few nor too many', async () => {
    const sentence = 'This takes the fabric file and then a node and its port, such as tor1:1; --help shows examples.';
    expect(await asked('capture')).toBe(sentence);
    expect(await asked('network', 'cut', 'a', 'b', 'c')).toBe(sentence);
    expect(await asked('network', 'ping', 'esx1')).toBe(
      'This takes the fabric file and then a host or array, and whom it pings; --help shows examples.',
    );
    expect(await asked('network', 'fault', 'tor1:1', '--loss', '150%')).toContain('`150%` is no probability.');
  });

  it('are shown by examples that fit a terminal of 80 columns', async () => {
    for (const words of [
      ['capture'],
      ...['show', 'ping', 'trace', 'cut', 'mend', 'fault', 'delay'].map((name) => ['network', name]),
      ['network'],
    ]) {
      const context = testContext();
      const program = buildProgram(context, '1.2.3', () => {});
      for (const command of program.commands) for (const one of [program, command, ...command.commands]) one.exitOverride();
      await program.parseAsync([...words, '--help'], { from: 'user' }).catch(() => {});
      const examples = context.written().split('Examples:')[1]!;
      for (const line of examples.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});
