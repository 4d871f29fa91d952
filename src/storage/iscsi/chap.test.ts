import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, hex, utf8Bytes } from '../../base/bytes.ts';
import { type Rng, seededRng } from '../../base/rng.ts';
import { BASIC_HEADER_BYTES, dataSegmentBytes } from '../../wire/iscsi/basic-header.ts';
import { decodeKeyValues } from '../../wire/iscsi/key-value.ts';
import { golden } from '../../wire/iscsi/testing/golden.ts';
import {
  ALL_CHAP_ALGORITHMS,
  CHAP_ALGORITHMS,
  type ChapAccount,
  type ChapAlgorithm,
  chapResponse,
  type ChapStep,
  ChapTarget,
} from './chap.ts';

const SECRET = utf8Bytes('a secret of sixteen or more');
const account: ChapAccount = { user: 'alice', secret: SECRET, algorithms: ALL_CHAP_ALGORITHMS };
const mutual: ChapAccount = { ...account, mutual: { user: 'the-array', secret: utf8Bytes('another secret altogether') } };

/** RFC 1994 §4.1 by Node's own hashes. */
const nodeName: Record<ChapAlgorithm, string> = { MD5: 'md5', SHA1: 'sha1', 'SHA-256': 'sha256', 'SHA3-256': 'sha3-256' };
const expected = (algorithm: ChapAlgorithm, identifier: number, secret: Uint8Array, challenge: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(nodeName[algorithm]).update(Uint8Array.of(identifier)).update(secret).update(challenge).digest());

const keysOf = (keys: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(keys));
const pairsOf = (step: ChapStep): Record<string, string> => {
  if (step.type === 'failed') throw new Error(step.reason);
  return Object.fromEntries(step.pairs);
};

const keysIn = (name: 'chapRequest3' | 'chapResponse2'): ReadonlyMap<string, string> => {
  const pdu = golden(name);
  return new Map(decodeKeyValues(pdu.subarray(BASIC_HEADER_BYTES, BASIC_HEADER_BYTES + dataSegmentBytes(pdu, 0))));
};

/** Asks for a challenge and gives what to answer it with. */
function begin(
  target: ChapTarget,
  list = '5',
): { algorithm: ChapAlgorithm; identifier: number; challenge: Uint8Array; keys: Record<string, string> } {
  const keys = pairsOf(target.handle(keysOf({ CHAP_A: list })));
  const algorithm = ALL_CHAP_ALGORITHMS.find((name) => String(CHAP_ALGORITHMS[name].number) === keys['CHAP_A'])!;
  return { algorithm, identifier: Number(keys['CHAP_I']), challenge: fromHex(keys['CHAP_C']!.slice(2)), keys };
}

function answer(target: ChapTarget, list = '5', changes: Record<string, string> = {}, secret = SECRET): ChapStep {
  const { algorithm, identifier, challenge } = begin(target, list);
  const response = `0x${hex(expected(algorithm, identifier, secret, challenge))}`;
  return target.handle(keysOf({ CHAP_N: 'alice', CHAP_R: response, ...changes }));
}

const start = (of = account, rng: Rng = seededRng(1)): ChapTarget => new ChapTarget(of, rng);

describe('the response (RFC 1994 §4.1)', () => {
  it.each(ALL_CHAP_ALGORITHMS)('%s, as node:crypto has it', (algorithm) => {
    const challenge = seededRng(7).fill(new Uint8Array(64));
    for (const identifier of [0, 1, 255])
      expect(chapResponse(algorithm, identifier, SECRET, challenge)).toEqual(expected(algorithm, identifier, SECRET, challenge));
  });

  it('MD5, as libiscsi answered tgt', () => {
    const asked = keysIn('chapResponse2');
    const challenge = fromHex(asked.get('CHAP_C')!.slice(2));
    const response = chapResponse('MD5', Number(asked.get('CHAP_I')), utf8Bytes('a secret of 24 letters..'), challenge);
    expect(`0x${hex(response).toUpperCase()}`).toBe(keysIn('chapRequest3').get('CHAP_R'));
  });

  it('has the numbers of the registry', () =>
    expect(ALL_CHAP_ALGORITHMS.map((name) => [name, CHAP_ALGORITHMS[name].number])).toEqual([
      ['MD5', 5],
      ['SHA1', 6],
      ['SHA-256', 7],
      ['SHA3-256', 8],
    ]));
});

