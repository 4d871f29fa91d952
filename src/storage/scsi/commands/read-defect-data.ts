/** READ DEFECT DATA in its 10 and 12 byte forms (SBC-4 §5.22, §5.23): the lists are there, and there is nothing in them. */
import { be16, be32 } from '../../../base/bytes.ts';
import type { CommandDefinition } from '../command-definition.ts';

/** The header says which lists were asked for and in which format; the length behind it is zero. */
function emptyList(headerBytes: number, request: number): Uint8Array {
  const out = new Uint8Array(headerBytes);
  out[1] = request & 0x1f;
  return out;
}

const common = { reservation: 'read', needsMedium: true } as const;

export const readDefectDataCommands: readonly CommandDefinition[] = [
  {
    name: 'READ DEFECT DATA(10)',
    operationCode: 0x37,
    usage: [0x37, 0x00, 0x1f, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00],
    ...common,
    execute: (_unit, command) => command.goodWithList(emptyList(4, command.cdb[2]!), be16(command.cdb, 7)),
  },
  {
    name: 'READ DEFECT DATA(12)',
    operationCode: 0xb7,
    usage: [0xb7, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    ...common,
    execute: (_unit, command) => command.goodWithList(emptyList(8, command.cdb[1]!), be32(command.cdb, 6)),
  },
];
