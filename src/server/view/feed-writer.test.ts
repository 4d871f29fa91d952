import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Severity } from '../../base/event.ts';
import type { EventLog } from '../event-log.ts';
import type { FeedUpdate } from './feed.ts';
import { FEED_ENTRIES_MAX, FEED_EVENTS_MAX, FEED_LINKS_MAX, feedWriter } from './feed-writer.ts';
import { startSampler } from './start-sampler.ts';
import type { FabricState } from './state.ts';
import { countedFabric, countedLatencies, countedUnit, turnedTime } from './testing/counted-fabric.ts';

/** What a page makes of the updates it gets. */
type Merged = Pick<FabricState, 'links' | 'units' | 'sessions' | 'hosts' | 'world' | 'totals'>;

function merge(state: { links: FabricState['links'][number][] } & Partial<Merged>, update: FeedUpdate): void {
  for (const link of update.links) state.links[link.index] = link;
  for (const list of ['units', 'sessions', 'hosts', 'world'] as const) {
    const now = update[list];
    if (now !== undefined) Object.assign(state, { [list]: now });
  }
  Object.assign(state, { totals: update.totals });
}

const bounded = (update: FeedUpdate): void => {
  expect(update.links.length).toBeLessThanOrEqual(FEED_LINKS_MAX);
  expect(update.events.length).toBeLessThanOrEqual(FEED_EVENTS_MAX);
  for (const list of [update.units, update.sessions, update.hosts, update.world])
    expect(list?.length ?? 0).toBeLessThanOrEqual(FEED_ENTRIES_MAX);
};

const tell = (log: EventLog, count: number, severity: Severity = 'info'): void => {
  for (let event = 0; event < count; event += 1)
    log.sink({ id: 1, name: 'test', severity, source: 'test', message: 'it happened', data: {} });
};

