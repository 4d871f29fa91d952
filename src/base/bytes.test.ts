import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  be16,
  be24,
  be32,
  be48,
  be64,
  bytesEqual,
  concat,
  constantTimeEqual,
  DecodeError,
  EMPTY_BYTES,
  fromHex,
  hex,
  latin1,
  putAscii,
  putBe16,
  putBe24,
  putBe32,
  putBe48,
  putBe64,
  utf8Bytes,
  utf8Text,
} from './bytes.ts';

const bytes = (most = 64): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: most });

describe('big-endian fields', () => {
  it.each([
    ['16', be16, putBe16, 2, 0xffff],
    ['24', be24, putBe24, 3, 0xffffff],
    ['32', be32, putBe32, 4, 0xffffffff],
    ['48', be48, putBe48, 6, 2 ** 48 - 1],
    ['64', be64, putBe64, 8, Number.MAX_SAFE_INTEGER],
  ] as const)('of %s bits come back as they were put, and nothing around them changes', (_, get, put, width, max) => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(8), (number, offset) => {
        const value = Math.min(number, max);
        const out = new Uint8Array(24).fill(0xa5);
        put(out, offset, value);
        expect(get(out, offset)).toBe(value);
        expect(out.subarray(0, offset).every((byte) => byte === 0xa5)).toBe(true);
        expect(out.subarray(offset + width).every((byte) => byte === 0xa5)).toBe(true);
      }),
    );
  });

  it('stand with their most significant byte first, and are never negative', () => {
    const eight = Uint8Array.of(0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10);
    expect(be16(eight, 0)).toBe(0xfedc);
    expect(be24(eight, 0)).toBe(0xfedcba);
    expect(be32(eight, 0)).toBe(0xfedcba98);
    expect(be48(eight, 0)).toBe(0xfedcba987654);
    expect(be64(eight, 0)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });
});

/** How many bytes of `a` a comparison with `b` reads. */
const looksAt = (a: Uint8Array, b: Uint8Array): number => {
  let count = 0;
  const watched = new Proxy(a, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count += 1;
      return Reflect.get(target, key, target) as unknown;
    },
  });
  constantTimeEqual(watched, b);
  return count;
};

describe('constantTimeEqual', () => {
  it('is equality', () => {
    fc.assert(
      fc.property(bytes(), bytes(), (a, b) => {
        expect(constantTimeEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(constantTimeEqual(a, a.slice())).toBe(true);
      }),
    );
  });

  it('tells any one byte that differs, wherever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (a, at, change) => {
        const b = a.slice();
        b[at % a.length]! ^= change;
        expect(constantTimeEqual(a, b)).toBe(false);
      }),
    );
  });

  it('tells a prefix from the whole, and a repetition from what is repeated', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), (a) => {
        expect(constantTimeEqual(a, a.subarray(0, a.length - 1))).toBe(false);
        expect(constantTimeEqual(a.subarray(0, a.length - 1), a)).toBe(false);
        expect(constantTimeEqual(concat([a, a]), a)).toBe(false);
        expect(constantTimeEqual(a, EMPTY_BYTES)).toBe(false);
        expect(constantTimeEqual(EMPTY_BYTES, a)).toBe(false);
      }),
    );
    expect(constantTimeEqual(EMPTY_BYTES, EMPTY_BYTES)).toBe(true);
  });

  it('looks at every byte whether or not the first ones differ', () => {
    // Time can't be asserted; the accesses can: as many for what is wrong at once as for what is right to the end.
    const secret = utf8Bytes('correct-horse-battery');
    const wrongAtOnce = secret.map((byte) => byte ^ 0xff);
    const wrongAtEnd = secret.map((byte, index) => (index === secret.length - 1 ? byte ^ 1 : byte));
    expect(looksAt(secret, secret)).toBe(secret.length);
    expect(looksAt(secret, wrongAtOnce)).toBe(secret.length);
    expect(looksAt(secret, wrongAtEnd)).toBe(secret.length);
    expect(looksAt(secret, utf8Bytes('x'))).toBe(secret.length);
  });
});

describe('bytesEqual', () => {
  it('is equality', () => {
    fc.assert(
      fc.property(bytes(8), bytes(8), (a, b) => {
        expect(bytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(bytesEqual(a, a.slice())).toBe(true);
      }),
    );
  });
});

describe('concat', () => {
  it('is what Buffer.concat is', () => {
    fc.assert(
      fc.property(fc.array(bytes(20), { maxLength: 6 }), (parts) => {
        expect(Buffer.compare(concat(parts), Buffer.concat(parts))).toBe(0);
      }),
    );
  });

  it('copies nothing where there is nothing to put together', () => {
    const one = Uint8Array.of(1, 2);
    expect(concat([one])).toBe(one);
    expect(concat([]).length).toBe(0);
  });
});

describe('hexadecimal digits', () => {
  it('come back as the bytes they were', () => {
    fc.assert(fc.property(bytes(), (value) => bytesEqual(fromHex(hex(value)), value)));
  });

  it('may have spaces and colons between them', () => {
    expect(fromHex('00:0f  Ff\n10')).toEqual(Uint8Array.of(0, 15, 255, 16));
    expect(fromHex('')).toEqual(EMPTY_BYTES);
  });

  it.each(['0', '0g', '0x00', '-1', '000'])('%j is none', (text) => {
    expect(() => fromHex(text)).toThrow(DecodeError);
  });
});

describe('text', () => {
  it('of ASCII is padded or cut to its field', () => {
    const out = new Uint8Array(10).fill(0xff);
    putAscii(out, 1, 'AB', 4);
    expect([...out.subarray(0, 6)]).toEqual([0xff, 0x41, 0x42, 0x20, 0x20, 0xff]);
    putAscii(out, 1, 'ABCDEFGH', 4, 0);
    expect(latin1(out, 1, 5)).toBe('ABCD');
    expect(out[5]).toBe(0xff);
    putAscii(out, 0, '\u00e9', 2, 0);
    // No byte of an ASCII field has its high bit set (SPC-5 §4.3.1).
    expect([...out.subarray(0, 2)]).toEqual([0x69, 0]);
  });

  it('of Latin-1 has a character a byte', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const text = latin1(value);
        expect(text.length).toBe(value.length);
        expect(Buffer.from(text, 'latin1')).toEqual(Buffer.from(value));
      }),
    );
  });

  it('of UTF-8 comes back', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => utf8Text(utf8Bytes(text)) === text));
  });
});

describe('DecodeError', () => {
  it('says which layer, where and why', () => {
    const error = new DecodeError('iscsi-login', 12, 'truncated header');
    expect(error).toMatchObject({ name: 'DecodeError', layer: 'iscsi-login', offset: 12, reason: 'truncated header' });
    expect(error.message).toBe('iscsi-login: truncated header (at byte 12)');
  });
});
