/**
 * The events of an initiator's errors. 2104 to 2121 are 2100 and the number that the same event has in the log of
 * Marvell's offload iSCSI driver for Windows (Users Guide BC0054508-00 rev. R, table 11-5), with its severity and what its dump contains;
 * the words are ours. That table's part with the numbers before 4 is not known to us. All others, from 2130 on, are numbers of our own, which
 * correspond to nobody's.
 */
import { type EventKind, type EventSink, type EventStory, eventKind, type Severity } from '../../../base/event.ts';
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
const listed = (number: number, name: string, story: EventStory<Detail>, words: (data: Detail) => string = text): Kind => ({
  raise: eventKind<Detail>(BASE + number, name, 'error', words, { ...story, example: { ...story.example, number } }),
  number,
});

const own = (id: number, name: string, story: EventStory<Detail>, severity: Severity = 'error'): Kind => ({
  raise: eventKind<Detail>(id, name, severity, text, story),
  number: undefined,
});

const kinds: Partial<Record<InitiatorReason, Kind>> = {
  'burst-lengths': listed(4, 'initiator-burst-lengths', {
    means:
      'The target answered the login with a MaxBurstLength that is smaller than the FirstBurstLength that was agreed, which RFC 7143 §13.14 forbids. The login is given up.',
    remedy: 'Correct the burst lengths at the target, or offer a FirstBurstLength here that fits.',
    example: {
      message: 'the target makes MaxBurstLength smaller than FirstBurstLength',
      dump: 'FirstBurstLength=65536, MaxBurstLength=16384',
    },
  }),
  'local-portal': listed(5, 'initiator-portal-setup-failed', {
    means: 'The connection could not even begin on this side: the operating system refused the address or the port to connect from.',
    remedy: 'Is the address that the adapter is bound to still there, and may this user connect?',
    example: { message: 'no connection to 192.0.2.20:3260: bind EADDRNOTAVAIL 192.0.2.11', dump: 'EADDRNOTAVAIL' },
  }),
  'no-resources': listed(6, 'initiator-no-resources', {
    means: 'The operating system had no memory or no file descriptors left for a connection.',
    remedy: 'Raise the limit of open files (`ulimit -n`), or find out what holds so many.',
    example: { message: 'no connection to 192.0.2.20:3260: connect EMFILE', dump: 'EMFILE' },
  }),
  'send-failed': listed(7, 'initiator-send-failed', {
    means: 'The operating system failed to send on a connection that was in use; the connection is lost.',
    remedy: 'Look at the link and the target, as after 2120.',
    example: { message: 'the connection to 192.0.2.20:3260 was lost: write EPIPE', dump: 'EPIPE' },
  }),
  'request-timed-out': listed(8, 'initiator-request-timed-out', {
    means:
      'A login, text, task management or logout request, or a NOP-Out, got no answer in time (`dump` has its opcode). The connection is given up.',
    remedy: 'The target is overloaded or has hung, or the network drops what is sent: look at both.',
    example: { message: '192.0.2.20:3260 did not answer a login within 15 s', dump: '03h Login Request' },
  }),
  'command-timed-out': listed(9, 'initiator-command-timed-out', {
    means: 'A SCSI command got no answer within its timeout; it is aborted by task management. `dump` is its CDB.',
    remedy:
      'Look at the disk behind the LUN and its load, and at lost frames on the way. A command that is known to take long can be given more time.',
    example: { message: 'LUN 0 did not answer WRITE(10) within 30 s', dump: '2a000000100000000800' },
  }),
  'login-refused': listed(10, 'initiator-login-refused', {
    means: 'The target refused the login; the message names its status (RFC 7143 §11.13.5) and `dump` is the PDU.',
    remedy:
      "Authentication failure: compare user and secret on both sides. Authorization failure, not found: compare the initiator's name and the target's with what the array allows. Service unavailable, out of resources: tried again by itself.",
    example: { message: 'the target refused the login: authorization failure', dump: '23000000' },
  }),
  'login-response-invalid': listed(11, 'initiator-login-response-invalid', {
    means: 'What the target answered to a login breaks the protocol; `dump` is the PDU. The connection is given up.',
    remedy: 'It is a fault of the target: look for an update, and report it with the dump.',
    example: { message: 'its TSIH is zero', dump: '23870000...' },
  }),
  'redirect-invalid': listed(12, 'initiator-redirect-invalid', {
    means: 'The target says that it has moved (status class 1, RFC 7143 §11.13.5) without an address that can be connected to.',
    remedy: 'Correct the address that the target redirects to, at the array.',
    example: { message: 'the target sends us to an address that is none', dump: 'TargetAddress=:3260' },
  }),
  'auth-method-unknown': listed(13, 'initiator-auth-method-unknown', {
    means: 'The target chose an authentication method that was not among those offered; CHAP and None are known here.',
    remedy: 'Set the target to CHAP or to no authentication.',
    example: { message: 'the target chose the authentication method KRB5, which was not offered', dump: 'AuthMethod=KRB5' },
  }),
  'chap-algorithm': listed(14, 'initiator-chap-algorithm-unknown', {
    means: 'The target chose a CHAP algorithm that was not offered (RFC 7143 §12.1.3).',
    remedy: 'Have both sides allow one in common: MD5, SHA-1, SHA-256 or SHA3-256.',
    example: { message: 'the algorithm was not offered', dump: 'CHAP_A=9' },
  }),
  'chap-challenge': listed(15, 'initiator-chap-challenge-invalid', {
    means: "The target's CHAP challenge is no number in hexadecimal or base64 (RFC 7143 §6.1). `dump` is what it sent.",
    remedy: 'It is a fault of the target: look for an update, and report it with the dump.',
    example: { message: 'the challenge is no number', dump: 'xyzzy' },
  }),
  'chap-key': listed(16, 'initiator-chap-key-invalid', {
    means: "The target sent a key that does not belong into this step of CHAP, or whose value can't be (RFC 7143 §12.1.3).",
    remedy: 'It is a fault of the target: look for an update, and report it with the dump.',
    example: { message: 'CHAP_Z is no key of CHAP', dump: 'CHAP_Z=1' },
  }),
  'chap-response': listed(17, 'initiator-chap-response-wrong', {
    means:
      "Mutual CHAP: the target's answer to our challenge is wrong, or it gives another name than it should. The login is given up, as this may not be the target that was meant.",
    remedy: "Compare the secret and user name for the target's own authentication on both sides.",
    example: { message: 'the target does not know the secret that it should, or gives another name', dump: '0x8f1c02d4' },
  }),
  'header-digest-refused': listed(18, 'initiator-header-digest-refused', {
    means: 'A header digest is required here, and the target did not agree to one.',
    remedy: 'Switch header digests on at the target, or allow `None` here.',
    example: { message: 'HeaderDigest=CRC32C was asked for, and the target does not go along', dump: 'HeaderDigest=None' },
  }),
  'data-digest-refused': listed(19, 'initiator-data-digest-refused', {
    means: 'A data digest is required here, and the target did not agree to one.',
    remedy: 'Switch data digests on at the target, or allow `None` here.',
    example: { message: 'DataDigest=CRC32C was asked for, and the target does not go along', dump: 'DataDigest=None' },
  }),
  'connection-lost': listed(
    20,
    'initiator-connection-lost',
    {
      means:
        'A connection of the session is gone: it was reset or closed, or given up after an error that its own event names. The session is brought back, and commands that were under way are sent again where that does no harm.',
      remedy:
        'If nobody meant it, look at the link, at the target, and at the event before this one. 2134 or 2169 tells when the session is back, 2149 that it could not be brought back.',
      example: { message: 'the connection to 192.0.2.20:3260 was lost: read ECONNRESET', dump: 'ECONNRESET' },
    },
    (data) => `${text(data)}; another attempt follows`,
  ),
  // "Declared by the target", says the guide: but what a header that reaches us must keep to is what we declared (RFC 7143 §13.12).
  'segment-too-long': listed(21, 'initiator-segment-too-long', {
    means:
      'The target sent a data segment longer than the MaxRecvDataSegmentLength that this side had declared (RFC 7143 §13.12). The connection is given up.',
    remedy: 'It is a fault of the target; a larger MaxRecvDataSegmentLength here may help until it is mended.',
    example: { message: "what the target sends can't be understood any further: a data segment of 524288 bytes, 262144 were agreed" },
  }),

  'chap-challenge-length': own(2133, 'initiator-chap-challenge-too-long', {
    means: "The target's CHAP challenge is longer than the 1024 bytes that RFC 7143 §12.1.3 allows.",
    remedy: 'It is a fault of the target: look for an update, and report it with the dump.',
    example: { message: 'the challenge has 2100 characters', dump: '0x00112233' },
  }),
  'chap-not-offered': own(2138, 'initiator-chap-not-offered', {
    means: 'CHAP is required here, and the target goes on without it, or leaves it before it is done (RFC 7143 §12.1).',
    remedy: "Switch CHAP on for this initiator at the target; or, if it may go without, don't require it here.",
    example: { message: 'the target chose to go without the CHAP that is required' },
  }),
  'chap-needed': own(2140, 'initiator-chap-needed', {
    means: 'The target asks for CHAP, and no user name and secret for it were given.',
    remedy: 'Give the adapter or the command the user name and secret that the target expects.',
    example: { message: 'the target asks for CHAP, and there are no credentials for it' },
  }),
  'auth-method-missing': own(2141, 'initiator-auth-method-missing', {
    means: 'The target does not say which authentication method it chose, though it was asked to.',
    remedy: "It is a fault of the target: look for an update, or don't require CHAP for it.",
    example: { message: 'the target does not say which authentication it chose' },
  }),
  'status-sequence': own(2142, 'initiator-status-sequence', {
    means:
      "A StatSN is not the one that was due: an answer of the target is lost (RFC 7143 §7.9). At error recovery level 0 the connection is given up; from level 1 on that happens only where it can't be asked for again.",
    remedy: 'Over TCP nothing is lost but by a fault of the target: look for an update, and report it.',
    example: { message: 'SCSI Response with StatSN 118 where 117 was due' },
  }),
  'redirect-loop': own(2144, 'initiator-redirect-loop', {
    means: 'Targets have sent this login on from one address to the next more often than is followed.',
    remedy: "Look at the arrays' redirections: they lead round in a circle.",
    example: { message: 'the target sent us on 9 times, at last from 192.0.2.20:3260 to 192.0.2.148:3260' },
  }),
  'data-sequence': own(2145, 'initiator-data-sequence', {
    means:
      'Data of a read came out of the order that was agreed on: another DataSN or Buffer Offset than was due, or after the status (RFC 7143 §11.7, §13.18-19). The connection is given up.',
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: "a Data-In for READ(10) can't be right: DataSN 4 where 3 was due" },
  }),
  'dropped-by-target': own(
    2146,
    'initiator-dropped-by-target',
    {
      means:
        'The target said by an Asynchronous Message that it drops the connection or the session (RFC 7143 §11.9), or its wish for a logout was met. The session is brought back after the time that it asks for.',
      remedy: 'If nobody restarted the target or ended the session there, look at its log.',
      example: { message: 'the target drops the session' },
    },
    'warning',
  ),
  'target-failure': own(2147, 'initiator-target-failure', {
    means:
      'The target answered a command with the response `target failure` instead of a SCSI status (RFC 7143 §11.4.3): it could not carry the command out.',
    remedy: "Look at the array's log.",
    example: { message: 'the target failed to carry out READ(10)', dump: 'response 1' },
  }),
  'data-missing': own(2148, 'initiator-data-missing', {
    means:
      'A read ended with GOOD status, but less data came than was asked for and no residual says so (RFC 7143 §7.9). The command fails rather than give back bytes that were never sent.',
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: 'READ(10): 61440 of 65536 bytes came, and the target reports no residual' },
  }),
  'recovery-failed': own(2149, 'initiator-recovery-failed', {
    means:
      'A lost session could not be brought back in the time for it, or an attempt ended in a way that no other would mend. Its commands fail, and it is not tried again by this session.',
    remedy:
      'Follow the reason at the end of the message. An adapter of a host begins anew by itself; a command of the terminal has to be run again.',
    example: {
      message: 'the session could not be brought back after 120.0 s and 9 attempts: no connection to 192.0.2.20:3260 within 15 s',
    },
  }),
  'connect-failed': own(2150, 'initiator-connect-failed', {
    means:
      "The target's portal could not be connected to: refused, unreachable, or silent. Where the session lives on, it is tried again after waits that become longer.",
    remedy:
      'Is the target up, does it listen at that address, and is there a way to it? `samewire network ping` tries the way inside a fabric.',
    example: { message: 'no connection to 192.0.2.20:3260: connect ECONNREFUSED 192.0.2.20:3260', dump: 'ECONNREFUSED' },
  }),
  'window-invalid': own(2151, 'initiator-window-invalid', {
    means:
      'The final login response opens a command window that ends before it begins: MaxCmdSN is less than ExpCmdSN - 1 (RFC 7143 §4.2.2.1).',
    remedy: 'It is a fault of the target: look for an update, and report it with the dump.',
    example: { message: 'the target opens a command window that ends before it begins', dump: 'ExpCmdSN=7, MaxCmdSN=2' },
  }),
  'window-shut': own(2172, 'initiator-window-shut', {
    means:
      "The target's command window is shut (MaxCmdSN, RFC 7143 §4.2.2.1) though no command of ours is under way, so that it could never open. The session is made anew.",
    remedy: 'The target has lost count, or has no room for any command: look at its load, and for an update.',
    example: { message: 'the target takes no more commands, though none is under way' },
  }),
  'header-digest': own(2152, 'initiator-header-digest-error', {
    means:
      'The header of a PDU did not match its digest. At error recovery level 0 the connection is given up, from level 1 on the PDU is skipped and asked for again (RFC 7143 §7.8).',
    remedy: "Look for the device that damages data on the way: a network card's offload, a switch, memory.",
    example: { message: 'a PDU failed its header digest, and was skipped' },
  }),
  'pdu-invalid': own(2153, 'initiator-pdu-invalid', {
    means: "The answer to a text request, discovery for one, can't be read as such. The connection is given up.",
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: 'the answer to SendTargets is no list of targets' },
  }),
  'opcode-unknown': own(2154, 'initiator-opcode-unknown', {
    means: "The target sent a PDU of a kind that targets don't send; `dump` is its header. The connection is given up.",
    remedy: 'It is a fault of the target, or what listens there is none.',
    example: { message: 'the target sent a PDU of SCSI Command', dump: '01810000' },
  }),
  'data-digest': own(2155, 'initiator-data-digest-error', {
    means:
      'The data of a PDU did not match its digest (CRC32C). At error recovery level 0 the connection is given up, from level 1 on the data is asked for again (RFC 7143 §7.8).',
    remedy: "Look for the device that damages data on the way: a network card's offload, a switch, memory.",
    example: { message: 'a SCSI Data-In failed its data digest', dump: '25800000' },
  }),
  'data-too-long': own(2156, 'initiator-data-too-long', {
    means: 'The target sent data beyond the end of what the command reads. The connection is given up.',
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: "a Data-In for READ(10) can't be right: data up to 69632, of 65536" },
  }),
  'tag-unknown': own(2157, 'initiator-tag-unknown', {
    means: 'A PDU of the target names an Initiator Task Tag that no command has (RFC 7143 §11.2.1.8). The connection is given up.',
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: 'a SCSI Response for the Initiator Task Tag 131h, which names no command' },
  }),
  'r2t-invalid': own(2158, 'initiator-r2t-invalid', {
    means:
      'A Ready To Transfer asks for data that the command does not have, or out of order (RFC 7143 §11.8). The connection is given up.',
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: "a Ready To Transfer for WRITE(10) can't be right: without a Target Transfer Tag" },
  }),
  rejected: own(2159, 'initiator-pdu-rejected', {
    means:
      'The target answered with a Reject (RFC 7143 §11.17), or does not abort a command that has to be. `dump` is the header of what it rejected.',
    remedy:
      'It is a disagreement about the protocol: report it with the dump. A target that does not know a feature can be used without it.',
    example: { message: 'the target rejected a request (reason 4)', dump: '01810000' },
  }),
  'resend-failed': own(2167, 'initiator-resend-failed', {
    means:
      'What was lost on a connection was asked for again as often as may be, or the target does not send it again. The connection is given up (error recovery level 1).',
    remedy: 'Look for what loses or damages data; at error recovery level 0 such a connection is replaced at once.',
    example: { message: 'what was lost did not come again, though it was asked for 5 times' },
  }),
  'reassign-refused': own(2170, 'initiator-reassign-refused', {
    means:
      'At error recovery level 2 the target does not let go of a lost connection, or does not go on with its tasks on another one (RFC 7143 §7.2.2, §11.6.1). The session is made anew instead.',
    remedy: 'Nothing is lost by it. A target that always refuses can be used with error recovery level 0 or 1.',
    example: { message: 'the target does not let go of the connection to 192.0.2.20:3260 (response 2)' },
  }),
  'chap-key-missing': own(2165, 'initiator-chap-key-missing', {
    means: 'A key that CHAP needs in this step is missing in what the target sent (RFC 7143 §12.1.3).',
    remedy: 'It is a fault of the target: look for an update, and report it.',
    example: { message: 'CHAP_C is missing' },
  }),
};

/** A lost connection that nobody tries to bring back: the guide's number 20 says that somebody does. */
const connectionEnded = own(2166, 'initiator-connection-ended', {
  means:
    'A connection is gone, and nobody tries to bring it back: it was for discovery only, recovery is switched off, or the session is being closed.',
  remedy: 'If it was not meant, look at the link and the target, and run the command again.',
  example: { message: 'the connection to 192.0.2.20:3260 was lost: read ECONNRESET', dump: 'ECONNRESET' },
});

/** Raises the event of an error; there is none for what the caller asked for itself. `retries`: another attempt to connect follows. */
export function raiseError(sink: EventSink, source: string, error: InitiatorError, retries = true): void {
  const kind = error.reason === 'connection-lost' && !retries ? connectionEnded : kinds[error.reason];
  if (kind === undefined) return;
  const { message, dump } = error;
  const { number } = kind;
  kind.raise(sink, source, { message, ...(number === undefined ? {} : { number }), ...(dump === undefined ? {} : { dump }) });
}
