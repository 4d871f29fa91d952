import { describe, expect, it } from 'vitest';
import type { FabricState } from '../../server/view/state.ts';
import { stats, type StatsOptions } from './stats.ts';
import { linkEnd, linkState, sessionState, settled, TOTALS_OF_NOTHING, unitState, type Watched, watched } from './testing/watched.ts';

const OPTIONS: StatsOptions = { every: 1, top: 10 };

/** Runs it over these samples, after the one it begins with. */
async function run(samples: readonly Partial<FabricState>[], options: Partial<StatsOptions> = {}, one: Watched = watched()) {
  const done = stats('rack.yaml', { ...OPTIONS, ...options }, one.context);
  for (const sample of samples) await one.second(sample);
  return { one, done, text: () => one.context.written().replaceAll(/^\d\d:\d\d:\d\d/gm, 'hh:mm:ss') };
}

const io = (reads: number, meanNanos: number, p99Nanos: number) => ({
  readsPerSecond: reads,
  writesPerSecond: 0,
  readBytesPerSecond: reads * 4096,
  writtenBytesPerSecond: 0,
  meanNanos,
  p99Nanos,
});
const totals = (reads: number, meanNanos = 0, p99Nanos = 0) => ({ ...TOTALS_OF_NOTHING, ...io(reads, meanNanos, p99Nanos), sessions: 2 });

