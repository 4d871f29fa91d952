import { array, assert, constantFrom, integer, property, record, string } from 'fast-check';
import colors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '../../server/event-log.ts';
import { NO_FAULTS } from '../../runtime/link-faults.ts';
import { widthOf } from './fit.ts';
import { linkEnd, linkState, sessionState, settled, stateOf, TOPOLOGY, TOTALS_OF_NOTHING, unitState, watched } from './testing/watched.ts';
import { top } from './top.ts';
import { PANES, pressed, TOP_START, type TopInterface } from './top-interface.ts';
import { topScreen, type TopState } from './top-view.ts';

const plain = colors.createColors(false);
const RICH = { unicode: true };

const event = (message: string, sequence = 1): LoggedEvent => ({
  id: 1304,
  name: 'link-down',
  severity: 'warning',
  source: 'esx1:nic0',
  message,
  data: {},
  sequence,
  time: '2026-01-02T12:00:00.000Z',
});

const nothing = { readsPerSecond: [], writesPerSecond: [], meanNanos: [], linkBitsPerSecond: [], dropsPerSecond: [] };

const BUSY: TopState = {
  topology: TOPOLOGY,
  state: stateOf(83, {
    totals: {
      ...TOTALS_OF_NOTHING,
      readsPerSecond: 12_345,
      readBytesPerSecond: 50_565_120,
      meanNanos: 87_300,
      p99Nanos: 210_000,
      linkBitsPerSecond: 4.5e8,
      sessions: 1,
      linksDown: 1,
    },
    links: [linkState(0, { up: false }), linkState(1, { ends: [linkEnd(4.4e8), linkEnd(1e7)], faults: { ...NO_FAULTS, loss: 0.01 } })],
    units: [unitState(0), unitState(1, { readsPerSecond: 12_345, readBytesPerSecond: 50_565_120, meanNanos: 87_300, p99Nanos: 210_000 })],
    sessions: [sessionState('iqn.1998-01.com.vmware:esx1')],
  }),
  past: { ...nothing, readsPerSecond: [0, 6000, 12_345] },
  events: [event('Carrier lost.')],
  chosen: TOP_START,
};

const screen = (changes: Partial<TopState>, columns: number, rows: number) =>
  topScreen({ ...BUSY, ...changes }, columns, rows, RICH, plain);

const steady = (lines: readonly string[]): string[] => lines.map((line) => line.trimEnd().replaceAll(/\d\d:\d\d:\d\d\b/g, 'hh:mm:ss'));

