/** Reserving and its ends (SPC-5 §5.14.9, §5.14.11): RESERVE, RELEASE, CLEAR, PREEMPT and PREEMPT AND ABORT, as steps from one state to the next. */
import {
  EMPTY_STATE,
  isHolder,
  type NexusName,
  NO_KEY,
  type PersistentOutcome,
  type PersistentReservation,
  type PersistentState,
  type Registration,
  type ReservationKey,
} from './persistent-state.ts';
import { conflict, NEW_KEY_BYTE, nextGeneration, refused, releaseIfHolderLeft, tellOthers } from './persistent-register.ts';
import { isAllRegistrants, isRegistrantsOnly, type ReservationType } from './reservation-types.ts';

/** Byte of the CDB with SCOPE and TYPE. */
const TYPE_BYTE = 2;

export interface KeyedRequest {
  readonly nexus: NexusName;
  readonly key: ReservationKey;
}

export interface TypedRequest extends KeyedRequest {
  /** Undefined: SCOPE or TYPE of the CDB is none that there is, which matters only where they are looked at. */
  readonly reservationType: ReservationType | undefined;
}

const done = (state: PersistentState): PersistentOutcome => ({ type: 'done', state, attentions: [], aborted: [] });

const isRegistered = (state: PersistentState, { nexus, key }: KeyedRequest): boolean =>
  state.registrations.get(nexus.nexusKey)?.key === key;

const reservationOf = (type: ReservationType, nexusKey: string): PersistentReservation => ({
  type,
  holder: isAllRegistrants(type) ? undefined : nexusKey,
});

/** RESERVE (SPC-5 §5.14.9). */
export function reserve(state: PersistentState, request: TypedRequest): PersistentOutcome {
  if (!isRegistered(state, request)) return conflict;
  const type = request.reservationType;
  if (type === undefined) return refused('INVALID_FIELD_IN_CDB', TYPE_BYTE, true);
  if (state.reservation === undefined) return done({ ...state, reservation: reservationOf(type, request.nexus.nexusKey) });
  // The holder may ask again for what it has, and for nothing else.
  return isHolder(state, request.nexus.nexusKey) && state.reservation.type === type ? done(state) : conflict;
}

/** RELEASE (SPC-5 §5.14.11.2). */
export function release(state: PersistentState, request: TypedRequest): PersistentOutcome {
  if (!isRegistered(state, request)) return conflict;
  const own = request.nexus.nexusKey;
  if (state.reservation === undefined || !isHolder(state, own)) return done(state);
  const { type } = state.reservation;
  if (request.reservationType !== type) return refused('INVALID_RELEASE_OF_PERSISTENT_RESERVATION');
  const tells = isAllRegistrants(type) || isRegistrantsOnly(type);
  return {
    type: 'done',
    state: { ...state, reservation: undefined },
    attentions: tells ? tellOthers(state.registrations, own, 'RESERVATIONS_RELEASED') : [],
    aborted: [],
  };
}

/** CLEAR (SPC-5 §5.14.11.6). */
export function clear(state: PersistentState, request: KeyedRequest): PersistentOutcome {
  if (!isRegistered(state, request)) return conflict;
  return {
    type: 'done',
    state: { ...EMPTY_STATE, generation: nextGeneration(state), persistsThroughPowerLoss: state.persistsThroughPowerLoss },
    attentions: tellOthers(state.registrations, request.nexus.nexusKey, 'RESERVATIONS_PREEMPTED'),
    aborted: [],
  };
}

export interface PreemptRequest extends TypedRequest {
  /** SERVICE ACTION RESERVATION KEY: whose registrations go. */
  readonly victimKey: ReservationKey;
  /** PREEMPT AND ABORT. */
  readonly aborts: boolean;
}

/** PREEMPT and PREEMPT AND ABORT (SPC-5 §5.14.11.4, §5.14.11.5). */
export function preempt(state: PersistentState, request: PreemptRequest): PersistentOutcome {
  if (!isRegistered(state, request)) return conflict;
  const { reservation, registrations } = state;
  const all = reservation !== undefined && isAllRegistrants(reservation.type);
  // SPC-5 table 66: a key of zero means everybody else, and only where everybody holds the reservation.
  if (request.victimKey === NO_KEY && !all) return refused('INVALID_FIELD_IN_PARAMETER_LIST', NEW_KEY_BYTE);
  const holderKey = reservation?.holder === undefined ? undefined : registrations.get(reservation.holder)!.key;
  if (all ? request.victimKey === NO_KEY : holderKey === request.victimKey) return preemptReservation(state, request);
  return removeRegistrations(state, request);
}

function preemptReservation(state: PersistentState, request: PreemptRequest): PersistentOutcome {
  const type = request.reservationType;
  if (type === undefined) return refused('INVALID_FIELD_IN_CDB', TYPE_BYTE, true);
  const own = request.nexus.nexusKey;
  const everybody = request.victimKey === NO_KEY;
  const victims = [...state.registrations.values()].filter((victim) => everybody || victim.key === request.victimKey);
  // SPC-5 §5.14.11.4.2: the preempting nexus keeps its registration, even if the key is its own.
  const registrations = without(state, victims, own);
  const lost = victims.filter((victim) => victim.nexusKey !== own);
  return {
    type: 'done',
    state: { ...state, registrations, reservation: reservationOf(type, own), generation: nextGeneration(state) },
    attentions: [
      ...lost.map(({ nexusKey }) => ({ nexusKey, code: 'REGISTRATIONS_PREEMPTED' as const })),
      ...(state.reservation!.type === type ? [] : tellOthers(registrations, own, 'RESERVATIONS_RELEASED')),
    ],
    aborted: request.aborts ? (everybody ? lost : victims).map((victim) => victim.nexusKey) : [],
  };
}

function removeRegistrations(state: PersistentState, request: PreemptRequest): PersistentOutcome {
  const own = request.nexus.nexusKey;
  const victims = [...state.registrations.values()].filter((victim) => victim.key === request.victimKey);
  if (victims.length === 0) return conflict;
  const left = releaseIfHolderLeft({ ...state, registrations: without(state, victims) }, own);
  return {
    type: 'done',
    state: { ...left.state, generation: nextGeneration(state) },
    attentions: [
      ...victims.filter(({ nexusKey }) => nexusKey !== own).map(({ nexusKey }) => ({ nexusKey, code: 'REGISTRATIONS_PREEMPTED' as const })),
      ...left.attentions,
    ],
    aborted: request.aborts ? victims.map((victim) => victim.nexusKey) : [],
  };
}

function without(state: PersistentState, victims: readonly Registration[], kept?: string): ReadonlyMap<string, Registration> {
  const registrations = new Map(state.registrations);
  for (const victim of victims) if (victim.nexusKey !== kept) registrations.delete(victim.nexusKey);
  return registrations;
}
