import { describe, expect, it } from 'vitest';
import type { FabricState, FeedUpdate, LinkState, LoggedEvent, NodeDetail, Topology, Totals } from '../../../src/server/page.ts';
import { EVENTS_MAX } from './event-list.ts';
import { FabricStore, linkTopic } from './fabric-store.ts';

const totals: Totals = {
  readsPerSecond: 0,
  writesPerSecond: 0,
  readBytesPerSecond: 0,
  writtenBytesPerSecond: 0,
  meanNanos: 0,
  p99Nanos: 0,
  linkBitsPerSecond: 0,
  dropsPerSecond: 0,
  retransmissionsPerSecond: 0,
  sessions: 0,
  linksDown: 0,
  pathsDown: 0,
};
const end = { bitsPerSecond: 0, framesPerSecond: 0, load: 0, dropsPerSecond: 0, drops: 0, waitingBytes: 0 };
const faults = { loss: 0, corruption: 0, duplication: 0, reordering: 0, reorderingNanos: 0 };
const link = (index: number, up = true): LinkState => ({ index, up, delayNanos: 5, faults, ends: [end, end] });

const event = (sequence: number): LoggedEvent => ({
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  id: 2001,
  name: 'x',
  severity: 'info',
  source: 'esx1',
  message: `${sequence}`,
  data: {},
});

const update = (sequence: number, more: Partial<FeedUpdate> = {}): FeedUpdate => ({
  type: 'update',
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  upMilliseconds: sequence * 1000,
  totals,
  links: [],
  units: undefined,
  sessions: undefined,
  hosts: undefined,
  world: undefined,
  events: [],
  eventsMissed: 0,
  node: undefined,
  ...more,
});

const state = (sequence: number, links: readonly LinkState[]): FabricState => ({
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  upMilliseconds: sequence * 1000,
  totals,
  links,
  units: [],
  sessions: [],
  hosts: [],
  world: [],
});

const topology: Topology = {
  fabric: 'rack',
  nodes: ['esx1', 'tor1'].map((id) => ({ id, kind: id === 'esx1' ? 'host' : 'switch', name: id, description: '', ports: ['1'], tier: 1 })),
  links: [0, 1].map((index) => ({
    id: `esx1:${index} - tor1:${index}`,
    ends: [
      { node: 'esx1', port: `${index}` },
      { node: 'tor1', port: `${index}` },
    ],
    kind: 'link' as const,
    rateBitsPerSecond: 1e9,
    delayNanos: 5,
    mtuBytes: 9000,
  })),
  onlyChecked: [],
};

const detail = (node: string): NodeDetail => ({
  node,
  machine: undefined,
  switch: undefined,
  host: undefined,
  units: [],
  sessions: [],
  attached: [],
  groups: [],
  leftOut: 0,
});

/** How often each topic was told. */
function counting(store: FabricStore, topics: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const topic of topics) {
    counts[topic] = 0;
    store.topics.listen(topic, () => (counts[topic]! += 1));
  }
  return counts;
}

describe('the store', () => {
  it('tells of a link only those who look at it', () => {
    const store = new FabricStore();
    store.setState(state(1, [link(0), link(1)]));
    const told = counting(store, [linkTopic(0), linkTopic(1), 'links', 'units']);
    store.apply(update(2, { links: [link(1, false)] }));
    expect(told).toEqual({ [linkTopic(0)]: 0, [linkTopic(1)]: 1, links: 1, units: 0 });
    expect(store.links.map((one) => one?.up)).toEqual([true, false]);
  });

  it('keeps lists that an update does not speak of as the same objects', () => {
    const store = new FabricStore();
    store.setState(state(1, [link(0)]));
    const { units, links } = store;
    store.apply(update(2));
    expect(store.units).toBe(units);
    expect(store.links).toBe(links);
    expect(store.latest?.sequence).toBe(2);
  });

  it('is right again after a reconnection, whichever of state and updates comes first', () => {
    const store = new FabricStore();
    store.setState(state(5, [link(0, false), link(1)]));
    store.hold();
    // Link 0 was mended while nobody listened; link 1 was cut after the state was taken.
    store.apply(update(9, { links: [link(0, false)], events: [event(1)] }));
    store.apply(update(11, { links: [link(1, false)], events: [event(2)] }));
    expect(store.links[0]?.up).toBe(false);
    store.setState(state(10, [link(0, true), link(1, true)]));
    expect(store.links.map((one) => one?.up)).toEqual([true, false]);
    expect(store.latest?.sequence).toBe(11);
    expect(store.knownEvents.events.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('takes what it has where the whole state can not be had', () => {
    const store = new FabricStore();
    store.hold();
    store.apply(update(3, { links: [link(0)] }));
    store.release();
    expect(store.links[0]?.up).toBe(true);
  });

  it('has each event once and in order, however it came, and at most so many', () => {
    const store = new FabricStore();
    store.apply(update(1, { events: [event(4), event(5)] }));
    store.fillEvents([event(1), event(2), event(4)]);
    store.apply(update(2, { events: [event(5), event(6)], eventsMissed: 3 }));
    expect(store.knownEvents.events.map(({ sequence }) => sequence)).toEqual([1, 2, 4, 5, 6]);
    expect(store.knownEvents.missed).toBe(3);
    store.fillEvents(Array.from({ length: EVENTS_MAX + 50 }, (_, index) => event(index + 10)));
    expect(store.knownEvents.events.length).toBe(EVENTS_MAX);
    expect(store.knownEvents.events.at(-1)?.sequence).toBe(EVENTS_MAX + 59);
  });

  it('shows the detail of the node that is watched, and of no other', () => {
    const store = new FabricStore();
    store.watch('esx1');
    store.apply(update(1, { node: detail('tor1') }));
    expect(store.node).toBeUndefined();
    store.apply(update(2, { node: detail('esx1') }));
    expect(store.node?.node).toBe('esx1');
    store.watch('tor1');
    expect(store.node).toBeUndefined();
  });

  it('says of each node how it is, and keeps what stays the same', () => {
    const store = new FabricStore();
    store.setTopology(topology);
    store.setState(state(1, [link(0), link(1)]));
    const before = store.health('tor1');
    expect(before).toEqual({ tone: 'good', words: 'all links up' });
    const told = counting(store, ['health']);
    store.apply(update(2, { links: [{ ...link(0), ends: [{ ...end, bitsPerSecond: 1 }, end] }] }));
    expect(store.health('tor1')).toBe(before);
    expect(told['health']).toBe(0);
    store.apply(update(3, { links: [link(0, false)] }));
    expect(store.health('tor1')).toEqual({ tone: 'warn', words: '1 link cut' });
    expect(store.health('esx1')).toEqual({ tone: 'warn', words: '1 link cut' });
    expect(told['health']).toBe(1);
  });

  it('leaves a topology that is as it was the same object', () => {
    const store = new FabricStore();
    store.setTopology(topology);
    store.setTopology(structuredClone(topology));
    expect(store.topology).toBe(topology);
  });
});
