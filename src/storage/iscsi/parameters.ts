/** What a login agrees on (RFC 7143 §13): the operational keys, their defaults, and the rules by which two sides' values become one. */
import { parseNumber } from '../../wire/iscsi/key-value.ts';

/** The values in force. Session-wide keys are the same on every connection of a session. */
export interface Parameters {
  headerDigest: boolean;
  dataDigest: boolean;
  /** What the peer takes in one data segment: its MaxRecvDataSegmentLength. */
  sendSegmentBytesMax: number;
  /** What we take: our MaxRecvDataSegmentLength. */
  receiveSegmentBytesMax: number;
  maxConnections: number;
  initialR2T: boolean;
  immediateData: boolean;
  maxBurstBytes: number;
  firstBurstBytes: number;
  time2WaitSeconds: number;
  time2RetainSeconds: number;
  maxOutstandingR2T: number;
  dataPduInOrder: boolean;
  dataSequenceInOrder: boolean;
  errorRecoveryLevel: number;
  /** RFC 7144 §3: 1 is RFC 7143, 2 adds RFC 7144. */
  protocolLevel: number;
}

/** RFC 7143 §13: the value of each key that nobody mentions. */
export const defaultParameters = (): Parameters => ({
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
});

export type DigestChoice = 'None' | 'CRC32C';

/** What one side is willing to do. */
export interface Offer {
  /** In order of preference. */
  readonly headerDigest: readonly DigestChoice[];
  readonly dataDigest: readonly DigestChoice[];
  readonly maxReceiveDataSegmentBytes: number;
  readonly maxConnections: number;
  readonly initialR2T: boolean;
  readonly immediateData: boolean;
  readonly maxBurstBytes: number;
  readonly firstBurstBytes: number;
  readonly time2WaitSeconds: number;
  readonly time2RetainSeconds: number;
  readonly maxOutstandingR2T: number;
  readonly errorRecoveryLevel: number;
}

type Scope = 'session' | 'connection';

/** How an answer is found: `value` is what to say, `apply` puts the outcome in force. `reject`: no common value. */
type Outcome = { readonly value: string; readonly apply: (parameters: Parameters) => void } | 'reject';

interface Key {
  readonly scope: Scope;
  /** What the two values come to. It is the same for who answers and for who reads the answer (RFC 7143 §6.2.2). */
  negotiate(offered: string, ours: Offer): Outcome;
  /** What we say when we begin; absent: we never do. */
  offer?(ours: Offer): string;
  /** Puts our offer in force where it settles the outcome, so that an answer is optional (RFC 7143 §6.2.2); otherwise does nothing. */
  unanswered?(ours: Offer, parameters: Parameters): void;
  /** Why this can't be the answer to our offer, though it is a value of the key. */
  illegalAnswer?(answer: string, ours: Offer): string | undefined;
}

const yesNo = (value: boolean): string => (value ? 'Yes' : 'No');

/** RFC 7143 §6.2.2: the result is the AND or the OR of the two values. */
function boolean(scope: Scope, rule: 'and' | 'or', ours: (offer: Offer) => boolean, put: (p: Parameters, value: boolean) => void): Key {
  const isSettled = (offer: Offer): boolean => (rule === 'and' ? !ours(offer) : ours(offer));
  return {
    scope,
    negotiate(offered, offer) {
      if (offered !== 'Yes' && offered !== 'No') return 'reject';
      const theirs = offered === 'Yes';
      const result = rule === 'and' ? theirs && ours(offer) : theirs || ours(offer);
      return { value: yesNo(result), apply: (parameters) => put(parameters, result) };
    },
    offer: (offer) => yesNo(ours(offer)),
    // RFC 7143 §6.2.2: the answer is the result, and some results are settled by the offer alone.
    illegalAnswer: (answer, offer) => (isSettled(offer) && answer !== yesNo(ours(offer)) ? `${yesNo(ours(offer))} was offered` : undefined),
    unanswered: (offer, parameters) => {
      if (isSettled(offer)) put(parameters, ours(offer));
    },
  };
}

