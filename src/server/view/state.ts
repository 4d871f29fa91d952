/** How a running fabric is now: what the page, the terminal and the metrics show. Rates are over the last second. */
import type { HostReport } from '../../device/host-report.ts';
import type { SessionReport, UnitReport } from '../../os/running.ts';
import type { LinkFaults } from '../../runtime/link-faults.ts';

/** What one end of a link sends. */
export interface LinkEndState {
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
  /** Share of the rate, 0 to 1. */
  readonly load: number;
  readonly dropsPerSecond: number;
  /** Since the start, of any cause: queue, size, faults, carrier. */
  readonly drops: number;
  readonly waitingBytes: number;
}

export interface LinkState {
  /** In `Topology.links`. */
  readonly index: number;
  readonly up: boolean;
  readonly delayNanos: number;
  /** Those of both directions, which are set together. */
  readonly faults: LinkFaults;
  readonly ends: readonly [LinkEndState, LinkEndState];
}

/** Of a logical unit, or of all of them together. */
export interface UnitRates {
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writtenBytesPerSecond: number;
  /** Of the commands that ended in the last second, from their arrival at the unit to their end; 0: none did. */
  readonly meanNanos: number;
  readonly p99Nanos: number;
}

export const UNIT_RATES = [
  'readsPerSecond',
  'writesPerSecond',
  'readBytesPerSecond',
  'writtenBytesPerSecond',
  'meanNanos',
  'p99Nanos',
] as const satisfies readonly (keyof UnitRates)[];

export interface UnitState extends UnitReport, UnitRates {}

/** A session at one of our targets, and between which nodes it is. */
export interface SessionState extends SessionReport {
  /** The node of the topology that its initiator is, or the one it comes in by; undefined: it is from outside. */
  readonly from: string | undefined;
}

export interface Totals extends UnitRates {
  /** Over all links and both directions. */
  readonly linkBitsPerSecond: number;
  readonly dropsPerSecond: number;
  /** TCP segments that machines of the fabric sent again. */
  readonly retransmissionsPerSecond: number;
  readonly sessions: number;
  readonly linksDown: number;
  /** Dead, or in a group that is unavailable; what somebody switched off is not down. */
  readonly pathsDown: number;
}

export const TOTALS = [
  ...UNIT_RATES,
  'linkBitsPerSecond',
  'dropsPerSecond',
  'retransmissionsPerSecond',
  'sessions',
  'linksDown',
  'pathsDown',
] as const satisfies readonly (keyof Totals)[];

export interface FabricState {
  /** Of the sample; one more each second. */
  readonly sequence: number;
  /** ISO 8601. */
  readonly time: string;
  readonly upMilliseconds: number;
  readonly totals: Totals;
  readonly links: readonly LinkState[];
  readonly units: readonly UnitState[];
  readonly sessions: readonly SessionState[];
  readonly hosts: readonly HostReport[];
  /** By the node's id: whether somebody is there. */
  readonly world: readonly { readonly id: string; readonly present: boolean }[];
}

/** The past of something: one value a second, the latest last. */
export interface History {
  /** `totals readsPerSecond`, `unit array1 iqn.2026-01.net.samewire:disks 0 p99Nanos`, `link 3 0 bitsPerSecond` (of end 0 of link 3). */
  readonly series: string;
  /** Of the latest value. */
  readonly sequence: number;
  readonly time: string;
  readonly values: readonly number[];
}
