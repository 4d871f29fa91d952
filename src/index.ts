/** Samewire as a library: block storage served from code, and fabric files checked and planned. Protocol parts stand under their own entries. */
export type { FabricEvent, EventSink, Severity } from './base/event.ts';
export { type Checked, checkDeclaration, checkText } from './check/check-fabric.ts';
export { ConfigError } from './fabric/config-error.ts';
export {
  type ServedAccess,
  type ServedChap,
  type ServedLun,
  type ServedPortal,
  type ServedTarget,
  serve,
  type ServeOptions,
} from './os/serve.ts';
export type { SessionReport, UnitReport } from './os/running.ts';
export {
  BlockDevice,
  type BlockRange,
  type ChapOptions,
  connectIscsi,
  connectMultipath,
  discover,
  IscsiError,
  type IscsiOptions,
  type IscsiReason,
  IscsiSession,
  MultipathDevice,
  type MultipathOptions,
  openIscsiSession,
} from './os/iscsi/index.ts';
