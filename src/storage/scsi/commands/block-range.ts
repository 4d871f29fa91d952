/** Checks shared by the commands that address logical blocks (SBC-4 §4.2, §5). */
import type { Command } from '../command.ts';
import type { LogicalUnit } from '../logical-unit.ts';

/** FORCE UNIT ACCESS, bit 3 of CDB byte 1. */
export const FUA = 0x08;

/**
 * True if the blocks lie on the medium and the transfer is no longer than the unit takes; otherwise the command is finished.
 * A range of no blocks may stand just behind the last one (SBC-4 §4.2.4 asks only that the first address be valid or the end).
 */
export function inRange(unit: LogicalUnit, command: Command, lba: number, blocks: number): boolean {
  // Beyond 2^53 numbers are not exact, but still larger than any capacity.
  if (lba > unit.blockCount || blocks > unit.blockCount - lba) {
    command.fail('ILLEGAL REQUEST', 'LBA_OUT_OF_RANGE', lba <= Number.MAX_SAFE_INTEGER ? { information: lba } : {});
    return false;
  }
  if (blocks > unit.transferBlocksMax) {
    // SBC-4 §6.6.4: longer than MAXIMUM TRANSFER LENGTH is an invalid field.
    command.fail('ILLEGAL REQUEST', 'INVALID_FIELD_IN_CDB');
    return false;
  }
  return true;
}
