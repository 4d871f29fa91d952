/**
 * WRITE ATOMIC(16) (SBC-4 §5.48): all of it or nothing, to everybody who reads. One call to the store, with the range to itself.
 * What a loss of power leaves of a write under way is up to the store: a memory store is gone as a whole, a file is as atomic as
 * the file system below it.
 */
import { be16, be64 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { ATOMIC_BLOCKS_MAX, atomicUnitBlocks } from '../unit-limits.ts';
import { DPO } from './block-cdb.ts';
import { FUA, inRange, receiveExactly } from './block-range.ts';

function writeAtomic(unit: LogicalUnit, command: Command): void {
  const lba = be64(command.cdb, 2);
  const blocks = be16(command.cdb, 12);
  if (!inRange(unit, command, lba, blocks)) return;
  const granularity = atomicUnitBlocks(unit.config.physicalBlockExponent);
  // SBC-4 §4.29.2: lengths and alignment as the Block Limits page tells them.
  if (blocks > ATOMIC_BLOCKS_MAX || blocks % granularity !== 0) return command.invalidCdbField(12);
  if (lba % granularity !== 0) return command.invalidCdbField(2);
  if (blocks === 0) return command.good();
  const length = blocks * unit.config.blockBytes;
  receiveExactly(command, length, (data) => {
    unit.counters.writeCommands += 1;
    unit.counters.writtenBytes += length;
    unit.writeRange(lba, data, (command.cdb[1]! & FUA) !== 0, (error) => {
      if (error === undefined) command.good();
      else unit.failStore(command, error);
    });
  });
}

export const writeAtomicCommands: readonly CommandDefinition[] = [
  {
    name: 'WRITE ATOMIC(16)',
    operationCode: 0x9c,
    // ATOMIC BOUNDARY (bytes 10-11) is zero: MAXIMUM ATOMIC BOUNDARY SIZE is.
    usage: [0x9c, DPO | FUA, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff, 0x3f, 0x04],
    reservation: 'write',
    needsMedium: true,
    writesMedium: true,
    execute: writeAtomic,
  },
];
