/** SYNCHRONIZE CACHE in its 10 and 16 byte forms (SBC-4 §5.29, §5.30): what was written before is durable when it is answered. */
import { sense } from '../../../wire/scsi/sense.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { type BlockRange, range10, range16, usage10, usage16 } from './block-cdb.ts';
import { onMedium } from './block-range.ts';

const IMMED = 0x02;
/** SYNC_NV of SBC-3, obsolete since: there is one cache, and it is always synchronized with the medium. */
const SYNC_NV = 0x04;

/** A store flushes all it has: more than the range that is asked for. */
function synchronize(unit: LogicalUnit, command: Command, range: BlockRange): void {
  if (!onMedium(unit, command, range.lba, range.blocks)) return;
  if (!unit.store.writeBack) return command.good();
  const immediate = (command.cdb[1]! & IMMED) !== 0;
  if (immediate) command.good();
  unit.store.flush((error) => {
    if (!immediate) {
      if (error === undefined) command.good();
      else unit.failStore(command, error);
    } else if (error !== undefined) {
      // Answered already: the initiator that asked learns of it with its next command, instead of never.
      command.link.attention(sense('MEDIUM ERROR', 'WRITE_ERROR'));
    }
  });
}

const common = { reservation: 'write', needsMedium: true } as const;

export const synchronizeCacheCommands: readonly CommandDefinition[] = [
  {
    name: 'SYNCHRONIZE CACHE(10)',
    operationCode: 0x35,
    usage: usage10(0x35, IMMED | SYNC_NV),
    ...common,
    execute: (unit, command) => synchronize(unit, command, range10(command.cdb)),
  },
  {
    name: 'SYNCHRONIZE CACHE(16)',
    operationCode: 0x91,
    usage: usage16(0x91, IMMED | SYNC_NV),
    ...common,
    execute: (unit, command) => synchronize(unit, command, range16(command.cdb)),
  },
];
