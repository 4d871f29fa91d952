/** What happens to reservations that an operator should know of. */
import { eventKind } from '../../base/event.ts';

export const reservationsNotLoaded = eventKind<{ readonly reason: string }>(
  3101,
  'reservations-not-loaded',
  'error',
  ({ reason }) => `persistent reservations were not restored: ${reason}`,
);

export const reservationsNotSaved = eventKind<{ readonly reason: string }>(
  3102,
  'reservations-not-saved',
  'error',
  ({ reason }) => `a change of persistent reservations was refused because it could not be saved: ${reason}`,
);
