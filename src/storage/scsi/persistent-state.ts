/** What a logical unit remembers of persistent reservations (SPC-5 §5.14): registrations, the reservation, and PRgeneration. Never changed in place. */
import type { AdditionalSense } from '../../wire/scsi/sense.ts';
import { type Nexus, nexusKey } from './nexus.ts';
import { isAllRegistrants, type ReservationType } from './reservation-types.ts';

/** Registrations a logical unit takes: 64 nodes with four paths each, four times over. */
export const REGISTRATIONS_MAX = 1024;

/** RESERVATION KEY: its eight bytes as 16 hexadecimal digits, because a number does not hold 64 bits. */
export type ReservationKey = string;

/** The key that registers nobody. */
export const NO_KEY: ReservationKey = '0'.repeat(16);

/** An I_T nexus by the names of its ports; it need not be connected, nor ever have been. */
export interface NexusName {
  /** As `nexusKey` makes it. */
  readonly nexusKey: string;
  readonly initiatorPort: string;
  readonly relativeTargetPortId: number;
  readonly transportId: Uint8Array;
}

export interface Registration extends NexusName {
  readonly key: ReservationKey;
}

export interface PersistentReservation {
  readonly type: ReservationType;
  /** The nexus key of the holder; undefined where all registrants hold it. */
  readonly holder: string | undefined;
}

export interface PersistentState {
  /** By nexus key, in the order of registration. */
  readonly registrations: ReadonlyMap<string, Registration>;
  readonly reservation: PersistentReservation | undefined;
  /** PRgeneration: 32 bits, zero at power on whatever was persisted (SPC-5 §6.15.2). */
  readonly generation: number;
  /** PTPL_A: the last registration asked that all this outlive a loss of power (SPC-5 §5.14.5). */
  readonly persistsThroughPowerLoss: boolean;
}

export const EMPTY_STATE: PersistentState = {
  registrations: new Map(),
  reservation: undefined,
  generation: 0,
  persistsThroughPowerLoss: false,
};

/** What a PERSISTENT RESERVE OUT came to. */
export type PersistentOutcome =
  | {
      readonly type: 'done';
      readonly state: PersistentState;
      /** Unit attention conditions to establish. */
      readonly attentions: readonly { readonly nexusKey: string; readonly code: AdditionalSense }[];
      /** PREEMPT AND ABORT: the nexuses whose commands are aborted. */
      readonly aborted: readonly string[];
    }
  | { readonly type: 'conflict' }
  | { readonly type: 'refused'; readonly code: AdditionalSense; readonly field?: { readonly inCdb: boolean; readonly byte: number } }
  /** The state could not be made to outlive a loss of power, and is as it was before. */
  | { readonly type: 'not-saved'; readonly reason: string };

export const nameOf = (nexus: Nexus): NexusName => ({
  nexusKey: nexusKey(nexus),
  initiatorPort: nexus.initiatorPort,
  relativeTargetPortId: nexus.targetPort.relativeId,
  transportId: nexus.transportId,
});

/** SPC-5 §5.14.10: who holds the reservation, if there is one. */
export function isHolder(state: PersistentState, key: string): boolean {
  if (state.reservation === undefined) return false;
  return isAllRegistrants(state.reservation.type) ? state.registrations.has(key) : state.reservation.holder === key;
}
