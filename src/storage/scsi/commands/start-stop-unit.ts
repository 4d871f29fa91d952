/** START STOP UNIT (SBC-4 §5.31): loading and ejecting the medium of a removable unit, and a flush before anything rests. */
import { sense } from '../../../wire/scsi/sense.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

const IMMED = 0x01;
const NO_FLUSH = 0x04;
const LOEJ = 0x02;
const START = 0x01;

const removalPrevented = (unit: LogicalUnit): boolean => [...unit.links.values()].some((link) => link.preventsRemoval);

/** Empties the write cache, unless the CDB says not to, and then answers; with IMMED the answer doesn't wait. */
function flushAndAnswer(unit: LogicalUnit, command: Command, onFailure: () => void): void {
  const immediate = (command.cdb[1]! & IMMED) !== 0;
  if ((command.cdb[4]! & NO_FLUSH) !== 0 || !unit.store.writeBack) return command.good();
  if (immediate) command.good();
  unit.store.flush((error) => {
    if (error === undefined) {
      if (!immediate) command.good();
      return;
    }
    onFailure();
    if (!immediate) unit.failStore(command, error);
  });
}

function loadOrEject(unit: LogicalUnit, command: Command, load: boolean): void {
  if (!unit.config.removable) return command.invalidCdbField(4, 1);
  // SPC-5 §6.14: while any initiator prevents it the medium moves in neither direction.
  if (removalPrevented(unit)) return command.fail('ILLEGAL REQUEST', 'MEDIUM_REMOVAL_PREVENTED');
  if (load) {
    if (unit.medium === 'ejected') {
      unit.medium = 'ready';
      unit.attention(sense('UNIT ATTENTION', 'MEDIUM_MAY_HAVE_CHANGED'), command.link);
    }
    return command.good();
  }
  if (unit.medium === 'ejected') return command.good();
  unit.medium = 'ejected'; // at once: nothing may be written behind the flush
  flushAndAnswer(unit, command, () => {
    unit.medium = 'ready';
  });
}

function startStopUnit(unit: LogicalUnit, command: Command): void {
  const flags = command.cdb[4]!;
  const powerCondition = flags >>> 4;
  const start = (flags & START) !== 0;
  // SBC-4 table 14: starting is allowed to everybody; stopping and the power conditions are the reservation holder's.
  const restricted = powerCondition !== 0 || !start;
  if (restricted && unit.reservations.active && unit.reservations.conflicts(command.link, 'write')) return command.reservationConflict();
  // SBC-4 §5.31: with a power condition LOEJ and START are ignored. No condition of ours saves power: each is granted.
  if (powerCondition !== 0) return flushAndAnswer(unit, command, () => {});
  if ((flags & LOEJ) !== 0) return loadOrEject(unit, command, start);
  if (start) return command.good();
  // Nothing spins here. One initiator's STOP empties the cache, but doesn't take the unit from all the others who share it.
  flushAndAnswer(unit, command, () => {});
}

export const startStopUnitCommands: readonly CommandDefinition[] = [
  {
    name: 'START STOP UNIT',
    operationCode: 0x1b,
    usage: [0x1b, IMMED, 0x00, 0x0f, 0xf7, 0x00],
    reservation: 'allowed',
    execute: startStopUnit,
  },
];
