/** What multipath tells people about, numbers 2200-2299 (access states: SPC-4 §5.16.2). */
import { eventKind } from '../../base/event.ts';

export const pathUp = eventKind<{ readonly path: string; readonly access: string | undefined }>(
  2200,
  'multipath-path-up',
  'info',
  (data) => `${data.path} is up${data.access === undefined ? '' : `, ${data.access}`}`,
);

export const pathDown = eventKind<{ readonly path: string; readonly reason: string }>(
  2201,
  'multipath-path-down',
  'warning',
  (data) => `${data.path} is down: ${data.reason}`,
);

export const pathMismatch = eventKind<{ readonly path: string; readonly expected: string; readonly found: string }>(
  2202,
  'multipath-path-mismatch',
  'error',
  (data) => `${data.path} leads to ${data.found}, and the other paths to ${data.expected}: it is not used`,
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
);

export const noPath = eventKind<{ readonly waiting: number; readonly seconds: number }>(2204, 'multipath-no-path', 'error', (data) =>
  data.seconds === 0
    ? 'no path is left: commands fail'
    : `no path is left: ${data.waiting} commands wait${Number.isFinite(data.seconds) ? `, ${data.seconds} s at most` : ''}`,
);

export const pathFound = eventKind<{ readonly waiting: number; readonly seconds: number }>(
  2205,
  'multipath-path-found',
  'info',
  (data) => `there is a path again after ${data.seconds.toFixed(1)} s; ${data.waiting} commands go on`,
);

export const noPathExpired = eventKind<{ readonly failed: number; readonly seconds: number }>(
  2206,
  'multipath-no-path-expired',
  'error',
  (data) => `there has been no path for ${data.seconds} s: ${data.failed} commands failed, and others do until there is one`,
);

export const failedOver = eventKind<{ readonly from: string; readonly to: string }>(
  2207,
  'multipath-failed-over',
  'warning',
  (data) => `commands go by ${data.to} now, and by ${data.from} no more`,
);

export const failedBack = eventKind<{ readonly from: string; readonly to: string }>(
  2208,
  'multipath-failed-back',
  'info',
  (data) => `commands go by ${data.to} again, which is better than ${data.from}`,
);

export const activating = eventKind<{ readonly path: string; readonly group: number }>(
  2209,
  'multipath-activating',
  'info',
  (data) => `no path is active: the device is told to make port group ${data.group} active, by ${data.path}`,
);

export const activationFailed = eventKind<{ readonly path: string; readonly group: number; readonly reason: string }>(
  2210,
  'multipath-activation-failed',
  'warning',
  (data) => `the device did not make port group ${data.group} active, by ${data.path}: ${data.reason}`,
);

export const transitionOverdue = eventKind<{ readonly path: string; readonly seconds: number }>(
  2211,
  'multipath-transition-overdue',
  'warning',
  (data) => `${data.path} has been in transition for ${data.seconds} s, longer than the device said: it is not waited for`,
);

export const commandMoved = eventKind<{ readonly path: string; readonly command: string; readonly why: string }>(
  2212,
  'multipath-command-moved',
  'debug',
  (data) => `${data.command} is sent again after ${data.path}: ${data.why}`,
);

export const commandUnknown = eventKind<{ readonly path: string; readonly command: string }>(
  2213,
  'multipath-command-unknown',
  'error',
  (data) =>
    `${data.path} was lost while ${data.command} was under way: it is not known whether it was carried out, and it is not sent again`,
);

export const registrationFailed = eventKind<{ readonly path: string; readonly reason: string }>(
  2214,
  'multipath-registration-failed',
  'error',
  (data) => `the reservation key could not be registered by ${data.path}: ${data.reason}`,
);

export const accessUnreadable = eventKind<{ readonly path: string; readonly reason: string }>(
  2215,
  'multipath-access-unreadable',
  'warning',
  (data) => `${data.path} has asymmetric access but does not tell which (${data.reason}): it is used like any other`,
);
