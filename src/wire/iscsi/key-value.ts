/** Text keys in data segments (RFC 7143 §6.1-6.2): `key=value` pairs, each ended by a zero byte; and the forms of values. */
import { DecodeError, latin1, utf8Bytes, utf8Text } from '../../base/bytes.ts';

export const KEY_BYTES_MAX = 63;
/** RFC 7143 §6.1: longest value; long binary items (CHAP) stay below it too. */
export const VALUE_BYTES_MAX = 8192;

export type KeyValues = readonly (readonly [key: string, value: string])[];

/** Throws DecodeError. The text may lack its last zero byte, as some initiators leave it out. */
export function decodeKeyValues(segment: Uint8Array): KeyValues {
  const pairs: [string, string][] = [];
  for (let start = 0; start < segment.length; ) {
    let end = segment.indexOf(0, start);
    if (end === -1) end = segment.length;
    if (end > start) {
      const equals = segment.indexOf(0x3d, start);
      if (equals === -1 || equals >= end) throw new DecodeError('iscsi-text', start, 'a pair without "="');
      if (equals === start || equals - start > KEY_BYTES_MAX)
        throw new DecodeError('iscsi-text', start, `a key of ${equals - start} bytes`);
      if (end - equals - 1 > VALUE_BYTES_MAX) throw new DecodeError('iscsi-text', equals, `a value of ${end - equals - 1} bytes`);
      pairs.push([latin1(segment, start, equals), utf8Text(segment.subarray(equals + 1, end))]);
    }
    start = end + 1;
  }
  return pairs;
}

export const encodeKeyValues = (pairs: KeyValues): Uint8Array => utf8Bytes(pairs.map(([key, value]) => `${key}=${value}\0`).join(''));

/** A decimal or 0x-hexadecimal number from 0 to 2^32 - 1 (RFC 7143 §6.1), or undefined. */
export function parseNumber(value: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,9}|0[xX][0-9a-fA-F]{1,8})$/.test(value)) return undefined;
  const number = Number(value);
  return number <= 0xffffffff ? number : undefined;
}

/** A binary value: 0x hexadecimal or 0b Base64 (RFC 7143 §6.1, "binary-value"), or undefined. */
export function parseBinary(value: string, bytesMax: number): Uint8Array | undefined {
  const body = value.slice(2);
  if (/^0x$/i.test(value.slice(0, 2))) {
    if (!/^[0-9a-fA-F]+$/.test(body) || body.length > bytesMax * 2) return undefined;
    const even = body.length % 2 === 0 ? body : `0${body}`;
    return Uint8Array.from({ length: even.length / 2 }, (_, index) => Number.parseInt(even.slice(index * 2, index * 2 + 2), 16));
  }
  return /^0b$/i.test(value.slice(0, 2)) ? parseBase64(body, bytesMax) : undefined;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function parseBase64(body: string, bytesMax: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body) || body.length % 4 !== 0) return undefined;
  const digits = body.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  if (bytes.length > bytesMax) return undefined;
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    bits = ((bits << 6) | BASE64.indexOf(digit)) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at] = bits >>> held;
      at += 1;
    }
  }
  return bytes;
}
