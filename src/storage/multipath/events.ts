/** What multipath tells people about, numbers 2200-2299 (access states: SPC-4 §5.16.2). */
import { eventKind } from '../../base/event.ts';

export const pathUp = eventKind<{ readonly path: string; readonly access: string | undefined }>(
  2200,
  'multipath-path-up',
  'info',
  (data) => `${data.path} is up${data.access === undefined ? '' : `, ${data.access}`}`,
  {
    means:
      'A path to the unit answers, leads to the unit that it should, and is used from now on as its access state allows (SPC-4 §5.16.2). No access state: the device has none.',
    example: { path: 'vmhba64:C0:T0:L0', access: 'active-optimized' },
  },
);

export const pathDown = eventKind<{ readonly path: string; readonly reason: string }>(
  2201,
  'multipath-path-down',
  'warning',
  (data) => `${data.path} is down: ${data.reason}`,
  {
    means:
      'A path to the unit is not used any more: its session was lost, a check of it failed, or the device said so. Commands that were under way on it go by other paths. It is checked again and again, and 2200 tells when it is back.',
    remedy: 'Follow the reason: a session that was lost has an event of its own from 2101 on, a cut cable one from 1311 on.',
    example: { path: 'vmhba64:C0:T0:L0', reason: 'the session is being brought back' },
  },
);

export const pathMismatch = eventKind<{ readonly path: string; readonly expected: string; readonly found: string }>(
  2202,
  'multipath-path-mismatch',
  'error',
  (data) => `${data.path} leads to ${data.found}, and the other paths to ${data.expected}: it is not used`,
  {
    means:
      'A new path leads to another unit than those before it: their designators (device identification, SPC-4 §7.8.6) have nothing in common. It is not used, because writing by it would write to the wrong disk.',
    remedy: 'Look at the array: the LUN number leads to another unit at one of its portals, or two units have been given one name.',
    example: { path: 'vmhba64:C1:T0:L0', expected: 'naa.602535715c332d68eebf9b2924bd1935', found: 'naa.6025357fb854b9368dad4b3dbdc80351' },
  },
);

export const accessChanged = eventKind<{
  readonly path: string;
  readonly from: string | undefined;
  readonly to: string;
  readonly preferred: boolean;
}>(
  2203,
  'multipath-access-changed',
  'info',
  (data) =>
    `${data.path} is ${data.to}${data.preferred ? ' and preferred' : ''} now${data.from === undefined ? '' : `; it was ${data.from}`}`,
  {
    means:
      "The access state that the device reports for a path's port group is another one (REPORT TARGET PORT GROUPS, SPC-4 §6.37). Commands go by the paths with the best state.",
    example: { path: 'vmhba64:C0:T0:L0', from: 'active-optimized', to: 'standby', preferred: false },
  },
);

export const noPath = eventKind<{ readonly waiting: number; readonly seconds: number }>(
  2204,
  'multipath-no-path',
  'error',
  (data) =>
    data.seconds === 0
      ? 'no path is left: commands fail'
      : `no path is left: ${data.waiting} commands wait${Number.isFinite(data.seconds) ? `, ${data.seconds} s at most` : ''}`,
  {
    means: "None of the unit's paths can be used. Its commands wait for one as long as `noPath` allows, and then fail (see 2206).",
    remedy: 'Bring one of the paths back. Their own events (2201, 2203) tell why each of them is out.',
    example: { waiting: 12, seconds: 60 },
  },
);

export const pathFound = eventKind<{ readonly waiting: number; readonly seconds: number }>(
  2205,
  'multipath-path-found',
  'info',
  (data) => `there is a path again after ${data.seconds.toFixed(1)} s; ${data.waiting} commands go on`,
  { means: 'A path can be used again after there was none (2204); what waited is sent.', example: { waiting: 12, seconds: 4.2 } },
);

export const noPathExpired = eventKind<{ readonly failed: number; readonly seconds: number }>(
  2206,
  'multipath-no-path-expired',
  'error',
  (data) => `there has been no path for ${data.seconds} s: ${data.failed} commands failed, and others do until there is one`,
  {
    means:
      'There has been no path for as long as commands may wait. Those that waited have failed, and further ones fail at once until there is a path: what writes to the unit sees errors.',
    remedy:
      'Bring one of the paths back; then look at what the applications made of the errors. Where outages are longer than that, let commands wait longer.',
    example: { failed: 12, seconds: 60 },
  },
);

export const failedOver = eventKind<{ readonly from: string; readonly to: string }>(
  2207,
  'multipath-failed-over',
  'warning',
  (data) => `commands go by ${data.to} now, and by ${data.from} no more`,
  {
    means: 'Commands go by worse paths than before, or the better ones are gone: a failover.',
    remedy: 'Look at the paths that were left: their events (2201, 2203) tell why.',
    example: { from: 'vmhba64:C0:T0:L0', to: 'vmhba64:C1:T0:L0' },
  },
);

export const failedBack = eventKind<{ readonly from: string; readonly to: string }>(
  2208,
  'multipath-failed-back',
  'info',
  (data) => `commands go by ${data.to} again, which is better than ${data.from}`,
  {
    means: 'Better paths than the present ones have been back for as long as they have to be, and commands go by them again: a failback.',
    example: { from: 'vmhba64:C1:T0:L0', to: 'vmhba64:C0:T0:L0' },
  },
);

