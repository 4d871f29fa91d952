/** What happens to reservations that an operator should know of. */
import { eventKind } from '../../base/event.ts';

export const reservationsNotLoaded = eventKind<{ readonly reason: string }>(
  3101,
  'reservations-not-loaded',
  'error',
  ({ reason }) => `persistent reservations were not restored: ${reason}`,
  {
    means:
      "The file that keeps the persistent reservations of a logical unit over restarts can't be read, or is damaged. The unit starts without any registration and reservation.",
    remedy:
      "Restore the file in the array's state directory, or have the hosts register again; a cluster does so when it is restarted. Until then nothing keeps a host out.",
    example: { reason: "EACCES: permission denied, open 'state/disk1.json'" },
  },
);

export const reservationsNotSaved = eventKind<{ readonly reason: string }>(
  3102,
  'reservations-not-saved',
  'error',
  ({ reason }) => `a change of persistent reservations was refused because it could not be saved: ${reason}`,
  {
    means:
      'A PERSISTENT RESERVE OUT was to change what outlives a restart (APTPL, SPC-5 §5.14.5), and could not be written to the state directory. The command failed with HARDWARE ERROR, and nothing was changed.',
    remedy: "Look at the disk with the array's state directory: is it full, or not writable?",
    example: { reason: 'ENOSPC: no space left on device, write' },
  },
);
