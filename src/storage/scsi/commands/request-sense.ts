/** REQUEST SENSE (SPC-5 §6.39): a pending unit attention, or how far a background operation has come. */
import { encodeDescriptorSense, encodeFixedSense, sense } from '../../../wire/scsi/sense.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

/** Descriptor format sense data wanted. */
const DESC = 0x01;

function requestSense(unit: LogicalUnit, command: Command): void {
  // Reporting a unit attention as parameter data clears it, like reporting it as sense data.
  const value = command.link.takeAttention() ?? unit.backgroundSense ?? sense('NO SENSE', 'NONE');
  const encode = (command.cdb[1]! & DESC) === 0 ? encodeFixedSense : encodeDescriptorSense;
  command.goodWithList(encode(value), command.cdb[4]!);
}

export const requestSenseCommands: readonly CommandDefinition[] = [
  {
    name: 'REQUEST SENSE',
    operationCode: 0x03,
    usage: [0x03, DESC, 0x00, 0x00, 0xff, 0x00],
    reservation: 'allowed',
    ignoresUnitAttention: true,
    anyAccessState: true,
    execute: requestSense,
  },
];
