/** READ CAPACITY in its 10 and 16 byte forms (SBC-4 §5.20, §5.21). */
import { be32, putBe32, putBe64 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

function readCapacity10(unit: LogicalUnit, command: Command): void {
  const out = new Uint8Array(8);
  // SBC-4 §5.20.2: all ones send the initiator to the 16 byte form.
  putBe32(out, 0, Math.min(unit.blockCount - 1, 0xffff_ffff));
  putBe32(out, 4, unit.config.blockBytes);
  command.goodWithList(out, out.length);
}

function readCapacity16(unit: LogicalUnit, command: Command): void {
  const out = new Uint8Array(32);
  putBe64(out, 0, unit.blockCount - 1);
  putBe32(out, 8, unit.config.blockBytes);
  out[13] = unit.config.physicalBlockExponent;
  // LBPME and LBPRZ; the lowest aligned block is the first.
  out[14] = unit.config.thin ? 0xc0 : 0;
  command.goodWithList(out, be32(command.cdb, 10));
}

const common = { reservation: 'allowed', needsMedium: true } as const;

export const readCapacityCommands: readonly CommandDefinition[] = [
  {
    name: 'READ CAPACITY(10)',
    operationCode: 0x25,
    // The logical block address and PMI are obsolete (SBC-4 §5.20.1); a request that uses them is refused rather than misread.
    usage: [0x25, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
    ...common,
    execute: readCapacity10,
  },
  {
    name: 'READ CAPACITY(16)',
    operationCode: 0x9e,
    serviceAction: 0x10,
    usage: [0x9e, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    ...common,
    execute: readCapacity16,
  },
];
