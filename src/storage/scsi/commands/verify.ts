/** VERIFY in its 10, 12 and 16 byte forms (SBC-4 §5.33-5.35). */
import type { StoreDone } from '../../block/backing-store.ts';
import { sense } from '../../../wire/scsi/sense.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { type BlockRange, DPO, range10, range12, range16, usage10, usage12, usage16 } from './block-cdb.ts';
import { firstDifference, keep, part, PIECE_BYTES, repeated, tile } from './block-data.ts';
import { inRange, receiveBlocks, receiveExactly } from './block-range.ts';
import { inPieces } from './in-pieces.ts';

/** BYTE CHECK, bits 2-1 of CDB byte 1 (SBC-4 table 112). */
const MEDIUM_ONLY = 0;
const EACH_BLOCK = 1;
const ONE_BLOCK_FOR_ALL = 3;

/** What the blocks must hold, from the first on; undefined: they only have to be readable. */
type Expected = ((offsetBytes: number, lengthBytes: number) => readonly Uint8Array[]) | undefined;

function verify(unit: LogicalUnit, command: Command, { lba, blocks }: BlockRange): void {
  const byteCheck = (command.cdb[1]! >>> 1) & 3;
  if (byteCheck !== MEDIUM_ONLY && byteCheck !== EACH_BLOCK && byteCheck !== ONE_BLOCK_FOR_ALL) return command.invalidCdbField(1, 2);
  if (!inRange(unit, command, lba, blocks)) return;
  if (blocks === 0) return command.good();
  const { blockBytes } = unit.config;
  if (byteCheck === MEDIUM_ONLY) return check(unit, command, lba, blocks * blockBytes, undefined);
  if (byteCheck === EACH_BLOCK) {
    return receiveBlocks(unit, command, blocks, (data) => {
      const kept = keep(unit, data);
      const whole = data.lengthBytes - (data.lengthBytes % blockBytes);
      check(unit, command, lba, whole, (offset, length) => part(kept, offset, length));
    });
  }
  receiveExactly(command, blockBytes, (data) => {
    const block = new Uint8Array(blockBytes);
    let at = 0;
    for (const view of data.views) {
      block.set(view, at);
      at += view.length;
    }
    const pattern = tile(block, blocks);
    check(unit, command, lba, blocks * blockBytes, (_, length) => repeated(pattern, length));
  });
}

function check(unit: LogicalUnit, command: Command, lba: number, lengthBytes: number, expected: Expected): void {
  const { blockBytes } = unit.config;
  const step = (offset: number, length: number, next: StoreDone): void => {
    const first = lba + offset / blockBytes;
    unit.readRange(first, length / blockBytes, (error, data) => {
      if (data === undefined) return next(error);
      const at = expected === undefined ? -1 : firstDifference(data.views, expected(offset, length), length);
      if (at === -1) return next(undefined);
      // The INFORMATION field holds the block that differs (SBC-4 §4.18.1).
      const information = first + Math.floor(at / blockBytes);
      command.checkCondition(sense('MISCOMPARE', 'MISCOMPARE_DURING_VERIFY', { information }));
    });
  };
  inPieces({ totalBytes: lengthBytes, pieceBytes: PIECE_BYTES, stop: () => command.aborted, step }, unit.defer, (error) => {
    if (error === undefined) command.good();
    else unit.failStore(command, error);
  });
}

const common = { reservation: 'read', needsMedium: true } as const;
const BYTE_CHECK = 0x06;

// VRPROTECT is zero in the usage maps: units are formatted without protection information (SBC-4 §4.21).
export const verifyCommands: readonly CommandDefinition[] = [
  {
    name: 'VERIFY(10)',
    operationCode: 0x2f,
    usage: usage10(0x2f, DPO | BYTE_CHECK),
    ...common,
    execute: (unit, command) => verify(unit, command, range10(command.cdb)),
  },
  {
    name: 'VERIFY(12)',
    operationCode: 0xaf,
    usage: usage12(0xaf, DPO | BYTE_CHECK),
    ...common,
    execute: (unit, command) => verify(unit, command, range12(command.cdb)),
  },
  {
    name: 'VERIFY(16)',
    operationCode: 0x8f,
    usage: usage16(0x8f, DPO | BYTE_CHECK),
    ...common,
    execute: (unit, command) => verify(unit, command, range16(command.cdb)),
  },
];
