/** UNMAP (SBC-4 §5.32). */
import { be16, be32, be64 } from '../../../base/bytes.ts';
import type { StoreDone, StoreError } from '../../block/backing-store.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { UNMAP_BLOCKS_MAX, UNMAP_DESCRIPTORS_MAX } from '../unit-limits.ts';
import type { BlockRange } from './block-cdb.ts';
import { onMedium } from './block-range.ts';
import { inPieces } from './in-pieces.ts';

const HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 16;
const LIST_BYTES_MAX = HEADER_BYTES + UNMAP_DESCRIPTORS_MAX * DESCRIPTOR_BYTES;

function unmap(unit: LogicalUnit, command: Command): void {
  const length = be16(command.cdb, 7);
  // SBC-4 §5.32.1: no parameter list is no error, a list without room for its header is one.
  if (length === 0) return command.good();
  if (length < HEADER_BYTES) return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
  if (length > LIST_BYTES_MAX) return command.invalidCdbField(7);
  command.receiveList(length, (list) => {
    const ranges = decodeRanges(command, list);
    if (ranges === undefined) return;
    // Every descriptor is looked at before the first one is carried out.
    if (!ranges.every(({ lba, blocks }) => onMedium(unit, command, lba, blocks))) return;
    if (ranges.reduce((sum, range) => sum + range.blocks, 0) > UNMAP_BLOCKS_MAX) return command.invalidListField(HEADER_BYTES + 8);
    unmapAll(unit, command, ranges);
  });
}

/** The block descriptors, or undefined if the command is finished with an error. A descriptor cut short is ignored (SBC-4 §5.32.2). */
function decodeRanges(command: Command, list: Uint8Array): BlockRange[] | undefined {
  if (list.length < HEADER_BYTES) {
    command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
    return undefined;
  }
  const available = Math.min(be16(list, 2), list.length - HEADER_BYTES);
  const count = Math.floor(available / DESCRIPTOR_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const at = HEADER_BYTES + index * DESCRIPTOR_BYTES;
    return { lba: be64(list, at), blocks: be32(list, at + 8) };
  });
}

function unmapAll(unit: LogicalUnit, command: Command, ranges: readonly BlockRange[]): void {
  const { blockBytes } = unit.config;
  const step = (index: number, _: number, next: StoreDone): void => {
    const { lba, blocks } = ranges[index]!;
    if (blocks === 0) return next(undefined);
    unit.exclusively(lba, blocks, (release) => {
      unit.store.unmap(lba * blockBytes, blocks * blockBytes, (error: StoreError | undefined) => {
        release();
        next(error);
      });
    });
  };
  // A descriptor a piece; a list that fits into one command is short enough to need no turns between them.
  inPieces(
    { totalBytes: ranges.length, pieceBytes: 1, stop: () => command.aborted, step },
    (action) => action(),
    (error) => {
      if (error === undefined) command.good();
      else unit.failStore(command, error);
    },
  );
}

export const unmapCommands: readonly CommandDefinition[] = [
  {
    name: 'UNMAP',
    operationCode: 0x42,
    // ANCHOR (byte 1 bit 0) is zero: there are no anchored blocks.
    usage: [0x42, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3f, 0xff, 0xff, 0x04],
    reservation: 'write',
    needsMedium: true,
    writesMedium: true,
    // SBC-4 §4.7.3.4.1: LBPU is one only on thin units.
    supports: (unit) => unit.config.thin,
    execute: unmap,
  },
];
