/** What the promises of the iSNS client are rejected with. */
import type { IsnsError, IsnsReason } from '../../storage/isns/index.ts';

export class IsnsFailure extends Error {
  readonly reason: IsnsReason;
  /** The server's status code (RFC 4171 §5.4), where it gave one. */
  readonly status: number | undefined;

  constructor({ reason, message, status }: IsnsError) {
    super(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`);
    this.name = 'IsnsFailure';
    this.reason = reason;
    this.status = status;
  }
}
