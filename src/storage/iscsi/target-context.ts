/** What the connections of an iSCSI target have in common: time, chance, memory, and the registry of targets and sessions. */
import type { Clock } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { Rng } from '../../base/rng.ts';
import type { KeptBytes } from './kept-answers.ts';
import type { TargetLimits } from './limits.ts';
import type { Admission, LoginIdentity, LoginResult } from './login-target.ts';
import type { LoginStatus } from '../../wire/iscsi/login.ts';
import type { DiscoveredTarget } from './send-targets.ts';
import type { StagingPool } from './staging.ts';
import type { TargetSession } from './target-session.ts';

/** A network portal (RFC 7143 §3.1) as the target knows it. */
export interface Portal {
  /** TARGET PORTAL GROUP TAG. */
  readonly groupTag: number;
  /**
   * `host:port` to name in SendTargets. A port alone: at the host that the initiator itself reached, for portals that listen on every
   * address. Undefined: the address it reached, as it is.
   */
  readonly announce: string | { readonly port: number } | undefined;
}

export type JoinResult = { readonly session: TargetSession } | { readonly status: LoginStatus; readonly reason: string };

export interface TargetContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
  readonly limits: TargetLimits;
  readonly staging: StagingPool;
  /** What all connections keep to be sent again. */
  readonly keptBytes: KeptBytes;
  readonly counters: TargetCounters;
  admit(identity: LoginIdentity, portal: Portal): Admission;
  /** Makes or finds the session a finished login belongs to, after what it replaces has come to rest. */
  join(result: LoginResult, portal: Portal, remote: string, done: (result: JoinResult) => void): void;
  /** The targets an initiator may see; `only` limits them to one. `local` is the address it reached us at. */
  discover(initiatorName: string, only: string | undefined, local: string): readonly DiscoveredTarget[];
  /** TARGET COLD RESET: closes every session of the target (RFC 7143 §11.5.1). */
  closeSessions(session: TargetSession, reason: string): void;
}

/** Counted over all connections since the start. */
export interface TargetCounters {
  connections: number;
  logins: number;
  loginsRefused: number;
  loginsTimedOut: number;
  connectionsShed: number;
  formatErrors: number;
  dataDigestErrors: number;
  rejects: number;
  droppedDataOuts: number;
  /** PDUs that were skipped for their header digest. */
  headerDigestErrors: number;
  snacks: number;
  /** Ready To Transfers for data that was lost. */
  recoveryReadyToTransfers: number;
  /** What was let go before it was acknowledged. */
  answersLetGo: number;
  /** Connections whose tasks waited for recovery, tasks that were taken over, and connections whose time ran out. */
  connectionsKept: number;
  tasksReassigned: number;
  recoveriesExpired: number;
}

export const newTargetCounters = (): TargetCounters => ({
  connections: 0,
  logins: 0,
  loginsRefused: 0,
  loginsTimedOut: 0,
  connectionsShed: 0,
  formatErrors: 0,
  dataDigestErrors: 0,
  rejects: 0,
  droppedDataOuts: 0,
  headerDigestErrors: 0,
  snacks: 0,
  recoveryReadyToTransfers: 0,
  answersLetGo: 0,
  connectionsKept: 0,
  tasksReassigned: 0,
  recoveriesExpired: 0,
});
