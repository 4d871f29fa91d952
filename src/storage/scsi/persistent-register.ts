/** Registering (SPC-5 §5.14.7, §5.14.8): REGISTER, REGISTER AND IGNORE EXISTING KEY, REGISTER AND MOVE, as steps from one state to the next. */
import type { AdditionalSense } from '../../wire/scsi/sense.ts';
import {
  isHolder,
  type NexusName,
  NO_KEY,
  type PersistentOutcome,
  type PersistentState,
  type Registration,
  REGISTRATIONS_MAX,
  type ReservationKey,
} from './persistent-state.ts';
import { isAllRegistrants, isRegistrantsOnly } from './reservation-types.ts';

type Registrations = ReadonlyMap<string, Registration>;
type Attention = { readonly nexusKey: string; readonly code: AdditionalSense };

/** Byte of the parameter list that holds the SERVICE ACTION RESERVATION KEY. */
export const NEW_KEY_BYTE = 8;
/** Bytes of the parameter list with SPEC_I_PT, ALL_TG_PT and APTPL, and with UNREG and APTPL of REGISTER AND MOVE. */
export const FLAGS_BYTE = 20;
export const MOVE_TRANSPORT_ID_BYTE = 24;

export const conflict: PersistentOutcome = { type: 'conflict' };

export const refused = (code: AdditionalSense, byte?: number, inCdb = false): PersistentOutcome =>
  byte === undefined ? { type: 'refused', code } : { type: 'refused', code, field: { inCdb, byte } };

export const nextGeneration = (state: PersistentState): number => (state.generation + 1) >>> 0;

/** Attentions for every registered nexus but one. */
export const tellOthers = (registrations: Registrations, except: string, code: AdditionalSense): Attention[] =>
  [...registrations.keys()].filter((key) => key !== except).map((nexusKey) => ({ nexusKey, code }));

export interface RegisterRequest {
  /** REGISTER AND IGNORE EXISTING KEY. */
  readonly ignoresKey: boolean;
  readonly nexus: NexusName;
  readonly key: ReservationKey;
  readonly newKey: ReservationKey;
  /** ALL_TG_PT: the same initiator port at the other target ports. */
  readonly otherPorts: readonly NexusName[];
  /** SPEC_I_PT: the initiator ports of the list, at each target port meant; undefined without the bit. */
  readonly specified: readonly NexusName[] | undefined;
  readonly persists: boolean;
}

export function register(state: PersistentState, request: RegisterRequest): PersistentOutcome {
  const own = state.registrations.get(request.nexus.nexusKey);
  // SPC-5 table 65: an unregistered nexus registers with a key of zero, a registered one with its own.
  if (!request.ignoresKey && request.key !== (own?.key ?? NO_KEY)) return conflict;
  if (request.specified !== undefined && (own !== undefined || request.newKey === NO_KEY))
    return refused('INVALID_FIELD_IN_PARAMETER_LIST', FLAGS_BYTE);
  if (own === undefined && request.newKey === NO_KEY) return { type: 'done', state, attentions: [], aborted: [] };
  // A nexus that ALL_TG_PT adds keeps a key of its own that differs: REGISTER has to name the key it replaces.
  const also = request.otherPorts.filter((nexus) => {
    const key = state.registrations.get(nexus.nexusKey)?.key;
    return key === undefined || request.ignoresKey || key === own?.key;
  });
  const next =
    request.newKey === NO_KEY
      ? unregister(state, request.nexus.nexusKey, also)
      : registerAll(state, [request.nexus, ...also], request.specified ?? [], request.newKey);
  if (next.type !== 'done') return next;
  return { ...next, state: { ...next.state, generation: nextGeneration(state), persistsThroughPowerLoss: request.persists } };
}

function registerAll(
  state: PersistentState,
  nexuses: readonly NexusName[],
  specified: readonly NexusName[],
  key: ReservationKey,
): PersistentOutcome {
  const registrations = new Map(state.registrations);
  for (const nexus of nexuses) registrations.set(nexus.nexusKey, { ...nexus, key });
  // SPC-5 table 65: of the nexuses of the list, those not registered yet.
  for (const nexus of specified) if (!registrations.has(nexus.nexusKey)) registrations.set(nexus.nexusKey, { ...nexus, key });
  // SPC-5 §5.14.7: all of them or none.
  if (registrations.size > REGISTRATIONS_MAX) return refused('INSUFFICIENT_REGISTRATION_RESOURCES');
  return { type: 'done', state: { ...state, registrations }, attentions: [], aborted: [] };
}

function unregister(state: PersistentState, nexusKey: string, also: readonly NexusName[]): PersistentOutcome {
  const registrations = new Map(state.registrations);
  for (const key of [nexusKey, ...also.map((nexus) => nexus.nexusKey)]) registrations.delete(key);
  return { type: 'done', ...releaseIfHolderLeft({ ...state, registrations }, nexusKey), aborted: [] };
}

/** SPC-5 §5.14.11.3: the reservation goes with its holder; of an all registrants type, with the last of them. */
export function releaseIfHolderLeft(
  state: PersistentState,
  actor: string,
): { readonly state: PersistentState; readonly attentions: readonly Attention[] } {
  const { reservation, registrations } = state;
  if (reservation === undefined) return { state, attentions: [] };
  const held = isAllRegistrants(reservation.type) ? registrations.size !== 0 : registrations.has(reservation.holder!);
  if (held) return { state, attentions: [] };
  const attentions = isRegistrantsOnly(reservation.type) ? tellOthers(registrations, actor, 'RESERVATIONS_RELEASED') : [];
  return { state: { ...state, reservation: undefined }, attentions };
}

export interface MoveRequest {
  readonly nexus: NexusName;
  readonly key: ReservationKey;
  readonly newKey: ReservationKey;
  /** UNREG: the nexus that moves its reservation away loses its registration. */
  readonly unregisters: boolean;
  readonly destination: NexusName;
  readonly persists: boolean;
}

/** REGISTER AND MOVE (SPC-5 §5.14.8): registers another nexus and hands it the reservation. */
export function registerAndMove(state: PersistentState, request: MoveRequest): PersistentOutcome {
  const own = state.registrations.get(request.nexus.nexusKey);
  if (own === undefined || own.key !== request.key) return conflict;
  // SPC-5 §5.14.8: without a reservation there is nothing to move; service action of the CDB.
  if (state.reservation === undefined) return refused('INVALID_FIELD_IN_CDB', 1, true);
  if (isAllRegistrants(state.reservation.type) || !isHolder(state, request.nexus.nexusKey)) return conflict;
  if (request.newKey === NO_KEY) return refused('INVALID_FIELD_IN_PARAMETER_LIST', NEW_KEY_BYTE);
  if (request.destination.nexusKey === request.nexus.nexusKey) return refused('INVALID_FIELD_IN_PARAMETER_LIST', MOVE_TRANSPORT_ID_BYTE);
  const registrations = new Map(state.registrations);
  registrations.set(request.destination.nexusKey, { ...request.destination, key: request.newKey });
  if (request.unregisters) registrations.delete(request.nexus.nexusKey);
  if (registrations.size > REGISTRATIONS_MAX) return refused('INSUFFICIENT_REGISTRATION_RESOURCES');
  const reservation = { type: state.reservation.type, holder: request.destination.nexusKey };
  return {
    type: 'done',
    state: { registrations, reservation, generation: nextGeneration(state), persistsThroughPowerLoss: request.persists },
    attentions: [],
    aborted: [],
  };
}
