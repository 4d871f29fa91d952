/** Events of the program around the arrays: numbers 9001 and up. */
import { eventKind } from '../base/event.ts';
import { count } from './plain-text.ts';

export const fabricStarting = eventKind<{ arrays: number; targets: number; luns: number }>(
  9001,
  'fabric-starting',
  'info',
  ({ arrays, targets, luns }) => `Bringing up ${count(arrays, 'array')} with ${count(targets, 'target')} and ${count(luns, 'LUN')}.`,
  {
    means: 'The program is about to bring a fabric up; the numbers are what it declares.',
    example: { arrays: 1, targets: 2, luns: 4 },
  },
);

export const fabricReady = eventKind<{ portals: readonly string[] }>(
  9002,
  'fabric-ready',
  'info',
  ({ portals }) => `Ready on ${portals.join(', ')}.`,
  {
    means:
      "Arrays listen, links are up, and hosts have tried to log in. What of the hosts' logins takes longer is told by their own events.",
    example: { portals: ['192.0.2.20:3260', '192.0.2.148:3260'] },
  },
);

export const fabricStopping = eventKind<{ sessions: number }>(
  9003,
  'fabric-stopping',
  'info',
  ({ sessions }) => `Stopping: finishing commands, flushing, logging out ${count(sessions, 'session')}.`,
  {
    means:
      'The program was asked to stop, by a signal or by closing it. Hosts log out, then arrays finish what is under way, flush, and ask what is still logged in to log out.',
    example: { sessions: 4 },
  },
);

export const fabricStopped = eventKind<{ upMilliseconds: number }>(
  9004,
  'fabric-stopped',
  'info',
  ({ upMilliseconds }) => `Stopped after ${Math.round(upMilliseconds / 1000)} seconds.`,
  { means: 'The fabric is down, and all that it had open is closed.', source: "the fabric's name", example: { upMilliseconds: 3_600_000 } },
);

export const fabricFailed = eventKind<{ reason: string }>(9005, 'fabric-failed', 'error', ({ reason }) => `Could not come up: ${reason}`, {
  means:
    'Something that the fabric needs from the machine it runs on could not be had: an address to listen on, a file, a secret, an interface. Whatever was up already was taken down again.',
  remedy: 'Do what the reason says: most often the address is taken by another program, or a file is not there.',
  source: "the fabric's name",
  example: { reason: "Can't listen on 127.0.0.1:3260: it is in use: stop the other program, or choose another port." },
});

export const controlUnavailable = eventKind<{ reason: string }>(
  9006,
  'control-unavailable',
  'warning',
  ({ reason }) => `The fabric can't be asked from elsewhere: ${reason}`,
  {
    means:
      "The control socket could not be opened. The fabric runs, and commands such as `samewire events` and `samewire network show` can't reach it.",
    remedy: 'Do what the reason says; XDG_RUNTIME_DIR, or else the temporary directory, has to be writable.',
    example: { reason: 'EACCES: permission denied' },
  },
);
