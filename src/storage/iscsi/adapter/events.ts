/** What iSCSI adapters of hosts tell people, numbers 2400-2409. What happens to one session of theirs has numbers of its own, from 2101 on. */
import { eventKind } from '../../../base/event.ts';

export const targetFound = eventKind<{ readonly target: string; readonly portal: string; readonly server: string }>(
  2400,
  'adapter-target-found',
  'info',
  (data) => `${data.server} names ${data.target} at ${data.portal}`,
  {
    means:
      'Discovery (SendTargets, RFC 7143 Appendix C, or iSNS) has named a target at a portal that the adapter did not know. It logs in unless it was told which targets to use.',
    example: { target: 'iqn.2026-01.net.samewire:rack', portal: '192.0.2.20:3260', server: '192.0.2.20:3260' },
  },
);

export const targetGone = eventKind<{ readonly target: string; readonly portal: string }>(
  2401,
  'adapter-target-gone',
  'info',
  (data) => `${data.target} at ${data.portal} is used no more`,
  {
    means:
      "A rescan has dropped a target's portal: discovery does not name it any more and no session uses it, or it was removed by hand or from the fabric file. The adapter logs out of it where it is logged in.",
    example: { target: 'iqn.2026-01.net.samewire:rack', portal: '192.0.2.148:3260' },
  },
);

export const discoveryFailed = eventKind<{ readonly server: string; readonly reason: string }>(
  2402,
  'adapter-discovery-failed',
  'warning',
  (data) => `${data.server} can't be asked for its targets, and is tried again and again: ${data.reason}`,
  {
    means:
      'A discovery server does not answer, or refuses. It is asked again after waits that become longer. Told anew only when the reason changes.',
    remedy: 'Follow the reason: is the address right, is the array up, do the CHAP credentials for discovery match?',
    example: { server: '192.0.2.20:3260', reason: 'no connection to 192.0.2.20:3260 within 15 s' },
  },
);

export const unitFound = eventKind<{ readonly path: string; readonly device: string }>(
  2403,
  'adapter-unit-found',
  'info',
  (data) => `${data.path} leads to ${data.device}`,
  {
    means: 'REPORT LUNS named a logical unit, and its name (device identification) tells which device of the host it is a path to.',
    example: { path: 'vmhba64:C0:T0:L0', device: 'naa.602535715c332d68eebf9b2924bd1935' },
  },
);

export const unitGone = eventKind<{ readonly path: string; readonly device: string }>(
  2404,
  'adapter-unit-gone',
  'warning',
  (data) => `${data.path} no longer leads to ${data.device}`,
  {
    means:
      'A logical unit is not there any more by one path: its target does not list it, lists another one under its number, or was removed. With the last path the device goes too.',
    remedy: 'If nobody took the unit away on purpose, look at the array: what is assigned to this initiator there?',
    example: { path: 'vmhba64:C0:T0:L0', device: 'naa.602535715c332d68eebf9b2924bd1935' },
  },
);

export const scanFailed = eventKind<{ readonly target: string; readonly portal: string; readonly reason: string }>(
  2405,
  'adapter-scan-failed',
  'warning',
  (data) => `the logical units of ${data.target} at ${data.portal} could not be listed: ${data.reason}`,
  {
    means:
      'REPORT LUNS, or a question to one of the units, failed. The units that were known stay; it is tried again after waits that become longer.',
    remedy: 'Follow the reason; a target that answers nothing else is at fault itself.',
    example: { target: 'iqn.2026-01.net.samewire:rack', portal: '192.0.2.20:3260', reason: 'LUN 0 did not answer REPORT LUNS within 30 s' },
  },
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
  {
    means:
      'A rescan is complete: discovery servers were asked, targets logged in to, and their units listed. The numbers are what there is now.',
    example: { servers: 2, targets: 2, loggedIn: 2, units: 4 },
  },
);

export const beyondLimit = eventKind<{ readonly what: string; readonly left: number; readonly limit: number }>(
  2407,
  'adapter-limit-reached',
  'error',
  (data) => `${data.left} ${data.what} are left out: there is room for ${data.limit}`,
  {
    means: 'There are more targets or logical units than an adapter takes in. Those found last are left out.',
    remedy: 'Have the array show this initiator only what it is to use.',
    example: { what: 'logical units', left: 40, limit: 1024 },
  },
);

export const adapterReset = eventKind<{ readonly sessions: number; readonly commands: number }>(
  2408,
  'adapter-reset',
  'warning',
  (data) => `the adapter is reset: ${data.sessions} sessions with ${data.commands} commands under way are dropped`,
  {
    means:
      'Somebody has reset the adapter. All of its connections are gone at once; it discovers and logs in again, and multipath sends elsewhere what may be sent twice.',
    remedy: 'None, where that was meant. 2409 tells if sessions do not come back.',
    example: { sessions: 2, commands: 5 },
  },
);

export const resetFailed = eventKind<{ readonly sessions: number; readonly lost: number; readonly reason: string }>(
  2409,
  'adapter-reset-failed',
  'error',
  (data) => `after its reset the adapter has not got ${data.lost} of ${data.sessions} sessions back: ${data.reason}`,
  {
    means: 'The adapter was reset, and could not log in again everywhere where it had been logged in. It goes on trying.',
    remedy: 'Look at what is named: `samewire iscsi sessions` shows each session and why it is not logged in.',
    example: { sessions: 2, lost: 1, reason: 'no connection to 192.0.2.1:3260: it was refused' },
  },
);
