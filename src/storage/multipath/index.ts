/** Multipath: one logical unit over several paths, whatever carries them (SAM-5 §4.7, asymmetric access: SPC-4 §5.16.2). */
export { defaultMultipathLimits, type MultipathLimits, type PathPolicy } from './limits.ts';
export type { PathAnswer, PathDone, PathEnd, PathLink, PathLinkSink, UnitCommand } from './path-link.ts';
export type { PathCounters, PathState, PathStatus, UnitSituation, UnitStatus } from './path-status.ts';
export { MultipathUnit, type UnitSink } from './unit.ts';
export type { PathServices } from './path.ts';
export type { MultipathFailure, MultipathReason, UnitDone, UnitTask } from './unit-task.ts';
