/** The iSCSI initiator with sockets and promises (RFC 7143): discovery, sessions that survive their connections, logical units as block devices. */
export {
  BlockDevice,
  type BlockRange,
  type CallOptions,
  type CommandOptions,
  type CommandResult,
  type ReadOptions,
  type WriteOptions,
} from './block-device.ts';
export { connectIscsi, discover, type DiscoverOptions, openIscsiSession } from './client.ts';
export type { CommandRunner } from './command-runner.ts';
export type { ReadStreamOptions, WriteStreamOptions } from './device-streams.ts';
export { IscsiError, type IscsiReason } from './iscsi-error.ts';
export { type AttentionListener, type ConnectionStatus, IscsiSession, type SessionStatus, type StateListener } from './iscsi-session.ts';
export { connectMultipath, MultipathDevice, type MultipathOptions } from './multipath-device.ts';
export type { ChapOptions, DigestOption, IscsiOptions, Secret } from './options.ts';
export type { UnitIdentity } from './unit-identity.ts';
export type { FoundTarget, InitiatorLimits, RecoveryCounters, SessionState, TargetPortal } from '../../storage/iscsi/initiator/index.ts';
export type { Sense } from '../../wire/scsi/sense.ts';
export type {
  MultipathLimits,
  PathCounters,
  PathPolicy,
  PathState,
  PathStatus,
  UnitSituation,
  UnitStatus,
} from '../../storage/multipath/index.ts';
export { discoverByIsns, type IsnsDiscoverOptions, IsnsFailure } from '../isns/index.ts';
