/** The header of an iSNS PDU (RFC 4171 §5.1), in front of every piece of a message. */
import { be16, DecodeError, putBe16 } from '../../base/bytes.ts';

export const HEADER_BYTES = 12;

/** RFC 4171 §5.1.1. */
export const VERSION = 1;

/** RFC 4171 §5.1.3: the length has 16 bits, and is a multiple of four. */
export const PAYLOAD_BYTES_MAX = 65_532;

/** RFC 4171 §5.1.6: two bytes of sequence ID. */
export const PDUS_MAX = 65_536;

// RFC 4171 §5.1.4, whose bits count from the left of the second word.
const FROM_CLIENT = 0x8000;
const FROM_SERVER = 0x4000;
const AUTHENTICATED = 0x2000;
const REPLACE = 0x1000;
const LAST = 0x0800;
const FIRST = 0x0400;

export interface PduHeader {
  readonly functionId: number;
  readonly payloadBytes: number;
  readonly fromClient: boolean;
  readonly fromServer: boolean;
  /** An authentication block follows the payload (RFC 4171 §5.5). */
  readonly authenticated: boolean;
  /** DevAttrReg: what was registered before goes. */
  readonly replace: boolean;
  readonly last: boolean;
  readonly first: boolean;
  readonly transactionId: number;
  /** Place of the PDU in its message, from 0. */
  readonly sequenceId: number;
}

/** Throws DecodeError. */
export function decodePduHeader(bytes: Uint8Array, offset: number): PduHeader {
  if (bytes.length - offset < HEADER_BYTES) throw new DecodeError('isns', offset, 'truncated header');
  const version = be16(bytes, offset);
  if (version !== VERSION) throw new DecodeError('isns', offset, `version ${version} is unknown`);
  const payloadBytes = be16(bytes, offset + 4);
  if (payloadBytes % 4 !== 0) throw new DecodeError('isns', offset + 4, `PDU length ${payloadBytes} is no multiple of 4`);
  const flags = be16(bytes, offset + 6);
  return {
    functionId: be16(bytes, offset + 2),
    payloadBytes,
    fromClient: (flags & FROM_CLIENT) !== 0,
    fromServer: (flags & FROM_SERVER) !== 0,
    authenticated: (flags & AUTHENTICATED) !== 0,
    replace: (flags & REPLACE) !== 0,
    last: (flags & LAST) !== 0,
    first: (flags & FIRST) !== 0,
    transactionId: be16(bytes, offset + 8),
    sequenceId: be16(bytes, offset + 10),
  };
}

/** Writes exactly `HEADER_BYTES`. */
export function encodePduHeader(header: PduHeader, out: Uint8Array, offset: number): void {
  putBe16(out, offset, VERSION);
  putBe16(out, offset + 2, header.functionId);
  putBe16(out, offset + 4, header.payloadBytes);
  putBe16(
    out,
    offset + 6,
    (header.fromClient ? FROM_CLIENT : 0) |
      (header.fromServer ? FROM_SERVER : 0) |
      (header.authenticated ? AUTHENTICATED : 0) |
      (header.replace ? REPLACE : 0) |
      (header.last ? LAST : 0) |
      (header.first ? FIRST : 0),
  );
  putBe16(out, offset + 8, header.transactionId);
  putBe16(out, offset + 10, header.sequenceId);
}
