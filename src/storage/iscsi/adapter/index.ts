/** iSCSI adapters of hosts (RFC 7143 initiator nodes): what they know, rescan, sessions, and paths to logical units. */
export { type AdapterOptions, type AdapterOwner, IscsiAdapter, type ServerState } from './adapter.ts';
export { AdapterSession, type AdapterSessionState } from './adapter-session.ts';
export {
  type AdapterConfig,
  type AdapterLimits,
  defaultAdapterLimits,
  type ServerConfig,
  type TargetAccess,
  type TargetAddress,
  targetKey,
} from './config.ts';
export { type KnownTarget, KnownTargets } from './known-targets.ts';
export type { FoundUnit } from './unit-scan.ts';
