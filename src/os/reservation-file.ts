/** placeholder until the real one lands */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ReservationKeeper } from '../storage/scsi/reservation-keeper.ts';
export function reservationFile(path: string): ReservationKeeper {
  return {
    load() {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    save(state, done) {
      writeFileSync(path, state);
      done(undefined);
    },
  };
}
