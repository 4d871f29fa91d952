/** Events of the program around the arrays: numbers 9001 and up. */
import { eventKind } from '../base/event.ts';

export const fabricStarting = eventKind<{ arrays: number; targets: number; luns: number }>(
  9001,
  'fabric-starting',
  'info',
  ({ arrays, targets, luns }) => `Bringing up ${arrays} arrays with ${targets} targets and ${luns} LUNs.`,
);

export const fabricReady = eventKind<{ portals: readonly string[] }>(
  9002,
  'fabric-ready',
  'info',
  ({ portals }) => `Ready on ${portals.join(', ')}.`,
);

export const fabricStopping = eventKind<{ sessions: number }>(
  9003,
  'fabric-stopping',
  'info',
  ({ sessions }) => `Stopping: finishing commands, flushing, logging out ${sessions} sessions.`,
);

export const fabricStopped = eventKind<{ upMilliseconds: number }>(
  9004,
  'fabric-stopped',
  'info',
  ({ upMilliseconds }) => `Stopped after ${Math.round(upMilliseconds / 1000)} seconds.`,
);

export const fabricFailed = eventKind<{ reason: string }>(9005, 'fabric-failed', 'error', ({ reason }) => `Could not come up: ${reason}`);

export const controlUnavailable = eventKind<{ reason: string }>(
  9006,
  'control-unavailable',
  'warning',
  ({ reason }) => `The fabric can't be asked from elsewhere: ${reason}`,
);
