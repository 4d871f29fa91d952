/**
 * What the iSCSI initiator tells people about, numbers 2104-2199; those of its errors are in error-events.ts. 2101, 2103 and 2122 to 2129 are
 * not used again.
 */
import { eventKind } from '../../../base/event.ts';

export const logoutRequested = eventKind<{ readonly seconds: number }>(
  2132,
  'initiator-logout-requested',
  'warning',
  (data) => `the target asks for a logout within ${data.seconds} s`,
  {
    means:
      'The target asks by an Asynchronous Message for a logout (RFC 7143 §11.9.1): it is being stopped, or somebody ends the session there. The session logs out and is brought back, or the connection alone where the session has others.',
    remedy: 'Nothing, if the target is restarted on purpose. Otherwise look at its log.',
    example: { seconds: 3 },
  },
);

export const sessionRecovered = eventKind<{ readonly portal: string; readonly replayed: number; readonly seconds: number }>(
  2134,
  'initiator-session-recovered',
  'info',
  (data) => `logged in again at ${data.portal} after ${data.seconds.toFixed(1)} s; ${data.replayed} commands are sent again`,
  {
    means: 'A session that was lost has logged in again, and the commands that waited for it are sent.',
    example: { portal: '192.0.2.20:3260', replayed: 12, seconds: 2.5 },
  },
);

export const loggedIn = eventKind<{ readonly portal: string; readonly authentication: string; readonly tsih: number }>(
  2160,
  'initiator-logged-in',
  'info',
  (data) => `logged in at ${data.portal} (authentication: ${data.authentication})`,
  {
    means:
      'A session is open: the first login has ended in the full feature phase (RFC 7143 §6.3). `tsih` is the handle that the target gave it.',
    example: { portal: '192.0.2.20:3260', authentication: 'none', tsih: 5 },
  },
);

export const loggedOut = eventKind<{ readonly reason: string }>(
  2161,
  'initiator-logged-out',
  'info',
  (data) => `the session ended: ${data.reason}`,
  {
    means: 'A session that had been logged in is over, on purpose or because it could not be kept; the reason says which.',
    example: { reason: 'the session is closed' },
  },
);

export const redirected = eventKind<{ readonly from: string; readonly to: string; readonly permanently: boolean }>(
  2162,
  'initiator-redirected',
  'info',
  (data) => `${data.from} sends us ${data.permanently ? 'for good' : 'for now'} to ${data.to}`,
  {
    means: 'The target sent the login on to another address (status class 1, RFC 7143 §11.13.5); it is followed.',
    example: { from: '192.0.2.20:3260', to: '192.0.2.148:3260', permanently: false },
  },
);

export const unitAttention = eventKind<{ readonly lun: number; readonly sense: string }>(
  2163,
  'initiator-unit-attention',
  'info',
  (data) => `LUN ${data.lun}: ${data.sense}`,
  {
    means:
      'A logical unit reported a unit attention: something about it has changed, which its sense data names (SAM-5 §5.14). After a login this is usual.',
    example: { lun: 0, sense: 'UNIT ATTENTION: power on, reset, or bus device reset occurred (29h/00h)' },
  },
);

export const taskAborted = eventKind<{ readonly lun: number; readonly command: string; readonly why: string }>(
  2164,
  'initiator-task-aborted',
  'debug',
  (data) => `LUN ${data.lun}: ${data.command} was aborted: ${data.why}`,
  {
    means: 'A command was taken back by task management (ABORT TASK) after a timeout, or because who asked for it wants it no more.',
    example: { lun: 0, command: 'WRITE(10)', why: 'command-timed-out' },
  },
);

export const connectionJoined = eventKind<{ readonly portal: string; readonly connectionId: number }>(
  2168,
  'initiator-connection-joined',
  'info',
  (data) => `connection ${data.connectionId} of the session logged in at ${data.portal}`,
  {
    means: 'Another connection of a session has logged in, or one in the place of a lost one.',
    example: { portal: '192.0.2.148:3260', connectionId: 2 },
  },
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
  {
    means: 'A lost connection of a session was recovered (error recovery level 2, RFC 7143 §7.2): its tasks go on by another connection.',
    example: { portal: '192.0.2.20:3260', seconds: 1.2, reassigned: 3, retried: 1 },
  },
);

export const resent = eventKind<{ readonly what: string }>(2171, 'initiator-resend', 'debug', (data) => `again: ${data.what}`, {
  means: 'Something that was lost or damaged on a connection is asked for or sent again (error recovery level 1, RFC 7143 §7.1).',
  example: { what: 'READ(10), which the target has not received' },
});
