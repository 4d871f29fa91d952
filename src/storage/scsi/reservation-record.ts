/** Reservations as text, to persist through power loss (SPC-5 §5.14.5): JSON with a version, checked in every part when it is read again. */
import { fromHex, hex, utf8Text } from '../../base/bytes.ts';
import { TRANSPORT_ID_BYTES_MAX } from '../../wire/scsi/transport-id.ts';
import { portPairKey } from './nexus.ts';
import {
  EMPTY_STATE,
  NO_KEY,
  type PersistentReservation,
  type PersistentState,
  type Registration,
  REGISTRATIONS_MAX,
} from './persistent-state.ts';
import { isAllRegistrants, RESERVATION_TYPES, type ReservationType } from './reservation-types.ts';

const VERSION = 1;
/** Far above what the most registrations need. */
const TEXT_LENGTH_MAX = 4 * 1024 * 1024;
/** An iSCSI initiator port name: 223 bytes of node name, `,i,0x` and twelve digits. */
const PORT_NAME_LENGTH_MAX = 240;

/** What is kept of a state: nothing unless it persists, and never PRgeneration (SPC-5 §6.15.2). */
export function writeReservationRecord(state: PersistentState): string {
  const kept = state.persistsThroughPowerLoss ? state : EMPTY_STATE;
  const keys = [...kept.registrations.keys()];
  return `${JSON.stringify(
    {
      version: VERSION,
      registrations: [...kept.registrations.values()].map((registration) => ({
        initiatorPort: registration.initiatorPort,
        targetPort: registration.relativeTargetPortId,
        key: registration.key,
        transportId: hex(registration.transportId),
      })),
      reservation: kept.reservation && {
        type: kept.reservation.type,
        // The number of the registration that holds it; all registrants types have none.
        ...(kept.reservation.holder === undefined ? {} : { holder: keys.indexOf(kept.reservation.holder) }),
      },
    },
    undefined,
    1,
  )}\n`;
}

export type ReservationRecord =
  | { readonly state: PersistentState; readonly error?: undefined }
  | { readonly state?: undefined; readonly error: string };

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (why: string): ReservationRecord => ({ error: `the record of reservations ${why}` });

/** The state of a record, or why it is none. Never throws. */
export function readReservationRecord(record: Uint8Array | string): ReservationRecord {
  if (record.length > TEXT_LENGTH_MAX) return wrong(`is too long (${record.length} bytes)`);
  let value: unknown;
  try {
    value = JSON.parse(typeof record === 'string' ? record : utf8Text(record));
  } catch {
    return wrong('is not JSON');
  }
  if (!isObject(value)) return wrong('is not an object');
  if (value['version'] !== VERSION) return wrong(`has version ${JSON.stringify(value['version'])}, not ${VERSION}`);
  const list = value['registrations'];
  if (!Array.isArray(list)) return wrong('has no list of registrations');
  if (list.length > REGISTRATIONS_MAX) return wrong(`has ${list.length} registrations, more than ${REGISTRATIONS_MAX}`);
  const registrations = new Map<string, Registration>();
  for (const [index, entry] of list.entries()) {
    const registration = readRegistration(entry);
    if (typeof registration === 'string') return wrong(`has a registration (number ${index}) ${registration}`);
    if (registrations.has(registration.nexusKey)) return wrong(`has a registration (number ${index}) twice`);
    registrations.set(registration.nexusKey, registration);
  }
  const reservation = readReservation(value['reservation'], [...registrations.keys()]);
  if (typeof reservation === 'string') return wrong(`has a reservation ${reservation}`);
  return { state: { registrations, reservation, generation: 0, persistsThroughPowerLoss: registrations.size !== 0 } };
}

function readRegistration(entry: unknown): Registration | string {
  if (!isObject(entry)) return 'that is not an object';
  const { initiatorPort, targetPort, key, transportId } = entry;
  if (typeof initiatorPort !== 'string' || initiatorPort.length === 0 || initiatorPort.length > PORT_NAME_LENGTH_MAX)
    return 'without the name of an initiator port';
  if (typeof targetPort !== 'number' || !Number.isInteger(targetPort) || targetPort < 1 || targetPort > 0xffff)
    return 'without a relative target port identifier';
  if (typeof key !== 'string' || !/^[0-9a-f]{16}$/.test(key) || key === NO_KEY) return 'without a reservation key';
  if (typeof transportId !== 'string' || transportId.length > 2 * TRANSPORT_ID_BYTES_MAX || !/^(?:[0-9a-f]{8})+$/.test(transportId))
    return 'without a TransportID';
  const nexusKey = portPairKey(initiatorPort, targetPort);
  return { nexusKey, initiatorPort, relativeTargetPortId: targetPort, transportId: fromHex(transportId), key };
}

function readReservation(value: unknown, keys: readonly string[]): PersistentReservation | undefined | string {
  if (value === undefined) return undefined;
  if (!isObject(value)) return 'that is not an object';
  const { type, holder } = value;
  if (typeof type !== 'string' || !Object.hasOwn(RESERVATION_TYPES, type)) return 'of no type there is';
  const known = type as ReservationType;
  if (keys.length === 0) return 'and no registrations';
  if (isAllRegistrants(known)) return holder === undefined ? { type: known, holder: undefined } : 'with one holder, which its type has not';
  const key = typeof holder === 'number' ? keys[holder] : undefined;
  return key === undefined ? 'whose holder is not registered' : { type: known, holder: key };
}
