/** What the iSCSI target tells people about, numbers 2000-2099. A number is never used again for something else. */
import { eventKind } from '../../base/event.ts';
import type { Parameters } from './parameters.ts';

interface Peer extends Readonly<Record<string, unknown>> {
  readonly remote: string;
}

export const sessionOpened = eventKind<Peer & { initiator: string; target: string; tsih: number; authentication: string }>(
  2001,
  'session-opened',
  'info',
  (data) => `${data.initiator} logged in to ${data.target} from ${data.remote}`,
  {
    means:
      'An initiator has logged in to a target: a normal session is open (RFC 7143 §6.3). Discovery sessions are not told of. `tsih` is the handle that the target gave it, `authentication` how it proved who it is.',
    source: 'array1/iqn.2026-01.net.example:disk1',
    example: {
      remote: '192.0.2.11:50546',
      initiator: 'iqn.1998-01.com.vmware:esx1',
      target: 'iqn.2026-01.net.example:disk1',
      tsih: 5,
      authentication: 'none',
    },
  },
);

export const sessionClosed = eventKind<{ initiator: string; target: string; tsih: number; reason: string }>(
  2002,
  'session-closed',
  'info',
  (data) => `the session of ${data.initiator} at ${data.target} ended: ${data.reason}`,
  {
    means:
      'A normal session is over: the initiator logged out, logged in anew, or lost its last connection, or the target ended it. The reason says which; what was under way in the session is aborted.',
    source: 'array1/iqn.2026-01.net.example:disk1',
    example: {
      initiator: 'iqn.1998-01.com.vmware:esx1',
      target: 'iqn.2026-01.net.example:disk1',
      tsih: 5,
      reason: 'the initiator logged out',
    },
  },
);

export const loginRefused = eventKind<Peer & { initiator: string; target: string; status: string; reason: string }>(
  2003,
  'login-refused',
  'warning',
  (data) => `a login of ${data.initiator} from ${data.remote} to ${data.target} was refused (${data.status}): ${data.reason}`,
  {
    means:
      "A login was answered with a status of class 2 or 3 (RFC 7143 §11.13.5), which the message names: the initiator has no access, its CHAP response is wrong, the target is not at this portal, what it asks for can't be, or there is no room.",
    remedy:
      "Compare the initiator's name, the CHAP user and secret, and the target's name and portal with `access` of the target in the fabric file. Who keeps trying shows up in `samewire events --kind login-refused`.",
    example: {
      remote: '192.0.2.11:50546',
      initiator: 'iqn.1998-01.com.vmware:esx1',
      target: 'iqn.2026-01.net.example:disk1',
      status: 'authorization failure',
      reason: 'the initiator has no access to this target',
    },
  },
);

export const connectionFailed = eventKind<Peer & { reason: string }>(
  2004,
  'connection-failed',
  'warning',
  (data) => `the connection from ${data.remote} was lost: ${data.reason}`,
  {
    means:
      'A connection broke with an error of the operating system or of TCP, or was closed because what came by it made no sense. A connection that the initiator closes without a logout is not told of here, but by 2002 and 2016.',
    remedy:
      'A reset while the network changes is normal, and initiators log in again. If it repeats, look at the link (drops, corruption) and capture the connection.',
    example: { remote: '192.0.2.11:50546', reason: 'read ECONNRESET' },
  },
);

export const loginTimedOut = eventKind<Peer & { seconds: number }>(
  2005,
  'login-timed-out',
  'warning',
  (data) => `a connection from ${data.remote} did not log in within ${data.seconds} s`,
  {
    means: 'A connection was opened, and its login was not complete in time; it is closed, so that idle connections hold nothing.',
    remedy:
      'Look at who connects there: a port scan or a health check is harmless. An initiator that hangs in its login waits for something else, its secret store for one.',
    example: { remote: '192.0.2.99:41022', seconds: 15 },
  },
);

export const connectionShed = eventKind<Peer & { limit: number }>(
  2006,
  'connection-shed',
  'warning',
  (data) => `a connection from ${data.remote} was shed: ${data.limit} connections wait for their login`,
  {
    means:
      'More connections wait for their login than may; the one that has waited longest is closed for a new one. So a flood of connections keeps nobody out.',
    remedy: 'Look at who opens so many connections without logging in.',
    example: { remote: '192.0.2.99:41022', limit: 64 },
  },
);

export const pduRejected = eventKind<Peer & { pdu: string; reason: string }>(
  2007,
  'pdu-rejected',
  'warning',
  (data) => `a ${data.pdu} from ${data.remote} was rejected: ${data.reason}`,
  {
    means:
      'A PDU broke the protocol, or asked for what is not supported. It was answered with a Reject (RFC 7143 §11.17); Data-Out that breaks the rules fails its command instead (§7.9). The connection goes on.',
    remedy:
      'It is a fault of the initiator, or a feature of it that the target does not have. A capture of the connection shows the PDU; please report it if the initiator is a common one.',
    example: { remote: '192.0.2.11:50546', pdu: 'SNACK Request', reason: 'no SNACK at error recovery level 0' },
  },
);

