/** SCSI target device (SAM-5 §4.7.3): target ports, logical units, and the task management functions over them. */
import { sense } from '../../wire/scsi/sense.ts';
import { executeWithoutUnit } from './absent-unit.ts';
import type { Command } from './command.ts';
import { executeCommand } from './device-server.ts';
import type { DeviceSurroundings, LogicalUnit } from './logical-unit.ts';
import type { Nexus, TargetPort } from './nexus.ts';
import { UnitNexus } from './unit-nexus.ts';

export class TargetDevice implements DeviceSurroundings {
  readonly name: string;
  readonly ports: readonly TargetPort[];
  readonly units = new Map<number, LogicalUnit>();

  constructor(name: string, ports: readonly TargetPort[]) {
    this.name = name;
    this.ports = ports;
  }

  /** Puts a logical unit behind a LUN. Initiators are told by a unit attention (SPC-5 §4.4: REPORTED LUNS DATA HAS CHANGED). */
  add(lun: number, unit: LogicalUnit): void {
    for (const other of this.units.values()) other.attention(sense('UNIT ATTENTION', 'REPORTED_LUNS_CHANGED'));
    this.units.set(lun, unit);
  }

  /** `unit` is undefined where the command's LUN has none. */
  execute(unit: LogicalUnit | undefined, command: Command): void {
    if (unit !== undefined) executeCommand(unit, command);
    else
      executeWithoutUnit(
        [...this.units.keys()].sort((a, b) => a - b),
        command,
      );
  }

  /** The I_T nexus of a command to a LUN without a unit; nothing is remembered of it. */
  absentLink(nexus: Nexus): UnitNexus {
    return new UnitNexus(nexus);
  }

  /** ABORT TASK SET (SAM-5 §7.3): the commands of one nexus. `then` runs once none of them touches the medium any more. */
  abortTaskSet(unit: LogicalUnit, link: UnitNexus, then: () => void): void {
    unit.tasks.abort(unit.tasks.commands(link), then);
  }

  /** CLEAR TASK SET (SAM-5 §7.5): everybody's commands; the others learn of it by a unit attention. */
  clearTaskSet(unit: LogicalUnit, link: UnitNexus, then: () => void): void {
    const all = unit.tasks.commands();
    for (const other of new Set(all.map((command) => command.link))) {
      if (other !== link) other.attention(sense('UNIT ATTENTION', 'COMMANDS_CLEARED_BY_ANOTHER_INITIATOR'));
    }
    unit.tasks.abort(all, then);
  }

  /** LOGICAL UNIT RESET (SAM-5 §6.3.3, §7.7). */
  resetUnit(unit: LogicalUnit, then: () => void): void {
    unit.tasks.abort(unit.tasks.commands(), () => {
      unit.reset();
      then();
    });
  }

  /** Target reset, warm or cold: every logical unit. */
  resetAll(then: () => void): void {
    let left = this.units.size;
    if (left === 0) return then();
    for (const unit of this.units.values()) {
      this.resetUnit(unit, () => {
        left -= 1;
        if (left === 0) then();
      });
    }
  }

  /** I_T nexus loss (SAM-5 §6.3.4): the session ended or was reinstated. Aborts what came through it. */
  nexusLost(nexus: Nexus, then: () => void): void {
    let left = this.units.size;
    if (left === 0) return then();
    for (const unit of this.units.values()) {
      const link = unit.link(nexus);
      unit.tasks.abort(unit.tasks.commands(link), () => {
        unit.nexusLost(link);
        left -= 1;
        if (left === 0) then();
      });
    }
  }
}
