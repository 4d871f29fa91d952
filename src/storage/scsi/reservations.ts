/** Reservations of a logical unit: persistent (SPC-5 §5.14) and the RESERVE/RELEASE method of SPC-2 §5.5, which exclude each other. */
import { EMPTY_STATE, isHolder, type PersistentOutcome, type PersistentState } from './persistent-state.ts';
import type { ReservationClass } from './reservation-class.ts';
import type { ReservationKeeper } from './reservation-keeper.ts';
import { readReservationRecord, type ReservationRecord, writeReservationRecord } from './reservation-record.ts';
import { isAllRegistrants, isRegistrantsOnly, typeConflicts } from './reservation-types.ts';
import type { UnitNexus } from './unit-nexus.ts';

type Change = (state: PersistentState) => PersistentOutcome;
type Changed = (outcome: PersistentOutcome) => void;

export class Reservations {
  /** True while anybody holds a reservation of either kind; the fast path of every command. */
  active = false;
  /** Why what was kept could not be read; it stays as it is until a registration asks again to persist. */
  readonly loadError: string | undefined;
  #persistent: PersistentState;
  /** Nexus key of the holder of an SPC-2 reservation. */
  #legacyHolder: string | undefined = undefined;
  readonly #keeper: ReservationKeeper | undefined;
  #saved: string;
  #saving = false;
  readonly #queue: { readonly change: Change; readonly changed: Changed }[] = [];

  constructor(keeper?: ReservationKeeper) {
    this.#keeper = keeper;
    const loaded = keeper === undefined ? { state: EMPTY_STATE } : load(keeper);
    this.loadError = loaded.error;
    this.#persistent = loaded.state ?? EMPTY_STATE;
    this.#saved = writeReservationRecord(this.#persistent);
    this.#settle();
  }

  get persistent(): PersistentState {
    return this.#persistent;
  }

  /** PTPL_C: whether reservations can persist through power loss. */
  get canPersist(): boolean {
    return this.#keeper !== undefined;
  }

  /** Whether a command of this class from this nexus gets RESERVATION CONFLICT. */
  conflicts(link: UnitNexus, access: ReservationClass): boolean {
    if (access === 'allowed') return false;
    if (this.#legacyHolder !== undefined) return this.#legacyHolder !== link.key;
    const { reservation, registrations } = this.#persistent;
    if (reservation === undefined || reservation.holder === link.key) return false;
    return typeConflicts(reservation.type, registrations.has(link.key), access);
  }

  /** SPC-2 §5.5.1: while RESERVE is in force, persistent reservation commands conflict for everybody. */
  get legacyReserved(): boolean {
    return this.#legacyHolder !== undefined;
  }

  /** RESERVE of SPC-2; false is RESERVATION CONFLICT. */
  reserveLegacy(link: UnitNexus): boolean {
    if (this.#persistent.registrations.size !== 0) return this.#leavesLegacyAlone(link);
    if (this.#legacyHolder !== undefined) return this.#legacyHolder === link.key;
    this.#legacyHolder = link.key;
    this.#settle();
    return true;
  }

  /** RELEASE of SPC-2; false is RESERVATION CONFLICT. From anybody but the holder it does nothing. */
  releaseLegacy(link: UnitNexus): boolean {
    if (this.#persistent.registrations.size !== 0) return this.#leavesLegacyAlone(link);
    this.#endLegacy(link.key);
    return true;
  }

  /**
   * SPC-5 §5.14.3 (CRH): with registrations about, RESERVE and RELEASE are answered GOOD and do nothing for a nexus that the
   * persistent reservation lets through, and conflict for everybody else.
   */
  #leavesLegacyAlone(link: UnitNexus): boolean {
    const { reservation, registrations } = this.#persistent;
    if (reservation === undefined) return false;
    if (isHolder(this.#persistent, link.key)) return true;
    return registrations.has(link.key) && (isRegistrantsOnly(reservation.type) || isAllRegistrants(reservation.type));
  }

  /**
   * Takes the persistent state one step on. Steps are taken one after the other: while one is being saved the state is still the
   * old one, and the next step waits, so that a step that can't be saved leaves no trace.
   */
  update(change: Change, changed: Changed): void {
    this.#queue.push({ change, changed });
    this.#advance();
  }

  /** I_T nexus loss (SAM-5 §6.3.4): ends an SPC-2 reservation; persistent ones and registrations stay. */
  nexusLost(link: UnitNexus): void {
    this.#endLegacy(link.key);
  }

  /** Resets of every kind (SAM-5 §6.3): the same, whoever holds it. */
  reset(): void {
    if (this.#legacyHolder !== undefined) this.#endLegacy(this.#legacyHolder);
  }

  #advance(): void {
    while (!this.#saving && this.#queue.length !== 0) {
      const { change, changed } = this.#queue.shift()!;
      const outcome = change(this.#persistent);
      const record = outcome.type === 'done' && this.#keeper !== undefined ? writeReservationRecord(outcome.state) : this.#saved;
      if (record === this.#saved) this.#finish(outcome, changed);
      else this.#save(record, outcome, changed);
    }
  }

  #save(record: string, outcome: PersistentOutcome, changed: Changed): void {
    this.#saving = true;
    this.#keeper!.save(record, (error) => {
      this.#saving = false;
      if (error === undefined) this.#saved = record;
      this.#finish(error === undefined ? outcome : { type: 'not-saved', reason: error }, changed);
      this.#advance();
    });
  }

  #finish(outcome: PersistentOutcome, changed: Changed): void {
    if (outcome.type === 'done') this.#persistent = outcome.state;
    this.#settle();
    changed(outcome);
  }

  #endLegacy(key: string): void {
    if (this.#legacyHolder !== key) return;
    this.#legacyHolder = undefined;
    this.#settle();
  }

  #settle(): void {
    this.active = this.#legacyHolder !== undefined || this.#persistent.reservation !== undefined;
  }
}

function load(keeper: ReservationKeeper): ReservationRecord {
  let record: Uint8Array | string | undefined;
  try {
    record = keeper.load();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  return record === undefined ? { state: EMPTY_STATE } : readReservationRecord(record);
}
