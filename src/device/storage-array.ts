/** A storage array: SCSI target devices behind iSCSI target nodes, reached through one iSCSI service. Composition only. */
import { type Clock, type Nanos, SECOND } from '../base/clock.ts';
import type { EventSink } from '../base/event.ts';
import type { Rng } from '../base/rng.ts';
import type { BackingStore } from '../storage/block/backing-store.ts';
import type { ChapAccount } from '../storage/iscsi/chap.ts';
import type { TargetLimits } from '../storage/iscsi/limits.ts';
import type { Portal } from '../storage/iscsi/target-context.ts';
import type { Grant, TargetNode } from '../storage/iscsi/target-node.ts';
import { TargetService } from '../storage/iscsi/target-service.ts';
import type { AccessState } from '../storage/scsi/access-states.ts';
import { LogicalUnit, type UnitConfig, type UnitOptions } from '../storage/scsi/logical-unit.ts';
import { TargetDevice } from '../storage/scsi/target-device.ts';
import { sense } from '../wire/scsi/sense.ts';

export interface UnitParts {
  readonly lun: number;
  readonly config: UnitConfig;
  readonly store: BackingStore;
  readonly options: UnitOptions;
}

export interface TargetParts {
  readonly name: string;
  readonly alias: string | undefined;
  /** Portal group tags the target is reached through. */
  readonly portalGroups: readonly number[];
  readonly units: readonly UnitParts[];
  grant(initiatorName: string): Grant | undefined;
  readonly movedTo: TargetNode['movedTo'];
}

export interface ArrayParts {
  readonly name: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
  readonly limits: TargetLimits;
  readonly discoveryChap: ChapAccount | undefined;
  readonly portals: readonly Portal[];
  /** Asymmetric access of portal groups when the array comes up; the others are active/optimized. */
  readonly groups: readonly { readonly group: number; readonly access: AccessState; readonly preferred: boolean }[];
  readonly targets: readonly TargetParts[];
}

export interface StorageArray {
  readonly name: string;
  readonly service: TargetService;
  /** Every logical unit with its target and LUN. */
  readonly units: readonly { readonly target: string; readonly lun: number; readonly unit: LogicalUnit }[];
  /**
   * The array moves a portal group to another access state by itself (implicit asymmetric access, SPC-4 §5.16.2.7), and tells every nexus: for
   * one target or LUN, or for all. How many logical units that changes.
   */
  setAccess(group: number, change: AccessChange): number;
}

export interface AccessChange {
  readonly access: AccessState;
  /** Default: as it was. */
  readonly preferred?: boolean;
  readonly target?: string;
  readonly lun?: number;
  /** So long the group is in transition first, and nothing but questions gets through; whole seconds are told to initiators. Default: no time. */
  readonly transitionNanos?: Nanos;
}

export function storageArray(parts: ArrayParts): StorageArray {
  const { name, clock, rng, events, limits, discoveryChap } = parts;
  const service = new TargetService({ name, clock, rng, events, limits, discoveryChap });
  service.portals.push(...parts.portals);
  const units: StorageArray['units'][number][] = [];
  for (const target of parts.targets) {
    // One SCSI target port a portal group: its name and number are the group's (RFC 7143 §4.4.1, SPC-5 §4.3.4).
    const device = new TargetDevice(
      target.name,
      target.portalGroups.map((tag) => ({
        relativeId: tag,
        groupId: tag,
        name: `${target.name},t,0x${tag.toString(16).padStart(4, '0')}`,
      })),
    );
    for (const { lun, config, store, options } of target.units) {
      const unit = new LogicalUnit(config, store, device, `${name}/${target.name}/lun ${lun}`, events, options);
      for (const { group, access, preferred } of parts.groups) {
        unit.accessStates.set(group, access, 'none');
        unit.accessStates.prefer(group, preferred);
      }
      device.add(lun, unit);
      units.push({ target: target.name, lun, unit });
    }
    service.nodes.set(target.name, {
      name: target.name,
      alias: target.alias,
      device,
      portalGroups: new Set(target.portalGroups),
      grant: (initiatorName) => target.grant(initiatorName),
      movedTo: target.movedTo,
      sessions: new Map(),
    });
  }
  return { name, service, units, setAccess: (group, change) => setAccess(units, clock, group, change) };
}

/** IMPLICIT TRANSITION TIME has one byte (SPC-4 §6.37). */
const TRANSITION_SECONDS_MAX = 255;

function setAccess(units: StorageArray['units'], clock: Clock, group: number, change: AccessChange): number {
  const { access, preferred, target, lun, transitionNanos = 0 } = change;
  const chosen = units
    .filter((one) => (target === undefined || one.target === target) && (lun === undefined || one.lun === lun))
    .filter(({ unit }) => unit.device.ports.some(({ groupId }) => groupId === group));
  for (const { unit } of chosen) {
    if (preferred !== undefined && preferred !== unit.accessStates.prefers(group)) {
      unit.accessStates.prefer(group, preferred);
      unit.attention(sense('UNIT ATTENTION', 'ASYMMETRIC_ACCESS_STATE_CHANGED'));
    }
    if (transitionNanos === 0) {
      unit.setAccessState(group, access);
      continue;
    }
    unit.accessStates.transitionSeconds = Math.min(TRANSITION_SECONDS_MAX, Math.ceil(transitionNanos / SECOND));
    unit.setAccessState(group, 'transitioning');
    clock.after(transitionNanos, () => {
      // Somebody may have set another state meanwhile, and then that is the one.
      if (unit.accessStates.of(group) === 'transitioning') unit.setAccessState(group, access);
    });
  }
  return chosen.length;
}
