/** What iSCSI adapters of hosts tell people, numbers 2400-2499. What happens to one session of theirs has numbers of its own, from 2101 on. */
import { eventKind } from '../../../base/event.ts';

export const targetFound = eventKind<{ readonly target: string; readonly portal: string; readonly server: string }>(
  2400,
  'adapter-target-found',
  'info',
  (data) => `${data.server} names ${data.target} at ${data.portal}`,
);

export const targetGone = eventKind<{ readonly target: string; readonly portal: string }>(
  2401,
  'adapter-target-gone',
  'info',
  (data) => `${data.target} at ${data.portal} is used no more`,
);

export const discoveryFailed = eventKind<{ readonly server: string; readonly reason: string }>(
  2402,
  'adapter-discovery-failed',
  'warning',
  (data) => `${data.server} can't be asked for its targets, and is tried again and again: ${data.reason}`,
);

export const unitFound = eventKind<{ readonly path: string; readonly device: string }>(
  2403,
  'adapter-unit-found',
  'info',
  (data) => `${data.path} leads to ${data.device}`,
);

export const unitGone = eventKind<{ readonly path: string; readonly device: string }>(
  2404,
  'adapter-unit-gone',
  'warning',
  (data) => `${data.path} no longer leads to ${data.device}`,
);

export const scanFailed = eventKind<{ readonly target: string; readonly portal: string; readonly reason: string }>(
  2405,
  'adapter-scan-failed',
  'warning',
  (data) => `the logical units of ${data.target} at ${data.portal} could not be listed: ${data.reason}`,
);

export const rescanned = eventKind<{
  readonly servers: number;
  readonly targets: number;
  readonly loggedIn: number;
  readonly units: number;
}>(
  2406,
  'adapter-rescanned',
  'info',
  (data) =>
    `rescan: discovery servers: ${data.servers}, target portals: ${data.targets}, logged in to: ${data.loggedIn}, paths: ${data.units}`,
);

export const beyondLimit = eventKind<{ readonly what: string; readonly left: number; readonly limit: number }>(
  2407,
  'adapter-limit-reached',
  'error',
  (data) => `${data.left} ${data.what} are left out: there is room for ${data.limit}`,
);
