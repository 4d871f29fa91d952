import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, DecodeError, fromHex, hex } from '../../base/bytes.ts';
import { type Attribute, ATTRIBUTES_MAX, attributeProblem, decodeAttributes, DELIMITER, encodeAttributes } from './attribute.ts';
import { describeMessage } from './describe.ts';
import { functionName, statusWords } from './function.ts';
import { decodePduHeader, encodePduHeader, HEADER_BYTES } from './header.ts';
import { decodeMessage, encodeMessage, type Message, sectionsOf } from './message.ts';
import * as tags from './tags.ts';
import { DEREGISTRATION, LAST_GET_NEXT_RESPONSE, QUERY, REGISTRATION, REGISTRATION_RESPONSE } from './testing/golden.ts';

const ofOnePdu = (pdu: Uint8Array): Message => {
  const header = decodePduHeader(pdu, 0);
  expect(header.payloadBytes).toBe(pdu.length - HEADER_BYTES);
  expect([header.first, header.last, header.sequenceId]).toEqual([true, true, 0]);
  return decodeMessage(header, pdu.subarray(HEADER_BYTES));
};

describe('what Open-iSNS sent', () => {
  it('reads as what was asked for', () => {
    expect(describeMessage(ofOnePdu(REGISTRATION))).toBe(
      'DevAttrReg 1: node name=iqn.2026-01.net.example:disk1, entity identifier=ent1, |, node name=iqn.2026-01.net.example:disk1, ' +
        'node type=target, node alias=disk1, portal address=127.0.0.1, portal port=3260/tcp, ' +
        'portal group node name=iqn.2026-01.net.example:disk1, portal group address=127.0.0.1, portal group port=3260/tcp, portal group tag=1',
    );
    expect(describeMessage(ofOnePdu(QUERY))).toBe('DevAttrQry 1: node name=iqn.2026-01.net.example:adm, node name, |');
    expect(describeMessage(ofOnePdu(DEREGISTRATION))).toBe('DevDereg 1: node name=iqn.2026-01.net.example:adm, |, entity identifier=ent1');
  });

  it('has the answers of the server', () => {
    const answer = ofOnePdu(REGISTRATION_RESPONSE);
    expect([answer.sender, answer.status]).toEqual(['server', 0]);
    expect(sectionsOf(answer.attributes).keys).toEqual([{ tag: tags.TAG_ENTITY_IDENTIFIER, value: 'ent1' }]);
    expect(sectionsOf(answer.attributes).operating.slice(0, 3)).toEqual([
      { tag: tags.TAG_ENTITY_IDENTIFIER, value: 'ent1' },
      { tag: tags.TAG_ENTITY_PROTOCOL, value: 2 },
      { tag: tags.TAG_REGISTRATION_PERIOD, value: 3600 },
    ]);
    expect(describeMessage(ofOnePdu(LAST_GET_NEXT_RESPONSE))).toBe('DevGetNextRsp 2 no such entry: ');
  });

  it.each([
    ['query', QUERY],
    ['deregistration', DEREGISTRATION],
  ])('is what we make of the same %s', (_, pdu) => {
    expect(encodeMessage(ofOnePdu(pdu))).toEqual([pdu]);
  });

  it('is what we make of the same registration, with the IPv4 addresses as RFC 4171 §6.3.1 wants them', () => {
    const ours = encodeMessage(ofOnePdu(REGISTRATION)).map(hex).join('');
    expect(ours).toBe(hex(REGISTRATION).replaceAll('0000000000000000000000007f000001', '00000000000000000000ffff7f000001'));
  });
});

const kinds: Readonly<Record<string, fc.Arbitrary<Attribute['value']>>> = {
  text: fc.stringMatching(/^[a-z0-9.:\-é]{1,100}$/),
  number: fc.nat({ max: 0xffff_ffff }),
  time: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  address: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '::1', '::', 'fe80::1:0:0:1', '1:2:3:4:5:6:7:8')),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 2 }).map((half) => Uint8Array.from([...half, ...half, ...half, ...half])),
};
const known = Object.entries(tags).filter(([name, tag]) => name.startsWith('TAG_') && tag !== 0) as [string, number][];
const attribute: fc.Arbitrary<Attribute> = fc
  .constantFrom(...known.map(([, tag]) => tag), 77, 5000)
  .chain((tag) => fc.option(kinds[tags.tagDefinition(tag).kind]!, { nil: undefined }).map((value) => ({ tag, value })));