describe('samewire stats', () => {
  it('has a line a second, and ends at its count', async () => {
    const { done, text } = await run([{ totals: totals(12_345, 87_300, 210_000) }, { totals: totals(0) }], { count: 2 });
    expect(await done).toBe(0);
    expect(text()).toBe(
      [
        'time        r/s    w/s  rMB/s  wMB/s   mean    p99   Gb/s drop/s retr/s sess',
        'hh:mm:ss  12345      0   50.6      0 87.3us  210us      0      0      0    2',
        'hh:mm:ss      0      0      0      0      -      -      0      0      0    2',
        '',
      ].join('\n'),
    );
  });

  it('ends at Ctrl-C', async () => {
    const { one, done } = await run([{}]);
    one.context.signal();
    expect(await done).toBe(0);
    one.context.signal();
    expect(one.context.exits).toEqual([]);
  });

  it('says that the fabric has gone, and fails', async () => {
    const { one, done } = await run([{}]);
    one.stop();
    await one.second();
    expect(await done).toBe(1);
    expect(one.context.complaints()).toBe('note: rack is not up any more.\n');
  });

  it('takes a connection that is cut off for a fabric that goes only when it stays away', async () => {
    const one = watched();
    const { askControl } = one.context;
    let broken = 0;
    Object.assign(one.context, {
      askControl: (...given: Parameters<typeof askControl>) =>
        (broken -= 1) >= 0 ? Promise.reject(new Error('socket hang up')) : askControl(...given),
    });
    const { done, text } = await run([{}], {}, one);
    broken = 1;
    await one.second();
    await one.second();
    expect(text().match(/^hh/gm)).toHaveLength(2);
    broken = 2;
    await one.second();
    await one.second();
    expect(await done).toBe(1);
  });

  it('says so where the fabric is not up', async () => {
    await expect(stats('other.yaml', OPTIONS, watched().context)).rejects.toThrow('other.yaml is not up, or not as this user.');
  });

  it('averages what is longer than a second: rates as they are, means by commands, the highest of percentiles', async () => {
    const samples = [totals(300, 100_000, 500_000), totals(100, 500_000, 900_000), totals(0)].map((each) => ({ totals: each }));
    const { one, done } = await run(samples, { every: 3, count: 1, json: true });
    expect(await done).toBe(0);
    const { totals: mean, seconds } = JSON.parse(one.context.written()) as { totals: Record<string, number>; seconds: number };
    expect(seconds).toBe(3);
    expect(mean['readsPerSecond']).toBeCloseTo(400 / 3);
    expect(mean['meanNanos']).toBeCloseTo(200_000);
    expect(mean['p99Nanos']).toBe(900_000);
  });

  it('waits for a new sample, and shows none twice', async () => {
    const { one, done, text } = await run([{}]);
    one.context.tick(1000);
    await settled();
    one.context.tick(1000);
    await settled();
    expect(text().match(/^hh/gm)).toHaveLength(1);
    await one.second();
    expect(text().match(/^hh/gm)).toHaveLength(2);
    one.context.signal();
    await done;
  });

  it('has the busiest LUNs first', async () => {
    const units = [unitState(0, io(5, 1000, 1000)), unitState(1, io(50, 1000, 1000)), unitState(2)];
    const { done, text } = await run([{ units }, { units }], { luns: true, top: 2, count: 2 });
    await done;
    const block = [
      'time     LUN                                       r/s    w/s  rMB/s  wMB/s   mean    p99',
      'hh:mm:ss array1 iqn.2026-01.net.example:disk1 1     50      0    0.2      0    1us    1us',
      'hh:mm:ss array1 iqn.2026-01.net.example:disk1 0      5      0    0.0      0    1us    1us',
      '',
    ];
    expect(text()).toBe([...block, ...block].join('\n'));
  });

  it('has the busiest links first, each way, and says which are down', async () => {
    const links = [linkState(0, { up: false }), linkState(1, { ends: [linkEnd(2.5e9), linkEnd(1e6, 3)] })];
    const { done, text } = await run([{ links }], { links: true, count: 1 });
    await done;
    expect(text()).toBe(
      [
        'time     link                   Gb/s  load   back  load drop/s queued',
        'hh:mm:ss array1:eth0 - tor1:3   2.50   25%   0.00 <0.1%      3      0',
        'hh:mm:ss esx1:nic0 - tor1:1     down                         0      0',
        '',
      ].join('\n'),
    );
  });

  it('gives programs CSV with a header, and JSON lines', async () => {
    const units = [unitState(0, { ...io(5, 1000, 2000), target: 'iqn.2026-01.net.example:a"b,c' })];
    const csv = await run([{ units }], { luns: true, csv: true, count: 1 });
    await csv.done;
    expect(csv.one.context.written().split('\r\n')).toEqual([
      'time,seconds,array,target,lun,readsPerSecond,writesPerSecond,readBytesPerSecond,writtenBytesPerSecond,meanNanos,p99Nanos',
      '2026-01-02T12:00:02.000Z,1,array1,"iqn.2026-01.net.example:a""b,c",0,5,0,20480,0,1000,2000',
      '',
    ]);
    const links = await run([{}], { links: true, csv: true, count: 1 });
    await links.done;
    const [head, row] = links.one.context.written().split('\r\n');
    expect(head).toContain(',link,up,bitsPerSecond,');
    expect(head).toMatch(/,backWaitingBytes$/);
    expect(row!.split(',')).toHaveLength(head!.split(',').length);
    const json = await run([{}], { links: true, json: true, count: 1 });
    await json.done;
    expect(JSON.parse(json.one.context.written())).toMatchObject({
      time: '2026-01-02T12:00:02.000Z',
      links: [{ link: 'esx1:nic0 - tor1:1', up: true }, { link: 'array1:eth0 - tor1:3' }],
    });
    await expect(stats(undefined, { ...OPTIONS, json: true, csv: true }, watched().context)).rejects.toThrow('JSON or CSV');
    await expect(stats(undefined, { ...OPTIONS, luns: true, links: true }, watched().context)).rejects.toThrow('LUNs or links');
  });

  it('fits a terminal, whose screens begin with the headings', async () => {
    for (const columns of [20, 40, 80]) {
      const one = watched({ size: { columns, rows: 4 } });
      const { done, text } = await run([{}, {}, {}, {}], { count: 4 }, one);
      await done;
      expect(text().match(/^time/gm)).toHaveLength(2);
      for (const line of text().split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      const units = [unitState(0)];
      const blocks = watched({ size: { columns, rows: 4 } });
      await (await run([{ units }], { luns: true, count: 1 }, blocks)).done;
      for (const line of blocks.context.written().split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it('goes on with a fabric that was started anew', async () => {
    const { one, done, text } = await run([{}, {}]);
    one.state = { ...one.state, sequence: 0 };
    await one.second({ sessions: [sessionState('iqn.x')] });
    await one.second();
    one.context.signal();
    expect(await done).toBe(0);
    expect(text().match(/^hh/gm)).toHaveLength(3);
    expect(one.asked.filter((asked) => asked === 'GET /api/topology')).toHaveLength(2);
  });
});
