/**
 * Attributes as iSNS carries them: tag, length, value (RFC 4171 §5.3), values padded with zeros to a multiple of four bytes (§5.3.1). A
 * length of zero is a value too: "this one, please" in a query, "none" in a registration.
 */
import { be32, be64, DecodeError, putBe32, putBe64, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { ADDRESS_BYTES, addressBytes, addressText } from './address.ts';
import { type AttributeKind, TAG_DELIMITER, tagDefinition } from './tags.ts';

/** Text and addresses are strings, numbers and times are numbers, the rest is bytes; undefined: of length zero. */
export type AttributeValue = string | number | Uint8Array | undefined;

export interface Attribute {
  readonly tag: number;
  readonly value: AttributeValue;
}

export const DELIMITER: Attribute = { tag: TAG_DELIMITER, value: undefined };

/** Tag and length. */
const TLV_BYTES = 8;

/** Attributes of one message; a page of a large database has a few thousand. */
export const ATTRIBUTES_MAX = 65_536;

const NUMBER_BYTES: Partial<Record<AttributeKind, number>> = { number: 4, time: 8, address: ADDRESS_BYTES };

/** The attributes from `start` to `end`. Throws DecodeError. */
export function decodeAttributes(bytes: Uint8Array, start: number, end: number): Attribute[] {
  const attributes: Attribute[] = [];
  let at = start;
  while (at < end) {
    if (attributes.length === ATTRIBUTES_MAX) throw new DecodeError('isns', at, `more than ${ATTRIBUTES_MAX} attributes`);
    if (end - at < TLV_BYTES) throw new DecodeError('isns', at, 'truncated attribute');
    const tag = be32(bytes, at);
    const length = be32(bytes, at + 4);
    if (length % 4 !== 0) throw new DecodeError('isns', at + 4, `length ${length} of attribute ${tag} is no multiple of 4`);
    if (length > end - at - TLV_BYTES) throw new DecodeError('isns', at + 4, `attribute ${tag} is longer than its message`);
    attributes.push({ tag, value: length === 0 ? undefined : decodeValue(bytes, at + TLV_BYTES, tag, length) });
    at += TLV_BYTES + length;
  }
  return attributes;
}

function decodeValue(bytes: Uint8Array, at: number, tag: number, length: number): AttributeValue {
  const { kind, bytesMax, name } = tagDefinition(tag);
  const exact = NUMBER_BYTES[kind];
  if (exact !== undefined && length !== exact) throw new DecodeError('isns', at - 4, `${name} of ${length} bytes instead of ${exact}`);
  if (length > bytesMax) throw new DecodeError('isns', at - 4, `${name} of ${length} bytes; ${bytesMax} is the most`);
  if (kind === 'number') return be32(bytes, at);
  if (kind === 'time') return be64(bytes, at);
  if (kind === 'address') return addressText(bytes, at);
  if (kind === 'bytes') return bytes.slice(at, at + length);
  // RFC 4171 §6.1: text ends with NUL, and what follows is padding.
  let textEnd = at;
  while (textEnd < at + length && bytes[textEnd] !== 0) textEnd += 1;
  return utf8Text(bytes.subarray(at, textEnd));
}

/** What keeps an attribute from being sent, in words for whoever gave it; undefined: nothing. */
export function attributeProblem({ tag, value }: Attribute): string | undefined {
  if (value === undefined) return undefined;
  const { kind, bytesMax, name } = tagDefinition(tag);
  if (kind === 'number' || kind === 'time') {
    const most = kind === 'number' ? 0xffff_ffff : Number.MAX_SAFE_INTEGER;
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
      ? undefined
      : `${name} is no number that fits`;
  }
  if (kind === 'bytes') {
    const fits = value instanceof Uint8Array && value.length % 4 === 0 && value.length <= bytesMax;
    return fits ? undefined : `${name} is no ${bytesMax} bytes or fewer in fours`;
  }
  if (typeof value !== 'string' || kind === 'delimiter') return `${name} has the wrong kind of value`;
  if (kind === 'address') return addressBytes(value) === undefined ? `${name} is no IP address: ${value.slice(0, 60)}` : undefined;
  if (value.includes('\0')) return `${name} has a NUL in it`;
  return utf8Bytes(value).length + 1 > bytesMax ? `${name} has more than ${bytesMax - 1} bytes` : undefined;
}

/** The value's bytes with their padding; the attribute has no problem. */
function valueBytes({ tag, value }: Attribute): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  if (value instanceof Uint8Array) return value;
  const { kind } = tagDefinition(tag);
  if (kind === 'address') return addressBytes(value as string)!;
  if (typeof value === 'string') {
    const text = utf8Bytes(value);
    const padded = new Uint8Array((text.length + 4) & ~3);
    padded.set(text);
    return padded;
  }
  const out = new Uint8Array(kind === 'time' ? 8 : 4);
  if (kind === 'time') putBe64(out, 0, value);
  else putBe32(out, 0, value);
  return out;
}

/** Attributes one after the other. None may have a problem (see `attributeProblem`). */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const values = attributes.map(valueBytes);
  const out = new Uint8Array(values.reduce((sum, value) => sum + TLV_BYTES + value.length, 0));
  let at = 0;
  for (const [index, value] of values.entries()) {
    putBe32(out, at, attributes[index]!.tag);
    putBe32(out, at + 4, value.length);
    out.set(value, at + TLV_BYTES);
    at += TLV_BYTES + value.length;
  }
  return out;
}
