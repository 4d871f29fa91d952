/** The bounds of an iSNS client: how long it waits, how much it keeps, and how long a message it takes. */
import { MILLISECOND, type Nanos, SECOND } from '../../base/clock.ts';

/** The port that IANA assigned to iSNS (RFC 4171 §7.6). */
export const ISNS_PORT = 3205;

export interface IsnsLimits {
  readonly connectTimeoutNanos: Nanos;
  /** Of a request, from when it was asked for until its answer is here, however often it has to be sent. */
  readonly requestTimeoutNanos: Nanos;
  /** Of going from node to node, where one answer does not hold them all. */
  readonly walkTimeoutNanos: Nanos;
  /** Requests that wait or are under way; more are refused. */
  readonly requestsMax: number;
  /** Between two attempts to connect: doubled each time, up to the second; a random half of it is left out. */
  readonly backOffNanos: Nanos;
  readonly backOffMaxNanos: Nanos;
  /** Payload of one message, over all its PDUs. */
  readonly messageBytesMax: number;
  readonly messagePdusMax: number;
  /** Messages of which a part is here. */
  readonly messagesPartialMax: number;
  /** Answers that a server has asked for and not read. */
  readonly unsentBytesMax: number;
  /** A connection over which the server tells and asks things is closed after so long a silence. */
  readonly noticeIdleNanos: Nanos;
  /** An entity is refreshed at least so often, whatever period the server grants. */
  readonly refreshMaxNanos: Nanos;
  /** And not more often than this: a period of a second means that the server is wrong, or a test. */
  readonly refreshMinNanos: Nanos;
  /** When the server has hung up (it may have been restarted, and have forgotten us) the registration is looked after so much later. */
  readonly recheckNanos: Nanos;
  /** How long stopping waits for the deregistration to be answered. */
  readonly farewellNanos: Nanos;
}

export const defaultIsnsLimits: IsnsLimits = {
  connectTimeoutNanos: 5 * SECOND,
  requestTimeoutNanos: 15 * SECOND,
  walkTimeoutNanos: 120 * SECOND,
  requestsMax: 64,
  backOffNanos: 500 * MILLISECOND,
  backOffMaxNanos: 20 * SECOND,
  messageBytesMax: 8 * 1024 * 1024,
  messagePdusMax: 2048,
  messagesPartialMax: 4,
  unsentBytesMax: 1024 * 1024,
  noticeIdleNanos: 120 * SECOND,
  refreshMaxNanos: 3600 * SECOND,
  refreshMinNanos: 500 * MILLISECOND,
  recheckNanos: 10 * SECOND,
  farewellNanos: 3 * SECOND,
};