function number(
  scope: Scope,
  [min, max]: readonly [number, number],
  rule: 'minimum' | 'maximum',
  ours: (offer: Offer) => number,
  put: (p: Parameters, value: number) => void,
): Key {
  return {
    scope,
    negotiate(offered, offer) {
      const theirs = parseNumber(offered);
      if (theirs === undefined || theirs < min || theirs > max) return 'reject';
      const result = rule === 'minimum' ? Math.min(theirs, ours(offer)) : Math.max(theirs, ours(offer));
      return { value: String(result), apply: (parameters) => put(parameters, result) };
    },
    offer: (offer) => String(ours(offer)),
  };
}

/** RFC 7143 §6.2.1: the responder picks the first value of the originator's list that it supports. */
function digest(ours: (offer: Offer) => readonly DigestChoice[], put: (p: Parameters, value: boolean) => void): Key {
  return {
    scope: 'connection',
    negotiate(offered, offer) {
      const choice = offered.split(',').find((value) => ours(offer).includes(value as DigestChoice));
      return choice === undefined ? 'reject' : { value: choice, apply: (parameters) => put(parameters, choice === 'CRC32C') };
    },
    offer: (offer) => ours(offer).join(','),
  };
}

/** A key that we answer, and never begin with: older peers would have to say that they don't know it. */
const unoffered = ({ scope, negotiate }: Key): Key => ({ scope, negotiate });

const BYTES = [512, 0xffffff] as const;
const SECONDS = [0, 3600] as const;

const keys: Readonly<Record<string, Key>> = {
  HeaderDigest: digest(
    (offer) => offer.headerDigest,
    (p, value) => (p.headerDigest = value),
  ),
  DataDigest: digest(
    (offer) => offer.dataDigest,
    (p, value) => (p.dataDigest = value),
  ),
  MaxConnections: number(
    'session',
    [1, 65535],
    'minimum',
    (offer) => offer.maxConnections,
    (p, value) => (p.maxConnections = value),
  ),
  InitialR2T: boolean(
    'session',
    'or',
    (offer) => offer.initialR2T,
    (p, value) => (p.initialR2T = value),
  ),
  ImmediateData: boolean(
    'session',
    'and',
    (offer) => offer.immediateData,
    (p, value) => (p.immediateData = value),
  ),
  MaxBurstLength: number(
    'session',
    BYTES,
    'minimum',
    (offer) => offer.maxBurstBytes,
    (p, value) => (p.maxBurstBytes = value),
  ),
  FirstBurstLength: number(
    'session',
    BYTES,
    'minimum',
    (offer) => offer.firstBurstBytes,
    (p, value) => (p.firstBurstBytes = value),
  ),
  DefaultTime2Wait: number(
    'session',
    SECONDS,
    'maximum',
    (offer) => offer.time2WaitSeconds,
    (p, value) => (p.time2WaitSeconds = value),
  ),
  DefaultTime2Retain: number(
    'session',
    SECONDS,
    'minimum',
    (offer) => offer.time2RetainSeconds,
    (p, value) => (p.time2RetainSeconds = value),
  ),
  MaxOutstandingR2T: number(
    'session',
    [1, 65535],
    'minimum',
    (offer) => offer.maxOutstandingR2T,
    (p, value) => (p.maxOutstandingR2T = value),
  ),
  // Data in any order saves us nothing: Yes on our side makes the OR come out as Yes.
  DataPDUInOrder: boolean(
    'session',
    'or',
    () => true,
    (p, value) => (p.dataPduInOrder = value),
  ),
  DataSequenceInOrder: boolean(
    'session',
    'or',
    () => true,
    (p, value) => (p.dataSequenceInOrder = value),
  ),
  ErrorRecoveryLevel: number(
    'session',
    [0, 2],
    'minimum',
    (offer) => offer.errorRecoveryLevel,
    (p, value) => (p.errorRecoveryLevel = value),
  ),
  iSCSIProtocolLevel: unoffered(
    number(
      'session',
      [0, 31],
      'minimum',
      () => 2,
      (p, value) => (p.protocolLevel = value),
    ),
  ),
  // RFC 7143 §13.23: how task management is reported; the classic way is the only one we do.
  TaskReporting: {
    scope: 'session',
    negotiate: (offered) => (offered.split(',').includes('RFC3720') ? { value: 'RFC3720', apply: () => {} } : 'reject'),
  },
};

export interface KeyAnswer {
  /** What to answer; undefined for a declaration, which gets none. */
  readonly value: string | undefined;
  /** Set when the offered value was unacceptable. */
  readonly rejected: boolean;
}

