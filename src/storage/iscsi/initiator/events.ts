/**
 * What the iSCSI initiator tells people about, numbers 2101-2199. The last two digits of those below 2144 are the numbers that such
 * events have in the logs of offload adapters and operating systems, and so are the severities; the words are ours.
 */
import { type EventKind, type EventSink, eventKind, type Severity } from '../../../base/event.ts';
import type { InitiatorError, InitiatorReason } from './errors.ts';

/** Where the numbers of initiator events begin. */
const BASE = 2100;

interface Detail extends Readonly<Record<string, unknown>> {
  readonly message: string;
  /** The number in an adapter's own log. */
  readonly number: number;
  /** What the peer sent, or the CDB: as text or hexadecimal. */
  readonly dump?: string;
}

const numbered = (number: number, name: string, severity: Severity = 'error'): EventKind<Detail> =>
  eventKind<Detail>(BASE + number, name, severity, (data) => (data.dump === undefined ? data.message : `${data.message} (${data.dump})`));

const kinds: Partial<Record<InitiatorReason, EventKind<Detail>>> = {
  'connect-failed': numbered(1, 'initiator-connect-failed'),
  'window-invalid': numbered(3, 'initiator-window-invalid'),
  'burst-lengths': numbered(4, 'initiator-burst-lengths'),
  'local-portal': numbered(5, 'initiator-portal-setup-failed'),
  'no-resources': numbered(6, 'initiator-no-resources'),
  'send-failed': numbered(7, 'initiator-send-failed'),
  'request-timed-out': numbered(8, 'initiator-request-timed-out'),
  'command-timed-out': numbered(9, 'initiator-command-timed-out'),
  'login-refused': numbered(10, 'initiator-login-refused'),
  'login-response-invalid': numbered(11, 'initiator-login-response-invalid'),
  'redirect-invalid': numbered(12, 'initiator-redirect-invalid'),
  'auth-method-unknown': numbered(13, 'initiator-auth-method-unknown'),
  'chap-algorithm': numbered(14, 'initiator-chap-algorithm-unknown'),
  'chap-challenge': numbered(15, 'initiator-chap-challenge-invalid'),
  'chap-key': numbered(16, 'initiator-chap-key-invalid'),
  'chap-response': numbered(17, 'initiator-chap-response-wrong'),
  'header-digest-refused': numbered(18, 'initiator-header-digest-refused'),
  'data-digest-refused': numbered(19, 'initiator-data-digest-refused'),
  'connection-lost': numbered(20, 'initiator-connection-lost'),
  'segment-too-long': numbered(21, 'initiator-segment-too-long'),
  'header-digest': numbered(22, 'initiator-header-digest-error'),
  'pdu-invalid': numbered(23, 'initiator-pdu-invalid'),
  'opcode-unknown': numbered(24, 'initiator-opcode-unknown'),
  'data-digest': numbered(25, 'initiator-data-digest-error'),
  'data-too-long': numbered(26, 'initiator-data-too-long'),
  'tag-unknown': numbered(27, 'initiator-tag-unknown'),
  'r2t-invalid': numbered(28, 'initiator-r2t-invalid'),
  rejected: numbered(29, 'initiator-pdu-rejected'),
  'chap-challenge-length': numbered(33, 'initiator-chap-challenge-too-long'),
  'chap-not-offered': numbered(38, 'initiator-chap-not-offered'),
  'chap-needed': numbered(40, 'initiator-chap-needed'),
  'auth-method-missing': numbered(41, 'initiator-auth-method-missing'),
  'status-sequence': numbered(42, 'initiator-status-sequence'),
  'redirect-loop': numbered(44, 'initiator-redirect-loop'),
  'data-sequence': numbered(45, 'initiator-data-sequence'),
  'dropped-by-target': numbered(46, 'initiator-dropped-by-target', 'warning'),
  'target-failure': numbered(47, 'initiator-target-failure'),
  'data-missing': numbered(48, 'initiator-data-missing'),
  'recovery-failed': numbered(49, 'initiator-recovery-failed'),
};

/** Raises the event of an error; there is none for what the caller asked for itself. */
export function raiseError(sink: EventSink, source: string, error: InitiatorError): void {
  const kind = kinds[error.reason];
  if (kind === undefined) return;
  kind(sink, source, { message: error.message, number: kind.id - BASE, ...(error.dump === undefined ? {} : { dump: error.dump }) });
}

export const logoutRequested = eventKind<{ readonly seconds: number }>(
  2132,
  'initiator-logout-requested',
  'warning',
  (data) => `the target asks for a logout within ${data.seconds} s`,
);

export const sessionRecovered = eventKind<{ readonly portal: string; readonly replayed: number; readonly seconds: number }>(
  2134,
  'initiator-session-recovered',
  'info',
  (data) => `logged in again at ${data.portal} after ${data.seconds.toFixed(1)} s; ${data.replayed} commands are sent again`,
);

export const loggedIn = eventKind<{ readonly portal: string; readonly authentication: string; readonly tsih: number }>(
  2160,
  'initiator-logged-in',
  'info',
  (data) => `logged in at ${data.portal} (authentication: ${data.authentication})`,
);

export const loggedOut = eventKind<{ readonly reason: string }>(
  2161,
  'initiator-logged-out',
  'info',
  (data) => `the session ended: ${data.reason}`,
);

export const redirected = eventKind<{ readonly from: string; readonly to: string; readonly permanently: boolean }>(
  2162,
  'initiator-redirected',
  'info',
  (data) => `${data.from} sends us ${data.permanently ? 'for good' : 'for now'} to ${data.to}`,
);

export const unitAttention = eventKind<{ readonly lun: number; readonly sense: string }>(
  2163,
  'initiator-unit-attention',
  'info',
  (data) => `LUN ${data.lun}: ${data.sense}`,
);

export const taskAborted = eventKind<{ readonly lun: number; readonly command: string; readonly why: string }>(
  2164,
  'initiator-task-aborted',
  'debug',
  (data) => `LUN ${data.lun}: ${data.command} was aborted: ${data.why}`,
);
