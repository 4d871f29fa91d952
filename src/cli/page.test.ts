/** Where the page of `up` and `serve` is, and where it is not. */
import { describe, expect, it } from 'vitest';
import { buildProgram } from './program.ts';
import { fakeArrays, type TestContext, testContext, type TestOptions } from './testing/test-context.ts';
import { up } from './up.ts';

const FABRIC = `version: 1
name: first
arrays:
  array1: { portals: ["127.0.0.1:0"], targets: { iqn.2026-01.net.example:disk1: { luns: [{ store: memory, size: 64MiB }] } } }
`;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Tried {
  readonly context: TestContext;
  readonly done: Promise<number>;
  /** Arrays that came up and went down again. */
  readonly counts: { up: number; down: number };
}

function tried(options: Parameters<typeof up>[1], given: TestOptions = {}, failing?: string): Tried {
  const counts = { up: 0, down: 0 };
  const plain = testContext({
    files: { 'f.yaml': FABRIC },
    startArrays: async (plans, services) => {
      counts.up += 1;
      return fakeArrays(plans, services, { stop: async () => void (counts.down += 1) });
    },
    ...given,
  });
  const context: TestContext =
    failing === undefined
      ? plain
      : {
          ...plain,
          async openServer(fabric) {
            return { ...(await plain.openServer(fabric)), openPage: () => Promise.reject(new Error(failing)) };
          },
        };
  const done = up('f.yaml', { json: true, ...options }, context);
  done.catch(() => {});
  return { context, done, counts };
}

const readyOf = ({ context }: Tried): Readonly<Record<string, unknown>> =>
  JSON.parse(context.written().split('\n')[0]!) as Readonly<Record<string, unknown>>;

describe('the page of a fabric', () => {
  it('is refused where others reach it without a token of somebody, before anything comes up', async () => {
    for (const page of ['0.0.0.0:8326', '[::]:8326', '192.0.2.1']) {
      const one = tried({ page });
      await expect(one.done).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringContaining('set SAMEWIRE_PAGE_TOKEN to a token'),
      });
      expect(one.counts.up).toBe(0);
      expect(one.context.written()).toBe('');
    }
    const short = tried({ page: '0.0.0.0:8326' }, { environment: { SAMEWIRE_PAGE_TOKEN: 'hunter2' } });
    await expect(short.done).rejects.toThrow('takes a token of 16');
    await expect(short.done).rejects.not.toThrow('hunter2');
    const chosen = tried({ page: '0.0.0.0:8326' }, { environment: { SAMEWIRE_PAGE_TOKEN: 'sixteen-letters.' } });
    await settle();
    expect(chosen.counts.up).toBe(1);
    // It is theirs, and what is printed is kept by many a log.
    expect(readyOf(chosen)['url']).toBe('http://127.0.0.1:8326/');
    chosen.context.signal();
    expect(await chosen.done).toBe(0);
  });

  it('is left out when it is not wanted; the fabric can still be asked', async () => {
    const one = tried({ page: false });
    await settle();
    expect(readyOf(one)['url']).toBeUndefined();
    expect(readyOf(one)['control']).toBe('/run/f.yaml.sock');
    expect(await one.context.askControl('f.yaml', 'GET', '/api/fabric')).toMatchObject({ name: 'first' });
    one.context.signal();
    expect(await one.done).toBe(0);
  });

  it('that can not be at its usual place is an event, and one that was asked for an error', async () => {
    const usual = tried({}, {}, "The page can't listen.");
    await settle();
    expect(readyOf(usual)['url']).toBeUndefined();
    expect(usual.context.written()).toContain('"event":"page-unavailable"');
    usual.context.signal();
    expect(await usual.done).toBe(0);

    const asked = tried({ page: '127.0.0.1:8326' }, {}, "The page can't listen.");
    await expect(asked.done).rejects.toMatchObject({ name: 'UserError', message: "The page can't listen." });
    expect(asked.counts).toEqual({ up: 1, down: 1 });
    expect(asked.context.written()).toBe('');
    expect(await asked.context.askControl('f.yaml', 'GET', '/api/fabric')).toBeUndefined();
  });

  it('is shown on a terminal, also on a small one', async () => {
    const one = tried({ json: false }, { size: { columns: 60, rows: 12 } });
    await settle();
    const screen = one.context.written().split('\u001b[?1049h')[1]!;
    expect(screen).toContain('http://127.0.0.1:8326/#token=of-a-test');
    one.context.signal();
    await one.done;
  });
});

it('`serve` has a page only if it is asked for', async () => {
  for (const [words, has] of [
    [[], false],
    [['--page', '127.0.0.1:0'], true],
  ] as const) {
    const context = testContext();
    const done = buildProgram(context, '1.2.3', () => {}).parseAsync(['serve', '--memory', '1MiB', '--json', ...words], { from: 'user' });
    await settle();
    context.signal();
    await done;
    expect(context.written().split('\n')[0]!.includes('"url":')).toBe(has);
  }
});
