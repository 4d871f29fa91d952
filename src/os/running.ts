/** What bringing arrays up gives to whoever asked for it: the terminal, an API, a test. */
import type { EventSink } from '../base/event.ts';
import type { LatencyHistogram } from '../base/latency-histogram.ts';
import type { HostReport } from '../device/host-report.ts';
import type { AccessChange } from '../device/storage-array.ts';
import type { SecretSource } from '../fabric/model.ts';
import type { ArrayPlan } from '../fabric/plan.ts';
import type { NetworkReady, RunningNetwork } from './network/running-network.ts';

export interface LunReady {
  readonly lun: number;
  readonly store: 'memory' | 'file';
  readonly bytes: number;
  readonly blockSize: number;
}

export interface TargetReady {
  readonly name: string;
  readonly luns: readonly LunReady[];
}

export interface ArrayReady {
  /** Listened on, with the ports that were picked, in the order of the plan. */
  readonly portals: readonly string[];
  readonly targets: readonly TargetReady[];
}

/** The `ready` line of `--json`, as it is printed. */
export interface ReadyReport {
  readonly event: 'ready';
  readonly arrays: Readonly<Record<string, ArrayReady>>;
  /** As far as they have come. Absent where there are none. */
  readonly hosts?: readonly HostReport[];
  /** What of the network the world can be plugged into. Absent where there is none. */
  readonly network?: NetworkReady;
  /** Where the fabric can be asked: a Unix socket that speaks HTTP. Absent where it can't. */
  readonly control?: string;
  /** Of the page, with the token of this run. Absent where there is none. */
  readonly url?: string;
}

export interface SessionReport {
  readonly array: string;
  /** Of all that this array has had since it came up; no other gets it. */
  readonly id: number;
  /** Undefined: a discovery session. */
  readonly target: string | undefined;
  readonly initiator: string;
  /** Where its connections come from: `192.0.2.7:51234`. */
  readonly remotes: readonly string[];
  readonly authentication: 'none' | 'chap' | 'mutual-chap';
  readonly commandsUnderWay: number;
}

/** A portal group of an array, as its logical units report it now. */
export interface GroupReport {
  readonly group: number;
  /** Undefined: its logical units differ in it, or there are none. */
  readonly access: AccessChange['access'] | undefined;
  readonly preferred: boolean;
  /** Listened on. */
  readonly portals: readonly string[];
}

/** Counters since the start; whoever wants rates subtracts. */
export interface UnitReport {
  readonly array: string;
  readonly target: string;
  readonly lun: number;
  readonly store: 'memory' | 'file';
  readonly bytes: number;
  readonly readCommands: number;
  readonly writeCommands: number;
  readonly otherCommands: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Commands that ended with CHECK CONDITION. */
  readonly checkConditions: number;
}

export interface RunningArrays {
  readonly ready: ReadyReport;
  sessions(): readonly SessionReport[];
  units(): readonly UnitReport[];
  /** Of each of the units, in the same order: how long its commands took, from their arrival at the unit to their end. Live: they go on counting. */
  latencies(): readonly LatencyHistogram[];
  /** Drops a session of an array as if its connections were lost; the initiator may log in anew. False: there is no such session. */
  endSession(array: string, id: number): boolean;
  /** Portal groups of an array, by their tags; of an array that there is not: none. */
  groups(array: string): readonly GroupReport[];
  /** An array moves one of its portal groups to another access state (implicit ALUA); how many units that changes. 0: there is no such group. */
  setAccess(array: string, group: number, change: AccessChange): number;
  /** Finishes the commands in flight, flushes, logs everybody out, lets go of ports and files. Asked twice, it gives the same promise. */
  stop(): Promise<void>;
}

/** The bytes of a secret. Throws an Error with one clear sentence (never with the secret in it). */
export type SecretReader = (source: SecretSource) => Uint8Array;

export interface ArrayServices {
  readonly events: EventSink;
  readonly readSecret: SecretReader;
  /** The network of the fabric; undefined: it has none, and arrays listen on the machine they run on. */
  readonly network?: Pick<RunningNetwork, 'listen' | 'clock'> | undefined;
}

/** All or nothing: rejects with an Error of one clear sentence, and then nothing is left behind. */
export type StartArrays = (plans: readonly ArrayPlan[], services: ArrayServices) => Promise<RunningArrays>;
