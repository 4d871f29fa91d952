/** GET LBA STATUS (SBC-4 §5.6): which blocks are mapped. */
import { be32, be64, putBe32, putBe64 } from '../../../base/bytes.ts';
import type { AllocationRun } from '../../block/backing-store.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { onMedium } from './block-range.ts';

const HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 16;
const DESCRIPTORS_MAX = 256;
const MAPPED = 0;
const DEALLOCATED = 1;

function getLbaStatus(unit: LogicalUnit, command: Command): void {
  const lba = be64(command.cdb, 2);
  const allocationLength = be32(command.cdb, 10);
  // The first block that is asked for must be there: a range of one.
  if (!onMedium(unit, command, lba, 1)) return;
  const { blockBytes } = unit.config;
  const room = Math.floor((allocationLength - HEADER_BYTES) / DESCRIPTOR_BYTES);
  const runsMax = Math.max(1, Math.min(DESCRIPTORS_MAX, room));
  unit.store.allocation(lba * blockBytes, (unit.blockCount - lba) * blockBytes, runsMax, (error, runs) => {
    if (runs === undefined) unit.failStore(command, error!);
    else command.goodWithList(encodeStatus(lba, inBlocks(runs, blockBytes)), allocationLength);
  });
}

interface BlockRun {
  blocks: number;
  readonly mapped: boolean;
}

/** A store counts in its own units: a block that is mapped in part is mapped. */
function inBlocks(runs: readonly AllocationRun[], blockBytes: number): BlockRun[] {
  const out: BlockRun[] = [];
  let bytes = 0;
  let block = 0;
  for (const run of runs) {
    bytes += run.lengthBytes;
    const end = run.mapped ? Math.ceil(bytes / blockBytes) : Math.floor(bytes / blockBytes);
    if (end <= block) continue;
    const last = out.at(-1);
    if (last?.mapped === run.mapped) last.blocks += end - block;
    else out.push({ blocks: end - block, mapped: run.mapped });
    block = end;
  }
  return out;
}

/** SBC-4 §5.6.2. A run longer than its field can tell is cut, and the list ends there: it has no gaps. */
function encodeStatus(lba: number, runs: readonly BlockRun[]): Uint8Array {
  const cut = runs.findIndex((run) => run.blocks > 0xffff_ffff);
  const told = cut === -1 ? runs : runs.slice(0, cut + 1);
  const out = new Uint8Array(HEADER_BYTES + told.length * DESCRIPTOR_BYTES);
  putBe32(out, 0, out.length - 4);
  let first = lba;
  told.forEach((run, index) => {
    const at = HEADER_BYTES + index * DESCRIPTOR_BYTES;
    putBe64(out, at, first);
    putBe32(out, at + 8, Math.min(run.blocks, 0xffff_ffff));
    out[at + 12] = run.mapped ? MAPPED : DEALLOCATED;
    first += run.blocks;
  });
  return out;
}

export const getLbaStatusCommands: readonly CommandDefinition[] = [
  {
    name: 'GET LBA STATUS(16)',
    operationCode: 0x9e,
    serviceAction: 0x12,
    // REPORT TYPE (byte 14) is zero: all blocks are told of.
    usage: [0x9e, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x04],
    reservation: 'read',
    needsMedium: true,
    execute: getLbaStatus,
  },
];
