/** Reservations of a logical unit: persistent (SPC-5 §5.14) and the RESERVE/RELEASE method of SPC-2. */
import type { ReservationClass } from './reservation-class.ts';
import type { UnitNexus } from './unit-nexus.ts';

export class Reservations {
  /** True while anybody holds a reservation of either kind; the fast path of every command. */
  active = false;

  /** Whether a command of this class from this nexus gets RESERVATION CONFLICT. */
  conflicts(_link: UnitNexus, _access: ReservationClass): boolean {
    return false;
  }
}