describe('what a reader gets next', () => {
  it('is everything at first, in as many updates as it takes, and then what changed', () => {
    const counted = countedFabric(2500);
    counted.units.push(countedUnit(0));
    counted.latencies.push(countedLatencies());
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    const writer = feedWriter(sampler, counted.fabric.events);
    const sizes: number[] = [];
    const state = { links: [] };
    while (writer.isBehind && sizes.length < 10) {
      const update = writer.next();
      bounded(update);
      sizes.push(update.links.length);
      merge(state, update);
    }
    expect(sizes).toEqual([1000, 1000, 500]);
    expect(state).toMatchObject({ links: sampler.state.links, units: sampler.state.units, sessions: [], hosts: [], world: [] });
    time.pass(1000);
    expect(writer.isBehind).toBe(true);
    expect(writer.next()).toMatchObject({
      sequence: 2,
      links: [],
      units: undefined,
      sessions: undefined,
      hosts: undefined,
      world: undefined,
    });
    expect(writer.isBehind).toBe(false);
    counted.links[7]!.up = false;
    time.pass(1000);
    expect(writer.next().links).toEqual([sampler.state.links[7]]);
    sampler.close();
  });

  it('begins with the links that have waited longest', () => {
    const counted = countedFabric(1500);
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    const writer = feedWriter(sampler, counted.fabric.events);
    writer.next();
    const told = new Map<number, number>();
    for (let second = 0; second < 30; second += 1) {
      for (const link of counted.links) link.counters[0].frames += 1 + second;
      time.pass(1000);
      for (const { index } of writer.next().links) told.set(index, sampler.state.sequence);
      // Each comes every other second at the latest.
      if (second > 2) expect(Math.min(...told.values())).toBeGreaterThanOrEqual(sampler.state.sequence - 1);
    }
    expect(told.size).toBe(1500);
    sampler.close();
  });

  it('is the state of the sampler once it is not behind, whatever was skipped', () => {
    const LINKS = 23;
    const steps = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('links' as const), from: fc.nat(LINKS - 1), count: fc.nat(LINKS) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('unit' as const, 'session' as const, 'world' as const) }) },
      { weight: 3, arbitrary: fc.constant({ kind: 'sample' as const }) },
      { weight: 3, arbitrary: fc.constant({ kind: 'read' as const }) },
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30, size: 'max' }), (sequence) => {
        const counted = countedFabric(LINKS);
        const time = turnedTime();
        const sampler = startSampler(counted.fabric, time);
        const writer = feedWriter(sampler, counted.fabric.events, 10);
        const state: { links: FabricState['links'][number][] } = { links: [] };
        const read = (): void => {
          const update = writer.next();
          expect(update.links.length).toBeLessThanOrEqual(10);
          merge(state, update);
        };
        for (const step of sequence) {
          if (step.kind === 'links')
            for (let at = step.from; at < Math.min(LINKS, step.from + step.count); at += 1)
              counted.links[at]!.counters[at % 2]!.frames += 1 + (at % 3);
          else if (step.kind === 'unit') {
            counted.units.push(countedUnit(counted.units.length));
            counted.latencies.push(countedLatencies());
          } else if (step.kind === 'session')
            counted.sessions.push({
              id: counted.sessions.length,
              array: 'array1',
              target: undefined,
              initiator: 'iqn.2026-01.net.example:a',
              remotes: [],
              authentication: 'none',
              commandsUnderWay: 0,
            });
          else if (step.kind === 'world')
            counted.attachments.push({ port: `tor1:${counted.attachments.length}`, to: '', present: true, counters: {} as never });
          else if (step.kind === 'sample') time.pass(1000);
          else read();
        }
        for (let more = 0; writer.isBehind; more += 1) {
          // At most, something is told twice.
          expect(more).toBeLessThanOrEqual(2 * Math.ceil(LINKS / 10));
          read();
        }
        const { links, units, sessions, hosts, world, totals } = sampler.state;
        // The sampler keeps what did not change: the same objects, not only equal ones.
        expect(state.links.length).toBe(links.length);
        expect(links.filter((link) => state.links[link.index] !== link)).toEqual([]);
        expect({ ...state, links: [] }).toEqual({ links: [], units, sessions, hosts, world, totals });
        sampler.close();
      }),
      { numRuns: 300 },
    );
  });

  it('has the busiest of what is too much', () => {
    const counted = countedFabric(0);
    for (let lun = 0; lun < 700; lun += 1) {
      counted.units.push(countedUnit(lun));
      counted.latencies.push(countedLatencies());
    }
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    for (const unit of counted.units) unit.readCommands = unit.lun;
    time.pass(1000);
    const luns = feedWriter(sampler, counted.fabric.events)
      .next()
      .units!.map((unit) => unit.lun);
    expect(luns).toEqual(Array.from({ length: 500 }, (_, index) => 699 - index));
    sampler.close();
  });

  it('has the latest events, and says how many it has not', () => {
    const counted = countedFabric(0);
    const log = counted.fabric.events;
    const sampler = startSampler(counted.fabric, turnedTime());
    const writer = feedWriter(sampler, log);
    tell(log, 3);
    tell(log, 2, 'debug');
    expect(writer.next()).toMatchObject({ events: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }], eventsMissed: 0 });
    expect(writer.isBehind).toBe(false);
    tell(log, 1, 'debug');
    tell(log, 450);
    expect(writer.isBehind).toBe(true);
    const update = writer.next();
    expect([update.events.length, update.events.at(-1)!.sequence, update.eventsMissed]).toEqual([200, 456, 250]);
    // More than are kept.
    tell(log, 15_000);
    const later = writer.next();
    expect([later.events.length, later.eventsMissed]).toEqual([200, 14_800]);
    expect(writer.next()).toMatchObject({ events: [], eventsMissed: 0 });
    sampler.close();
  });

  it('has the detail of the node that is watched', () => {
    const counted = countedFabric(0);
    const sampler = startSampler(counted.fabric, turnedTime());
    const detail = { node: 'tor1' } as never;
    const writer = feedWriter(
      { ...sampler, state: sampler.state, detail: (node) => (node === 'tor1' ? detail : undefined) },
      counted.fabric.events,
    );
    expect(writer.next().node).toBeUndefined();
    expect(writer.isBehind).toBe(false);
    writer.watch('tor1');
    expect(writer.isBehind).toBe(true);
    expect(writer.next().node).toBe(detail);
    writer.watch('nobody');
    expect(writer.next().node).toBeUndefined();
    sampler.close();
  });
});
