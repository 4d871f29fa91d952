/** Whole PDUs as bytes on a stream (RFC 7143 §11.2), with digests where they were agreed on: how the tests write what a peer sends. */
import { putBe24 } from '../../../base/bytes.ts';
import { crc32c } from '../../../base/crc32c.ts';
import { additionalHeadersBytes, DIGEST_BYTES, padded } from '../../../wire/iscsi/basic-header.ts';

export interface DigestUse {
  readonly header: boolean;
  readonly data: boolean;
}

export const NO_DIGESTS: DigestUse = { header: false, data: false };

function putDigest(out: Uint8Array, from: number, to: number): void {
  const crc = crc32c(out, from, to);
  for (let index = 0; index < DIGEST_BYTES; index += 1) out[to + index] = crc >>> (8 * index);
}

/** `headers`: the basic header and any additional ones. DataSegmentLength is filled in. */
export function pduBytes(headers: Uint8Array, data: Uint8Array, digests: DigestUse = NO_DIGESTS): Uint8Array {
  const dataAt = headers.length + (digests.header ? DIGEST_BYTES : 0);
  const tail = data.length === 0 ? 0 : padded(data.length) + (digests.data ? DIGEST_BYTES : 0);
  const out = new Uint8Array(dataAt + tail);
  out.set(headers);
  putBe24(out, 5, data.length);
  if (digests.header) putDigest(out, 0, headers.length);
  if (data.length === 0) return out;
  out.set(data, dataAt);
  if (digests.data) putDigest(out, dataAt, dataAt + padded(data.length));
  return out;
}

/** A PDU cut out of a stream again. */
export interface SeenPdu {
  readonly header: Uint8Array;
  readonly data: Uint8Array;
}

/** Takes whole PDUs off the front of `bytes`; throws on a wrong digest or padding that is not zero. */
export function cutPdus(bytes: Uint8Array, digests: DigestUse = NO_DIGESTS): { readonly pdus: SeenPdu[]; readonly rest: Uint8Array } {
  const pdus: SeenPdu[] = [];
  let at = 0;
  while (bytes.length - at >= 48) {
    const headers = 48 + additionalHeadersBytes(bytes, at);
    const length = (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!;
    const dataAt = at + headers + (digests.header ? DIGEST_BYTES : 0);
    const end = dataAt + (length === 0 ? 0 : padded(length) + (digests.data ? DIGEST_BYTES : 0));
    if (bytes.length < end) break;
    const pdu = { header: bytes.slice(at, at + headers), data: bytes.slice(dataAt, dataAt + length) };
    const again = pduBytes(pdu.header, pdu.data, digests);
    for (let index = 0; index < again.length; index += 1)
      if (again[index] !== bytes[at + index]) throw new Error(`byte ${index} of a PDU is wrong: a digest, or padding that is not zero`);
    pdus.push(pdu);
    at = end;
  }
  return { pdus, rest: bytes.slice(at) };
}