describe('one way', () => {
  it.each([
    ['5', 'MD5'],
    ['6', 'SHA1'],
    ['7', 'SHA-256'],
    ['8', 'SHA3-256'],
    ['8,7,6,5', 'SHA3-256'],
    ['99,0x7,5', 'SHA-256'],
  ])('CHAP_A=%s takes the first we know: %s', (list, name) => {
    const target = start();
    expect(begin(target, list).algorithm).toBe(name);
    expect(answer(start(), list)).toEqual({ type: 'done', pairs: [] });
  });

  it('takes only the algorithms that are allowed', () => {
    expect(begin(start({ ...account, algorithms: ['SHA1', 'SHA-256'] }), '5,7,6').algorithm).toBe('SHA-256');
    expect(start({ ...account, algorithms: ['SHA-256'] }).handle(keysOf({ CHAP_A: '5,6' }))).toMatchObject({ type: 'failed' });
  });

  it('asks with 32 bytes, another challenge and identifier each time', () => {
    const rng = seededRng(3);
    const first = begin(start(account, rng));
    const second = begin(start(account, rng));
    expect(first.challenge).toHaveLength(32);
    expect(first.identifier).toBeLessThan(256);
    expect(hex(first.challenge)).not.toBe(hex(second.challenge));
  });

  it('takes the response in hexadecimal of either case, and in Base64', () => {
    for (const form of ['hex', 'HEX', 'base64']) {
      const target = start();
      const { identifier, challenge } = begin(target);
      const bytes = expected('MD5', identifier, SECRET, challenge);
      const text =
        form === 'base64' ? `0b${Buffer.from(bytes).toString('base64')}` : `0x${form === 'HEX' ? hex(bytes).toUpperCase() : hex(bytes)}`;
      expect(target.handle(keysOf({ CHAP_N: 'alice', CHAP_R: text }))).toEqual({ type: 'done', pairs: [] });
    }
  });

  it('tells nobody whether the user or the secret was wrong', () => {
    const wrongUser = answer(start(), '5', { CHAP_N: 'mallory' });
    const wrongSecret = answer(start(), '5', {}, utf8Bytes('guess'));
    const bothWrong = answer(start(), '5', { CHAP_N: 'mallory' }, utf8Bytes('guess'));
    expect(wrongUser).toMatchObject({ type: 'failed' });
    expect(wrongSecret).toEqual(wrongUser);
    expect(bothWrong).toEqual(wrongUser);
  });

  it.each([
    ['a response that is too short', { CHAP_R: '0x00' }],
    ['a response that begins right and goes on', { CHAP_R: `0x${'00'.repeat(17)}` }],
    ['a user of another case', { CHAP_N: 'Alice' }],
    ['no user', { CHAP_N: '' }],
  ])('refuses %s', (_, changes) => expect(answer(start(), '5', changes)).toMatchObject({ type: 'failed' }));

  it.each([
    ['nothing', {}],
    ['no response', { CHAP_N: 'alice' }],
    ['no name', { CHAP_R: '0x00' }],
    ['a response that is no binary', { CHAP_N: 'alice', CHAP_R: 'secret' }],
    ['a response beyond all bounds', { CHAP_N: 'alice', CHAP_R: `0x${'00'.repeat(1025)}` }],
  ])('refuses %s in answer to the challenge', (_, keys: Record<string, string>) => {
    const target = start();
    begin(target);
    expect(target.handle(keysOf(keys))).toEqual({ type: 'failed', reason: 'CHAP_N or CHAP_R is missing or malformed' });
  });

  it.each(['', '99', 'MD5', '5x', '-5'])('refuses CHAP_A=%j', (list) =>
    expect(start().handle(keysOf({ CHAP_A: list }))).toMatchObject({ type: 'failed' }),
  );
  it('refuses a request without CHAP_A', () =>
    expect(start().handle(keysOf({ CHAP_N: 'alice' }))).toEqual({ type: 'failed', reason: 'CHAP_A is missing' }));

  it('names no secret in any reason', () => {
    const reasons = [answer(start(), '5', {}, utf8Bytes('guess')), answer(start(), '5', { CHAP_N: 'x' })];
    for (const step of reasons) expect(JSON.stringify(step)).not.toMatch(/sixteen|guess/);
  });
});

describe('both ways', () => {
  const challenge = seededRng(9).fill(new Uint8Array(48));

  it.each(ALL_CHAP_ALGORITHMS)('proves itself by the algorithm agreed on: %s', (algorithm) => {
    const step = answer(start(mutual), String(CHAP_ALGORITHMS[algorithm].number), { CHAP_I: '200', CHAP_C: `0x${hex(challenge)}` });
    expect(step.type).toBe('done');
    expect(pairsOf(step)).toEqual({ CHAP_N: 'the-array', CHAP_R: `0x${hex(expected(algorithm, 200, mutual.mutual!.secret, challenge))}` });
  });

  it('takes a challenge in Base64', () => {
    const step = answer(start(mutual), '5', { CHAP_I: '0x0', CHAP_C: `0b${Buffer.from(challenge).toString('base64')}` });
    expect(pairsOf(step)['CHAP_R']).toBe(`0x${hex(expected('MD5', 0, mutual.mutual!.secret, challenge))}`);
  });

  it('refuses its own challenge, sent back (RFC 7143 §9.2.1)', () => {
    const target = start(mutual);
    const { identifier, challenge: own } = begin(target);
    const response = `0x${hex(expected('MD5', identifier, SECRET, own))}`;
    const step = target.handle(keysOf({ CHAP_N: 'alice', CHAP_R: response, CHAP_I: '1', CHAP_C: `0x${hex(own)}` }));
    expect(step).toEqual({ type: 'failed', reason: 'the initiator reflected our CHAP challenge' });
  });

  it('proves nothing to whoever has not proven himself', () => {
    const step = answer(start(mutual), '5', { CHAP_I: '1', CHAP_C: `0x${hex(challenge)}` }, utf8Bytes('guess'));
    expect(step).toEqual({ type: 'failed', reason: 'the CHAP user or secret is wrong' });
  });

  it('is refused where no secret is declared for it', () =>
    expect(answer(start(), '5', { CHAP_I: '1', CHAP_C: `0x${hex(challenge)}` })).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining('mutual CHAP'),
    }));

  it.each([
    ['no identifier', { CHAP_C: '0x1234' }],
    ['no challenge', { CHAP_I: '1' }],
    ['an identifier of two bytes', { CHAP_I: '256', CHAP_C: '0x1234' }],
    ['a challenge that is no binary', { CHAP_I: '1', CHAP_C: '1234' }],
    ['a challenge beyond all bounds', { CHAP_I: '1', CHAP_C: `0x${'00'.repeat(1025)}` }],
  ])('refuses %s', (_, changes: Record<string, string>) =>
    expect(answer(start(mutual), '5', changes)).toEqual({ type: 'failed', reason: 'CHAP_I or CHAP_C is malformed' }),
  );
});
