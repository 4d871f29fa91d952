/** A fabric of nothing but counters, which a test sets, and a time that it turns. */
import { LatencyHistogram } from '../../../base/latency-histogram.ts';
import type { HostReport } from '../../../device/host-report.ts';
import { tcpCounters } from '../../../inet/tcp/counters.ts';
import type { RunningNetwork } from '../../../os/network/running-network.ts';
import type { AttachmentReport, LinkEndReport, LinkReport } from '../../../os/network/link-report.ts';
import type { SessionReport, UnitReport } from '../../../os/running.ts';
import { type LinkFaults, NO_FAULTS } from '../../../runtime/link-faults.ts';
import { type LinkCounters, linkCounters } from '../../../runtime/link.ts';
import { LATENCY_STEPS_LOG2 } from '../../../storage/scsi/logical-unit.ts';
import { EventLog } from '../../event-log.ts';
import type { RunningFabric } from '../../running-fabric.ts';
import type { SampledLink } from '../link-sampler.ts';
import type { SamplerTime } from '../start-sampler.ts';

type Writable<Data> = { -readonly [Key in keyof Data]: Data[Key] };

export interface CountedLink {
  up: boolean;
  faults: LinkFaults;
  readonly counters: readonly [LinkCounters, LinkCounters];
  readonly waitingBytes: [number, number];
}

export interface CountedFabric {
  readonly fabric: RunningFabric;
  readonly links: readonly CountedLink[];
  readonly units: Writable<UnitReport>[];
  readonly latencies: LatencyHistogram[];
  readonly sessions: Writable<SessionReport>[];
  readonly hosts: HostReport[];
  readonly attachments: Writable<AttachmentReport>[];
  readonly tcp: { retransmittedSegments: number };
}

export interface TurnedTime extends SamplerTime {
  /** Runs what is due until then. */
  pass(milliseconds: number): void;
}

export const RATE = 10e9;

const placeOf = (link: number, end: 0 | 1) =>
  end === 0 ? { node: 'tor1', port: String(link + 1) } : { node: `host${link}`, port: 'nic0' };

export function countedFabric(linkCount: number): CountedFabric {
  const links: CountedLink[] = Array.from({ length: linkCount }, () => ({
    up: true,
    faults: NO_FAULTS,
    counters: [linkCounters(), linkCounters()],
    waitingBytes: [0, 0],
  }));
  const counted = {
    links,
    units: [] as Writable<UnitReport>[],
    latencies: [] as LatencyHistogram[],
    sessions: [] as Writable<SessionReport>[],
    hosts: [] as HostReport[],
    attachments: [] as Writable<AttachmentReport>[],
    tcp: tcpCounters(),
  };
  const endOf = (link: number, end: 0 | 1): LinkEndReport => ({
    ...placeOf(link, end),
    faults: links[link]!.faults,
    counters: links[link]!.counters[end],
    waitingBytes: links[link]!.waitingBytes[end],
  });
  const report = (index: number): LinkReport => ({
    up: links[index]!.up,
    rateBitsPerSecond: RATE,
    delayNanos: 500,
    mtuBytes: 9000,
    ends: [endOf(index, 0), endOf(index, 1)],
  });
  const network = {
    ready: { attached: [], published: [] },
    clock: { now: () => 0 },
    network: {
      machines: [{ name: 'host0', tcp: { counters: counted.tcp, connections: [] }, host: { interfaces: [] } }],
      switches: [],
      links: links.map((one, index) => sampledLink(one, index)),
    },
    links: () => links.map((_, index) => report(index)),
    attachments: () => counted.attachments.map((one) => ({ ...one })),
  } as unknown as RunningNetwork;
  const fabric: RunningFabric = {
    name: 'counted',
    version: '0.0.0',
    file: undefined,
    text: undefined,
    problems: [],
    onlyChecked: [],
    startedAt: new Date(0),
    plans: { arrays: [], hosts: [], network: undefined },
    network,
    arrays: {
      ready: { event: 'ready', arrays: {} },
      sessions: () => counted.sessions.map((one) => ({ ...one })),
      units: () => counted.units.map((one) => ({ ...one })),
      latencies: () => counted.latencies,
      endSession: () => false,
      groups: () => [],
      setAccess: () => 0,
      stop: async () => {},
    },
    hosts: { reports: () => structuredClone(counted.hosts) } as unknown as RunningFabric['hosts'],
    events: new EventLog(() => new Date(0)),
    reread: async () => [],
  };
  return { fabric, ...counted };
}

export const countedUnit = (lun: number): UnitReport => ({
  array: 'array1',
  target: 'iqn.2026-01.net.example:disks',
  lun,
  store: 'memory',
  bytes: 1_000_000,
  readCommands: 0,
  writeCommands: 0,
  otherCommands: 0,
  readBytes: 0,
  writtenBytes: 0,
  checkConditions: 0,
});

export const countedLatencies = (): LatencyHistogram => new LatencyHistogram(LATENCY_STEPS_LOG2);

export function turnedTime(): TurnedTime {
  let now = 0;
  let due: { at: number; action: () => void } | undefined;
  return {
    nowMilliseconds: () => now,
    date: () => new Date(now),
    wait(milliseconds, action) {
      const timer = { at: now + milliseconds, action };
      due = timer;
      return () => {
        if (due === timer) due = undefined;
      };
    },
    pass(milliseconds) {
      const until = now + milliseconds;
      while (due !== undefined && due.at <= until) {
        const { at, action } = due;
        due = undefined;
        now = Math.max(now, at);
        action();
      }
      now = until;
    },
  };
}

function sampledLink(one: CountedLink, index: number): SampledLink {
  const plan = { rateBitsPerSecond: RATE, ends: [placeOf(index, 0), placeOf(index, 1)] };
  return {
    plan,
    link: {
      get carrier() {
        return one.up;
      },
      delayNanos: () => 500,
      counters: (end) => one.counters[end],
      faults: () => one.faults,
      waitingBytes: (end) => one.waitingBytes[end],
    },
  };
}
