/** TEST UNIT READY (SPC-5 §6.47). */
import type { CommandDefinition } from '../command-definition.ts';

export const testUnitReadyCommands: readonly CommandDefinition[] = [
  {
    name: 'TEST UNIT READY',
    operationCode: 0x00,
    usage: [0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
    reservation: 'allowed',
    needsMedium: true,
    execute: (_unit, command) => command.good(),
  },
];
