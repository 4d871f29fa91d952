import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventKind } from '../base/event.ts';
import type { ArrayServices, UnitReport } from '../os/running.ts';
import { countedUnit, turnedTime } from '../server/view/testing/counted-fabric.ts';
import { fakeArrays, type TestContext, testContext, type TestOptions } from './testing/test-context.ts';
import { up } from './up.ts';

const FABRIC = `version: 1
name: first
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: memory, size: 64MiB }]
`;

const noticed = eventKind<{ what: string }>(99_999, 'noticed', 'warning', ({ what }) => `Noticed ${what}.`, {
  means: 'A test raised it.',
  example: { what: 'something' },
});

/** Lets everything that is ready to go on do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function started(
  given: { options?: Parameters<typeof up>[1]; context?: TestOptions } = {},
): Promise<{ context: TestContext; services: ArrayServices; done: Promise<number> }> {
  let services: ArrayServices | undefined;
  const context = testContext({
    files: { 'f.yaml': FABRIC },
    startArrays: async (plans, handed) => {
      services = handed;
      noticed(handed.events, 'array1', { what: 'a start' });
      return fakeArrays(plans, handed);
    },
    ...given.context,
  });
  const done = up('f.yaml', given.options ?? {}, context);
  // Who looks at it later is not too late.
  done.catch(() => {});
  await settle();
  return { context, services: services!, done };
}

const lines = (context: TestContext): string[] => context.written().trimEnd().split('\n');

describe('samewire up', () => {
  it('prints the ready line first with --json, then an event a line, and ends with 0 when asked', async () => {
    const { context, services, done } = await started({ options: { json: true } });
    expect(lines(context)[0]).toBe(
      '{"event":"ready","arrays":{"array1":{"portals":["127.0.0.1:40001"],"targets":[{"name":"iqn.2026-01.net.example:disk1","luns":[{"lun":0,"store":"memory","bytes":67108864,"blockSize":512}]}]}},"control":"/run/f.yaml.sock","url":"http://127.0.0.1:8326/#token=of-a-test"}',
    );
    noticed(services.events, 'array1', { what: 'more' });
    context.signal();
    expect(await done).toBe(0);
    const events = lines(context)
      .slice(1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => event['message'])).toEqual([
      'Noticed a start.',
      'Noticed more.',
      'Stopping: finishing commands, flushing, logging out 0 sessions.',
      'Stopped after 0 seconds.',
    ]);
    expect(events[0]).toEqual({
      level: 'warning',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      sequence: 2,
      id: 99_999,
      event: 'noticed',
      source: 'array1',
      data: { what: 'a start' },
      message: 'Noticed a start.',
    });
  });

  it('says what is there and what to try', async () => {
    const { context, done } = await started();
    expect(context.written()).toContain(`ready: array1 on 127.0.0.1:40001 (1 target, 1 LUN)
  page  http://127.0.0.1:8326/#token=of-a-test
  iqn.2026-01.net.example:disk1
    LUN 0: 64MiB, memory, blocks of 512
Try from another terminal:
  iscsi-ls -s iscsi://127.0.0.1:40001
`);
    context.signal();
    await done;
  });

  it('appends every event to a log file, also those before ready', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'samewire-log-'));
    try {
      const log = join(directory, 'logs', 'events.log');
      const { context, done } = await started({ options: { log } });
      context.signal();
      await done;
      const names = readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event);
      expect(names).toEqual(['fabric-starting', 'noticed', 'fabric-ready', 'fabric-stopping', 'fabric-stopped']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('goes on without a log that can no longer be written', async (test) => {
    if (!existsSync('/dev/full')) test.skip();
    const { context, done } = await started({ options: { log: '/dev/full' } });
    context.signal();
    expect(await done).toBe(0);
    expect(context.complaints()).toMatch(/^samewire: The log in \/dev\/full ends here: ENOSPC[^\n]*\n$/);
  });

  it('does not come up without the log it was asked for', async () => {
    const { context, done } = await started({ options: { log: '/dev/null/x.log' } });
    await expect(done).rejects.toThrow("Can't write the log to /dev/null/x.log");
    expect(context.written()).toBe('');
  });

  it('ends at once at the second signal', async () => {
    let finish: (() => void) | undefined;
    const stop = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    const { context, done } = await started({ context: { startArrays: async (plans, services) => fakeArrays(plans, services, { stop }) } });
    context.signal();
    await settle();
    expect(context.exits).toEqual([]);
    context.signal();
    expect(context.exits).toEqual([130]);
    finish?.();
    expect(await done).toBe(0);
  });

  it('stops after a start during which it was asked to', async () => {
    let stopped = 0;
    let go: (() => void) | undefined;
    const waiting = new Promise<void>((resolve) => (go = resolve));
    const { context, done } = await started({
      context: {
        startArrays: async (plans, services) => {
          await waiting;
          return fakeArrays(plans, services, { stop: async () => void (stopped += 1) });
        },
      },
    });
    context.signal();
    go?.();
    expect(await done).toBe(0);
    expect(stopped).toBe(1);
  });

  it('tells in one sentence why it could not come up', async () => {
    const { done, context } = await started({
      context: {
        startArrays: async () => {
          throw new Error('Port 3260 of 127.0.0.1 is in use.');
        },
      },
    });
    await expect(done).rejects.toMatchObject({ name: 'UserError', message: 'Port 3260 of 127.0.0.1 is in use.' });
    expect(context.written()).toBe('');
  });

  it('reads secrets for the arrays, from the environment it was given', async () => {
    const { services, context, done } = await started({ context: { environment: { DISK: 'correct-horse' } } as TestOptions });
    expect(new TextDecoder().decode(services.readSecret({ kind: 'env', name: 'DISK' }))).toBe('correct-horse');
    context.signal();
    await done;
  });

  it('brings nothing up that check complains about', async () => {
    const context = testContext({ files: { 'f.yaml': FABRIC.replace('64MiB', '64M') } });
    await expect(up('f.yaml', {}, context)).rejects.toThrow('f.yaml has 1 error; nothing was brought up.');
    expect(context.complaints()).toContain('f.yaml:8:39: error SW-0006');
    expect(context.written()).toBe('');
  });
});

describe('on a terminal', () => {
  it('shows what happens on the second screen, and gives the first one back', async () => {
    const unit: UnitReport = { ...countedUnit(0), target: 'iqn.2026-01.net.example:disk1', bytes: 67_108_864 };
    let current = unit;
    const time = turnedTime();
    const { context, done } = await started({
      context: {
        size: { columns: 100, rows: 30 },
        samplerTime: time,
        startArrays: async (plans, services) => fakeArrays(plans, services, { units: () => [current] }),
      },
    });
    expect(context.written()).toMatch(/^ready: /);
    expect(context.written()).toContain('\u001b[?1049h');
    current = { ...unit, readCommands: 12_345, readBytes: 50_565_120 };
    time.pass(1000);
    expect(context.written()).toMatch(/disk1 0 +64MiB +12,345 +0 +50\.6 +0\.0/);
    const before = context.written().length;
    context.resize(60, 12);
    expect(context.written().slice(before)).toContain('\u001b[2J');
    context.signal();
    expect(await done).toBe(0);
    expect(context.written().endsWith('\u001b[?25h\u001b[?1049lStopped.\n')).toBe(true);
  });

  it('is left alone with --json', async () => {
    const { context, done } = await started({ options: { json: true }, context: { size: { columns: 80, rows: 24 } } });
    context.signal();
    await done;
    expect(context.written()).not.toContain('\u001b');
  });
});