const message: fc.Arbitrary<Message> = fc.record({
  functionId: fc.nat({ max: 0xffff }),
  transactionId: fc.nat({ max: 0xffff }),
  sender: fc.constantFrom('client' as const, 'server' as const),
  replace: fc.boolean(),
  status: fc.constant(0),
  attributes: fc.array(fc.oneof(attribute, fc.constant(DELIMITER)), { maxLength: 20 }),
});

/** As a receiver does it: PDUs in a row, payloads together. */
function reassemble(pdus: readonly Uint8Array[]): Message {
  const headers = pdus.map((pdu) => decodePduHeader(pdu, 0));
  expect(headers.map((header) => header.sequenceId)).toEqual(pdus.map((_, index) => index));
  expect(headers.map((header) => header.first)).toEqual(pdus.map((_, index) => index === 0));
  expect(headers.map((header) => header.last)).toEqual(pdus.map((_, index) => index === pdus.length - 1));
  return decodeMessage(headers[0]!, concat(pdus.map((pdu) => pdu.subarray(HEADER_BYTES))));
}

describe('messages', () => {
  it('come back as they were, in as many PDUs as their payload takes', () => {
    fc.assert(
      fc.property(message, fc.constantFrom(4, 8, 64, undefined), (sent, most) => {
        const pdus = encodeMessage(sent, most);
        for (const pdu of pdus) expect(pdu.length - HEADER_BYTES).toBeLessThanOrEqual(most ?? 65_532);
        expect(reassemble(pdus)).toEqual(sent);
      }),
    );
  });

  it('carry the status of a response', () => {
    const response: Message = { functionId: 0x8001, transactionId: 9, sender: 'server', replace: false, status: 23, attributes: [] };
    expect(encodeMessage(response).map(hex)).toEqual(['0001800100044c000009000000000017']);
    expect(reassemble(encodeMessage(response))).toEqual(response);
    expect(statusWords(23)).toBe('registration feature not supported');
    expect([statusWords(24), functionName(0x1ff)]).toEqual(['reserved status 24', 'function 0x01ff']);
  });

  it('are values or DecodeErrors, whatever the bytes are', () => {
    const tlv = fc
      .tuple(fc.oneof(fc.nat({ max: 70 }), fc.nat()), fc.oneof(fc.nat({ max: 300 }), fc.nat()), fc.uint8Array({ maxLength: 40 }))
      .map(([tag, length, value]) => concat([word(tag), word(length), value]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.array(tlv, { maxLength: 5 }).map(concat)), (bytes) => {
        for (const functionId of [1, 0x8001]) {
          try {
            describeMessage(decodeMessage({ functionId, transactionId: 0, fromServer: true, replace: false }, bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
        try {
          decodePduHeader(bytes, 0);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});

const word = (value: number): Uint8Array => fromHex((value >>> 0).toString(16).padStart(8, '0'));

const header = (flags: string, length = '0004'): string => `00010002${length}${flags}00070000`;

describe('headers', () => {
  it('have each flag in its place (RFC 4171 §5.1.4)', () => {
    const set = (flags: string): string[] =>
      Object.entries(decodePduHeader(fromHex(header(flags)), 0))
        .filter(([, value]) => value === true)
        .map(([name]) => name);
    expect(['8000', '4000', '2000', '1000', '0800', '0400', '03ff'].map(set)).toEqual([
      ['fromClient'],
      ['fromServer'],
      ['authenticated'],
      ['replace'],
      ['last'],
      ['first'],
      [],
    ]);
    const out = new Uint8Array(HEADER_BYTES);
    encodePduHeader(decodePduHeader(fromHex(header('fc00')), 0), out, 0);
    expect(hex(out)).toBe(header('fc00'));
  });

  it.each([
    ['another version', `0002${header('8c00').slice(4)}`, 'version 2'],
    ['an odd length', header('8c00', '0005'), 'no multiple of 4'],
    ['too few bytes', header('8c00').slice(0, 22), 'truncated'],
  ])('are refused with %s', (_, bytes, reason) => {
    expect(() => decodePduHeader(fromHex(bytes), 0)).toThrow(reason);
  });
});

const decode = (text: string): Attribute[] => {
  const bytes = fromHex(text);
  return decodeAttributes(bytes, 0, bytes.length);
};

const address = (value: string) => decode(`00000010 00000010 ${value}`)[0]!.value;

const problem = (tag: number, value: Attribute['value']) => attributeProblem({ tag, value });

describe('attributes', () => {
  it.each([
    ['a number of two words', '00000006 00000008 0000000000000001', 'registration period of 8 bytes instead of 4'],
    ['an address of four bytes', '00000010 00000004 7f000001', 'portal address of 4 bytes instead of 16'],
    ['a name that is too long', `00000020 000000e4 ${'61'.repeat(228)}`, 'node name of 228 bytes; 224 is the most'],
    ['a length that is no multiple of 4', '00000020 00000003 616200', 'no multiple of 4'],
    ['more than there is', '00000020 00000008 61620000', 'longer than its message'],
    ['half a TLV', '00000020 000000', 'truncated'],
  ])('are refused with %s', (_, bytes, reason) => {
    expect(() => decode(bytes)).toThrow(reason);
  });

  it('end their text at the first NUL, and need none where the text fills the field', () => {
    expect(decode('00000022 00000008 6162000061620000')).toEqual([{ tag: tags.TAG_NODE_ALIAS, value: 'ab' }]);
    expect(decode('00000022 00000004 61626364')).toEqual([{ tag: tags.TAG_NODE_ALIAS, value: 'abcd' }]);
  });

  it('are no more than a bound', () => {
    const bytes = new Uint8Array((ATTRIBUTES_MAX + 1) * 8);
    expect(() => decodeAttributes(bytes, 0, bytes.length)).toThrow('more than');
    expect(decodeAttributes(bytes, 8, bytes.length)).toHaveLength(ATTRIBUTES_MAX);
  });

  it('take IPv4 mapped, and in the form Open-iSNS sends', () => {
    expect(address('00000000000000000000ffffc0000201')).toBe('192.0.2.1');
    expect(address('000000000000000000000000c0000201')).toBe('192.0.2.1');
    expect(address('00000000000000000000000000000001')).toBe('::1');
    expect(address('20010db8000000010000000000000001')).toBe('2001:db8:0:1::1');
  });

  it('say what keeps them from being sent', () => {
    expect(problem(tags.TAG_NODE_NAME, `iqn.${'a'.repeat(219)}`)).toBeUndefined();
    expect(problem(tags.TAG_NODE_NAME, `iqn.${'a'.repeat(220)}`)).toBe('node name has more than 223 bytes');
    expect(problem(tags.TAG_NODE_NAME, 'a\0b')).toBe('node name has a NUL in it');
    expect(problem(tags.TAG_NODE_NAME, 7)).toBe('node name has the wrong kind of value');
    expect(problem(tags.TAG_PORTAL_ADDRESS, '192.0.2.256')).toBe('portal address is no IP address: 192.0.2.256');
    expect(problem(tags.TAG_PORTAL_PORT, 2 ** 32)).toBe('portal port is no number that fits');
    expect(problem(tags.TAG_GROUP_TAG, undefined)).toBeUndefined();
    expect(problem(5000, new Uint8Array(3))).toBe('attribute 5000 is no 65536 bytes or fewer in fours');
  });

  it('have no problem where they can be encoded', () => {
    fc.assert(
      fc.property(attribute, (one) => {
        expect(attributeProblem(one)).toBeUndefined();
        const bytes = encodeAttributes([one]);
        expect(bytes.length % 4).toBe(0);
        expect(decodeAttributes(bytes, 0, bytes.length)).toEqual([one]);
      }),
    );
  });
});
