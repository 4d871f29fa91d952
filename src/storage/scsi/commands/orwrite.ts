/** ORWRITE(16) (SBC-4 §5.15): sets the bits of the data-out in blocks that are there already. */
import { concat } from '../../../base/bytes.ts';
import type { StoreError } from '../../block/backing-store.ts';
import type { Command, DataOut } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { DPO, range16, usage16 } from './block-cdb.ts';
import { orInto, part } from './block-data.ts';
import { FUA, inRange, receiveBlocks } from './block-range.ts';

function orwrite(unit: LogicalUnit, command: Command): void {
  const { lba, blocks } = range16(command.cdb);
  if (!inRange(unit, command, lba, blocks)) return;
  if (blocks === 0) return command.good();
  receiveBlocks(unit, command, blocks, (data) => setBits(unit, command, lba, data));
}

function setBits(unit: LogicalUnit, command: Command, lba: number, data: DataOut): void {
  const { blockBytes } = unit.config;
  const length = data.lengthBytes - (data.lengthBytes % blockBytes);
  const offset = lba * blockBytes;
  const bits = concat(part(data.views, 0, length)).slice();
  const fua = unit.forces((command.cdb[1]! & FUA) !== 0);
  unit.counters.writeCommands += 1;
  unit.counters.writtenBytes += length;
  // Nobody may write between what is read and what is written back (SBC-4 §5.15: an uninterrupted series of actions).
  unit.exclusively(lba, length / blockBytes, (release) => {
    const end = (error: StoreError | undefined): void => {
      release();
      if (error === undefined) command.good();
      else unit.failStore(command, error);
    };
    unit.store.read(offset, length, (error, read) => {
      if (read === undefined) return end(error);
      orInto(bits, read.views);
      unit.store.write(offset, [bits], { fua, stable: true }, end);
    });
  });
}

export const orwriteCommands: readonly CommandDefinition[] = [
  {
    name: 'ORWRITE(16)',
    operationCode: 0x8b,
    usage: usage16(0x8b, DPO | FUA),
    reservation: 'write',
    needsMedium: true,
    writesMedium: true,
    execute: orwrite,
  },
];