export const dataDigestError = eventKind<Peer & { pdu: string }>(
  2008,
  'data-digest-error',
  'warning',
  (data) => `a ${data.pdu} from ${data.remote} failed its data digest`,
  {
    means:
      'The data of a PDU did not match its data digest (CRC32C): it was damaged on the way, past the checksum of TCP. The PDU is rejected; at error recovery level 0 its command fails, and from level 1 on the data is asked for again (RFC 7143 §7.8).',
    remedy:
      "Look for the device that damages data: a network card with a faulty offload, a switch, memory. A link that corrupts frames on purpose (`network fault`) is stopped by TCP's checksum most of the time.",
    example: { remote: '192.0.2.11:50546', pdu: 'SCSI Data-Out' },
  },
);

export const peerSilent = eventKind<Peer & { seconds: number }>(
  2009,
  'peer-silent',
  'warning',
  (data) => `${data.remote} did not answer a NOP-In within ${data.seconds} s; its connection is closed`,
  {
    means:
      'A connection was silent, and stayed so after a NOP-In that asked for an answer (RFC 7143 §11.19). It is closed; its session waits for another connection, or ends.',
    remedy: "The initiator's machine has hung, or the network between is gone. Look at the links and at the initiator.",
    example: { remote: '192.0.2.11:50546', seconds: 10 },
  },
);

export const sessionReinstated = eventKind<Peer & { initiator: string; target: string }>(
  2010,
  'session-reinstated',
  'info',
  (data) => `${data.initiator} logged in to ${data.target} anew from ${data.remote}; its earlier session is closed`,
  {
    means:
      'An initiator logged in with the name, ISID and portal group of a session that was still open: session reinstatement (RFC 7143 §6.3.5). The earlier session is closed with all its commands, as after a restart or a loss that the target has not noticed.',
    source: 'array1',
    example: { remote: '192.0.2.11:50547', initiator: 'iqn.1998-01.com.vmware:esx1', target: 'iqn.2026-01.net.example:disk1' },
  },
);

export const taskManaged = eventKind<Peer & { function: string; response: string }>(
  2011,
  'task-management',
  'info',
  (data) => `${data.remote} asked for ${data.function}: ${data.response}`,
  {
    means:
      'An initiator sent a task management request (RFC 7143 §11.5), and this is what it was answered: response 0 is function complete, 1 task does not exist, 2 LUN does not exist, 5 function not supported, 255 function rejected (§11.6.1).',
    example: { remote: '192.0.2.11:50546', function: 'ABORT TASK', response: 'response 0' },
  },
);

export const headerDigestError = eventKind<Peer>(
  2012,
  'header-digest-error',
  'warning',
  (data) => `a PDU from ${data.remote} failed its header digest and was skipped`,
  {
    means:
      "A PDU's header did not match its header digest. From error recovery level 1 on it is skipped and the connection goes on (RFC 7143 §7.8); at level 0 the connection ends, with 2004.",
    remedy: 'As with 2008: something between the initiator and here damages what it carries.',
    example: { remote: '192.0.2.11:50546' },
  },
);

export const sentAgain = eventKind<Peer & { what: string }>(
  2013,
  'sent-again',
  'info',
  (data) => `${data.remote} asked for what was sent before: ${data.what}`,
  {
    means:
      'The initiator asked by SNACK for data or a status that it has missed, and got it again (RFC 7143 §11.16; error recovery level 1).',
    example: { remote: '192.0.2.11:50546', what: '3 Data-In PDUs' },
  },
);

export const dataAskedAgain = eventKind<Peer & { taskTag: number; bytes: number }>(
  2014,
  'data-asked-again',
  'warning',
  (data) => `${data.bytes} bytes of data-out of task ${data.taskTag} of ${data.remote} did not come and are asked for again`,
  {
    means:
      'Data-Out of a command stopped coming, or was damaged, and is asked for by a recovery R2T (RFC 7143 §7.1.4.1; error recovery level 1).',
    remedy: 'Seldom, nothing. If it repeats, something on the way loses or damages data; look for 2008 and 2012.',
    example: { remote: '192.0.2.11:50546', taskTag: 305, bytes: 65_536 },
  },
);

export const answersLetGo = eventKind<Peer & { keptBytes: number }>(
  2015,
  'answers-let-go',
  'warning',
  (data) => `${data.remote} acknowledges too little of what it is sent: with ${data.keptBytes} bytes kept, older data can't be sent again`,
  {
    means:
      "At error recovery level 1 what was sent is kept until the initiator acknowledges it. There is no room for more, so that the oldest can't be sent again; an initiator that asks for it is refused. Told once for each connection.",
    remedy: 'Look at the initiator: it acknowledges too seldom. At error recovery level 0 nothing is kept.',
    example: { remote: '192.0.2.11:50546', keptBytes: 67_108_864 },
  },
);

