/** READ and WRITE in their 6, 10, 12 and 16 byte forms (SBC-4 §5.13-5.16, §5.36-5.39). */
import { be16, be24, be32, be64 } from '../../../base/bytes.ts';
import type { StoreError } from '../../block/backing-store.ts';
import type { Command, DataOut } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { FUA, inRange } from './block-range.ts';

function read(unit: LogicalUnit, command: Command, lba: number, blocks: number): void {
  if (!inRange(unit, command, lba, blocks)) return;
  if (blocks === 0) return command.good();
  const length = blocks * unit.config.blockBytes;
  unit.counters.readCommands += 1;
  unit.counters.readBytes += length;
  unit.readRange(lba, blocks, (error, data) => {
    if (data === undefined) unit.failStore(command, error!);
    else command.goodWithData(data.views, length, data);
  });
}

function write(unit: LogicalUnit, command: Command, lba: number, blocks: number, fua: boolean): void {
  if (!inRange(unit, command, lba, blocks)) return;
  if (blocks === 0) return command.good();
  // Fewer bytes than the CDB asks for may be announced: those are written, and an overflow residual says so (RFC 7143 §11.4.5).
  command.receive(blocks * unit.config.blockBytes, (data) => writeReceived(unit, command, lba, data, fua));
}

function writeReceived(unit: LogicalUnit, command: Command, lba: number, data: DataOut, fua: boolean): void {
  unit.counters.writeCommands += 1;
  unit.counters.writtenBytes += data.lengthBytes;
  unit.writeRange(lba, data, fua, (error: StoreError | undefined) => {
    if (error === undefined) command.good();
    else unit.failStore(command, error);
  });
}

const common = { needsMedium: true } as const;
const readCommon = { ...common, reservation: 'read' } as const;
const writeCommon = { ...common, reservation: 'write', writesMedium: true } as const;

// RDPROTECT and WRPROTECT are zero in the usage maps: units are formatted without protection information (SBC-4 §4.21).
export const readWriteCommands: readonly CommandDefinition[] = [
  {
    name: 'READ(6)',
    operationCode: 0x08,
    usage: [0x08, 0x1f, 0xff, 0xff, 0xff, 0x04],
    ...readCommon,
    // SBC-4 §5.13: a transfer length of zero means 256 blocks.
    execute: (unit, command) => read(unit, command, be24(command.cdb, 1) & 0x1fffff, command.cdb[4] || 256),
  },
  {
    name: 'READ(10)',
    operationCode: 0x28,
    usage: [0x28, 0x18, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 0x04],
    ...readCommon,
    execute: (unit, command) => read(unit, command, be32(command.cdb, 2), be16(command.cdb, 7)),
  },
  {
    name: 'READ(12)',
    operationCode: 0xa8,
    usage: [0xa8, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0x04],
    ...readCommon,
    execute: (unit, command) => read(unit, command, be32(command.cdb, 2), be32(command.cdb, 6)),
  },
  {
    name: 'READ(16)',
    operationCode: 0x88,
    usage: [0x88, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0x04],
    ...readCommon,
    execute: (unit, command) => read(unit, command, be64(command.cdb, 2), be32(command.cdb, 10)),
  },
  {
    name: 'WRITE(6)',
    operationCode: 0x0a,
    usage: [0x0a, 0x1f, 0xff, 0xff, 0xff, 0x04],
    ...writeCommon,
    execute: (unit, command) => write(unit, command, be24(command.cdb, 1) & 0x1fffff, command.cdb[4] || 256, false),
  },
  {
    name: 'WRITE(10)',
    operationCode: 0x2a,
    usage: [0x2a, 0x18, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 0x04],
    ...writeCommon,
    execute: (unit, command) => write(unit, command, be32(command.cdb, 2), be16(command.cdb, 7), (command.cdb[1]! & FUA) !== 0),
  },
  {
    name: 'WRITE(12)',
    operationCode: 0xaa,
    usage: [0xaa, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0x04],
    ...writeCommon,
    execute: (unit, command) => write(unit, command, be32(command.cdb, 2), be32(command.cdb, 6), (command.cdb[1]! & FUA) !== 0),
  },
  {
    name: 'WRITE(16)',
    operationCode: 0x8a,
    usage: [0x8a, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0x04],
    ...writeCommon,
    execute: (unit, command) => write(unit, command, be64(command.cdb, 2), be32(command.cdb, 10), (command.cdb[1]! & FUA) !== 0),
  },
];
