/** A storage array: SCSI target devices behind iSCSI target nodes, reached through one iSCSI service. Composition only. */
import type { Clock } from '../base/clock.ts';
import type { EventSink } from '../base/event.ts';
import type { Rng } from '../base/rng.ts';
import type { BackingStore } from '../storage/block/backing-store.ts';
import type { ChapAccount } from '../storage/iscsi/chap.ts';
import type { TargetLimits } from '../storage/iscsi/limits.ts';
import type { Portal } from '../storage/iscsi/target-context.ts';
import type { Grant, TargetNode } from '../storage/iscsi/target-node.ts';
import { TargetService } from '../storage/iscsi/target-service.ts';
import { LogicalUnit, type UnitConfig, type UnitOptions } from '../storage/scsi/logical-unit.ts';
import { TargetDevice } from '../storage/scsi/target-device.ts';

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
  readonly targets: readonly TargetParts[];
}

export interface StorageArray {
  readonly name: string;
  readonly service: TargetService;
  /** Every logical unit with its target and LUN. */
  readonly units: readonly { readonly target: string; readonly lun: number; readonly unit: LogicalUnit }[];
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
  return { name, service, units };
}
