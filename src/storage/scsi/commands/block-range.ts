/** Checks shared by the commands that address logical blocks (SBC-4 §4.2, §5). */
import type { Command, DataOut } from '../command.ts';
import type { LogicalUnit } from '../logical-unit.ts';

/** FORCE UNIT ACCESS, bit 3 of CDB byte 1. */
export const FUA = 0x08;

/**
 * True if the blocks lie on the medium; otherwise the command is finished. A range of no blocks may stand just behind the last one
 * (SBC-4 §4.2.4 asks only that the first address be valid or the end).
 */
export function onMedium(unit: LogicalUnit, command: Command, lba: number, blocks: number): boolean {
  // Beyond 2^53 numbers are not exact, but still larger than any capacity.
  if (lba <= unit.blockCount && blocks <= unit.blockCount - lba) return true;
  command.fail('ILLEGAL REQUEST', 'LBA_OUT_OF_RANGE', lba <= Number.MAX_SAFE_INTEGER ? { information: lba } : {});
  return false;
}

/** `onMedium`, and the transfer is no longer than the unit takes. */
export function inRange(unit: LogicalUnit, command: Command, lba: number, blocks: number): boolean {
  if (!onMedium(unit, command, lba, blocks)) return false;
  if (blocks > unit.transferBlocksMax) {
    // SBC-4 §6.6.4: longer than MAXIMUM TRANSFER LENGTH is an invalid field.
    command.fail('ILLEGAL REQUEST', 'INVALID_FIELD_IN_CDB');
    return false;
  }
  return true;
}

/**
 * Asks for the data-out of so many blocks. An initiator that announced fewer gets those processed and an overflow residual; part of a
 * block is refused where more is done with a block than to write it (FCP-4 §9.4.2 allows both, and iSCSI leaves it to us).
 */
export function receiveBlocks(unit: LogicalUnit, command: Command, blocks: number, then: (data: DataOut) => void): void {
  const length = blocks * unit.config.blockBytes;
  const announced = command.dataOutLimitBytes;
  if (announced < length && announced % unit.config.blockBytes !== 0) return refuseAnnounced(command, length);
  command.receive(length, then);
}

/** Asks for data-out that makes sense as a whole only: an initiator that announced another length misunderstands the command. */
export function receiveExactly(command: Command, lengthBytes: number, then: (data: DataOut) => void): void {
  if (command.dataOutLimitBytes !== lengthBytes) return refuseAnnounced(command, lengthBytes);
  command.receive(lengthBytes, then);
}

function refuseAnnounced(command: Command, wantedBytes: number): void {
  command.dataOutBytes = wantedBytes;
  command.fail('ILLEGAL REQUEST', 'INVALID_FIELD_IN_INFORMATION_UNIT');
}
