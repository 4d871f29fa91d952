/** WRITE AND VERIFY in its 10, 12 and 16 byte forms (SBC-4 §5.40-5.42). */
import { sense } from '../../../wire/scsi/sense.ts';
import type { Command, DataOut } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { type BlockRange, DPO, range10, range12, range16, usage10, usage12, usage16 } from './block-cdb.ts';
import { firstDifference, keep, part } from './block-data.ts';
import { inRange, receiveBlocks } from './block-range.ts';

function writeAndVerify(unit: LogicalUnit, command: Command, { lba, blocks }: BlockRange): void {
  const byteCheck = (command.cdb[1]! >>> 1) & 3;
  // SBC-4 table 126: only 00b and 01b have a meaning here.
  if (byteCheck > 1) return command.invalidCdbField(1, 2);
  if (!inRange(unit, command, lba, blocks)) return;
  if (blocks === 0) return command.good();
  receiveBlocks(unit, command, blocks, (data) => writeReceived(unit, command, lba, data, byteCheck === 1));
}

/** The range stays ours until it is verified: somebody else's write in between would look like a miscompare. */
function writeReceived(unit: LogicalUnit, command: Command, lba: number, data: DataOut, compare: boolean): void {
  const { blockBytes } = unit.config;
  const length = data.lengthBytes - (data.lengthBytes % blockBytes);
  const kept = part(keep(unit, data), 0, length);
  const offset = lba * blockBytes;
  unit.counters.writeCommands += 1;
  unit.counters.writtenBytes += length;
  unit.exclusively(lba, length / blockBytes, (release) => {
    // Forced: what is verified is the medium, not a cache (SBC-4 §5.40).
    unit.store.write(offset, kept, { fua: true, stable: true }, (writeError) => {
      if (writeError !== undefined) {
        release();
        return unit.failStore(command, writeError);
      }
      unit.store.read(offset, length, (readError, read) => {
        const at = read === undefined || !compare ? -1 : firstDifference(read.views, kept, length);
        release();
        if (read === undefined) return unit.failStore(command, readError!);
        if (at === -1) return command.good();
        command.checkCondition(sense('MISCOMPARE', 'MISCOMPARE_DURING_VERIFY', { information: lba + Math.floor(at / blockBytes) }));
      });
    });
  });
}

const common = { reservation: 'write', needsMedium: true, writesMedium: true } as const;
const BYTE_CHECK = 0x06;

export const writeAndVerifyCommands: readonly CommandDefinition[] = [
  {
    name: 'WRITE AND VERIFY(10)',
    operationCode: 0x2e,
    usage: usage10(0x2e, DPO | BYTE_CHECK),
    ...common,
    execute: (unit, command) => writeAndVerify(unit, command, range10(command.cdb)),
  },
  {
    name: 'WRITE AND VERIFY(12)',
    operationCode: 0xae,
    usage: usage12(0xae, DPO | BYTE_CHECK),
    ...common,
    execute: (unit, command) => writeAndVerify(unit, command, range12(command.cdb)),
  },
  {
    name: 'WRITE AND VERIFY(16)',
    operationCode: 0x8e,
    usage: usage16(0x8e, DPO | BYTE_CHECK),
    ...common,
    execute: (unit, command) => writeAndVerify(unit, command, range16(command.cdb)),
  },
];
