/** The declaration of a fabric as a library: `samewire/fabric`. */
export { ConfigError } from './config-error.ts';
export type {
  Adapter,
  DiscoveryServer,
  Host,
  HostChap,
  HostTarget,
  ServerReference,
  SettingChanges,
  Settings,
} from './host-model.ts';
export { fabricJsonSchema } from './json-schema.ts';
export { loadDeclaration, type Loaded, loadFabric, parseFabric } from './load.ts';
export type {
  Access,
  Chap,
  ChapIdentity,
  DigestChoice,
  Fabric,
  Lun,
  Negotiation,
  Portal,
  PortGroup,
  PortalReference,
  Redirect,
  SecretSource,
  SessionLimits,
  StorageArray,
  Target,
} from './model.ts';
export {
  type AccessPlan,
  type ArrayPlan,
  type ChapIdentityPlan,
  type ChapPlan,
  planArrays,
  type PortalPlan,
  type StorePlan,
  type TargetPlan,
  type UnitPlan,
} from './plan.ts';
export type { Positions } from './positions.ts';
export type { Path, Problem, ProblemSeverity, RelatedSpan, Span } from './problem.ts';
export { formatSize, parseSize } from './size.ts';
