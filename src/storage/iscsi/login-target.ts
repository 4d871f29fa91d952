/** The target's side of the login phase (RFC 7143 §6.3, §11.12-11.13): one connection's requests in, responses and the outcome out. */
import { concat, DecodeError, EMPTY_BYTES } from '../../base/bytes.ts';
import type { Rng } from '../../base/rng.ts';
import { decodeKeyValues, encodeKeyValues, type KeyValues, parseNumber } from '../../wire/iscsi/key-value.ts';
import {
  FULL_FEATURE_PHASE,
  LOGIN_STATUS,
  type LoginRequest,
  type LoginStage,
  type LoginStatus,
  OPERATIONAL_NEGOTIATION,
  SECURITY_NEGOTIATION,
} from '../../wire/iscsi/login.ts';
import { type ChapAccount, ChapTarget } from './chap.ts';
import { answerKey, defaultParameters, type Offer, type Parameters, settle } from './parameters.ts';

/** Longest text of one login, over all its continued requests. */
const LOGIN_TEXT_BYTES_MAX = 64 * 1024;
/** RFC 7143 §6.3, §13.12: the data segment of a login response, before anything else was declared. */
const RESPONSE_BYTES_MAX = 8192;
/** Requests one login may take; a real one takes two to five. */
const LOGIN_REQUESTS_MAX = 32;

export type SessionType = 'Normal' | 'Discovery';

/** What the initiator says of itself and of what it wants, in its first request. */
export interface LoginIdentity {
  readonly initiatorName: string;
  readonly initiatorAlias: string | undefined;
  readonly sessionType: SessionType;
  /** Empty in a discovery session that names none. */
  readonly targetName: string;
}

/** The answer of whoever knows the targets and their access lists. */
export type Admission =
  | {
      readonly type: 'admitted';
      /** Undefined: no authentication is asked for. */
      readonly chap: ChapAccount | undefined;
      readonly offer: Offer;
      /** TPGT of the portal the connection came to (RFC 7143 §13.9), and the alias, for normal sessions. */
      readonly portalGroupTag: number;
      readonly alias: string | undefined;
    }
  | { readonly type: 'refused'; readonly status: LoginStatus; readonly reason: string }
  /** TargetAddress to go to instead (RFC 7143 §11.13.5). */
  | { readonly type: 'moved'; readonly address: string; readonly permanently: boolean };

export type Authentication = 'none' | 'chap' | 'mutual-chap';

export interface LoginResult {
  readonly identity: LoginIdentity;
  readonly parameters: Parameters;
  /** The request that completed the login. */
  readonly request: LoginRequest;
  /** ExpStatSN of the first request: of the connection in whose place this one comes (RFC 7143 §11.12.9). */
  readonly expectedStatusSequenceNumber: number;
  readonly authentication: Authentication;
}

export type Completion = { readonly tsih: number } | { readonly status: LoginStatus; readonly reason: string };

export interface LoginSink {
  admit(identity: LoginIdentity): Admission;
  /** The negotiation is done: make or join the session, and call back with its handle, or refuse. At once or later. */
  complete(result: LoginResult, done: (completion: Completion) => void): void;
  respond(response: LoginReply): void;
  /** After a response with the status: the connection is to be closed. */
  failed(status: LoginStatus, reason: string): void;
  /** After the final response: the connection is in the full feature phase. */
  succeeded(result: LoginResult, tsih: number): void;
}

export interface LoginReply {
  readonly request: LoginRequest;
  readonly transit: boolean;
  readonly nextStage: LoginStage;
  readonly status: LoginStatus;
  readonly tsih: number;
  readonly text: Uint8Array;
}

/** Keys that declare who is speaking; allowed in every stage of the first request (RFC 7143 §6.3). */
const declarations = new Set(['InitiatorName', 'InitiatorAlias', 'SessionType', 'TargetName', 'NodeArchitecture']);
const securityKeys = new Set(['AuthMethod', 'CHAP_A', 'CHAP_I', 'CHAP_C', 'CHAP_N', 'CHAP_R']);

