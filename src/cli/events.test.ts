import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import colors from 'picocolors';
import { afterAll, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../base/event.ts';
import { askOperation } from '../server/api/ask.ts';
import type { Served } from '../server/api/operation.ts';
import { EventLog } from '../server/event-log.ts';
import { eventLines } from './event-log.ts';
import { eventText, timeOfDay, wrap } from './event-words.ts';
import { events, sinceWhen } from './events.ts';
import { buildProgram } from './program.ts';
import { type TestContext, testContext, type TestOptions } from './testing/test-context.ts';

const START = Date.parse('2026-01-15T09:30:00.000Z');

const linkDown: FabricEvent = {
  id: 1311,
  name: 'link-down',
  severity: 'warning',
  source: 'esx1:nic0 - tor1:1',
  message: 'the link esx1:nic0 - tor1:1 is down: it was cut',
  data: { link: 'esx1:nic0 - tor1:1', why: 'it was cut' },
};
const linkUp: FabricEvent = { ...linkDown, id: 1310, name: 'link-up', severity: 'info', message: 'the link is up', data: {} };
const moved: FabricEvent = {
  ...linkUp,
  id: 2212,
  name: 'multipath-command-moved',
  severity: 'debug',
  source: 'esx1/naa.1',
  message: 'again',
};

/** A fabric whose events are a second apart. */
function fabricWith(...come: readonly FabricEvent[]): { log: EventLog; served: Served } {
  let milliseconds = START - 1000;
  const log = new EventLog(() => new Date((milliseconds += 1000)));
  for (const event of come) log.sink(event);
  return { log, served: { fabric: { name: 'rack', events: log } } as unknown as Served };
}

/** A context that asks the fabric. `gone` says that it is not up any more. */
function contextOf(served: Served, options: TestOptions = {}): TestContext & { gone: boolean; asked: string[] } {
  const asked: string[] = [];
  const context = Object.assign(testContext(options), { gone: false, asked });
  context.askControl = async (_file, method, url, body) => {
    asked.push(url);
    return context.gone ? undefined : askOperation(served, method, url, body);
  };
  return context;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const folder = mkdtempSync(join(tmpdir(), 'samewire-events-'));
afterAll(() => rmSync(folder, { recursive: true }));

const following = async (...come: readonly FabricEvent[]) => {
  const { served, log } = fabricWith(...come);
  const context = contextOf(served);
  const done = events('rack.yaml', { follow: true, json: true, severity: 'info', lines: 1 }, context);
  await settle();
  const sequences = (): number[] => [...context.written().matchAll(/"sequence":(\d+)/g)].map((match) => Number(match[1]));
  const look = async (): Promise<void> => {
    context.tick(500);
    await settle();
  };
  return { context, log, done, sequences, look, served };
};

const written = (name: string, ...lines: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
};

const line = (event: FabricEvent, seconds: number): string => {
  let text = '';
  eventLines(
    { write: (one) => void (text += one) },
    'debug',
  )({ ...event, time: new Date(START + seconds * 1000).toISOString(), sequence: seconds });
  return text.trimEnd();
};

const run = async (...words: readonly string[]): Promise<string | undefined> => {
  const { served } = fabricWith(linkDown);
  const context = contextOf(served);
  const program = buildProgram(context, '1.2.3', () => {});
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(words, { from: 'user' });
  return context.asked[0];
};

describe('samewire events', () => {
  it('shows the latest, with the day where it is not today', async () => {
    const { served } = fabricWith(linkDown, moved, linkUp);
    const context = contextOf(served);
    expect(await events('rack.yaml', {}, context)).toBe(0);
    const [day, ...lines] = context.written().split('\n');
    expect(day).toMatch(/^-- 2026-01-1[456] --$/);
    expect(lines).toEqual([
      `${timeOfDay('2026-01-15T09:30:00.000Z')} warning 1311 esx1:nic0 - tor1:1: the link esx1:nic0 - tor1:1 is down: it was cut`,
      `${timeOfDay('2026-01-15T09:30:02.000Z')} info    1310 esx1:nic0 - tor1:1: the link is up`,
      '',
    ]);
  });

  it('shows as many as it is told to', async () => {
    const { served } = fabricWith(...Array.from({ length: 50 }, () => linkUp));
    const lines = async (options: Parameters<typeof events>[1]): Promise<number> => {
      const context = contextOf(served);
      await events(undefined, { ...options, json: true }, context);
      return context.written().split('\n').length - 1;
    };
    expect(await lines({})).toBe(20);
    expect(await lines({ lines: 3 })).toBe(3);
    expect(await lines({ lines: 0 })).toBe(0);
    expect(await lines({ all: true })).toBe(50);
    // The latest ten of them.
    expect(await lines({ since: () => START + 40_000 })).toBe(10);
    expect(await lines({ since: () => START + 40_000, lines: 4 })).toBe(4);
    expect(await lines({ since: () => START + 60_000 })).toBe(0);
  });

  it('shows those that are asked for', async () => {
    const { served } = fabricWith(linkDown, moved, linkUp);
    const shown = async (options: Parameters<typeof events>[1]): Promise<number[]> => {
      const context = contextOf(served);
      await events(undefined, { ...options, json: true }, context);
      return [...context.written().matchAll(/"id":(\d+)/g)].map((match) => Number(match[1]));
    };
    expect(await shown({ severity: 'debug' })).toEqual([1311, 2212, 1310]);
    expect(await shown({ severity: 'warning' })).toEqual([1311]);
    expect(await shown({ source: 'NAA', severity: 'debug' })).toEqual([2212]);
    expect(await shown({ kind: ['1310', 'link-down'] })).toEqual([1311, 1310]);
    expect(await shown({ grep: 'CUT' })).toEqual([1311]);
    await expect(shown({ kind: ['link-sideways'] })).rejects.toThrow('There is no kind of event link-sideways.');
  });

  it('says as JSON what a log has', async () => {
    const { served, log } = fabricWith(linkDown);
    const context = contextOf(served);
    await events(undefined, { json: true }, context);
    let line = '';
    eventLines({ write: (text) => void (line += text) })(log.find()[0]!);
    expect(context.written()).toBe(line);
    expect(JSON.parse(line)).toEqual({
      level: 'warning',
      time: '2026-01-15T09:30:00.000Z',
      sequence: 1,
      id: 1311,
      event: 'link-down',
      source: linkDown.source,
      data: linkDown.data,
      message: linkDown.message,
    });
  });

  it('says where no fabric is up', async () => {
    const context = contextOf(fabricWith().served);
    context.gone = true;
    await expect(events('rack.yaml', {}, context)).rejects.toThrow('rack.yaml is not up');
  });
});

describe('samewire events --follow', () => {
  it('goes on with each event once, until a signal', async () => {
    const { context, log, done, sequences, look } = await following(linkUp, linkDown);
    expect(sequences()).toEqual([2]);
    await look();
    log.sink(linkUp);
    log.sink(moved);
    log.sink(linkDown);
    await look();
    await look();
    expect(sequences()).toEqual([2, 3, 5]);
    expect(context.asked.at(-1)).toBe('/api/events?limit=1000&after=5&severity=info');
    context.signal();
    expect(await done).toBe(0);
    const before = context.asked.length;
    await look();
    expect(context.asked.length).toBe(before);
  });

  it('says when the fabric is gone', async () => {
    const { context, done, look } = await following(linkUp);
    context.gone = true;
    await look();
    expect(await done).toBe(1);
    expect(context.complaints()).toBe('The fabric is not up any more.\n');
  });

  it('goes on with a fabric that was started anew', async () => {
    const { context, done, look, served, sequences } = await following(linkUp, linkUp, linkUp);
    Object.assign(served.fabric, { events: fabricWith(linkDown).log });
    await look();
    await look();
    expect(context.complaints()).toBe('The fabric was started anew.\n');
    expect(sequences()).toEqual([3, 1]);
    context.signal();
    await done;
  });

  it('says when more came than it shows', async () => {
    const { context, log, done, look, sequences } = await following(linkUp);
    for (let number = 0; number < 1500; number += 1) log.sink(linkUp);
    await look();
    expect(sequences().length).toBe(1001);
    expect(context.complaints()).toContain('More than 1000 events came at once');
    context.signal();
    await done;
  });
});

describe('samewire events --log', () => {
  it('reads what was written, and says what is no event', async () => {
    const ready = '{"event":"ready","arrays":{}}';
    const cut = line(linkUp, 4).slice(0, 60);
    const path = written('a.log', ready, line(linkUp, 1), 'Segmentation fault', line(moved, 2), '{"level":"info"}', line(linkDown, 3), cut);
    const context = testContext();
    expect(await events(undefined, { log: path, json: true, severity: 'info' }, context)).toBe(0);
    expect(context.written()).toBe(`${line(linkUp, 1)}\n${line(linkDown, 3)}\n`);
    expect(context.complaints()).toBe(`note: 2 lines of ${path} are no events.\nnote: The last line of ${path} is cut.\n`);
  });

  it('reads long logs, and keeps no more than it shows', async () => {
    const long = { ...linkUp, message: 'x'.repeat(400_000) };
    const endless = 'y'.repeat(5 * 1024 * 1024);
    const path = written('long.log', line(long, 1), endless, ...Array.from({ length: 5000 }, (_, index) => line(linkUp, index)), '');
    const context = testContext();
    await events(undefined, { log: path, json: true, lines: 2 }, context);
    expect(context.written()).toBe(`${line(linkUp, 4998)}\n${line(linkUp, 4999)}\n`);
    expect(context.complaints()).toBe(`note: 1 line of ${path} is no event.\n`);
    const all = testContext();
    await events(undefined, { log: path, json: true, all: true }, all);
    expect(all.written().split('\n').length).toBe(5002);
  });

  it('says what it can not do', async () => {
    await expect(events(undefined, { log: join(folder, 'none') }, testContext())).rejects.toThrow("Can't read");
    await expect(events('rack.yaml', { log: 'x' }, testContext())).rejects.toThrow('give the file of one of them');
    await expect(events(undefined, { log: 'x', follow: true }, testContext())).rejects.toThrow('samewire events -f');
  });
});

describe('kinds of events', () => {
  it('are listed', async () => {
    const context = testContext();
    await events(undefined, { kinds: true }, context);
    expect(context.written()).toContain('Links\n1310 info    link-up\n1311 warning link-down\n');
    const json = testContext();
    await events(undefined, { kinds: true, json: true }, json);
    const kinds = JSON.parse(json.written()) as readonly { id: number; room: string; story: { means: string } }[];
    expect(kinds.length).toBeGreaterThan(110);
    expect(kinds.find(({ id }) => id === 1311)).toMatchObject({ room: 'Links', name: 'link-down', severity: 'warning' });
  });

  it('are explained by number or name', async () => {
    const [one, other] = [testContext(), testContext()];
    await events(undefined, { explain: '1311' }, one);
    await events(undefined, { explain: 'LINK-DOWN' }, other);
    expect(one.written()).toBe(other.written());
    expect(one.written()).toMatch(
      /^1311 link-down \(warning\)\n\nA link has lost its carrier[\s\S]*\nWhat to do: [\s\S]*\nSource: both ends/,
    );
    await expect(events(undefined, { explain: '1' }, testContext())).rejects.toThrow('There is no kind of event 1.');
  });
});

describe('the words of the command', () => {
  it('become what is asked', async () => {
    expect(await run('events')).toBe('/api/events?limit=20');
    expect(await run('events', 'f.yaml', '-n', '5', '--kind', '1311', '--kind', 'link-up', '--grep', 'a b', '--source', 'tor1:9')).toBe(
      '/api/events?limit=5&source=tor1%3A9&text=a+b&kind=1311&kind=link-up',
    );
    expect(await run('events', '--since', '5m')).toBe('/api/events?limit=10000');
    await expect(run('events', '--since', 'noon')).rejects.toThrow('`noon` is no time');
    await expect(run('events', '--severity', 'fatal')).rejects.toThrow('Allowed choices are debug, info, warning, error');
  });

  it('since when', () => {
    const now = new Date(2026, 0, 15, 12, 0, 0).getTime();
    const at = (written: string): Date => new Date(sinceWhen(written, (text) => (text === '5m' ? 300e9 : undefined))(now));
    expect(at('5m').getTime()).toBe(now - 300_000);
    expect(at('11:30')).toEqual(new Date(2026, 0, 15, 11, 30));
    expect(at('11:30:20')).toEqual(new Date(2026, 0, 15, 11, 30, 20));
    expect(at('12:30')).toEqual(new Date(2026, 0, 14, 12, 30));
    expect(at('2026-01-10')).toEqual(new Date(2026, 0, 10));
    expect(at('2026-01-10T10:00')).toEqual(new Date(2026, 0, 10, 10));
    expect(at('2026-01-10T10:00:00Z').getTime()).toBe(Date.UTC(2026, 0, 10, 10));
    for (const wrong of ['', '25:00', '2026-13-40', '5', 'x']) expect(() => at(wrong), wrong).toThrow('is no time');
  });
});

describe('an event as a line', () => {
  const timed = { ...linkDown, time: '2026-01-15T09:30:00.000Z' };

  it('is as wide as the terminal, with the rest below', () => {
    const text = eventText(timed, 60, colors.createColors(false));
    const below = text.split('\n').map((line) => line.slice(22));
    expect(below).toEqual(['esx1:nic0 - tor1:1: the link esx1:nic0', '- tor1:1 is down: it was cut', '']);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('has the colour of its severity, and nothing that moves the cursor', () => {
    const painted = eventText({ ...timed, source: 'esx1\u001b[2J', message: 'a\nb' }, undefined, colors.createColors(true));
    expect(painted).toContain('\u001b[33mwarning\u001b[39m');
    expect(painted).not.toContain('\u001b[2J');
    expect(painted.indexOf('\n')).toBe(painted.length - 1);
  });

  it('is wrapped at spaces, or where there is no room', () => {
    expect(wrap('a bb ccc', 4)).toEqual(['a bb', 'ccc']);
    expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
    expect(wrap('', 4)).toEqual(['']);
  });
});