export const activating = eventKind<{ readonly path: string; readonly group: number }>(
  2209,
  'multipath-activating',
  'info',
  (data) => `no path is active: the device is told to make port group ${data.group} active, by ${data.path}`,
  {
    means:
      'Only paths in standby or unavailable port groups are left, and the device lets the host choose: it is told by SET TARGET PORT GROUPS to make one group active (explicit asymmetric access, SPC-5 §6.44).',
    example: { path: 'vmhba64:C1:T0:L0', group: 2 },
  },
);

export const activationFailed = eventKind<{ readonly path: string; readonly group: number; readonly reason: string }>(
  2210,
  'multipath-activation-failed',
  'warning',
  (data) => `the device did not make port group ${data.group} active, by ${data.path}: ${data.reason}`,
  {
    means: 'The device refused to make a port group active, or did not answer. Another path or the same one is tried later.',
    remedy: 'Look at the array: the group may be offline, or explicit changes of the access state may be switched off.',
    example: { path: 'vmhba64:C1:T0:L0', group: 2, reason: 'ILLEGAL REQUEST: invalid field in CDB (24h/00h)' },
  },
);

export const transitionOverdue = eventKind<{ readonly path: string; readonly seconds: number }>(
  2211,
  'multipath-transition-overdue',
  'warning',
  (data) => `${data.path} has been in transition for ${data.seconds} s, longer than the device said: it is not waited for`,
  {
    means:
      "A port group has been between two access states for longer than the device says that it takes (IMPLICIT TRANSITION TIME, SPC-4 §6.37), or than is waited for where it does not say. Commands don't wait for its end any longer: other paths are used, or there is none (2204).",
    remedy: 'Look at the array: its controllers have probably failed to take over from each other.',
    example: { path: 'vmhba64:C1:T0:L0', seconds: 60 },
  },
);

export const commandMoved = eventKind<{ readonly path: string; readonly command: string; readonly why: string }>(
  2212,
  'multipath-command-moved',
  'debug',
  (data) => `${data.command} is sent again after ${data.path}: ${data.why}`,
  {
    means:
      'A command did not end where it was sent, by no fault of its own: its path was lost, or the device wants it elsewhere. It is sent again. Once for each command, so only for tracing.',
    example: { path: 'vmhba64:C0:T0:L0', command: 'READ(10)', why: 'it had not been sent' },
  },
);

export const commandUnknown = eventKind<{ readonly path: string; readonly command: string }>(
  2213,
  'multipath-command-unknown',
  'error',
  (data) =>
    `${data.path} was lost while ${data.command} was under way: it is not known whether it was carried out, and it is not sent again`,
  {
    means:
      'A path was lost while a command was under way that must not be carried out twice (a reservation, for one). Nobody knows whether it was; it fails, and whoever sent it has to find out.',
    remedy: 'Look at what sent the command: a cluster has to read the reservation before it goes on.',
    example: { path: 'vmhba64:C0:T0:L0', command: 'PERSISTENT RESERVE OUT' },
  },
);

export const registrationFailed = eventKind<{ readonly path: string; readonly reason: string }>(
  2214,
  'multipath-registration-failed',
  'error',
  (data) => `the reservation key could not be registered by ${data.path}: ${data.reason}`,
  {
    means:
      'A reservation key that the host has registered with the unit could not be registered by a path that is new or came back. The path is not used: its commands would meet a reservation conflict.',
    remedy: 'Follow the reason. Another host may have preempted the registration.',
    example: { path: 'vmhba64:C1:T0:L0', reason: 'RESERVATION CONFLICT' },
  },
);

export const pathOff = eventKind<{ readonly path: string; readonly commands: number }>(
  2216,
  'multipath-path-off',
  'warning',
  (data) => `${data.path} is switched off; commands under way by it (${data.commands}) go elsewhere`,
  {
    means: 'Somebody has switched a path off. No command goes by it, and nobody asks whether it works, until it is switched on again.',
    remedy: '`samewire iscsi path active` switches it on again.',
    example: { path: 'vmhba64:C0:T0:L0', commands: 4 },
  },
);

export const pathOn = eventKind<{ readonly path: string }>(
  2217,
  'multipath-path-on',
  'info',
  (data) => `${data.path} is switched on again`,
  {
    means: 'Somebody has switched a path on that was off. It is inspected, and used if it works.',
    example: { path: 'vmhba64:C0:T0:L0' },
  },
);

export const accessUnreadable = eventKind<{ readonly path: string; readonly reason: string }>(
  2215,
  'multipath-access-unreadable',
  'warning',
  (data) => `${data.path} has asymmetric access but does not tell which (${data.reason}): it is used like any other`,
  {
    means:
      'The unit says in its INQUIRY data that its paths differ in access (TPGS), and does not answer REPORT TARGET PORT GROUPS. The path is used like any other, also where that is slow.',
    remedy: 'Look for a firmware of the array that keeps the two together, or use the paths by `failover`.',
    example: { path: 'vmhba64:C0:T0:L0', reason: 'ILLEGAL REQUEST: invalid command operation code (20h/00h)' },
  },
);
