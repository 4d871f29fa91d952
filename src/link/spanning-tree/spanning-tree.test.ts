import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/clock.ts';
import type { FabricEvent } from '../../base/event.ts';
import { below, seededRng } from '../../base/rng.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { type Bpdu, type BpduInformation, decodeBpduFrame, encodeBpduFrame, type RapidBpdu } from '../../wire/ethernet/bpdu.ts';
import { ALL_BPDUS } from '../../wire/ethernet/testing/golden-bpdu.ts';
import type { PortRole } from '../bridge.ts';
import { pathCostOf } from './path-cost.ts';
import { timesFault } from './protocol-times.ts';
import {
  defaultSpanningTreePortSettings,
  defaultSpanningTreeSettings,
  type SpanningTreePortSettings,
  type SpanningTreeSettings,
} from './settings.ts';
import { SpanningTree } from './spanning-tree.ts';

const SELF = 0x0200_0000_8000;
const BETTER = 0x0200_0000_1000;
const OTHER = 0x0200_0000_2000;

interface Sent {
  readonly at: number;
  readonly port: number;
  readonly bpdu: Bpdu;
}

function bench(ports: readonly Partial<SpanningTreePortSettings>[], more: Partial<SpanningTreeSettings> = {}) {
  const clock = new VirtualClock();
  const sent: Sent[] = [];
  const states: PortRole[] = ports.map(() => 'forwarding');
  const flushed: number[] = [];
  const events: FabricEvent[] = [];
  const traced: FabricEvent[] = [];
  const settings: SpanningTreeSettings = {
    ...defaultSpanningTreeSettings,
    name: 'tor1',
    address: SELF,
    ports: ports.map((port, index) => ({ ...defaultSpanningTreePortSettings, name: `${index + 1}`, mac: SELF + 1 + index, ...port })),
    ...more,
  };
  const tree = new SpanningTree(settings, {
    clock,
    events: (event) => void (event.severity === 'debug' ? traced : events).push(event),
    output: {
      transmit: (port, frame) => void sent.push({ at: clock.now() / SECOND, port, bpdu: decodeBpduFrame(frame)! }),
      setState: (port, state) => void (states[port] = state),
      flush: (port) => void flushed.push(port),
    },
  });
  tree.start();
  return {
    clock,
    tree,
    states,
    flushed,
    events,
    traced,
    up: (...indexes: number[]) => {
      for (const index of indexes) tree.handleCarrier(index, true, 1e9);
    },
    receive: (port: number, bpdu: Bpdu) => tree.handleFrame(port, encodeBpduFrame(bpdu, OTHER)),
    wait: (seconds: number) => clock.run(clock.now() + seconds * SECOND),
    /** What was sent since the last call. */
    sent: () => sent.splice(0),
    roles: () => tree.status().ports.map(({ role, state }) => `${role} ${state}`),
    names: () => events.splice(0).map(({ name }) => name),
  };
}

const told = (root: number, cost: number, bridge: number, more: Partial<BpduInformation> = {}): BpduInformation => ({
  topologyChange: false,
  topologyChangeAcknowledgment: false,
  root: { priority: 0x8000, address: root },
  rootPathCost: cost,
  bridge: { priority: 0x8000, address: bridge },
  port: 0x8001,
  messageAgeSeconds: root === bridge ? 0 : 1,
  maxAgeSeconds: 20,
  helloTimeSeconds: 2,
  forwardDelaySeconds: 15,
  ...more,
});

const rapid = (information: BpduInformation, more: Partial<RapidBpdu> = {}): RapidBpdu => ({
  type: 'rapid',
  ...information,
  proposal: false,
  role: 'designated',
  learning: false,
  forwarding: false,
  agreement: false,
  ...more,
});

const proposal = (root: number, cost = 0, bridge = root): RapidBpdu => rapid(told(root, cost, bridge), { proposal: true });