export class TargetLogin {
  readonly #sink: LoginSink;
  readonly #rng: Rng;
  readonly #parameters: Parameters = defaultParameters();
  /** Keys that were offered, by value. */
  readonly #negotiated = new Map<string, string>();
  #admission: Extract<Admission, { type: 'admitted' }> | undefined;
  #identity: LoginIdentity | undefined;
  #first: LoginRequest | undefined;
  #stage: LoginStage | undefined;
  #chap: ChapTarget | undefined;
  #authentication: Authentication = 'none';
  #declaredOurs = false;
  #declaredLength = false;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #requests = 0;
  #over = false;

  constructor(sink: LoginSink, rng: Rng) {
    this.#sink = sink;
    this.#rng = rng;
  }

  /** One login request with its data segment, which is read before this returns. */
  handle(request: LoginRequest, versionMin: number, text: Uint8Array): void {
    if (this.#over) return;
    this.#requests += 1;
    this.#first ??= request;
    const wrong = this.#malformed(request, versionMin);
    if (wrong !== undefined) return this.#fail(request, ...wrong);
    this.#heldBytes += text.length;
    if (this.#heldBytes > LOGIN_TEXT_BYTES_MAX) return this.#fail(request, LOGIN_STATUS.OUT_OF_RESOURCES, 'the login text is too long');
    if (request.continues) {
      // RFC 7143 §6.2: the text goes on in the next request; answer with nothing and wait.
      this.#held.push(text.slice());
      return this.#reply(request, false, []);
    }
    const whole = concat([...this.#held, text]);
    this.#held = [];
    this.#heldBytes = 0;
    let pairs: KeyValues;
    try {
      pairs = decodeKeyValues(whole);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#fail(request, LOGIN_STATUS.INITIATOR_ERROR, error.message);
    }
    this.#negotiate(request, pairs);
  }

  #malformed(request: LoginRequest, versionMin: number): [LoginStatus, string] | undefined {
    const first = this.#first!;
    // RFC 7143 §11.12.4-5: we speak version 0.
    if (versionMin > 0) return [LOGIN_STATUS.UNSUPPORTED_VERSION, `the initiator's lowest version is ${versionMin}`];
    if (this.#requests > LOGIN_REQUESTS_MAX) return [LOGIN_STATUS.OUT_OF_RESOURCES, 'the login takes too many requests'];
    if (request.continues && request.transit) return [LOGIN_STATUS.INITIATOR_ERROR, 'a continued request asks for the next stage'];
    if (request.currentStage === FULL_FEATURE_PHASE) return [LOGIN_STATUS.INVALID_DURING_LOGIN, 'the current stage is no login stage'];
    if (request.transit && request.nextStage <= request.currentStage)
      return [LOGIN_STATUS.INITIATOR_ERROR, 'the next stage is not a later one'];
    // RFC 7143 §11.12: the same for all requests of a login.
    if (request.isid !== first.isid || request.tsih !== first.tsih || request.connectionId !== first.connectionId)
      return [LOGIN_STATUS.INITIATOR_ERROR, 'ISID, TSIH or CID changed during the login'];
    if (this.#stage !== undefined && request.currentStage !== this.#stage)
      return [LOGIN_STATUS.INITIATOR_ERROR, `a request of stage ${request.currentStage} in stage ${this.#stage}`];
    return undefined;
  }

  #negotiate(request: LoginRequest, pairs: KeyValues): void {
    const offered = new Map<string, string>();
    for (const [key, value] of pairs) {
      // RFC 7143 §6.3: a key is negotiated once a login (CHAP keys once a request: both directions use the same names).
      // libiscsi says who it is in more than one request: a declaration that says the same again is harmless.
      const again = declarations.has(key) && this.#negotiated.get(key) === value && !offered.has(key);
      if (!again && (offered.has(key) || (!securityKeys.has(key) && this.#negotiated.has(key))))
        return this.#fail(request, LOGIN_STATUS.INITIATOR_ERROR, `${key} is negotiated twice`);
      offered.set(key, value);
      this.#negotiated.set(key, value);
    }
    if (this.#admission === undefined && !this.#identify(request, offered)) return;
    this.#stage = request.currentStage;
    const answers: (readonly [string, string])[] = [];
    if (!this.#declaredOurs) {
      this.#declaredOurs = true;
      if (this.#identity!.sessionType === 'Normal') {
        // RFC 7143 §13.9: the portal group tag goes with the first response that has text.
        answers.push(['TargetPortalGroupTag', String(this.#admission!.portalGroupTag)]);
        if (this.#admission!.alias !== undefined) answers.push(['TargetAlias', this.#admission!.alias]);
      }
    }
    if (request.currentStage === SECURITY_NEGOTIATION) this.#security(request, offered, answers);
    else this.#operational(request, offered, answers);
  }

  /** The first request says who wants what; false if that ended the login. */
  #identify(request: LoginRequest, offered: ReadonlyMap<string, string>): boolean {
    const initiatorName = offered.get('InitiatorName');
    const sessionType = offered.get('SessionType') ?? 'Normal';
    const targetName = offered.get('TargetName') ?? '';
    if (initiatorName === undefined || initiatorName === '' || initiatorName.length > 223) {
      this.#fail(request, LOGIN_STATUS.MISSING_PARAMETER, 'InitiatorName is missing');
      return false;
    }
    if (sessionType !== 'Normal' && sessionType !== 'Discovery') {
      this.#fail(request, LOGIN_STATUS.SESSION_TYPE_NOT_SUPPORTED, `SessionType=${sessionType.slice(0, 32)}`);
      return false;
    }
    if (sessionType === 'Normal' && targetName === '') {
      this.#fail(request, LOGIN_STATUS.MISSING_PARAMETER, 'TargetName is missing');
      return false;
    }
    this.#identity = { initiatorName, initiatorAlias: offered.get('InitiatorAlias'), sessionType, targetName };
    const admission = this.#sink.admit(this.#identity);
    if (admission.type === 'refused') {
      this.#fail(request, admission.status, admission.reason);
      return false;
    }
    if (admission.type === 'moved') {
      const status = admission.permanently ? LOGIN_STATUS.TARGET_MOVED_PERMANENTLY : LOGIN_STATUS.TARGET_MOVED_TEMPORARILY;
      this.#fail(request, status, `moved to ${admission.address}`, [['TargetAddress', admission.address]]);
      return false;
    }
    this.#admission = admission;
    if (admission.chap !== undefined) this.#chap = new ChapTarget(admission.chap, this.#rng);
    return true;
  }

  #security(request: LoginRequest, offered: ReadonlyMap<string, string>, answers: (readonly [string, string])[]): void {
    const method = offered.get('AuthMethod');
    if (method !== undefined) {
      const wanted = this.#chap === undefined ? 'None' : 'CHAP';
      // RFC 7143 §6.3.2: no common method ends the login.
      if (!method.split(',').includes(wanted))
        return this.#fail(
          request,
          LOGIN_STATUS.AUTHENTICATION_FAILURE,
          `the initiator offers AuthMethod=${method.slice(0, 64)}, ${wanted} is needed`,
        );
      answers.push(['AuthMethod', wanted]);
    }
    const chapKeys = [...offered.keys()].some((key) => key.startsWith('CHAP_'));
    if (chapKeys) {
      if (this.#chap === undefined) return this.#fail(request, LOGIN_STATUS.INITIATOR_ERROR, 'CHAP keys, but CHAP was not agreed on');
      const step = this.#chap.handle(offered);
      if (step.type === 'failed') return this.#fail(request, LOGIN_STATUS.AUTHENTICATION_FAILURE, step.reason);
      answers.push(...step.pairs);
      if (step.type === 'done') this.#authentication = step.pairs.length === 0 ? 'chap' : 'mutual-chap';
    }
    for (const key of offered.keys()) {
      // RFC 7143 §6.3: operational keys have no place in this stage.
      if (!declarations.has(key) && !securityKeys.has(key)) answers.push([key, 'Reject']);
    }
    // The initiator may ask for the next stage too early; without T in the answer it stays in this one.
    if (request.transit && this.#mayPass()) return this.#transit(request, answers);
    this.#reply(request, false, answers);
  }

  #operational(request: LoginRequest, offered: ReadonlyMap<string, string>, answers: (readonly [string, string])[]): void {
    if (!this.#mayPass())
      return this.#fail(request, LOGIN_STATUS.AUTHENTICATION_FAILURE, 'the initiator skipped the CHAP that is required');
    const offer = this.#offer(offered);
    for (const [key, value] of offered) {
      if (declarations.has(key)) continue;
      const answer = securityKeys.has(key)
        ? { value: 'Reject', rejected: false }
        : answerKey(key, value, offer, this.#parameters, request.tsih === 0);
      if (answer.rejected && (key === 'HeaderDigest' || key === 'DataDigest'))
        return this.#fail(
          request,
          LOGIN_STATUS.INITIATOR_ERROR,
          `${key}: the initiator offers ${value.slice(0, 64)}, which is not allowed here`,
        );
      if (answer.value !== undefined) answers.push([key, answer.value]);
    }
    if (!this.#declaredLength) {
      this.#declaredLength = true;
      answers.push(['MaxRecvDataSegmentLength', String(offer.maxReceiveDataSegmentBytes)]);
      this.#parameters.receiveSegmentBytesMax = offer.maxReceiveDataSegmentBytes;
    }
    if (request.transit) return this.#transit(request, answers);
    this.#reply(request, false, answers);
  }

  /** RFC 7143 §7.4.1: discovery sessions have level 0. Below level 2 nothing outlives its connection: there is nothing to retain. */
  #offer(offered: ReadonlyMap<string, string>): Offer {
    const { offer } = this.#admission!;
    const errorRecoveryLevel = this.#identity!.sessionType === 'Discovery' ? 0 : offer.errorRecoveryLevel;
    const asked = parseNumber(offered.get('ErrorRecoveryLevel') ?? '') ?? this.#parameters.errorRecoveryLevel;
    const time2RetainSeconds = Math.min(asked, errorRecoveryLevel) === 2 ? offer.time2RetainSeconds : 0;
    return { ...offer, errorRecoveryLevel, time2RetainSeconds };
  }

  /** Whatever authentication is asked for has succeeded. */
  #mayPass(): boolean {
    return this.#chap === undefined || this.#authentication !== 'none';
  }

  #transit(request: LoginRequest, answers: KeyValues): void {
    if (request.nextStage !== FULL_FEATURE_PHASE) {
      this.#stage = OPERATIONAL_NEGOTIATION;
      return this.#reply(request, true, answers);
    }
    const text = encodeKeyValues(answers);
    if (text.length > RESPONSE_BYTES_MAX) return this.#failTooMany(request);
    settle(this.#parameters);
    const result: LoginResult = {
      identity: this.#identity!,
      parameters: this.#parameters,
      request,
      expectedStatusSequenceNumber: this.#first!.expectedStatusSequenceNumber,
      authentication: this.#authentication,
    };
    this.#over = true;
    this.#sink.complete(result, (completion) => {
      if ('status' in completion) return this.#fail(request, completion.status, completion.reason);
      this.#sink.respond({
        request,
        transit: true,
        nextStage: FULL_FEATURE_PHASE,
        status: LOGIN_STATUS.SUCCESS,
        tsih: completion.tsih,
        text,
      });
      this.#sink.succeeded(result, completion.tsih);
    });
  }

  #reply(request: LoginRequest, transit: boolean, answers: KeyValues): void {
    const text = answers.length === 0 ? EMPTY_BYTES : encodeKeyValues(answers);
    if (text.length > RESPONSE_BYTES_MAX) return this.#failTooMany(request);
    const nextStage = transit ? request.nextStage : request.currentStage;
    this.#sink.respond({ request, transit, nextStage, status: LOGIN_STATUS.SUCCESS, tsih: request.tsih, text });
  }

  /** No initiator has so much to negotiate that the answers to it need more than one response. */
  #failTooMany(request: LoginRequest): void {
    this.#fail(request, LOGIN_STATUS.INITIATOR_ERROR, 'the answers to all the keys offered are too long for one response');
  }

  #fail(request: LoginRequest, status: LoginStatus, reason: string, answers: KeyValues = []): void {
    this.#over = true;
    this.#sink.respond({
      request,
      transit: false,
      nextStage: request.currentStage,
      status,
      tsih: request.tsih,
      text: encodeKeyValues(answers),
    });
    this.#sink.failed(status, reason);
  }
}