describe('the screen of samewire top', () => {
  it('shows totals with their last minute, and all panes', () => {
    const lines = steady(screen({}, 80, 24).lines);
    expect(lines[0]).toBe(' rack   1 link down   1 session   up 0:01:23   hh:mm:ss');
    expect(lines[1]).toMatch(/^ reads {4}12345\/s {3}50\.6 MB\/s .* ▄█$/);
    expect(lines.find((line) => line.startsWith('array1:eth0 - tor1:3'))).toMatch(/ 0\.44 {2}4\.4% {3}0\.01 {2}0\.1% {6}0 {6}0$/);
    expect(lines.find((line) => line.startsWith('array1 iqn'))).toMatch(/disk1 1 {2,}12345 {6}0 {3}50\.6 {6}0 87\.3µs {2}210µs$/);
    expect(lines).toContain('esx1:nic0 - tor1:1 is down');
    expect(lines).toContain('array1:eth0 - tor1:3 has loss 1%, each way');
    expect(lines).toContain('hh:mm:ss esx1:nic0: Carrier lost.');
    expect(lines.at(-1)).toContain('q quit');
    expect(lines).toHaveLength(24);
  });

  it('has only the chosen pane where there is no room for all', () => {
    const lines = steady(screen({ chosen: { ...TOP_START, pane: 'units' } }, 40, 12).lines);
    expect(lines).toEqual([
      ' rack   1 link down   1 session   up 0:…',
      ' reads    12345/s   50.6 MB/s',
      ' writes       0/s      0 MB/s',
      ' latency 87.3µs mean  210µs p99',
      '>LUNs                  r/s    w/s  rMB/s',
      '…et.example:disk1 1  12345      0   50.6',
      '…et.example:disk1 0      0      0      0',
      '',
      '',
      '',
      '',
      ' q quit  h help  / filter  tab, l u s e…',
    ]);
  });

  it('has help that fits 80 columns', () => {
    const help = steady(screen({ chosen: { ...TOP_START, help: true } }, 80, 24).lines);
    expect(help.join('\n')).not.toContain('…');
    expect(help).toContain('  q, Ctrl-C                   quit');
  });

  it('scrolls, and says where it is', () => {
    const links = Array.from({ length: 40 }, (_, index) => linkState(index));
    const state = { ...BUSY.state, links };
    const view = (offset: number) => screen({ state, chosen: { ...TOP_START, offsets: { ...TOP_START.offsets, links: offset } } }, 80, 12);
    expect(view(0)).toMatchObject({ page: 6, last: 34 });
    expect(view(0).lines[4]).toContain('Links 1-6 of 40 ');
    expect(view(34).lines[4]).toContain('Links 35-40 of 40 ');
    // There were more when it was scrolled.
    expect(view(99).lines).toEqual(view(34).lines);
  });

  it('filters what it shows, in any case', () => {
    const text = screen({ chosen: { ...TOP_START, filter: 'ARRAY1:eth0' } }, 80, 40).lines.join('\n');
    expect(text).toContain('array1:eth0 - tor1:3');
    expect(text).not.toContain('esx1:nic0 - tor1:1');
    expect(text).toContain('none with "ARRAY1:eth0"');
  });

  it('never exceeds the terminal, whatever its size and whatever the names', () => {
    const name = string({ unit: 'binary', maxLength: 40 });
    const chosen = record({
      pane: constantFrom(...PANES),
      filter: constantFrom('', 'a', '日本'),
      writing: constantFrom(undefined, 'abc'),
      help: constantFrom(false, false, true),
    });
    assert(
      property(
        integer({ min: 1, max: 200 }),
        integer({ min: 1, max: 70 }),
        array(name, { maxLength: 12 }),
        chosen,
        integer({ min: 0, max: 30 }),
        (columns, rows, names, picked, offset) => {
          const { lines, last } = screen(
            {
              topology: { ...TOPOLOGY, fabric: names[0] ?? 'x', links: names.map((id) => ({ ...TOPOLOGY.links[0]!, id })) },
              state: stateOf(5, {
                links: names.map((_, index) => linkState(index, { up: index % 3 > 0 })),
                units: names.map((target, lun) => unitState(lun, { target })),
                sessions: names.map((initiator) => sessionState(initiator, { from: initiator })),
              }),
              events: names.map((message) => event(message)),
              past: { ...nothing, readsPerSecond: names.map((each) => each.length) },
              chosen: { ...TOP_START, ...picked, offsets: { ...TOP_START.offsets, [picked.pane]: offset } } as TopInterface,
            },
            columns,
            rows,
          );
          expect(lines).toHaveLength(rows);
          expect(last).toBeGreaterThanOrEqual(0);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/); // oxlint-disable-line no-control-regex
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

const after = (keys: readonly string[], page = 5, last = 12): TopInterface | 'quit' =>
  keys.reduce<TopInterface | 'quit'>((now, key) => (now === 'quit' ? now : pressed(now, key, page, last)), TOP_START);

describe('keys', () => {
  it('choose panes and scroll within them', () => {
    expect(after(['u'])).toMatchObject({ pane: 'units' });
    expect(after(['tab', 'tab', 'tab', 'tab'])).toMatchObject({ pane: 'links' });
    expect(after(['shift-tab'])).toMatchObject({ pane: 'trouble' });
    expect(after(['down', 'page-down', 'up'])).toMatchObject({ offsets: { links: 5, units: 0 } });
    expect(after(['end', 'down'])).toMatchObject({ offsets: { links: 12 } });
    expect(after(['end', 'home', 'up'])).toMatchObject({ offsets: { links: 0 } });
  });

  it('write a filter, in which they are letters', () => {
    expect(after(['/', 'q', 'u', 'space', 'é', 'backspace'])).toMatchObject({ filter: 'qu ', writing: 'qu ' });
    expect(after(['/', 'q', 'enter', 'u'])).toMatchObject({ filter: 'q', writing: undefined, pane: 'units' });
    expect(after(['/', 'q', 'escape'])).toMatchObject({ filter: '', writing: undefined });
    expect(after(['/', 'q', 'enter', 'escape'])).toMatchObject({ filter: '' });
    expect(after(['end', '/', 'a'])).toMatchObject({ offsets: { links: 0 } });
    expect(after(['/', 'q', 'ctrl-c'])).toBe('quit');
    expect(after(['/', ...Array.from({ length: 100 }, () => 'x'), 'up'])).toMatchObject({ filter: 'x'.repeat(60) });
  });

  it('quit, and show help', () => {
    expect(after(['q'])).toBe('quit');
    expect(after(['h'])).toMatchObject({ help: true });
    expect(after(['h', 'l'])).toMatchObject({ help: false });
    expect(after(['h', 'q'])).toBe('quit');
  });
});

const LEAVE = '\u001b[?1049l';
const open = async (size = { columns: 80, rows: 24 }) => {
  const one = watched({ size });
  const done = top('rack.yaml', one.context);
  await settled();
  return { one, done };
};

describe('samewire top', () => {
  it('draws each second, at keys and at changes of size, and gives the terminal back', async () => {
    const { one, done } = await open();
    expect(one.context.written()).toContain(' rack   0 sessions   up 0:00:01');
    await one.second({ totals: { ...TOTALS_OF_NOTHING, readsPerSecond: 4321 } });
    expect(one.context.written()).toContain('4321/s');
    const before = one.context.written().length;
    one.context.press('h');
    expect(one.context.written().slice(before)).toContain('scroll');
    one.context.resize(40, 12);
    expect(one.context.written().endsWith(LEAVE)).toBe(false);
    expect(one.context.readers()).toBe(1);
    one.context.press('q');
    expect(await done).toBe(0);
    expect(one.context.written().endsWith(LEAVE)).toBe(true);
    expect(one.context.readers()).toBe(0);
  });

  it('asks for warnings once each', async () => {
    const { one, done } = await open();
    one.events = [event('First.', 7)];
    await one.second();
    one.events = [];
    await one.second();
    expect(one.asked.filter((asked) => asked.includes('/api/events')).map((asked) => /after=(\d+)/.exec(asked)?.[1])).toEqual([
      '0',
      '0',
      '0',
      '7',
    ]);
    expect(one.context.written()).toContain('First.');
    one.context.signal();
    expect(await done).toBe(0);
  });

  it('ends with the fabric, and with what goes wrong, and gives the terminal back first', async () => {
    const { one, done } = await open();
    one.stop();
    await one.second();
    expect(await done).toBe(1);
    expect(one.context.written().endsWith(LEAVE)).toBe(true);
    expect(one.context.complaints()).toBe('note: rack is not up any more.\n');
    expect(one.context.readers()).toBe(0);

    const bad = await open();
    const failed = expect(bad.done).rejects.toThrow();
    await bad.one.second({ links: undefined as never });
    await failed;
    expect(bad.one.context.written().endsWith(LEAVE)).toBe(true);
    expect(bad.one.context.readers()).toBe(0);
  });

  it('asks nothing more where it could not draw at all', async () => {
    const one = watched({ size: { columns: 80, rows: 24 } });
    one.state = { ...one.state, sessions: undefined as never };
    await expect(top('rack.yaml', one.context)).rejects.toThrow();
    expect(one.context.written().endsWith(LEAVE)).toBe(true);
    const asked = one.asked.length;
    await one.second();
    expect(one.asked).toHaveLength(asked);
  });

  it('needs a terminal, and a fabric', async () => {
    await expect(top(undefined, watched().context)).rejects.toThrow('It draws on a terminal, and this is none');
    const { context } = watched({ size: { columns: 80, rows: 24 } });
    await expect(top('other.yaml', context)).rejects.toThrow('other.yaml is not up');
    expect(context.written()).toBe('');
  });
});
