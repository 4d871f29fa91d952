/** RESERVE and RELEASE in their 6 and 10 byte forms (SPC-2 §7.16, §7.17, §7.21, §7.22), beside persistent reservations as SPC-5 §5.14.3 allows. */
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { Command } from '../command.ts';

// Third-party reservations, extents and identifiers are zero in the usage maps: this reserves for the sender alone, as SPC-2 permits.
function reserve(unit: LogicalUnit, command: Command): void {
  if (unit.reservations.reserveLegacy(command.link)) command.good();
  else command.reservationConflict();
}

function release(unit: LogicalUnit, command: Command): void {
  if (unit.reservations.releaseLegacy(command.link)) command.good();
  else command.reservationConflict();
}

export const reserveReleaseCommands: readonly CommandDefinition[] = [
  { name: 'RESERVE(6)', operationCode: 0x16, usage: [0x16, 0, 0, 0, 0, 0x04], reservation: 'allowed', execute: reserve },
  { name: 'RELEASE(6)', operationCode: 0x17, usage: [0x17, 0, 0, 0, 0, 0x04], reservation: 'allowed', execute: release },
  { name: 'RESERVE(10)', operationCode: 0x56, usage: [0x56, 0, 0, 0, 0, 0, 0, 0, 0, 0x04], reservation: 'allowed', execute: reserve },
  { name: 'RELEASE(10)', operationCode: 0x57, usage: [0x57, 0, 0, 0, 0, 0, 0, 0, 0, 0x04], reservation: 'allowed', execute: release },
];
