/** Device server (SAM-5 §4.8): takes a command for a logical unit through the checks that come before every command, then runs it. */
import { STATUS_TASK_SET_FULL } from '../../wire/scsi/status.ts';
import type { AccessState } from './access-states.ts';
import type { Command } from './command.ts';
import type { CommandDefinition } from './command-definition.ts';
import { findCommand, serviceActionOf } from './command-table.ts';
import type { LogicalUnit } from './logical-unit.ts';

/** Takes the command into the unit's task set; it finishes through `command`, at once or later. */
export function executeCommand(unit: LogicalUnit, command: Command): void {
  if (unit.tasks.full) return command.finishWith(STATUS_TASK_SET_FULL);
  if (unit.now !== undefined) command.arrivedAt = unit.now();
  unit.tasks.add(command, () => start(unit, command));
}

function start(unit: LogicalUnit, command: Command): void {
  const definition = findCommand(command.cdb);
  if (typeof definition === 'string' || definition.supports?.(unit) === false) {
    // SPC-5 §4.4.1: a unit attention is reported before the command is looked at, known or not.
    if (command.link.hasAttention) return command.checkCondition(command.link.takeAttention()!);
    return refuseUnknown(command, definition);
  }
  if (!definition.ignoresUnitAttention && command.link.hasAttention) return command.checkCondition(command.link.takeAttention()!);
  if (unit.reservations.active && unit.reservations.conflicts(command.link, definition.reservation)) return command.reservationConflict();
  if (unit.refusal !== undefined && refusedBySanitize(unit, command, definition)) return;
  if (!usageAllows(command, definition)) return;
  if (definition.anyAccessState !== true && refusedByAccessState(unit, command, definition)) return;
  if (definition.needsMedium && refusedByMedium(unit, command)) return;
  if (definition.writesMedium && unit.writeProtected) return command.fail('DATA PROTECT', 'WRITE_PROTECTED');
  definition.execute(unit, command);
}

/** SBC-4 §4.11.2, §4.11.4: what runs during a sanitize operation (INQUIRY, REPORT LUNS, REQUEST SENSE), and after one that failed. */
function refusedBySanitize(unit: LogicalUnit, command: Command, definition: CommandDefinition): boolean {
  if (definition.ignoresUnitAttention || (definition.endsSanitizeFailure && unit.sanitize === 'failed')) return false;
  command.checkCondition(unit.refusal!);
  return true;
}

function refuseUnknown(command: Command, definition: ReturnType<typeof findCommand>): void {
  // SPC-5 §4.2.5.2: an unknown service action of a known operation code is an invalid field, an unknown code an invalid code.
  if (definition === 'unknown-service-action') command.invalidCdbField(1, 4);
  else if (typeof definition === 'object' && definition.serviceAction !== undefined) command.invalidCdbField(1, 4);
  else command.fail('ILLEGAL REQUEST', 'INVALID_OPCODE', { field: { inCdb: true, byte: 0 } });
}

/** SPC-5 §4.2.5.1: a reserved bit that is set is an invalid field, and so is any field we do not evaluate. */
function usageAllows(command: Command, definition: CommandDefinition): boolean {
  const { usage } = definition;
  const { cdb } = command;
  for (let byte = 1; byte < usage.length; byte += 1) {
    let wrong = cdb[byte]! & ~usage[byte]!;
    if (wrong === 0) continue;
    if (byte === 1 && definition.serviceAction !== undefined) wrong &= ~serviceActionOf(cdb);
    if (wrong === 0) continue;
    command.invalidCdbField(byte, 31 - Math.clz32(wrong));
    return false;
  }
  return true;
}

const NOT_ACCESSIBLE = {
  standby: 'NOT_READY_STANDBY',
  unavailable: 'NOT_READY_UNAVAILABLE',
  transitioning: 'NOT_READY_IN_TRANSITION',
  offline: 'NOT_READY_OFFLINE',
} as const satisfies Partial<Record<AccessState, string>>;

/** SPC-5 §5.17.2.4: through a port that is neither optimized nor non-optimized only a few commands run. */
function refusedByAccessState(unit: LogicalUnit, command: Command, definition: CommandDefinition): boolean {
  const state = unit.accessStates.of(command.link.nexus.targetPort.groupId);
  if (state === 'active-optimized' || state === 'active-nonoptimized') return false;
  if (state === 'standby' && definition.anyAccessState === 'standby') return false;
  command.fail('NOT READY', NOT_ACCESSIBLE[state]);
  return true;
}

function refusedByMedium(unit: LogicalUnit, command: Command): boolean {
  if (unit.medium === 'ready') return false;
  command.fail('NOT READY', 'MEDIUM_NOT_PRESENT_TRAY_OPEN');
  return true;
}
