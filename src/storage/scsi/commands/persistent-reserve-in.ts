/** PERSISTENT RESERVE IN (SPC-5 §6.15): READ KEYS, READ RESERVATION, REPORT CAPABILITIES and READ FULL STATUS. */
import { be16, concat, fromHex, putBe16, putBe32 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { isHolder, NO_KEY, type PersistentState, type Registration } from '../persistent-state.ts';
import { RESERVATION_TYPES } from '../reservation-types.ts';

/** PRgeneration and ADDITIONAL LENGTH before `bodyBytes` more. */
function header(state: PersistentState, bodyBytes: number): Uint8Array {
  const out = new Uint8Array(8);
  putBe32(out, 0, state.generation);
  putBe32(out, 4, bodyBytes);
  return out;
}

function withHeader(state: PersistentState, parts: readonly Uint8Array[]): Uint8Array {
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  return concat([header(state, bodyBytes), ...parts]);
}

function readKeys({ reservations: { persistent } }: LogicalUnit): Uint8Array {
  return withHeader(
    persistent,
    [...persistent.registrations.values()].map(({ key }) => fromHex(key)),
  );
}

function readReservation({ reservations: { persistent } }: LogicalUnit): Uint8Array {
  const { reservation } = persistent;
  if (reservation === undefined) return header(persistent, 0);
  const out = new Uint8Array(16);
  // SPC-5 §6.15.3.2: a reservation of all registrants has no one key, and shows zero.
  const key = reservation.holder === undefined ? NO_KEY : persistent.registrations.get(reservation.holder)!.key;
  out.set(fromHex(key), 0);
  // SCOPE is 0h, the logical unit.
  out[13] = RESERVATION_TYPES[reservation.type];
  return withHeader(persistent, [out]);
}

function reportCapabilities({ reservations }: LogicalUnit): Uint8Array {
  const out = new Uint8Array(8);
  putBe16(out, 0, out.length);
  // CRH, SIP_C, ATP_C, and PTPL_C.
  out[2] = 0x10 | 0x08 | 0x04 | (reservations.canPersist ? 0x01 : 0);
  // TMV; ALLOW COMMANDS 011b: TEST UNIT READY passes every type, MODE SENSE and its like pass Write Exclusive; PTPL_A.
  out[3] = 0x80 | (0b011 << 4) | (reservations.persistent.persistsThroughPowerLoss ? 0x01 : 0);
  // PERSISTENT RESERVATION TYPE MASK: all six.
  out[4] = 0xea;
  out[5] = 0x01;
  return out;
}

function fullStatus(state: PersistentState, registration: Registration): Uint8Array {
  const out = new Uint8Array(24 + registration.transportId.length);
  out.set(fromHex(registration.key), 0);
  // ALL_TG_PT is zero: every target port has a descriptor of its own.
  if (isHolder(state, registration.nexusKey)) {
    out[12] = 0x01;
    out[13] = RESERVATION_TYPES[state.reservation!.type];
  }
  putBe16(out, 18, registration.relativeTargetPortId);
  putBe32(out, 20, registration.transportId.length);
  out.set(registration.transportId, 24);
  return out;
}

function readFullStatus({ reservations: { persistent } }: LogicalUnit): Uint8Array {
  return withHeader(
    persistent,
    [...persistent.registrations.values()].map((registration) => fullStatus(persistent, registration)),
  );
}

const definition = (name: string, serviceAction: number, list: (unit: LogicalUnit) => Uint8Array): CommandDefinition => ({
  name: `PERSISTENT RESERVE IN (${name})`,
  operationCode: 0x5e,
  serviceAction,
  usage: [0x5e, serviceAction, 0, 0, 0, 0, 0, 0xff, 0xff, 0x04],
  reservation: 'allowed',
  // SPC-5 §5.17.2.4.4: reservations are managed through a standby port too.
  anyAccessState: 'standby',
  execute(unit: LogicalUnit, command: Command): void {
    if (unit.reservations.legacyReserved) return command.reservationConflict();
    command.goodWithList(list(unit), be16(command.cdb, 7));
  },
});

export const persistentReserveInCommands: readonly CommandDefinition[] = [
  definition('READ KEYS', 0x00, readKeys),
  definition('READ RESERVATION', 0x01, readReservation),
  definition('REPORT CAPABILITIES', 0x02, reportCapabilities),
  definition('READ FULL STATUS', 0x03, readFullStatus),
];
