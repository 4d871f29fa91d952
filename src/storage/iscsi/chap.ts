/** CHAP in iSCSI (RFC 7143 §12.1.3, RFC 1994): the algorithms, and both sides of the exchange, one-way and mutual. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { bytesEqual, concat, constantTimeEqual, hex, utf8Bytes } from '../../base/bytes.ts';
import type { Rng } from '../../base/rng.ts';
import { parseBinary, parseNumber } from '../../wire/iscsi/key-value.ts';

export type ChapAlgorithm = 'MD5' | 'SHA1' | 'SHA-256' | 'SHA3-256';

/** Numbers of the IANA registry "PPP Authentication Algorithms" (RFC 7143 §12.1.3). */
export const CHAP_ALGORITHMS: Readonly<
  Record<ChapAlgorithm, { readonly number: number; readonly hash: (bytes: Uint8Array) => Uint8Array }>
> = {
  MD5: { number: 5, hash: md5 },
  SHA1: { number: 6, hash: sha1 },
  'SHA-256': { number: 7, hash: sha256 },
  'SHA3-256': { number: 8, hash: sha3_256 },
};

/**
 * What an initiator offers, the preferred first. SHA-256 comes last: targets of the IET family (tgt is one) take its number for SHA1, choose it,
 * and then refuse the right response; they are to meet MD5 before.
 */
export const OFFERED_CHAP_ALGORITHMS: readonly ChapAlgorithm[] = ['SHA3-256', 'SHA1', 'MD5', 'SHA-256'];

export const ALL_CHAP_ALGORITHMS = Object.keys(CHAP_ALGORITHMS) as readonly ChapAlgorithm[];

/** RFC 7143 §12.1.3: binary items in CHAP are at most 1024 bytes. */
const CHALLENGE_BYTES_MAX = 1024;
/** Both forms of a number take up to two characters a byte, after two that tell which it is. */
const CHAP_TEXT_MAX = 2 + 2 * CHALLENGE_BYTES_MAX;
const CHALLENGE_BYTES = 32;

/** RFC 1994 §4.1: the hash over identifier, secret and challenge. */
export function chapResponse(algorithm: ChapAlgorithm, identifier: number, secret: Uint8Array, challenge: Uint8Array): Uint8Array {
  return CHAP_ALGORITHMS[algorithm].hash(concat([Uint8Array.of(identifier), secret, challenge]));
}

/** What an initiator must prove, and what we prove to it when it asks. */
export interface ChapAccount {
  readonly user: string;
  readonly secret: Uint8Array;
  readonly mutual?: { readonly user: string; readonly secret: Uint8Array };
  /** Algorithms we accept. */
  readonly algorithms: readonly ChapAlgorithm[];
}

export type ChapStep =
  | { readonly type: 'answer'; readonly pairs: readonly (readonly [string, string])[] }
  | { readonly type: 'done'; readonly pairs: readonly (readonly [string, string])[] }
  /** `reason` never tells a user's secret, nor whether the user or the secret was wrong. */
  | { readonly type: 'failed'; readonly reason: string };

const failed = (reason: string): ChapStep => ({ type: 'failed', reason });

interface Challenge {
  readonly algorithm: ChapAlgorithm;
  readonly identifier: number;
  readonly bytes: Uint8Array;
}

/** The target's side of one CHAP exchange. */
export class ChapTarget {
  readonly #account: ChapAccount;
  readonly #rng: Rng;
  #challenge: Challenge | undefined;

  constructor(account: ChapAccount, rng: Rng) {
    this.#account = account;
    this.#rng = rng;
  }

