/** PRE-FETCH in its 10 and 16 byte forms (SBC-4 §5.18, §5.19). */
import type { StoreDone } from '../../block/backing-store.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import { type LogicalUnit, TRANSFER_BYTES_MAX } from '../logical-unit.ts';
import { type BlockRange, range10, range16, usage10, usage16 } from './block-cdb.ts';
import { PIECE_BYTES } from './block-data.ts';
import { onMedium } from './block-range.ts';
import { inPieces } from './in-pieces.ts';

const IMMED = 0x02;

/** What a store without a cache of its own reads, the cache of the machine below it keeps; the whole of a long range is not worth it. */
function preFetch(unit: LogicalUnit, command: Command, range: BlockRange): void {
  if (!onMedium(unit, command, range.lba, range.blocks)) return;
  // SBC-4 §5.18: no length means up to the last block.
  const blocks = range.blocks === 0 ? unit.blockCount - range.lba : range.blocks;
  const { blockBytes } = unit.config;
  // A store in memory, which has everything at hand.
  if (unit.store.completesAtOnce) return command.conditionMet();
  // SBC-4 §5.18: GOOD says that not all of the blocks found room.
  if (blocks * blockBytes > TRANSFER_BYTES_MAX) return command.good();
  const immediate = (command.cdb[1]! & IMMED) !== 0;
  if (immediate) command.conditionMet();
  const step = (offset: number, length: number, next: StoreDone): void => {
    unit.readRange(range.lba + offset / blockBytes, length / blockBytes, (error) => next(error));
  };
  inPieces({ totalBytes: blocks * blockBytes, pieceBytes: PIECE_BYTES, stop: () => command.aborted, step }, unit.defer, (error) => {
    if (immediate) return; // an error will show when the blocks are read
    if (error === undefined) command.conditionMet();
    else unit.failStore(command, error);
  });
}

const common = { reservation: 'read', needsMedium: true } as const;

export const preFetchCommands: readonly CommandDefinition[] = [
  {
    name: 'PRE-FETCH(10)',
    operationCode: 0x34,
    usage: usage10(0x34, IMMED),
    ...common,
    execute: (unit, command) => preFetch(unit, command, range10(command.cdb)),
  },
  {
    name: 'PRE-FETCH(16)',
    operationCode: 0x90,
    usage: usage16(0x90, IMMED),
    ...common,
    execute: (unit, command) => preFetch(unit, command, range16(command.cdb)),
  },
];
