/** The six types of persistent reservation (SPC-5 §6.16.3.4 table 211) and what each keeps others from (SPC-5 §5.14.1 table 64). */
import type { ReservationClass } from './reservation-class.ts';

export const RESERVATION_TYPES = {
  'write-exclusive': 1,
  'exclusive-access': 3,
  'write-exclusive-registrants-only': 5,
  'exclusive-access-registrants-only': 6,
  'write-exclusive-all-registrants': 7,
  'exclusive-access-all-registrants': 8,
} as const;

export type ReservationType = keyof typeof RESERVATION_TYPES;

const typesByCode = new Map<number, ReservationType>(
  (Object.keys(RESERVATION_TYPES) as ReservationType[]).map((type) => [RESERVATION_TYPES[type], type]),
);

/** The type of a TYPE field, if it is one of the six. */
export const reservationTypeOf = (code: number): ReservationType | undefined => typesByCode.get(code);

/** Whether every registered I_T nexus holds a reservation of this type. */
export const isAllRegistrants = (type: ReservationType): boolean =>
  type === 'write-exclusive-all-registrants' || type === 'exclusive-access-all-registrants';

/** Whether a registration is enough to get through, though one nexus alone holds the reservation. */
export const isRegistrantsOnly = (type: ReservationType): boolean =>
  type === 'write-exclusive-registrants-only' || type === 'exclusive-access-registrants-only';

const isWriteExclusive = (type: ReservationType): boolean => type.startsWith('write-exclusive');

/** Whether a command of this class from a nexus that does not hold the reservation gets RESERVATION CONFLICT. */
export function typeConflicts(type: ReservationType, registered: boolean, access: ReservationClass): boolean {
  if (access === 'allowed') return false;
  if (registered && (isAllRegistrants(type) || isRegistrantsOnly(type))) return false;
  return access === 'write' || !isWriteExclusive(type);
}
