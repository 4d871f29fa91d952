/** Persistent reservations as a table in the mind of a reader of SPC-5 §5.14 would have them: four types, one port. */
export type ModelType = 1 | 3 | 5 | 6;

export const MODEL_TYPES: readonly ModelType[] = [1, 3, 5, 6];

export class ReservationModel {
  readonly keys = new Map<number, number>();
  reservation: { holder: number; type: ModelType } | undefined = undefined;

  /** SPC-5 table 63: whether a command of this initiator conflicts. */
  conflicts(initiator: number, writes: boolean): boolean {
    const { reservation } = this;
    if (reservation === undefined || reservation.holder === initiator) return false;
    const { type } = reservation;
    if (type >= 5 && this.keys.has(initiator)) return false;
    return writes || type === 3 || type === 6;
  }

  /** Each of these gives false for RESERVATION CONFLICT. */
  register(initiator: number, key: number, newKey: number): boolean {
    if ((this.keys.get(initiator) ?? 0) !== key) return false;
    if (newKey === 0) this.#remove(initiator);
    else this.keys.set(initiator, newKey);
    return true;
  }

  reserve(initiator: number, key: number, type: ModelType): boolean {
    if (!this.#registered(initiator, key)) return false;
    if (this.reservation !== undefined) return this.reservation.holder === initiator && this.reservation.type === type;
    this.reservation = { holder: initiator, type };
    return true;
  }

  release(initiator: number, key: number): boolean {
    if (!this.#registered(initiator, key)) return false;
    if (this.reservation?.holder === initiator) this.reservation = undefined;
    return true;
  }

  clear(initiator: number, key: number): boolean {
    if (!this.#registered(initiator, key)) return false;
    this.keys.clear();
    this.reservation = undefined;
    return true;
  }

  preempt(initiator: number, key: number, victim: number, type: ModelType): boolean {
    if (!this.#registered(initiator, key)) return false;
    const victims = [...this.keys].filter(([, value]) => value === victim).map(([other]) => other);
    if (victims.length === 0) return false;
    const takes = this.reservation !== undefined && victims.includes(this.reservation.holder);
    for (const other of victims) if (other !== initiator) this.keys.delete(other);
    if (takes) this.reservation = { holder: initiator, type };
    return true;
  }

  #registered(initiator: number, key: number): boolean {
    return key !== 0 && this.keys.get(initiator) === key;
  }

  #remove(initiator: number): void {
    this.keys.delete(initiator);
    if (this.reservation?.holder === initiator) this.reservation = undefined;
  }
}
