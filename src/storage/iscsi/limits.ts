/** The bounds of an iSCSI target: what it offers at login and how much it holds for anybody. */
import { SECOND, type Nanos } from '../../base/clock.ts';
import type { Offer } from './parameters.ts';

/** MaxConnections is what `connectionsPerSession` says. */
export interface TargetLimits extends Omit<Offer, 'maxConnections'> {
  /** Commands a session may have under way: the width of the CmdSN window. */
  readonly commandWindow: number;
  /** Immediate commands a session may have under way beside the window. */
  readonly immediateCommands: number;
  readonly sessions: number;
  readonly connectionsPerSession: number;
  /** Connections that have not logged in yet; the oldest is shed for a new one. */
  readonly loginsPending: number;
  readonly loginTimeoutNanos: Nanos;
  /** A connection that was silent for so long is asked with a NOP-In, and closed if it stays silent for `pingTimeoutNanos` more. 0: never. */
  readonly pingAfterNanos: Nanos;
  readonly pingTimeoutNanos: Nanos;
  /** Data-out that is gathered in memory, over all sessions. */
  readonly stagingBytes: number;
  /** A connection whose unsent and promised data-in exceeds this takes no further commands until half of it has left. */
  readonly sendBacklogBytes: number;
  /** ErrorRecoveryLevel that is agreed to: what the initiator asks for, up to this. */
  readonly errorRecoveryLevel: number;
  /** Answers of one connection that are kept until they are acknowledged, from error recovery level 1 on. */
  readonly keptAnswers: number;
  /** What is kept so, data-in above all, over all connections. */
  readonly keptBytes: number;
  /** From error recovery level 1 on: data-out that stops for so long is asked for again, and so are answers not acknowledged. */
  readonly recoveryTimeoutNanos: Nanos;
}

export const defaultLimits: TargetLimits = {
  commandWindow: 128,
  immediateCommands: 32,
  sessions: 256,
  connectionsPerSession: 8,
  loginsPending: 64,
  loginTimeoutNanos: 15 * SECOND,
  pingAfterNanos: 15 * SECOND,
  pingTimeoutNanos: 10 * SECOND,
  stagingBytes: 256 * 1024 * 1024,
  sendBacklogBytes: 8 * 1024 * 1024,
  headerDigest: ['None', 'CRC32C'],
  dataDigest: ['None', 'CRC32C'],
  // We ask for nothing the initiator doesn't: data without a round trip wherever it is willing.
  initialR2T: false,
  immediateData: true,
  maxReceiveDataSegmentBytes: 262144,
  maxBurstBytes: 1048576,
  firstBurstBytes: 262144,
  maxOutstandingR2T: 8,
  // It costs nothing where the initiator does not ask for it.
  errorRecoveryLevel: 2,
  time2WaitSeconds: 0,
  time2RetainSeconds: 20,
  keptAnswers: 1024,
  keptBytes: 64 * 1024 * 1024,
  recoveryTimeoutNanos: 3 * SECOND,
};

/** What the limits mean at login. */
export const offerOf = (limits: TargetLimits): Offer => ({ ...limits, maxConnections: limits.connectionsPerSession });
