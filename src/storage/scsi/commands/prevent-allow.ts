/** PREVENT ALLOW MEDIUM REMOVAL (SPC-5 §6.14), for units that have a medium to remove. */
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

const PREVENT = 0x01;

function preventAllow(unit: LogicalUnit, command: Command): void {
  const prevent = (command.cdb[4]! & PREVENT) !== 0;
  // SPC-5 table 64: allowing is never a conflict, preventing is.
  if (prevent && unit.reservations.active && unit.reservations.conflicts(command.link, 'write')) return command.reservationConflict();
  command.link.preventsRemoval = prevent;
  command.good();
}

export const preventAllowCommands: readonly CommandDefinition[] = [
  {
    name: 'PREVENT ALLOW MEDIUM REMOVAL',
    operationCode: 0x1e,
    usage: [0x1e, 0x00, 0x00, 0x00, PREVENT, 0x00],
    reservation: 'allowed',
    supports: (unit) => unit.config.removable,
    execute: preventAllow,
  },
];
