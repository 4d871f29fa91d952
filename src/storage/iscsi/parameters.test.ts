import { describe, expect, it } from 'vitest';
import { defaultLimits, offerOf } from './limits.ts';
import { adoptSessionWide, answerKey, defaultParameters, type KeyAnswer, type Offer, type Parameters, settle } from './parameters.ts';

const ours: Offer = {
  headerDigest: ['None', 'CRC32C'],
  dataDigest: ['None', 'CRC32C'],
  maxReceiveDataSegmentBytes: 262144,
  maxConnections: 4,
  initialR2T: false,
  immediateData: true,
  maxBurstBytes: 1048576,
  firstBurstBytes: 262144,
  time2WaitSeconds: 3,
  time2RetainSeconds: 20,
  maxOutstandingR2T: 8,
  errorRecoveryLevel: 1,
};

/** The answer, and what it changed in the parameters. */
function ask(key: string, offered: string, offer: Partial<Offer> = {}, leading = true): KeyAnswer & { changed: Partial<Parameters> } {
  const parameters = defaultParameters();
  const answer = answerKey(key, offered, { ...ours, ...offer }, parameters, leading);
  const before = Object.entries(defaultParameters());
  const after = new Map(Object.entries(parameters));
  const changed = before.filter(([name, value]) => after.get(name) !== value).map(([name]) => [name, after.get(name)]);
  return { ...answer, changed: Object.fromEntries(changed) as Partial<Parameters> };
}

const agreed = (value: string, changed: Partial<Parameters> = {}) => ({ value, rejected: false, changed });
const rejected = { value: 'Reject', rejected: true, changed: {} };

describe('defaults (RFC 7143 §13)', () => {
  it('are those of the standard', () =>
    expect(defaultParameters()).toEqual({
      headerDigest: false,
      dataDigest: false,
      sendSegmentBytesMax: 8192,
      receiveSegmentBytesMax: 8192,
      maxConnections: 1,
      initialR2T: true,
      immediateData: true,
      maxBurstBytes: 262144,
      firstBurstBytes: 65536,
      time2WaitSeconds: 2,
      time2RetainSeconds: 20,
      maxOutstandingR2T: 1,
      dataPduInOrder: true,
      dataSequenceInOrder: true,
      errorRecoveryLevel: 0,
      protocolLevel: 1,
    }));
});

describe('digests (§13.1): the first of the initiator that we do', () => {
  it.each(['HeaderDigest', 'DataDigest'])('%s', (key) => {
    const name = key === 'HeaderDigest' ? 'headerDigest' : 'dataDigest';
    expect(ask(key, 'None')).toEqual(agreed('None'));
    expect(ask(key, 'CRC32C')).toEqual(agreed('CRC32C', { [name]: true }));
    expect(ask(key, 'CRC32C,None')).toEqual(agreed('CRC32C', { [name]: true }));
    expect(ask(key, 'None,CRC32C')).toEqual(agreed('None'));
    expect(ask(key, 'X-md5,CRC32C')).toEqual(agreed('CRC32C', { [name]: true }));
    expect(ask(key, 'None', { [name]: ['CRC32C'] })).toEqual(rejected);
    expect(ask(key, 'CRC32C,None', { [name]: ['None'] })).toEqual(agreed('None'));
    expect(ask(key, 'X-md5')).toEqual(rejected);
    expect(ask(key, 'crc32c')).toEqual(rejected);
    expect(ask(key, '')).toEqual(rejected);
  });

  it('belong to the connection: every one agrees on its own', () =>
    expect(ask('HeaderDigest', 'CRC32C', {}, false)).toEqual(agreed('CRC32C', { headerDigest: true })));
});

describe('booleans (§6.2.2)', () => {
  it('InitialR2T (§13.10): Or', () => {
    expect(ask('InitialR2T', 'No')).toEqual(agreed('No', { initialR2T: false }));
    expect(ask('InitialR2T', 'Yes')).toEqual(agreed('Yes'));
    expect(ask('InitialR2T', 'No', { initialR2T: true })).toEqual(agreed('Yes'));
  });

  it('ImmediateData (§13.11): And', () => {
    expect(ask('ImmediateData', 'Yes')).toEqual(agreed('Yes'));
    expect(ask('ImmediateData', 'No')).toEqual(agreed('No', { immediateData: false }));
    expect(ask('ImmediateData', 'Yes', { immediateData: false })).toEqual(agreed('No', { immediateData: false }));
  });

  it.each(['DataPDUInOrder', 'DataSequenceInOrder'])('%s (§13.18-19): Or, and we say Yes', (key) => {
    expect(ask(key, 'No')).toEqual(agreed('Yes'));
    expect(ask(key, 'Yes')).toEqual(agreed('Yes'));
  });

  it.each(['InitialR2T', 'ImmediateData', 'DataPDUInOrder', 'DataSequenceInOrder'])('%s takes Yes and No alone', (key) => {
    for (const value of ['yes', 'NO', '1', '', 'Yes,No', 'Maybe']) expect(ask(key, value)).toEqual(rejected);
  });
});