export const connectionKept = eventKind<Peer & { connectionId: number; tasks: number; seconds: number }>(
  2016,
  'connection-kept',
  'warning',
  (data) => `connection ${data.connectionId} from ${data.remote} is gone; its tasks (${data.tasks}) wait ${data.seconds} s for another one`,
  {
    means:
      'At error recovery level 2 a connection is gone, and its tasks wait to be taken over by another one (RFC 7143 §7.2): for DefaultTime2Wait and DefaultTime2Retain together.',
    remedy: 'See what became of the connection: 2004 or 2009 stand before it. 2017 tells of tasks that go on, 2018 of those that do not.',
    example: { remote: '192.0.2.11:50546', connectionId: 1, tasks: 4, seconds: 20 },
  },
);

export const taskReassigned = eventKind<Peer & { taskTag: number; connectionId: number }>(
  2017,
  'task-reassigned',
  'info',
  (data) => `task ${data.taskTag} goes on with ${data.remote} on connection ${data.connectionId}`,
  {
    means: 'The initiator took over a task of a lost connection by TASK REASSIGN (RFC 7143 §7.2.2); it goes on, on another connection.',
    example: { remote: '192.0.2.11:50547', taskTag: 305, connectionId: 2 },
  },
);

export const recoveryExpired = eventKind<Peer & { connectionId: number; tasks: number }>(
  2018,
  'recovery-expired',
  'warning',
  (data) => `connection ${data.connectionId} from ${data.remote} was not recovered in time; its unfinished tasks (${data.tasks}) are ended`,
  {
    means:
      'Nobody took over the tasks of a lost connection in time (RFC 7143 §7.2.1); they are aborted. Without another connection, the session ends with them (2002).',
    remedy: "Look why the initiator did not come back: it was restarted, or can't reach any portal.",
    example: { remote: '192.0.2.11:50546', connectionId: 1, tasks: 4 },
  },
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
    source: 'array1/iqn.2026-01.net.example:disk1',
    example: { initiator: 'iqn.1998-01.com.vmware:esx1', target: 'iqn.2026-01.net.samewire:disk', session: 3, commands: 12 },
  },
);

/** RFC 7143 §11.12.3. */
const STAGES = ['security negotiation', 'operational negotiation', '', 'full feature phase'];

export const stageName = (stage: number): string => STAGES[stage] ?? String(stage);

export const loginStage = eventKind<Peer & { initiator: string; from: string; to: string }>(
  2030,
  'login-stage',
  'debug',
  (data) => `the login of ${data.initiator} from ${data.remote} goes on from ${data.from} to the ${data.to}`,
  {
    means: 'A login has come from one of its stages to the next (RFC 7143 §6.3), as the initiator asked and the target agreed.',
    example: {
      remote: '192.0.2.11:50546',
      initiator: 'iqn.1998-01.com.vmware:esx1',
      from: 'operational negotiation',
      to: 'full feature phase',
    },
  },
);

export const loginParameters = eventKind<Peer & Parameters & { connectionId: number; tsih: number }>(
  2031,
  'login-parameters',
  'debug',
  (data) =>
    [
      `connection ${data.connectionId} of session ${data.tsih} from ${data.remote}:`,
      `header digest ${data.headerDigest ? 'on' : 'off'}, data digest ${data.dataDigest ? 'on' : 'off'},`,
      `bursts of ${data.firstBurstBytes} and ${data.maxBurstBytes} bytes, InitialR2T ${data.initialR2T ? 'Yes' : 'No'},`,
      `ImmediateData ${data.immediateData ? 'Yes' : 'No'}, ErrorRecoveryLevel ${data.errorRecoveryLevel}`,
    ].join(' '),
  {
    means:
      'A connection is in the full feature phase, with these parameters negotiated (RFC 7143 §13). `sendSegmentBytesMax` is what the initiator takes in one data segment, `receiveSegmentBytesMax` what the target does.',
    example: {
      remote: '192.0.2.11:50546',
      connectionId: 0,
      tsih: 5,
      headerDigest: false,
      dataDigest: false,
      sendSegmentBytesMax: 262_144,
      receiveSegmentBytesMax: 262_144,
      maxConnections: 1,
      initialR2T: false,
      immediateData: true,
      maxBurstBytes: 1_048_576,
      firstBurstBytes: 262_144,
      time2WaitSeconds: 0,
      time2RetainSeconds: 0,
      maxOutstandingR2T: 1,
      dataPduInOrder: true,
      dataSequenceInOrder: true,
      errorRecoveryLevel: 0,
      protocolLevel: 1,
    },
  },
);
