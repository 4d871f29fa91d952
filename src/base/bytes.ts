/** Big-endian fields in place, the one error of every codec, and a few words about byte arrays. */

/** What a decoder throws, and the only thing it throws: which layer, at which byte of its input, and why. */
export class DecodeError extends Error {
  readonly layer: string;
  readonly offset: number;
  readonly reason: string;
  constructor(layer: string, offset: number, reason: string) {
    super(`${layer}: ${reason} (at byte ${offset})`);
    this.name = 'DecodeError';
    this.layer = layer;
    this.offset = offset;
    this.reason = reason;
  }
}

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

export const be16 = (bytes: Uint8Array, offset: number): number => (bytes[offset]! << 8) | bytes[offset + 1]!;

export const be24 = (bytes: Uint8Array, offset: number): number => (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;

export const be32 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;

/** 48 bits as a number: exact. */
export const be48 = (bytes: Uint8Array, offset: number): number => be16(bytes, offset) * 0x1_0000_0000 + be32(bytes, offset + 2);

/** 64 bits as a number: exact up to 2^53 - 1, and from there on larger than any size we accept. */
export const be64 = (bytes: Uint8Array, offset: number): number => be32(bytes, offset) * 0x1_0000_0000 + be32(bytes, offset + 4);

export function putBe16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

export function putBe24(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 16;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value;
}

export function putBe32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

export function putBe48(bytes: Uint8Array, offset: number, value: number): void {
  putBe16(bytes, offset, Math.floor(value / 0x1_0000_0000));
  putBe32(bytes, offset + 2, value % 0x1_0000_0000);
}

/** `value` is a whole number below 2^53. */
export function putBe64(bytes: Uint8Array, offset: number, value: number): void {
  putBe32(bytes, offset, Math.floor(value / 0x1_0000_0000));
  putBe32(bytes, offset + 4, value % 0x1_0000_0000);
}

/** Writes ASCII, padded with spaces or cut to `length` bytes (SPC-5 §4.3.1: left-aligned ASCII fields). */
export function putAscii(bytes: Uint8Array, offset: number, text: string, length: number, pad = 0x20): void {
  for (let index = 0; index < length; index += 1) bytes[offset + index] = index < text.length ? text.charCodeAt(index) & 0x7f : pad;
}

/** Latin-1 text of a range: every byte gives one character. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let index = start; index < end; index += 1) text += String.fromCharCode(bytes[index]!);
  return text;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes);

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of an even-length hexadecimal string; spaces and colons between bytes are allowed. Throws DecodeError. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/[\s:]/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new DecodeError('hex', 0, 'not an even number of hexadecimal digits');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Equality whose time depends on the lengths alone, for secrets. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= a[index]! ^ (b[index % Math.max(1, b.length)] ?? 0);
  return difference === 0;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