describe('numbers', () => {
  /** Key, parameter, rule, least and greatest value allowed, and our own value. */
  const numbers = [
    ['MaxConnections', 'maxConnections', 'minimum', 1, 65535, 4],
    ['MaxBurstLength', 'maxBurstBytes', 'minimum', 512, 16777215, 1048576],
    ['FirstBurstLength', 'firstBurstBytes', 'minimum', 512, 16777215, 262144],
    ['DefaultTime2Wait', 'time2WaitSeconds', 'maximum', 0, 3600, 3],
    ['DefaultTime2Retain', 'time2RetainSeconds', 'minimum', 0, 3600, 20],
    ['MaxOutstandingR2T', 'maxOutstandingR2T', 'minimum', 1, 65535, 8],
    ['ErrorRecoveryLevel', 'errorRecoveryLevel', 'minimum', 0, 2, 1],
    ['iSCSIProtocolLevel', 'protocolLevel', 'minimum', 0, 31, 2],
  ] as const;

  it.each(numbers)('%s: the %3$s of both', (key, parameter, rule, least, most, own) => {
    const result = (theirs: number): number => (rule === 'minimum' ? Math.min(theirs, own) : Math.max(theirs, own));
    for (const theirs of [least, own, most]) {
      const answer = ask(key, String(theirs));
      expect(answer).toMatchObject({ value: String(result(theirs)), rejected: false });
      expect({ ...defaultParameters(), ...answer.changed }[parameter]).toBe(result(theirs));
    }
    expect(ask(key, `0x${most.toString(16)}`).value).toBe(String(result(most)));
  });

  it.each(numbers)('%s outside of its range, or no number, is rejected', (key, _parameter, _rule, least, most) => {
    for (const value of [String(least - 1), String(most + 1), '', 'many', '1.5', '4294967296']) expect(ask(key, value)).toEqual(rejected);
  });

  it('MaxRecvDataSegmentLength (§13.12) is declared, not negotiated: it gets no answer', () => {
    expect(ask('MaxRecvDataSegmentLength', '65536')).toEqual({
      value: undefined,
      rejected: false,
      changed: { sendSegmentBytesMax: 65536 },
    });
    expect(ask('MaxRecvDataSegmentLength', '512', {}, false)).toMatchObject({ value: undefined, changed: { sendSegmentBytesMax: 512 } });
    for (const value of ['511', '16777216', 'much']) expect(ask('MaxRecvDataSegmentLength', value)).toEqual(rejected);
  });
});

describe('other keys', () => {
  it('TaskReporting (§13.23): the classic way alone', () => {
    expect(ask('TaskReporting', 'RFC3720')).toEqual(agreed('RFC3720'));
    expect(ask('TaskReporting', 'FastAbort,RFC3720')).toEqual(agreed('RFC3720'));
    expect(ask('TaskReporting', 'FastAbort')).toEqual(rejected);
  });

  it('markers are obsolete (§13.25): No, and Reject for their intervals', () => {
    for (const key of ['IFMarker', 'OFMarker']) for (const value of ['Yes', 'No']) expect(ask(key, value)).toEqual(agreed('No'));
    for (const key of ['IFMarkInt', 'OFMarkInt']) expect(ask(key, '2048~8192')).toEqual(agreed('Reject'));
  });

  it('NotUnderstood (§6.2.1), also what only looks like a key of ours', () => {
    for (const key of ['X-com.example.speed', 'initialR2T', 'constructor', '__proto__', 'toString', 'RDMAExtensions'])
      expect(ask(key, 'Yes')).toEqual(agreed('NotUnderstood'));
  });
});

describe('on a further connection of a session', () => {
  const sessionWide = [
    ['MaxConnections', '2'],
    ['InitialR2T', 'No'],
    ['ImmediateData', 'No'],
    ['MaxBurstLength', '512'],
    ['FirstBurstLength', '512'],
    ['DefaultTime2Wait', '9'],
    ['DefaultTime2Retain', '0'],
    ['MaxOutstandingR2T', '2'],
    ['DataPDUInOrder', 'Yes'],
    ['DataSequenceInOrder', 'Yes'],
    ['ErrorRecoveryLevel', '1'],
    ['iSCSIProtocolLevel', '2'],
    ['TaskReporting', 'RFC3720'],
  ] as const;
  it.each(sessionWide)('%s is Irrelevant: the leading login settled it', (key, value) =>
    expect(ask(key, value, {}, false)).toEqual(agreed('Irrelevant')),
  );

  it('the session-wide values are taken over, those of the connection stay', () => {
    const session = { ...defaultParameters(), maxBurstBytes: 4096, maxOutstandingR2T: 3, initialR2T: false, headerDigest: true };
    const connection = { ...defaultParameters(), dataDigest: true, sendSegmentBytesMax: 1024, receiveSegmentBytesMax: 2048 };
    adoptSessionWide(connection, session);
    expect(connection).toEqual({
      ...session,
      headerDigest: false,
      dataDigest: true,
      sendSegmentBytesMax: 1024,
      receiveSegmentBytesMax: 2048,
    });
  });
});

it('FirstBurstLength never exceeds MaxBurstLength (§13.14)', () => {
  const parameters = { ...defaultParameters(), maxBurstBytes: 4096, firstBurstBytes: 65536 };
  settle(parameters);
  expect(parameters.firstBurstBytes).toBe(4096);
});

it('offers what the limits say', () => {
  const offer = offerOf({ ...defaultLimits, connectionsPerSession: 3, initialR2T: true, immediateData: false, maxOutstandingR2T: 2 });
  expect(offer).toMatchObject({ maxConnections: 3, initialR2T: true, immediateData: false, maxOutstandingR2T: 2, errorRecoveryLevel: 2 });
});
