/**
 * What the iSCSI initiator tells people about, numbers 2104-2199. 2104 to 2121 are 2100 and the number that the same event has in the log of
 * Marvell's offload iSCSI driver for Windows (Users Guide BC0054508-00 rev. R, table 11-5), with its severity and what its dump contains;
 * the words are ours. That table's part with the numbers before 4 is not known to us. All others, from 2130 on, are numbers of our own, which
 * correspond to nobody's; 2101, 2103 and 2122 to 2129 are not used again.
 */
import { type EventKind, type EventSink, eventKind, type Severity } from '../../../base/event.ts';
import type { InitiatorError, InitiatorReason } from './errors.ts';

/** What is added to the number in the guide. */
const BASE = 2100;

interface Detail extends Readonly<Record<string, unknown>> {
  readonly message: string;
  /** The number in the guide's table. */
  readonly number?: number;
  /** What the peer sent, or the CDB: as text or hexadecimal. */
  readonly dump?: string;
}

interface Kind {
  readonly raise: EventKind<Detail>;
  readonly number: number | undefined;
}

/** A longer dump stands in the data alone, and so does one that the message has. */
const SHOWN_CHARACTERS_MAX = 100;

const text = ({ message, dump }: Detail): string =>
  dump === undefined || dump.length > SHOWN_CHARACTERS_MAX || message.includes(dump) ? message : `${message} (${dump})`;

/** An event of the guide's table: all of these are errors there. */
const listed = (number: number, name: string, words: (data: Detail) => string = text): Kind => ({
  raise: eventKind<Detail>(BASE + number, name, 'error', words),
  number,
});

const own = (id: number, name: string, severity: Severity = 'error'): Kind => ({
  raise: eventKind<Detail>(id, name, severity, text),
  number: undefined,
});

const kinds: Partial<Record<InitiatorReason, Kind>> = {
  'burst-lengths': listed(4, 'initiator-burst-lengths'),
  'local-portal': listed(5, 'initiator-portal-setup-failed'),
  'no-resources': listed(6, 'initiator-no-resources'),
  'send-failed': listed(7, 'initiator-send-failed'),
  'request-timed-out': listed(8, 'initiator-request-timed-out'),
  'command-timed-out': listed(9, 'initiator-command-timed-out'),
  'login-refused': listed(10, 'initiator-login-refused'),
  'login-response-invalid': listed(11, 'initiator-login-response-invalid'),
  'redirect-invalid': listed(12, 'initiator-redirect-invalid'),
  'auth-method-unknown': listed(13, 'initiator-auth-method-unknown'),
  'chap-algorithm': listed(14, 'initiator-chap-algorithm-unknown'),
  'chap-challenge': listed(15, 'initiator-chap-challenge-invalid'),
  'chap-key': listed(16, 'initiator-chap-key-invalid'),
  'chap-response': listed(17, 'initiator-chap-response-wrong'),
  'header-digest-refused': listed(18, 'initiator-header-digest-refused'),
  'data-digest-refused': listed(19, 'initiator-data-digest-refused'),
  'connection-lost': listed(20, 'initiator-connection-lost', (data) => `${text(data)}; another attempt follows`),
  // "Declared by the target", says the guide: but what a header that reaches us must keep to is what we declared (RFC 7143 §13.12).
  'segment-too-long': listed(21, 'initiator-segment-too-long'),

  'chap-challenge-length': own(2133, 'initiator-chap-challenge-too-long'),
  'chap-not-offered': own(2138, 'initiator-chap-not-offered'),
  'chap-needed': own(2140, 'initiator-chap-needed'),
  'auth-method-missing': own(2141, 'initiator-auth-method-missing'),
  'status-sequence': own(2142, 'initiator-status-sequence'),
  'redirect-loop': own(2144, 'initiator-redirect-loop'),
  'data-sequence': own(2145, 'initiator-data-sequence'),
  'dropped-by-target': own(2146, 'initiator-dropped-by-target', 'warning'),
  'target-failure': own(2147, 'initiator-target-failure'),
  'data-missing': own(2148, 'initiator-data-missing'),
  'recovery-failed': own(2149, 'initiator-recovery-failed'),
  'connect-failed': own(2150, 'initiator-connect-failed'),
  'window-invalid': own(2151, 'initiator-window-invalid'),
  'window-shut': own(2172, 'initiator-window-shut'),
  'header-digest': own(2152, 'initiator-header-digest-error'),
  'pdu-invalid': own(2153, 'initiator-pdu-invalid'),
  'opcode-unknown': own(2154, 'initiator-opcode-unknown'),
  'data-digest': own(2155, 'initiator-data-digest-error'),
  'data-too-long': own(2156, 'initiator-data-too-long'),
  'tag-unknown': own(2157, 'initiator-tag-unknown'),
  'r2t-invalid': own(2158, 'initiator-r2t-invalid'),
  rejected: own(2159, 'initiator-pdu-rejected'),
  'resend-failed': own(2167, 'initiator-resend-failed'),
  'reassign-refused': own(2170, 'initiator-reassign-refused'),
  'chap-key-missing': own(2165, 'initiator-chap-key-missing'),
};

/** A lost connection that nobody tries to bring back: the guide's number 20 says that somebody does. */
const connectionEnded = own(2166, 'initiator-connection-ended');

/** Raises the event of an error; there is none for what the caller asked for itself. `retries`: another attempt to connect follows. */
export function raiseError(sink: EventSink, source: string, error: InitiatorError, retries = true): void {
  const kind = error.reason === 'connection-lost' && !retries ? connectionEnded : kinds[error.reason];
  if (kind === undefined) return;
  const { message, dump } = error;
  const { number } = kind;
  kind.raise(sink, source, { message, ...(number === undefined ? {} : { number }), ...(dump === undefined ? {} : { dump }) });
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

export const connectionJoined = eventKind<{ readonly portal: string; readonly connectionId: number }>(
  2168,
  'initiator-connection-joined',
  'info',
  (data) => `connection ${data.connectionId} of the session logged in at ${data.portal}`,
);

export const connectionRecovered = eventKind<{
  readonly portal: string;
  readonly seconds: number;
  readonly reassigned: number;
  readonly retried: number;
}>(
  2169,
  'initiator-connection-recovered',
  'info',
  (data) =>
    `the connection to ${data.portal} was recovered after ${data.seconds.toFixed(1)} s: ${data.reassigned} commands go on by another, ` +
    `${data.retried} that had not arrived are sent again`,
);

export const resent = eventKind<{ readonly what: string }>(2171, 'initiator-resend', 'debug', (data) => `again: ${data.what}`);
