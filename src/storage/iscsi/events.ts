/** What the iSCSI target tells people about, numbers 2000-2099. A number is never used again for something else. */
import { eventKind } from '../../base/event.ts';

interface Peer extends Readonly<Record<string, unknown>> {
  readonly remote: string;
}

export const sessionOpened = eventKind<Peer & { initiator: string; target: string; tsih: number; authentication: string }>(
  2001,
  'session-opened',
  'info',
  (data) => `${data.initiator} logged in to ${data.target} from ${data.remote}`,
);

export const sessionClosed = eventKind<{ initiator: string; target: string; tsih: number; reason: string }>(
  2002,
  'session-closed',
  'info',
  (data) => `the session of ${data.initiator} at ${data.target} ended: ${data.reason}`,
);

export const loginRefused = eventKind<Peer & { initiator: string; target: string; status: string; reason: string }>(
  2003,
  'login-refused',
  'warning',
  (data) => `a login of ${data.initiator} from ${data.remote} to ${data.target} was refused (${data.status}): ${data.reason}`,
);

export const connectionFailed = eventKind<Peer & { reason: string }>(
  2004,
  'connection-failed',
  'warning',
  (data) => `the connection from ${data.remote} was lost: ${data.reason}`,
);

export const loginTimedOut = eventKind<Peer & { seconds: number }>(
  2005,
  'login-timed-out',
  'warning',
  (data) => `a connection from ${data.remote} did not log in within ${data.seconds} s`,
);

export const connectionShed = eventKind<Peer & { limit: number }>(
  2006,
  'connection-shed',
  'warning',
  (data) => `a connection from ${data.remote} was shed: ${data.limit} connections wait for their login`,
);

export const pduRejected = eventKind<Peer & { pdu: string; reason: string }>(
  2007,
  'pdu-rejected',
  'warning',
  (data) => `a ${data.pdu} from ${data.remote} was rejected: ${data.reason}`,
);

export const dataDigestError = eventKind<Peer & { pdu: string }>(
  2008,
  'data-digest-error',
  'warning',
  (data) => `a ${data.pdu} from ${data.remote} failed its data digest`,
);

export const peerSilent = eventKind<Peer & { seconds: number }>(
  2009,
  'peer-silent',
  'warning',
  (data) => `${data.remote} did not answer a NOP-In within ${data.seconds} s; its connection is closed`,
);

export const sessionReinstated = eventKind<Peer & { initiator: string; target: string }>(
  2010,
  'session-reinstated',
  'info',
  (data) => `${data.initiator} logged in to ${data.target} anew from ${data.remote}; its earlier session is closed`,
);

export const taskManaged = eventKind<Peer & { function: string; response: string }>(
  2011,
  'task-management',
  'info',
  (data) => `${data.remote} asked for ${data.function}: ${data.response}`,
);

export const headerDigestError = eventKind<Peer>(
  2012,
  'header-digest-error',
  'warning',
  (data) => `a PDU from ${data.remote} failed its header digest and was skipped`,
);

export const sentAgain = eventKind<Peer & { what: string }>(
  2013,
  'sent-again',
  'info',
  (data) => `${data.remote} asked for what was sent before: ${data.what}`,
);

export const dataAskedAgain = eventKind<Peer & { taskTag: number; bytes: number }>(
  2014,
  'data-asked-again',
  'warning',
  (data) => `${data.bytes} bytes of data-out of task ${data.taskTag} of ${data.remote} did not come and are asked for again`,
);

export const answersLetGo = eventKind<Peer & { keptBytes: number }>(
  2015,
  'answers-let-go',
  'warning',
  (data) => `${data.remote} acknowledges too little of what it is sent: with ${data.keptBytes} bytes kept, older data can't be sent again`,
);

export const connectionKept = eventKind<Peer & { connectionId: number; tasks: number; seconds: number }>(
  2016,
  'connection-kept',
  'warning',
  (data) => `connection ${data.connectionId} from ${data.remote} is gone; its tasks (${data.tasks}) wait ${data.seconds} s for another one`,
);

export const taskReassigned = eventKind<Peer & { taskTag: number; connectionId: number }>(
  2017,
  'task-reassigned',
  'info',
  (data) => `task ${data.taskTag} goes on with ${data.remote} on connection ${data.connectionId}`,
);

export const recoveryExpired = eventKind<Peer & { connectionId: number; tasks: number }>(
  2018,
  'recovery-expired',
  'warning',
  (data) => `connection ${data.connectionId} from ${data.remote} was not recovered in time; its unfinished tasks (${data.tasks}) are ended`,
);

export const sessionKilled = eventKind<{ initiator: string; target: string; session: number; commands: number }>(
  2019,
  'session-killed',
  'warning',
  (data) => `session ${data.session} of ${data.initiator} at ${data.target} is ended by hand, with ${data.commands} commands under way`,
  {
    means:
      'Somebody has ended a session at the array. Its connections are dropped without a logout, and its commands are aborted; most initiators log in anew at once.',
    remedy: 'None, where that was meant. To keep an initiator out, take its access away in the fabric file.',
    example: { initiator: 'iqn.1998-01.com.vmware:esx1', target: 'iqn.2026-01.net.samewire:disk', session: 3, commands: 12 },
  },
);
