/** WRITE SAME in its 10 and 16 byte forms (SBC-4 §5.46, §5.47). */
import { concat } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { WRITE_SAME_BLOCKS_MAX } from '../unit-limits.ts';
import { type BlockRange, range10, range16, usage10, usage16 } from './block-cdb.ts';
import { PIECE_BYTES, repeated, tile } from './block-data.ts';
import { onMedium, receiveExactly } from './block-range.ts';
import { inPieces } from './in-pieces.ts';

const UNMAP = 0x08;
/** NO DATA-OUT BUFFER: zeros, without sending any (SBC-4 §5.47). */
const NO_DATA_OUT = 0x01;

/** `lengthField` is the CDB byte where NUMBER OF LOGICAL BLOCKS starts. */
function writeSame(unit: LogicalUnit, command: Command, range: BlockRange, lengthField: number): void {
  const flags = command.cdb[1]!;
  const unmap = (flags & UNMAP) !== 0;
  // SBC-4 §5.46: UNMAP is for units that have logical block provisioning management.
  if (unmap && !unit.config.thin) return command.invalidCdbField(1, 3);
  if (!onMedium(unit, command, range.lba, range.blocks)) return;
  // WSNZ is zero: no number means up to the last block, held to the same limit (SBC-4 §6.6.4).
  const blocks = range.blocks === 0 ? unit.blockCount - range.lba : range.blocks;
  if (blocks > WRITE_SAME_BLOCKS_MAX) return command.invalidCdbField(lengthField);
  const { blockBytes } = unit.config;
  if ((flags & NO_DATA_OUT) !== 0) return apply(unit, command, { lba: range.lba, blocks }, new Uint8Array(blockBytes), unmap);
  receiveExactly(command, blockBytes, (data) => {
    apply(unit, command, { lba: range.lba, blocks }, concat(data.views).slice(), unmap);
  });
}

function apply(unit: LogicalUnit, command: Command, { lba, blocks }: BlockRange, block: Uint8Array, unmap: boolean): void {
  if (blocks === 0) return command.good();
  const start = lba * unit.config.blockBytes;
  const length = blocks * unit.config.blockBytes;
  unit.counters.writeCommands += 1;
  unit.exclusively(lba, blocks, (release) => {
    const done: Parameters<typeof inPieces>[2] = (error) => {
      release();
      if (error === undefined) command.good();
      else unit.failStore(command, error);
    };
    // SBC-4 §5.46: with UNMAP the blocks should be deallocated, and the data-out says nothing more: initiators send zeros, which is
    // what unmapped blocks read as. (Some targets write other data instead; most, and the suites, expect the bit to decide.)
    if (unmap) return unit.store.unmap(start, length, done);
    const pattern = tile(block, blocks);
    const options = { fua: unit.forces(false), stable: true };
    const work = {
      totalBytes: length,
      pieceBytes: PIECE_BYTES,
      stop: () => command.aborted,
      step: (offset: number, size: number, next: typeof done) => unit.store.write(start + offset, repeated(pattern, size), options, next),
    };
    inPieces(work, unit.defer, done);
  });
}

const common = { reservation: 'write', needsMedium: true, writesMedium: true } as const;

// ANCHOR is zero in the usage maps: there are no anchored blocks (ANC_SUP is zero).
export const writeSameCommands: readonly CommandDefinition[] = [
  {
    name: 'WRITE SAME(10)',
    operationCode: 0x41,
    usage: usage10(0x41, UNMAP),
    ...common,
    execute: (unit, command) => writeSame(unit, command, range10(command.cdb), 7),
  },
  {
    name: 'WRITE SAME(16)',
    operationCode: 0x93,
    usage: usage16(0x93, UNMAP | NO_DATA_OUT),
    ...common,
    execute: (unit, command) => writeSame(unit, command, range16(command.cdb), 10),
  },
];
