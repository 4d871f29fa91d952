/** SEND DIAGNOSTIC (SPC-5 §6.42): the default self-test alone; there are no diagnostic pages. */
import { be16 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

const PF = 0x10;
const SELFTEST = 0x04;
const DEVOFFL = 0x02;
const UNITOFFL = 0x01;

function sendDiagnostic(_unit: LogicalUnit, command: Command): void {
  // No page to send: only an empty list will do. The default self-test of a unit without mechanics is that it answers.
  if (be16(command.cdb, 3) !== 0) return command.invalidCdbField(3);
  command.good();
}

export const diagnosticCommands: readonly CommandDefinition[] = [
  {
    name: 'SEND DIAGNOSTIC',
    operationCode: 0x1d,
    // Self-test codes other than the default one are refused by the zero bits.
    usage: [0x1d, PF | SELFTEST | DEVOFFL | UNITOFFL, 0x00, 0xff, 0xff, 0x00],
    reservation: 'write',
    anyAccessState: 'standby',
    execute: sendDiagnostic,
  },
];