/** RFC 7143 §13.25: markers are obsolete. "No" is allowed for the two switches; the intervals must be rejected. */
const obsolete: Readonly<Record<string, string>> = { IFMarker: 'No', OFMarker: 'No', IFMarkInt: 'Reject', OFMarkInt: 'Reject' };

/**
 * Answers one operational key as the responder, and puts the outcome in force. `leading` is true on the first connection of a
 * session: session-wide keys are negotiated there alone (RFC 7143 §13, "LO") and are Irrelevant on the others.
 */
export function answerKey(name: string, offered: string, ours: Offer, parameters: Parameters, leading: boolean): KeyAnswer {
  if (name === 'MaxRecvDataSegmentLength') {
    const bytes = parseNumber(offered);
    if (bytes === undefined || bytes < 512 || bytes > 0xffffff) return { value: 'Reject', rejected: true };
    parameters.sendSegmentBytesMax = bytes;
    return { value: undefined, rejected: false };
  }
  // The name is the peer's: `constructor` is no key of ours, though every object has it.
  if (Object.hasOwn(obsolete, name)) return { value: obsolete[name], rejected: false };
  const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
  if (key === undefined) return { value: 'NotUnderstood', rejected: false };
  if (key.scope === 'session' && !leading) return { value: 'Irrelevant', rejected: false };
  const outcome = key.negotiate(offered, ours);
  if (outcome === 'reject') return { value: 'Reject', rejected: true };
  outcome.apply(parameters);
  return { value: outcome.value, rejected: false };
}

/** RFC 7143 §13: keys that mean nothing in a discovery session. */
const irrelevantToDiscovery: ReadonlySet<string> = new Set([
  'MaxConnections',
  'InitialR2T',
  'ImmediateData',
  'MaxBurstLength',
  'FirstBurstLength',
  'MaxOutstandingR2T',
  'DataPDUInOrder',
  'DataSequenceInOrder',
]);

/** What the initiator offers, as key and value; session-wide keys only on the first connection of a session. */
export function offerKeys(ours: Offer, leading: boolean, discovery: boolean): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const [name, key] of Object.entries(keys)) {
    if (key.offer === undefined || (key.scope === 'session' && !leading) || (discovery && irrelevantToDiscovery.has(name))) continue;
    pairs.push([name, key.offer(ours)]);
  }
  // RFC 7143 §13.12: a declaration, which gets no answer.
  return [...pairs, ['MaxRecvDataSegmentLength', String(ours.maxReceiveDataSegmentBytes)]];
}

/** Takes the answer to a key that `offerKeys` offered and puts the outcome in force; what is wrong with the answer, or undefined. */
export function takeAnswer(name: string, answer: string, ours: Offer, parameters: Parameters): string | undefined {
  const key = Object.hasOwn(keys, name) ? keys[name]! : undefined;
  if (key?.offer === undefined) return 'it was not offered';
  // RFC 7143 §6.2: no outcome; the default stays in force.
  if (answer === 'Irrelevant' || answer === 'NotUnderstood') return undefined;
  if (answer === 'Reject') return 'it was rejected';
  const outcome = key.negotiate(answer, ours);
  if (outcome === 'reject' || answer.includes(',')) return 'it is no value of this key';
  const illegal = key.illegalAnswer?.(answer, ours);
  if (illegal !== undefined) return illegal;
  outcome.apply(parameters);
  return undefined;
}

/** A key that we offered, and that the whole negotiation brought no answer to. */
export function takeSilence(name: string, ours: Offer, parameters: Parameters): void {
  keys[name]?.unanswered?.(ours, parameters);
}

/** RFC 7143 §13.14: FirstBurstLength must not exceed MaxBurstLength; the smaller one holds. */
export function settle(parameters: Parameters): void {
  parameters.firstBurstBytes = Math.min(parameters.firstBurstBytes, parameters.maxBurstBytes);
}

/** Takes over the session-wide values for a further connection of a session, which negotiates only its own (RFC 7143 §13, "LO"). */
export function adoptSessionWide(connection: Parameters, session: Parameters): void {
  const { headerDigest, dataDigest, sendSegmentBytesMax, receiveSegmentBytesMax } = connection;
  Object.assign(connection, session, { headerDigest, dataDigest, sendSegmentBytesMax, receiveSegmentBytesMax });
}
