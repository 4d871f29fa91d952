/** Everything that can go wrong for an initiator, each under a name of its own; the words for people are made where it happens. */
import { hex } from '../../../base/bytes.ts';

export type InitiatorReason =
  // Getting there
  | 'connect-failed'
  | 'no-resources'
  | 'local-portal'
  | 'request-timed-out'
  // Login
  | 'login-refused'
  | 'login-response-invalid'
  | 'window-invalid'
  | 'window-shut'
  | 'burst-lengths'
  | 'redirect-invalid'
  | 'redirect-loop'
  | 'auth-method-unknown'
  | 'auth-method-missing'
  | 'chap-not-offered'
  | 'chap-needed'
  | 'chap-algorithm'
  | 'chap-challenge'
  | 'chap-challenge-length'
  | 'chap-key'
  | 'chap-key-missing'
  | 'chap-response'
  | 'header-digest-refused'
  | 'data-digest-refused'
  // The connection
  | 'send-failed'
  | 'connection-lost'
  | 'segment-too-long'
  | 'header-digest'
  | 'data-digest'
  | 'pdu-invalid'
  | 'opcode-unknown'
  | 'data-too-long'
  | 'data-sequence'
  | 'tag-unknown'
  | 'r2t-invalid'
  | 'status-sequence'
  | 'dropped-by-target'
  | 'resend-failed'
  | 'reassign-refused'
  // One command
  | 'command-timed-out'
  | 'aborted'
  | 'rejected'
  | 'target-failure'
  | 'data-missing'
  | 'queue-full'
  | 'unsupported'
  // The session
  | 'recovery-failed'
  | 'closed';

export interface InitiatorError {
  readonly reason: InitiatorReason;
  /** One sentence for people, without a full stop. */
  readonly message: string;
  /** Nothing will change by trying again. */
  readonly permanent: boolean;
  /** What the peer sent, as text or hexadecimal. */
  readonly dump?: string;
  /** Status-Class and Status-Detail of a refused login. */
  readonly loginStatus?: number;
}

/** Reasons that a second try meets again: what is configured on one of the two sides has to change. */
const permanentReasons: ReadonlySet<InitiatorReason> = new Set<InitiatorReason>([
  'local-portal',
  'burst-lengths',
  'redirect-loop',
  'auth-method-unknown',
  'auth-method-missing',
  'chap-not-offered',
  'chap-needed',
  'chap-algorithm',
  'chap-response',
  'header-digest-refused',
  'data-digest-refused',
  'unsupported',
]);

export const initiatorError = (
  reason: InitiatorReason,
  message: string,
  extra: { readonly dump?: string; readonly loginStatus?: number; readonly permanent?: boolean } = {},
): InitiatorError => ({ reason, message, permanent: permanentReasons.has(reason), ...extra });

/** Longest dump of a PDU: its header, and of its data what tells what it was. */
const PDU_DUMP_BYTES_MAX = 1024;

/** A PDU as hexadecimal. */
export const pduDump = (header: Uint8Array, data: Uint8Array): string =>
  hex(header) + hex(data.subarray(0, PDU_DUMP_BYTES_MAX - header.length));
