import { array, assert, constantFrom, property, string, stringMatching, tuple, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, hex, utf8Bytes } from '../../base/bytes.ts';
import { decodeKeyValues, encodeKeyValues, KEY_BYTES_MAX, parseBinary, parseNumber, VALUE_BYTES_MAX } from './key-value.ts';

const text = (value: string): Uint8Array => utf8Bytes(value);

describe('key=value text', () => {
  it('reads pairs, each ended by a zero byte, in order', () => {
    expect(decodeKeyValues(text('A=1\0B=\0A=two=2\0'))).toEqual([
      ['A', '1'],
      ['B', ''],
      ['A', 'two=2'],
    ]);
  });

  it('forgives a missing last zero, and zeros too many', () => expect(decodeKeyValues(text('A=1\0\0\0B=2'))).toHaveLength(2));
  it('reads an empty segment as no pairs', () => expect(decodeKeyValues(new Uint8Array(0))).toEqual([]));
  it('keeps UTF-8 in values', () => expect(decodeKeyValues(text('InitiatorAlias=Büro\0'))).toEqual([['InitiatorAlias', 'Büro']]));

  it.each([
    ['a pair without "="', 'A=1\0B\0C=2\0', 4],
    ['an empty key', '=1\0', 0],
    ['a key that is too long', `${'K'.repeat(KEY_BYTES_MAX + 1)}=1\0`, 0],
    ['a value that is too long', `A=${'v'.repeat(VALUE_BYTES_MAX + 1)}\0`, 1],
  ])('refuses %s, and says where', (_, value, offset) => {
    expect(() => decodeKeyValues(text(value))).toThrow(DecodeError);
    expect(() => decodeKeyValues(text(value))).toThrow(expect.objectContaining({ layer: 'iscsi-text', offset }));
  });

  it('takes keys and values of the greatest length', () => {
    const pairs = [['K'.repeat(KEY_BYTES_MAX), 'v'.repeat(VALUE_BYTES_MAX)]] as const;
    expect(decodeKeyValues(encodeKeyValues(pairs))).toEqual(pairs);
  });

  it('gives back what was written', () => {
    const key = stringMatching(/^[A-Z][A-Za-z0-9.+@_-]{0,62}$/);
    const value = string({ unit: constantFrom(...'abcXYZ019.,:+/=@_~-[]* ü'), maxLength: 60 });
    assert(
      property(array(tuple(key, value)), (pairs) => {
        expect(decodeKeyValues(encodeKeyValues(pairs))).toEqual(pairs);
      }),
    );
  });

  it('gives pairs or a DecodeError for arbitrary bytes', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          for (const [key, value] of decodeKeyValues(bytes)) expect(key.length * (value.length + 1)).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['4294967295', 0xffffffff],
    ['0x10', 16],
    ['0XfF', 255],
    ['0xffffffff', 0xffffffff],
  ])('%s', (value, number) => expect(parseNumber(value)).toBe(number));

  it.each(['', '-1', '+1', ' 1', '1 ', '01', '1.5', '1e3', '4294967296', '0x', '0x100000000', '0x1g', 'ten', '1~2'])('not %j', (value) =>
    expect(parseNumber(value)).toBeUndefined(),
  );
});

describe('binary values', () => {
  it.each([
    ['0x00ff10', '00ff10'],
    ['0XAb', 'ab'],
    ['0xabc', '0abc'],
    ['0bAP8Q', '00ff10'],
    ['0bqw==', 'ab'],
    ['0Bq80=', 'abcd'],
  ])('%s', (value, bytes) => expect(hex(parseBinary(value, 1024)!)).toBe(bytes));

  it.each(['', '0x', '0b', 'ab', '0xzz', '0bAP8', '0bA===', '0b====', '0bA P8', '1234'])('not %j', (value) =>
    expect(parseBinary(value, 1024)).toBeUndefined(),
  );

  it('refuses more bytes than are allowed, in either form', () => {
    expect(parseBinary('0x00112233', 4)).toHaveLength(4);
    expect(parseBinary('0x0011223344', 4)).toBeUndefined();
    expect(parseBinary('0bAAAAAAA=', 4)).toBeUndefined();
  });

  it('reads what Node writes, in either form', () => {
    assert(
      property(uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        expect(parseBinary(`0x${hex(bytes)}`, 100)).toEqual(bytes);
        expect(parseBinary(`0b${Buffer.from(bytes).toString('base64')}`, 100)).toEqual(bytes);
      }),
    );
  });
});
