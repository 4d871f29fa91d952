/** A fabric that says of itself what a test wants it to, over a control socket that is a map. */
import { NO_FAULTS } from '../../../runtime/link-faults.ts';
import type { LoggedEvent } from '../../../server/event-log.ts';
import type { FabricState, LinkEndState, LinkState, SessionState, Totals, UnitRates, UnitState } from '../../../server/view/state.ts';
import type { Topology, TopologyLink, TopologyNode } from '../../../server/view/topology.ts';
import { countedUnit } from '../../../server/view/testing/counted-fabric.ts';
import { type TestContext, testContext, type TestOptions } from '../../testing/test-context.ts';

export const FILE = 'rack.yaml';

const node = (id: string, kind: TopologyNode['kind'], ports: readonly string[], tier: number): TopologyNode => ({
  id,
  kind,
  name: id,
  description: kind,
  ports,
  tier,
});

const link = (one: string, other: string): TopologyLink => ({
  id: `${one} - ${other}`,
  ends: [placeOf(one), placeOf(other)],
  kind: 'link',
  rateBitsPerSecond: 10e9,
  delayNanos: 15,
  mtuBytes: 9216,
});

const placeOf = (text: string) => ({ node: text.split(':')[0]!, port: text.split(':')[1]! });

export const TOPOLOGY: Topology = {
  fabric: 'rack',
  nodes: [node('esx1', 'host', ['nic0'], 1), node('tor1', 'switch', ['1', '3'], 2), node('array1', 'array', ['eth0'], 3)],
  links: [link('esx1:nic0', 'tor1:1'), link('array1:eth0', 'tor1:3')],
  onlyChecked: [],
};

const NO_RATES: UnitRates = {
  readsPerSecond: 0,
  writesPerSecond: 0,
  readBytesPerSecond: 0,
  writtenBytesPerSecond: 0,
  meanNanos: 0,
  p99Nanos: 0,
};

export const TOTALS_OF_NOTHING: Totals = {
  ...NO_RATES,
  linkBitsPerSecond: 0,
  dropsPerSecond: 0,
  retransmissionsPerSecond: 0,
  sessions: 0,
  linksDown: 0,
  pathsDown: 0,
};

export const linkEnd = (bitsPerSecond = 0, dropsPerSecond = 0): LinkEndState => ({
  bitsPerSecond,
  framesPerSecond: bitsPerSecond / 12_000,
  load: bitsPerSecond / 10e9,
  dropsPerSecond,
  drops: dropsPerSecond,
  waitingBytes: 0,
});

export const linkState = (index: number, changes: Partial<LinkState> = {}): LinkState => ({
  index,
  up: true,
  delayNanos: 15,
  faults: NO_FAULTS,
  ends: [linkEnd(), linkEnd()],
  ...changes,
});

export const unitState = (lun: number, changes: Partial<UnitState> = {}): UnitState => ({
  ...countedUnit(lun),
  target: 'iqn.2026-01.net.example:disk1',
  bytes: 67_108_864,
  ...NO_RATES,
  ...changes,
});

export const sessionState = (initiator: string, changes: Partial<SessionState> = {}): SessionState =>
  ({
    array: 'array1',
    target: 'iqn.2026-01.net.example:disk1',
    initiator,
    remotes: ['192.0.2.11:50000'],
    authentication: 'chap',
    commandsUnderWay: 3,
    from: 'esx1',
    ...changes,
  }) as SessionState;

/** Of the second `sequence` after noon, UTC. */
export const stateOf = (sequence: number, changes: Partial<FabricState> = {}): FabricState => ({
  sequence,
  time: new Date(Date.UTC(2026, 0, 2, 12, 0, sequence)).toISOString(),
  upMilliseconds: sequence * 1000,
  totals: TOTALS_OF_NOTHING,
  links: [linkState(0), linkState(1)],
  units: [unitState(0)],
  sessions: [],
  hosts: [],
  world: [],
  ...changes,
});

export interface Watched {
  readonly context: TestContext;
  /** What was asked, in order. */
  readonly asked: readonly string[];
  topology: Topology;
  state: FabricState;
  events: readonly LoggedEvent[];
  /** A second passes: the next sample is there, and has been asked for. */
  second(changes?: Partial<FabricState>): Promise<void>;
  /** It is not up any more. */
  stop(): void;
}

export function watched(options: TestOptions & { readonly file?: string } = {}): Watched {
  const asked: string[] = [];
  let isUp = true;
  const one: Watched = {
    context: {
      ...testContext(options),
      async askControl(file, method, url) {
        asked.push(`${method} ${url}`);
        if (!isUp || (file !== undefined && file !== (options.file ?? FILE))) return undefined;
        const [path] = url.split('?');
        if (path === '/api/state') return one.state;
        if (path === '/api/topology') return one.topology;
        if (path === '/api/events') return { fabric: 'rack', first: 1, last: one.events.at(-1)?.sequence ?? 0, events: one.events };
        if (path === '/api/history') return { histories: [] };
        throw new Error(`There is nothing at ${method} ${url}.`);
      },
    },
    asked,
    topology: TOPOLOGY,
    state: stateOf(1),
    events: [],
    async second(changes = {}) {
      await settled();
      one.state = stateOf(one.state.sequence + 1, changes);
      one.context.tick(1000);
      await settled();
    },
    stop: () => void (isUp = false),
  };
  return one;
}

/** What was asked is answered. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