describe('rapid spanning tree', () => {
  it('proposes on a link, and forwards when the neighbour agrees', () => {
    const { up, sent, receive, states, roles } = bench([{}]);
    expect(states).toEqual(['discarding']);
    up(0);
    const [first] = sent();
    expect(first).toMatchObject({ at: 0, port: 0, bpdu: { type: 'rapid', role: 'designated', proposal: true, forwarding: false } });
    // The neighbour's root port answers with what it was told.
    receive(0, rapid(told(SELF, 20_000, OTHER), { role: 'root', agreement: true }));
    expect([roles(), states]).toEqual([['designated forwarding'], ['forwarding']]);
  });

  it('agrees to a better root at once where the others agreed to less, and otherwise when they have stopped', () => {
    const { up, sent, receive, roles, tree, wait } = bench([{}, {}]);
    up(0, 1);
    wait(1);
    receive(1, rapid(told(SELF, 20_000, OTHER), { role: 'root', agreement: true }));
    sent();
    receive(0, proposal(BETTER));
    expect(roles()).toEqual(['root forwarding', 'designated forwarding']);
    expect(sent()).toMatchObject([
      { port: 0, bpdu: { role: 'root', agreement: true, forwarding: true, root: { address: BETTER }, rootPathCost: 20_000 } },
      { port: 1, bpdu: { role: 'designated', proposal: false, root: { address: BETTER }, messageAgeSeconds: 1 } },
    ]);
    expect(tree.status()).toMatchObject({ rootPort: '1', rootPathCost: 20_000, root: { address: BETTER } });
    wait(3);
    sent();
    receive(0, proposal(BETTER, 100, BETTER));
    expect(roles()).toEqual(['root forwarding', 'designated discarding']);
    expect(sent()).toMatchObject([
      { port: 0, bpdu: { role: 'root', agreement: true, rootPathCost: 20_100 } },
      { port: 1, bpdu: { role: 'designated', proposal: true, forwarding: false, rootPathCost: 20_100 } },
    ]);
  });

  it('keeps a second way to the root closed, and opens it the moment the first is gone', () => {
    const { up, receive, roles, tree, flushed } = bench([{}, {}]);
    up(0, 1);
    receive(0, proposal(BETTER));
    receive(1, proposal(BETTER, 20_000, OTHER));
    expect(roles()).toEqual(['root forwarding', 'alternate discarding']);
    flushed.length = 0;
    tree.handleCarrier(0, false, 0);
    expect(roles()).toEqual(['disabled discarding', 'root forwarding']);
    expect(flushed).toContain(0);
  });

  it('has a backup port where two of its own meet on a shared link', () => {
    const { up, receive, roles, sent } = bench([{}, { pointToPoint: false }]);
    up(0, 1);
    const { bpdu } = sent().find(({ port }) => port === 0)!;
    receive(1, bpdu);
    expect(roles()).toEqual(['designated discarding', 'backup discarding']);
  });

  it('forwards to stations: at once at an edge, after 3 s where none was declared, and no longer when a bridge speaks', () => {
    const { up, wait, roles, receive, tree, names } = bench([{ edge: true }, {}, { autoEdge: false }]);
    up(0, 1, 2);
    expect(roles()).toEqual(['designated forwarding', 'designated discarding', 'designated discarding']);
    wait(3);
    expect(roles()).toEqual(['designated forwarding', 'designated forwarding', 'designated discarding']);
    expect(tree.status().ports.map(({ edge }) => edge)).toEqual([true, true, false]);
    // Max Age, and one hello to learn (§17.20.5).
    wait(18);
    expect(roles()[2]).toBe('designated learning');
    wait(2);
    expect(roles()[2]).toBe('designated forwarding');
    // Edges are no change of topology; the third port was.
    expect(names().filter((name) => name === 'spanning-tree-topology-change')).toHaveLength(1);
    receive(1, proposal(BETTER));
    expect(tree.status().ports[1]).toMatchObject({ edge: false, role: 'root' });
  });

  it('forgets information that is not repeated for three hellos', () => {
    const { up, receive, wait, roles } = bench([{}]);
    up(0);
    receive(0, proposal(BETTER));
    wait(5);
    expect(roles()).toEqual(['root forwarding']);
    wait(2);
    expect(roles()[0]).toMatch(/^designated/);
  });

  it('forgets at once what has come past its age', () => {
    const { up, receive, roles } = bench([{}]);
    up(0);
    receive(0, proposal(BETTER));
    receive(0, rapid(told(BETTER, 0, BETTER, { messageAgeSeconds: 20 })));
    expect(roles()[0]).toMatch(/^designated/);
  });

  it('forgets at once what a neighbour told that follows itself now', () => {
    const { up, receive, roles } = bench([{}]);
    up(0);
    receive(0, proposal(BETTER, 100, OTHER));
    receive(0, rapid(told(BETTER, 300, OTHER), { role: 'root' }));
    expect(roles()[0]).toMatch(/^designated/);
  });

  it('stops where a neighbour learns that does not hear it', () => {
    const { up, receive, roles } = bench([{}]);
    up(0);
    receive(0, rapid(told(SELF, 20_000, OTHER), { role: 'root', agreement: true }));
    expect(roles()).toEqual(['designated forwarding']);
    receive(0, rapid(told(0x0200_0000_9000, 0, 0x0200_0000_9000), { learning: true, forwarding: true }));
    expect(roles()).toEqual(['designated discarding']);
  });

  it('passes changes of the topology on, and forgets addresses at the other ports only', () => {
    const { up, receive, sent, flushed, wait } = bench([{}, {}, {}]);
    up(0, 1, 2);
    for (const port of [0, 1, 2]) receive(port, rapid(told(SELF, 20_000, OTHER + port), { role: 'root', agreement: true }));
    wait(10);
    sent();
    flushed.length = 0;
    receive(0, rapid(told(SELF, 20_000, OTHER, { topologyChange: true }), { role: 'root', agreement: true }));
    expect(flushed.sort()).toEqual([1, 2]);
    expect(sent().map(({ port, bpdu }) => [port, 'topologyChange' in bpdu && bpdu.topologyChange])).toEqual([
      [1, true],
      [2, true],
    ]);
    // For a hello and a second (§17.21.7).
    wait(5);
    expect(sent().at(-1)!.bpdu).toMatchObject({ topologyChange: false });
  });

  it('speaks to the old kind as it does, and acknowledges its notifications', () => {
    const { up, receive, sent, wait, tree, roles, names } = bench([{}]);
    up(0);
    wait(4);
    receive(0, { type: 'configuration', ...told(0x0200_0000_9000, 0, 0x0200_0000_9000) });
    sent();
    wait(2);
    expect(sent()[0]!.bpdu.type).toBe('configuration');
    wait(40);
    expect(roles()).toEqual(['designated forwarding']);
    receive(0, { type: 'topology-change-notification' });
    expect(tree.status().ports[0]!.legacy).toBe(true);
    sent();
    wait(2);
    expect(sent()[0]!.bpdu).toMatchObject({ type: 'configuration', topologyChangeAcknowledgment: true, topologyChange: true });
    expect(names()).toContain('spanning-tree-protocol-migration');
    tree.checkMigration(0);
    expect(tree.status().ports[0]!.legacy).toBe(false);
  });

  it('sends no more than the transmit hold count allows, whatever it is told', () => {
    const { up, receive, sent, wait } = bench([{}, {}]);
    up(0, 1);
    wait(0.5);
    sent();
    for (let count = 0; count < 500; count += 1) receive(0, proposal(BETTER, 1 + (count % 7), OTHER));
    for (const port of [0, 1]) expect(sent().filter((one) => one.port === port).length).toBeLessThanOrEqual(6);
  });

  it('traces what its ports do, once a second', () => {
    const { up, receive, wait, traced } = bench([{}, { edge: true }]);
    up(0, 1);
    for (let count = 0; count < 100; count += 1) receive(0, proposal(BETTER, 1 + (count % 7), OTHER));
    wait(1);
    expect(traced.splice(0).map(({ source, message }) => `${source}: ${message}`)).toEqual([
      'tor1: port 1 is forwarding as root port',
      'tor1: port 2 is forwarding as designated port',
    ]);
    wait(1);
    expect(traced).toEqual([]);
  });

  it('takes a port with BPDU guard out of service, until its link was down or its time is over', () => {
    const guarded = bench([{ edge: true, bpduGuard: true }], { guardRecoverySeconds: 30 });
    guarded.up(0);
    expect(guarded.roles()).toEqual(['designated forwarding']);
    guarded.receive(0, proposal(BETTER));
    expect([guarded.roles(), guarded.names()]).toEqual([['disabled discarding'], ['spanning-tree-bpdu-guard']]);
    expect(guarded.tree.status()).toMatchObject({ rootPort: undefined, ports: [{ held: 'bpdu-guard' }] });
    guarded.wait(31);
    expect([guarded.roles(), guarded.names()]).toEqual([
      ['designated forwarding'],
      ['spanning-tree-root-change', 'spanning-tree-port-recovered'],
    ]);
    guarded.receive(0, proposal(BETTER));
    guarded.tree.handleCarrier(0, false, 0);
    guarded.up(0);
    expect(guarded.roles()).toEqual(['designated forwarding']);
    guarded.wait(60);
    expect(guarded.names()).toEqual(['spanning-tree-bpdu-guard']);
  });

  it('keeps a better root out with root guard, and the port closed as long as it calls', () => {
    const { up, receive, wait, roles, tree, names } = bench([{ rootGuard: true }]);
    up(0);
    for (let count = 0; count < 5; count += 1) {
      receive(0, proposal(BETTER));
      wait(2);
    }
    expect(roles()).toEqual(['alternate discarding']);
    expect(tree.status()).toMatchObject({ rootPort: undefined, root: { address: SELF }, ports: [{ guarding: true }] });
    expect(names().filter((name) => name.includes('guard'))).toEqual(['spanning-tree-root-guard']);
    wait(10);
    expect([roles()[0]!.startsWith('designated'), names()]).toEqual([true, ['spanning-tree-root-guard-ended']]);
  });

  it('closes a port that hears itself', () => {
    const { up, receive, sent, roles, names, wait } = bench([{ edge: true }]);
    up(0);
    receive(0, sent()[0]!.bpdu);
    expect([roles(), names()]).toEqual([['disabled discarding'], ['spanning-tree-looped-back']]);
    wait(7);
    expect(roles()).toEqual(['designated forwarding']);
  });

  it('keeps the times it is told within what the standard allows', () => {
    const { up, receive, sent } = bench([{}, {}]);
    up(0, 1);
    sent();
    receive(0, rapid(told(BETTER, 0, BETTER, { maxAgeSeconds: 255, helloTimeSeconds: 0, forwardDelaySeconds: 0 }), { proposal: true }));
    expect(sent().find(({ port }) => port === 1)!.bpdu).toMatchObject({ maxAgeSeconds: 40, helloTimeSeconds: 2, forwardDelaySeconds: 4 });
  });

  it('is not moved by what makes no sense, or too much of it, and says so once', () => {
    const { up, tree, names, wait, clock } = bench([{}, {}]);
    up(0, 1);
    const rng = seededRng(3);
    for (let count = 0; count < 20_000; count += 1) {
      const { frame } = ALL_BPDUS[below(rng, ALL_BPDUS.length)]!;
      const bytes = Uint8Array.from(frame);
      for (let changes = below(rng, 4); changes > 0; changes -= 1) bytes[12 + below(rng, bytes.length - 12)] = rng.uint32() & 0xff;
      tree.handleFrame(below(rng, 2), bytes.subarray(0, below(rng, 9) === 0 ? below(rng, bytes.length) : bytes.length));
      // Slow enough for the most part, and then a flood.
      if (count < 10_000) clock.run(clock.now() + 2_000_000);
    }
    wait(1);
    expect(tree.unsettled).toBe(0);
    expect(clock.pending).toBeLessThanOrEqual(3);
    const { counters } = tree.status().ports[0]!;
    expect([counters.badIn > 500, counters.floodDrops > 1000]).toEqual([true, true]);
    const seen = names();
    // 20 s, two ports, one event of each kind a second at most.
    expect(seen.length).toBeLessThan(200);
    expect(seen.filter((name) => name === 'spanning-tree-bad-bpdu').length).toBeLessThanOrEqual(4);
    // And goes on as if nothing had been.
    wait(30);
    expect(tree.status()).toMatchObject({ rootPort: undefined, root: { address: SELF } });
  });
});

it('costs of paths are those of table 17-3', () => {
  const rates = [1e3, 1e5, 1e6, 10e6, 100e6, 1e9, 10e9, 100e9, 1e12, 10e12];
  expect(rates.map((rate) => pathCostOf(rate))).toEqual([2e8, 2e8, 2e7, 2e6, 2e5, 2e4, 2e3, 2e2, 20, 2]);
  expect(pathCostOf(0)).toBe(200_000_000);
});

const times = (maxAgeSeconds: number, helloTimeSeconds: number, forwardDelaySeconds: number) =>
  timesFault({ messageAgeSeconds: 0, maxAgeSeconds, helloTimeSeconds, forwardDelaySeconds });

it('times that do not go together are told apart', () => {
  expect([times(20, 2, 15), times(6, 2, 4), times(20, 2, 10), times(6, 3, 4), times(5, 1, 15), times(20, 1.5, 15)]).toMatchInlineSnapshot(`
    [
      undefined,
      undefined,
      "twice the forward delay less a second is below the max age of 20 s",
      "the max age is below twice the hello time and a second",
      "the max age is 5 s; it goes from 6 to 40 in whole seconds",
      "the hello time is 1.5 s; it goes from 1 to 10 in whole seconds",
    ]
  `);
});
