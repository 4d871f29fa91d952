/** COMPARE AND WRITE (SBC-4 §5.4): the atomic test and set that cluster file systems take their locks with. */
import { sense } from '../../../wire/scsi/sense.ts';
import type { StoreError } from '../../block/backing-store.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { be64 } from '../../../base/bytes.ts';
import { DPO } from './block-cdb.ts';
import { firstDifference, keep, part } from './block-data.ts';
import { FUA, inRange, receiveExactly } from './block-range.ts';

function compareAndWrite(unit: LogicalUnit, command: Command): void {
  const lba = be64(command.cdb, 2);
  // NUMBER OF LOGICAL BLOCKS is one byte: no more than COMPARE_AND_WRITE_BLOCKS_MAX can be asked for.
  const blocks = command.cdb[13]!;
  if (!inRange(unit, command, lba, blocks)) return;
  if (blocks === 0) {
    // Data for no blocks: an initiator whose number of blocks (256, say) did not fit into the field.
    if (command.dataOutLimitBytes !== 0) return command.invalidCdbField(13);
    return command.good();
  }
  const length = blocks * unit.config.blockBytes;
  // First what must be there, then as much to write.
  receiveExactly(command, 2 * length, (data) => {
    const kept = keep(unit, data);
    exchange(unit, command, { lba, blocks, expected: part(kept, 0, length), replacement: part(kept, length, length) });
  });
}

interface Exchange {
  readonly lba: number;
  readonly blocks: number;
  readonly expected: readonly Uint8Array[];
  readonly replacement: readonly Uint8Array[];
}

function exchange(unit: LogicalUnit, command: Command, { lba, blocks, expected, replacement }: Exchange): void {
  const { store, config, counters } = unit;
  const offset = lba * config.blockBytes;
  const length = blocks * config.blockBytes;
  const fua = unit.forces((command.cdb[1]! & FUA) !== 0);
  counters.writeCommands += 1;
  unit.exclusively(lba, blocks, (release) => {
    const end = (error: StoreError | undefined): void => {
      release();
      if (error === undefined) command.good();
      else unit.failStore(command, error);
    };
    store.read(offset, length, (error, data) => {
      if (data === undefined) return end(error);
      const at = firstDifference(data.views, expected, length);
      if (at === -1) {
        counters.writtenBytes += length;
        return store.write(offset, replacement, { fua, stable: true }, end);
      }
      release();
      // SBC-4 §5.4: INFORMATION is the offset of the first byte that differs.
      command.checkCondition(sense('MISCOMPARE', 'MISCOMPARE_DURING_VERIFY', { information: at }));
    });
  });
}

export const compareAndWriteCommands: readonly CommandDefinition[] = [
  {
    name: 'COMPARE AND WRITE',
    operationCode: 0x89,
    usage: [0x89, DPO | FUA, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0x3f, 0x04],
    reservation: 'write',
    needsMedium: true,
    writesMedium: true,
    execute: compareAndWrite,
  },
];
