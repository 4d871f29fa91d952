/** What others get to see of a multipath unit and its paths (asymmetric access: SPC-4 §5.16.2). */
import type { AsymmetricAccess } from '../../wire/scsi/port-groups-data.ts';

export type PathState =
  /** Commands can go by it, as far as the access state allows. */
  | 'up'
  /** Its transport is not connected, it failed a check, or it leads to another unit. */
  | 'down'
  /** It connects, or is asked whether it works and what it leads to. */
  | 'checking'
  /** Somebody has switched it off: it is neither used nor asked until it is switched on again. */
  | 'off';

export interface PathCounters {
  /** Commands sent, each as often as it was. */
  commands: number;
  /** Of those, the ones nobody knows the end of. */
  commandsLost: number;
  /** Of those, the ones that were sent again, by this path or another. */
  commandsMoved: number;
  /** Commands that were refused because of the access state. */
  accessRefusals: number;
  /** How often the path went down. */
  losses: number;
  checks: number;
  checksFailed: number;
  /** UNIT ATTENTIONs. */
  attentions: number;
}

export const newPathCounters = (): PathCounters => ({
  commands: 0,
  commandsLost: 0,
  commandsMoved: 0,
  accessRefusals: 0,
  losses: 0,
  checks: 0,
  checksFailed: 0,
  attentions: 0,
});

export interface PathStatus {
  /** As its transport calls it. */
  readonly name: string;
  readonly state: PathState;
  /** Why it is not up, in words. */
  readonly reason: string | undefined;
  /** Undefined: the unit has the same access by every port, or nothing is known yet. */
  readonly access: AsymmetricAccess | undefined;
  /** The device prefers the path's port group. */
  readonly preferred: boolean;
  /** Target port group and RELATIVE TARGET PORT IDENTIFIER, where the unit tells. */
  readonly group: number | undefined;
  readonly relativePort: number | undefined;
  /** The lowest comes first under the policy `failover`. */
  readonly priority: number;
  /** Commands go by it now. */
  readonly active: boolean;
  /** It is back, but waits for its failback. */
  readonly held: boolean;
  readonly commandsInFlight: number;
  readonly counters: Readonly<PathCounters>;
}

export type UnitSituation =
  /** There is a path that commands go by. */
  | 'ready'
  /** No path yet, and not all have been tried. */
  | 'checking'
  /** The device moves from one access state to another. */
  | 'transition'
  /** It has been told to: SET TARGET PORT GROUPS is under way. */
  | 'activating'
  | 'no-path'
  | 'closed';

export interface UnitStatus {
  readonly situation: UnitSituation;
  /** `naa.6...` and the like; undefined until the first path has told. */
  readonly unitName: string | undefined;
  readonly commandsInFlight: number;
  /** Commands that wait for a path. */
  readonly commandsWaiting: number;
  readonly paths: readonly PathStatus[];
}