  /** Takes the CHAP keys of one login request. */
  handle(keys: ReadonlyMap<string, string>): ChapStep {
    if (this.#challenge === undefined) return this.#challengeFor(keys.get('CHAP_A'));
    return this.#verify(keys, this.#challenge);
  }

  #challengeFor(list: string | undefined): ChapStep {
    if (list === undefined) return failed('CHAP_A is missing');
    const offered = list.split(',').map(parseNumber);
    const algorithm = offered
      .map((number) => this.#account.algorithms.find((name) => CHAP_ALGORITHMS[name].number === number))
      .find((name) => name !== undefined);
    if (algorithm === undefined) return failed(`none of the CHAP algorithms ${list.slice(0, 64)} is accepted`);
    const identifier = this.#rng.uint32() & 0xff;
    const bytes = this.#rng.fill(new Uint8Array(CHALLENGE_BYTES));
    this.#challenge = { algorithm, identifier, bytes };
    return {
      type: 'answer',
      pairs: [
        ['CHAP_A', String(CHAP_ALGORITHMS[algorithm].number)],
        ['CHAP_I', String(identifier)],
        ['CHAP_C', `0x${hex(bytes)}`],
      ],
    };
  }

  #verify(keys: ReadonlyMap<string, string>, challenge: Challenge): ChapStep {
    const response = parseBinary(keys.get('CHAP_R') ?? '', CHALLENGE_BYTES_MAX);
    const user = keys.get('CHAP_N');
    if (response === undefined || user === undefined) return failed('CHAP_N or CHAP_R is missing or malformed');
    const { algorithm, identifier, bytes } = challenge;
    // Both comparisons are always made, each in constant time, so that time tells nothing of which was wrong.
    const rightUser = constantTimeEqual(utf8Bytes(this.#account.user), utf8Bytes(user));
    const rightResponse = constantTimeEqual(chapResponse(algorithm, identifier, this.#account.secret, bytes), response);
    if (!rightUser || !rightResponse) return failed('the CHAP user or secret is wrong');
    return this.#prove(keys, algorithm, bytes);
  }

  /** Mutual authentication: the initiator's challenge to us, if it sent one. */
  #prove(keys: ReadonlyMap<string, string>, algorithm: ChapAlgorithm, ours: Uint8Array): ChapStep {
    const identifierText = keys.get('CHAP_I');
    const challengeText = keys.get('CHAP_C');
    if (identifierText === undefined && challengeText === undefined) return { type: 'done', pairs: [] };
    const identifier = parseNumber(identifierText ?? '');
    const challenge = parseBinary(challengeText ?? '', CHALLENGE_BYTES_MAX);
    if (identifier === undefined || identifier > 255 || challenge === undefined) return failed('CHAP_I or CHAP_C is malformed');
    const mutual = this.#account.mutual;
    if (mutual === undefined) return failed('the initiator asks for mutual CHAP, and no secret is declared for that direction');
    // RFC 7143 §12.1.3: a challenge that is our own sent back is an attack by reflection.
    if (bytesEqual(challenge, ours)) return failed('the initiator reflected our CHAP challenge');
    const response = chapResponse(algorithm, identifier, mutual.secret, challenge);
    return {
      type: 'done',
      pairs: [
        ['CHAP_N', mutual.user],
        ['CHAP_R', `0x${hex(response)}`],
      ],
    };
  }
}

/** What an initiator proves itself with, and what it wants proved in return. */
export interface ChapCredentials {
  readonly user: string;
  readonly secret: Uint8Array;
  /** Mutual: the target has to know this secret. `user`: the only name that it may give; undefined: any. */
  readonly mutual?: { readonly user?: string; readonly secret: Uint8Array };
  /** Algorithms to offer, the preferred first. */
  readonly algorithms: readonly ChapAlgorithm[];
}

/** What can be wrong with what the target says in a CHAP exchange. */
export type ChapProblem = 'chap-algorithm' | 'chap-challenge' | 'chap-challenge-length' | 'chap-key' | 'chap-key-missing' | 'chap-response';

export type ChapInitiatorStep =
  | { readonly type: 'answer'; readonly pairs: readonly (readonly [string, string])[] }
  /** The last answer in one-way CHAP: whether it was right, the target says by going on. */
  | { readonly type: 'last'; readonly pairs: readonly (readonly [string, string])[] }
  | { readonly type: 'proved' }
  /** `dump`: what the target said. */
  | { readonly type: 'failed'; readonly problem: ChapProblem; readonly reason: string; readonly dump: string | undefined };

const wrong = (problem: ChapProblem, reason: string, dump?: string): ChapInitiatorStep => ({
  type: 'failed',
  problem,
  reason,
  dump: dump?.slice(0, CHAP_TEXT_MAX),
});

const missing = (key: string): ChapInitiatorStep => wrong('chap-key-missing', `${key} is missing`);

/** RFC 7143 §12.1.3: the keys there are. */
const chapKeys: ReadonlySet<string> = new Set(['CHAP_A', 'CHAP_I', 'CHAP_C', 'CHAP_N', 'CHAP_R']);

/** The initiator's side of one CHAP exchange. */
export class ChapInitiator {
  readonly #credentials: ChapCredentials;
  readonly #rng: Rng;
  /** Ours to the target, in mutual CHAP. */
  #challenge: Challenge | undefined;
  #answered = false;

  constructor(credentials: ChapCredentials, rng: Rng) {
    this.#credentials = credentials;
    this.#rng = rng;
  }

  /** The first keys: the algorithms we know. */
  begin(): readonly (readonly [string, string])[] {
    return [['CHAP_A', this.#credentials.algorithms.map((name) => CHAP_ALGORITHMS[name].number).join(',')]];
  }

  /** Takes the CHAP keys of one login response. */
  handle(keys: ReadonlyMap<string, string>): ChapInitiatorStep {
    for (const [key, value] of keys) {
      if (key.startsWith('CHAP_') && !chapKeys.has(key))
        return wrong('chap-key', `${key.slice(0, 63)} is no key of CHAP`, `${key}=${value}`);
    }
    return this.#answered ? this.#verify(keys) : this.#answer(keys);
  }

  #answer(keys: ReadonlyMap<string, string>): ChapInitiatorStep {
    const choice = keys.get('CHAP_A');
    if (choice === undefined) return missing('CHAP_A');
    const number = parseNumber(choice);
    const algorithm = this.#credentials.algorithms.find((name) => CHAP_ALGORITHMS[name].number === number);
    if (algorithm === undefined) return wrong('chap-algorithm', 'the algorithm was not offered', `CHAP_A=${choice}`);
    const identifierText = keys.get('CHAP_I');
    if (identifierText === undefined) return missing('CHAP_I');
    const identifier = parseNumber(identifierText);
    if (identifier === undefined || identifier > 255) return wrong('chap-key', 'CHAP_I is no byte', `CHAP_I=${identifierText}`);
    const text = keys.get('CHAP_C');
    if (text === undefined) return missing('CHAP_C');
    if (text.length > CHAP_TEXT_MAX) return wrong('chap-challenge-length', `the challenge has ${text.length} characters`, text);
    const bytes = parseBinary(text, CHALLENGE_BYTES_MAX);
    if (bytes === undefined) return wrong('chap-challenge', 'the challenge is no number', text);
    this.#answered = true;
    const response = chapResponse(algorithm, identifier, this.#credentials.secret, bytes);
    const own = [
      ['CHAP_N', this.#credentials.user],
      ['CHAP_R', `0x${hex(response)}`],
    ] as const;
    if (this.#credentials.mutual === undefined) return { type: 'last', pairs: own };
    const challenge = this.#challengeUnlike(bytes);
    this.#challenge = { algorithm, identifier: this.#rng.uint32() & 0xff, bytes: challenge };
    return {
      type: 'answer',
      pairs: [...own, ['CHAP_I', String(this.#challenge.identifier)], ['CHAP_C', `0x${hex(challenge)}`]],
    };
  }

  /** RFC 7143 §12.1.3: never the challenge that the target sent. */
  #challengeUnlike(theirs: Uint8Array): Uint8Array {
    const bytes = this.#rng.fill(new Uint8Array(CHALLENGE_BYTES));
    if (bytesEqual(bytes, theirs)) bytes[0] = ~bytes[0]!;
    return bytes;
  }

  #verify(keys: ReadonlyMap<string, string>): ChapInitiatorStep {
    const { mutual } = this.#credentials;
    if (mutual === undefined || this.#challenge === undefined) return wrong('chap-key', 'there are keys after the exchange was over');
    const user = keys.get('CHAP_N');
    const text = keys.get('CHAP_R');
    if (user === undefined || text === undefined) return missing(user === undefined ? 'CHAP_N' : 'CHAP_R');
    const response = parseBinary(text, CHALLENGE_BYTES_MAX);
    if (response === undefined) return wrong('chap-key', 'the response is no number', `CHAP_R=${text}`);
    const { algorithm, identifier, bytes } = this.#challenge;
    const right = constantTimeEqual(chapResponse(algorithm, identifier, mutual.secret, bytes), response);
    if (!right || (mutual.user !== undefined && mutual.user !== user))
      return wrong('chap-response', 'the target does not know the secret that it should, or gives another name', text);
    return { type: 'proved' };
  }
}
