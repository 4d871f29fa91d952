/** What can go wrong for an iSNS client (RFC 4171), each under a name of its own. */

export type IsnsReason =
  /** What was asked for can't be sent. */
  | 'usage'
  | 'too-many-requests'
  /** No answer in time, and the last thing that went wrong meanwhile. */
  | 'timed-out'
  /** The server answered with a status code (RFC 4171 §5.4). */
  | 'refused'
  /** The server's bytes are no iSNS, or more than is taken. */
  | 'protocol'
  /** The connection was lost, and the request is none that may be sent twice. */
  | 'connection-lost'
  | 'closed';

export interface IsnsError {
  readonly reason: IsnsReason;
  /** One sentence for people, without a full stop. */
  readonly message: string;
  /** Of `refused`. */
  readonly status?: number;
}

export const isnsError = (reason: IsnsReason, message: string, status?: number): IsnsError =>
  status === undefined ? { reason, message } : { reason, message, status };
