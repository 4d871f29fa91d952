/** The initiator's side of the login phase (RFC 7143 §6.3, §11.12-11.13): one connection's responses in, requests and the outcome out. */
import { concat, DecodeError, EMPTY_BYTES } from '../../../base/bytes.ts';
import type { Rng } from '../../../base/rng.ts';
import { serialAdd, serialLess } from '../../../base/serial.ts';
import { decodeKeyValues, encodeKeyValues, type KeyValues } from '../../../wire/iscsi/key-value.ts';
import {
  describeLoginStatus,
  FULL_FEATURE_PHASE,
  type Isid,
  LOGIN_STATUS,
  type LoginRequest,
  type LoginResponse,
  type LoginStage,
  OPERATIONAL_NEGOTIATION,
  SECURITY_NEGOTIATION,
} from '../../../wire/iscsi/login.ts';
import { type ChapCredentials, ChapInitiator } from '../chap.ts';
import {
  adoptSessionWide,
  answerKey,
  defaultParameters,
  type Offer,
  offerKeys,
  type Parameters,
  settle,
  takeAnswer,
  takeSilence,
} from '../parameters.ts';
import { type InitiatorError, type InitiatorReason, initiatorError, pduDump } from './errors.ts';
import { parsePortal, type PortalAddress } from './portal-address.ts';

/** Longest text of one answer, over all its continued responses. */
const TEXT_BYTES_MAX = 64 * 1024;
/** Responses one login may take; a real one takes two to five. */
const RESPONSES_MAX = 32;

export interface LoginPlan {
  readonly initiatorName: string;
  readonly initiatorAlias: string | undefined;
  /** Undefined: a discovery session. */
  readonly targetName: string | undefined;
  readonly isid: Isid;
  /** 0 for a new session or its reinstatement (RFC 7143 §6.3.5), the session's to add or replace a connection. */
  readonly tsih: number;
  readonly connectionId: number;
  readonly commandSequenceNumber: number;
  /** ExpStatSN of the connection whose place this one takes (RFC 7143 §11.12.9). */
  readonly expectedStatus?: number;
  /** What the session's leading login agreed on; absent in that one. */
  readonly session?: Parameters;
  readonly chap: ChapCredentials | undefined;
  /** False: where the target asks for no authentication, none is given. */
  readonly chapRequired: boolean;
  readonly offer: Offer;
}

export type InitiatorAuthentication = 'none' | 'chap' | 'mutual-chap';

export interface LoggedIn {
  readonly parameters: Parameters;
  readonly authentication: InitiatorAuthentication;
  readonly tsih: number;
  readonly targetAlias: string | undefined;
  readonly portalGroupTag: number | undefined;
  /** The final response, with the numbers to go on from. */
  readonly response: LoginResponse;
}

export interface LoginPhaseSink {
  sendLogin(request: LoginRequest, text: Uint8Array): void;
  loginSucceeded(result: LoggedIn): void;
  loginRedirected(address: PortalAddress, permanently: boolean): void;
  loginFailed(error: InitiatorError): void;
}

/** What a target declares without being asked. */
const declarations: ReadonlySet<string> = new Set(['TargetAlias', 'TargetPortalGroupTag', 'TargetAddress', 'TargetName', 'InitiatorName']);

export class InitiatorLogin {
  readonly #plan: LoginPlan;
  readonly #sink: LoginPhaseSink;
  readonly #rng: Rng;
  readonly #parameters: Parameters = defaultParameters();
  /** Keys we offered that have had no answer yet. */
  readonly #pending = new Map<string, string>();
  /** Keys the target began with: each once (RFC 7143 §6.3). */
  readonly #asked = new Set<string>();
  #stage: LoginStage = SECURITY_NEGOTIATION;
  #chap: ChapInitiator | undefined;
  #authentication: InitiatorAuthentication = 'none';
  #method: string | undefined;
  /** The last answer of one-way CHAP is on its way: the target accepts it by going on. */
  #proofSent = false;
  #expectedStatus = 0;
  #responses = 0;
  /** The response that is being handled: its header and its data segment. */
  #packet: readonly [header: Uint8Array, segment: Uint8Array] = [EMPTY_BYTES, EMPTY_BYTES];
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #targetAlias: string | undefined;
  #portalGroupTag: number | undefined;
  #offeredFirstBurst = true;
  #over = false;

  constructor(plan: LoginPlan, sink: LoginPhaseSink, rng: Rng) {
    this.#plan = plan;
    this.#sink = sink;
    this.#rng = rng;
    this.#expectedStatus = plan.expectedStatus ?? 0;
  }

  begin(): void {
    const { initiatorName, initiatorAlias, targetName, chap, chapRequired } = this.#plan;
    const methods = chap === undefined ? 'None' : chapRequired ? 'CHAP' : 'CHAP,None';
    const pairs: (readonly [string, string])[] = [['InitiatorName', initiatorName]];
    if (initiatorAlias !== undefined) pairs.push(['InitiatorAlias', initiatorAlias]);
    pairs.push(['SessionType', targetName === undefined ? 'Discovery' : 'Normal']);
    if (targetName !== undefined) pairs.push(['TargetName', targetName]);
    pairs.push(['AuthMethod', methods]);
    // With CHAP alone on offer the next stage can't come yet.
    this.#send(pairs, methods !== 'CHAP');
  }

  /** One login response, what `header` says; it and the data segment are read before this returns. */
  handle(response: LoginResponse, header: Uint8Array, segment: Uint8Array): void {
    if (this.#over) return;
    this.#packet = [header, segment];
    this.#responses += 1;
    const versionActive = header[3]!;
    const wrong = this.#malformed(response, versionActive);
    if (wrong !== undefined) return this.#invalid(wrong);
    this.#expectedStatus = serialAdd(response.statusSequenceNumber, 1);
    this.#heldBytes += segment.length;
    if (this.#heldBytes > TEXT_BYTES_MAX) return this.#invalid(`its text is longer than ${TEXT_BYTES_MAX} bytes`);
    this.#held.push(segment.slice());
    // RFC 7143 §6.2: the text goes on in the next response, which an empty request asks for.
    if (response.continues) return this.#send([], false);
    const text = concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    let pairs: KeyValues;
    try {
      pairs = decodeKeyValues(text);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#invalid(error.message);
    }
    if (response.statusClass !== 0) return this.#refused(response, pairs);
    if (this.#stage === SECURITY_NEGOTIATION) this.#security(response, pairs);
    else this.#operational(response, pairs);
  }

  #malformed(response: LoginResponse, versionActive: number): string | undefined {
    if (versionActive !== 0) return `version ${versionActive} is active, where 0 was asked for`;
    if (this.#responses > RESPONSES_MAX) return `more than ${RESPONSES_MAX} responses, and no end`;
    // A refusal may come in whatever stage the target likes, and without the ISID.
    if (response.statusClass !== 0) return undefined;
    if (response.isid !== this.#plan.isid) return `it is for the ISID ${response.isid}`;
    if (this.#responses > 1 && response.statusSequenceNumber !== this.#expectedStatus)
      return `StatSN ${response.statusSequenceNumber}, where ${this.#expectedStatus} was due`;
    if (response.currentStage !== this.#stage) return `it is of stage ${response.currentStage} in stage ${this.#stage}`;
    if (response.transit && response.continues) return 'it is continued, and asks for the next stage';
    if (response.transit && response.nextStage !== this.#nextStage()) return `it goes on to stage ${response.nextStage}`;
    return undefined;
  }

  #nextStage(): LoginStage {
    return this.#stage === SECURITY_NEGOTIATION ? OPERATIONAL_NEGOTIATION : FULL_FEATURE_PHASE;
  }

  // ---- security ----

  #security(response: LoginResponse, pairs: KeyValues): void {
    const keys = new Map(pairs);
    this.#declared(keys);
    if (this.#method === undefined) {
      if (!this.#takeMethod(keys.get('AuthMethod'), response.transit)) return;
      if (this.#chap !== undefined) {
        // RFC 7143 §12.1: a target may not skip the method that it has just chosen.
        if (response.transit) return this.#fail('chap-not-offered', 'the target chose CHAP, and goes on without it');
        return this.#send(this.#chap.begin(), false);
      }
    } else if (this.#chap !== undefined && this.#authentication === 'none') {
      if (!this.#takeChap(response, keys)) return;
    }
    if (response.transit) return this.#enterOperational();
    this.#send([], true);
  }

  /** False if the login is over. */
  #takeMethod(method: string | undefined, transit: boolean): boolean {
    const { chap, chapRequired } = this.#plan;
    if (method === 'CHAP') {
      if (chap === undefined) {
        this.#fail('chap-needed', 'the target asks for CHAP, and there are no credentials for it');
        return false;
      }
      this.#chap = new ChapInitiator(chap, this.#rng);
    } else if (method === undefined) {
      // Targets exist that say nothing where None was the only offer, and go on.
      if (chap !== undefined && (chapRequired || !transit)) {
        this.#fail('auth-method-missing', 'the target does not say which authentication it chose');
        return false;
      }
    } else if (method === 'None') {
      if (chap !== undefined && chapRequired) {
        this.#fail('chap-not-offered', 'the target chose to go without the CHAP that is required');
        return false;
      }
    } else {
      const reason = method === 'Reject' && chap === undefined ? 'chap-needed' : 'auth-method-unknown';
      const dump = `AuthMethod=${method.slice(0, 255)}`;
      this.#fail(reason, `the target chose the authentication method ${method.slice(0, 64)}, which was not offered`, dump);
      return false;
    }
    this.#method = method ?? 'None';
    return true;
  }

  /** False if the login is over, or goes on with what was sent. */
  #takeChap(response: LoginResponse, keys: ReadonlyMap<string, string>): boolean {
    if (this.#proofSent && this.#plan.chap!.mutual === undefined) {
      this.#authentication = 'chap';
      return true;
    }
    const step = this.#chap!.handle(keys);
    if (step.type === 'failed') {
      this.#fail(step.problem, `CHAP failed: ${step.reason}`, step.dump);
      return false;
    }
    if (step.type === 'proved') {
      this.#authentication = 'mutual-chap';
      return true;
    }
    if (response.transit) {
      this.#fail('chap-not-offered', 'the target goes on before CHAP is done');
      return false;
    }
    this.#proofSent = true;
    this.#send(step.pairs, true);
    return false;
  }

  // ---- operational parameters ----

  #enterOperational(): void {
    this.#stage = OPERATIONAL_NEGOTIATION;
    const pairs = offerKeys(this.#plan.offer, this.#plan.tsih === 0, this.#plan.targetName === undefined);
    for (const [key, value] of pairs) if (key !== 'MaxRecvDataSegmentLength') this.#pending.set(key, value);
    this.#parameters.receiveSegmentBytesMax = this.#plan.offer.maxReceiveDataSegmentBytes;
    this.#send(pairs, true);
  }

  #operational(response: LoginResponse, pairs: KeyValues): void {
    this.#declared(new Map(pairs));
    const answers: (readonly [string, string])[] = [];
    for (const [key, value] of pairs) {
      if (declarations.has(key)) continue;
      const offered = this.#pending.get(key);
      if (offered === undefined) {
        if (!this.#takeQuestion(key, value, answers)) return;
        continue;
      }
      this.#pending.delete(key);
      if (key === 'FirstBurstLength' && value === 'Irrelevant') this.#offeredFirstBurst = false;
      const wrong = takeAnswer(key, value, this.#plan.offer, this.#parameters);
      if (wrong !== undefined) return this.#badAnswer(key, value, offered, wrong);
    }
    if (!response.transit) return this.#send(answers, true);
    this.#finish(response);
  }

  /** A key that the target begins with; false if the login is over. */
  #takeQuestion(key: string, value: string, answers: (readonly [string, string])[]): boolean {
    if (this.#asked.has(key)) {
      this.#invalid(`${key} stands in it for the second time`);
      return false;
    }
    this.#asked.add(key);
    const answer = answerKey(key, value, this.#plan.offer, this.#parameters, this.#plan.tsih === 0);
    if (answer.rejected) {
      this.#invalid(`${key}=${value.slice(0, 64)} is not acceptable`);
      return false;
    }
    if (answer.value !== undefined) answers.push([key, answer.value]);
    return true;
  }

  #badAnswer(key: string, value: string, offered: string, wrong: string): void {
    const dump = `${key}=${value.slice(0, 64)}`;
    if (key === 'HeaderDigest' || key === 'DataDigest') {
      const reason = key === 'HeaderDigest' ? 'header-digest-refused' : 'data-digest-refused';
      return this.#fail(reason, `${key}=${offered} was asked for, and the target does not go along`, dump);
    }
    this.#invalid(`${dump}: ${wrong}`);
  }

  #finish(response: LoginResponse): void {
    for (const key of this.#pending.keys()) takeSilence(key, this.#plan.offer, this.#parameters);
    const { session, tsih } = this.#plan;
    if (session !== undefined) adoptSessionWide(this.#parameters, session);
    // RFC 7143 §11.13.3: the session that was meant, and no other.
    if (tsih !== 0 && response.tsih !== tsih) return this.#invalid(`its TSIH is ${response.tsih}, not ${tsih}`);
    for (const [key, reason] of [
      ['HeaderDigest', 'header-digest-refused'],
      ['DataDigest', 'data-digest-refused'],
    ] as const) {
      // No answer, or one that settles nothing, leaves the default: no digest.
      const choices = key === 'HeaderDigest' ? this.#plan.offer.headerDigest : this.#plan.offer.dataDigest;
      const active = key === 'HeaderDigest' ? this.#parameters.headerDigest : this.#parameters.dataDigest;
      if (!active && !choices.includes('None')) return this.#fail(reason, `${key} is required, and the target did not take it up`);
    }
    const { firstBurstBytes, maxBurstBytes, initialR2T, immediateData } = this.#parameters;
    const normal = this.#plan.targetName !== undefined;
    // RFC 7143 §13.14; the key means nothing where no data is sent unasked.
    if (normal && this.#offeredFirstBurst && (immediateData || !initialR2T) && maxBurstBytes < firstBurstBytes) {
      const dump = `FirstBurstLength=${firstBurstBytes}, MaxBurstLength=${maxBurstBytes}`;
      return this.#fail('burst-lengths', 'the target makes MaxBurstLength smaller than FirstBurstLength', dump);
    }
    settle(this.#parameters);
    // RFC 7143 §11.13.3: the final response of a leading login brings the session's handle.
    if (normal && response.tsih === 0) return this.#invalid('its TSIH is zero');
    const { expectedCommandSequenceNumber, maxCommandSequenceNumber } = response;
    if (serialLess(maxCommandSequenceNumber, serialAdd(expectedCommandSequenceNumber, -1))) {
      const dump = `ExpCmdSN=${expectedCommandSequenceNumber}, MaxCmdSN=${maxCommandSequenceNumber}`;
      return this.#fail('window-invalid', 'the target opens a command window that ends before it begins', dump);
    }
    this.#over = true;
    this.#sink.loginSucceeded({
      parameters: this.#parameters,
      authentication: this.#authentication,
      tsih: response.tsih,
      targetAlias: this.#targetAlias,
      portalGroupTag: this.#portalGroupTag,
      response,
    });
  }

  #declared(keys: ReadonlyMap<string, string>): void {
    this.#targetAlias = keys.get('TargetAlias')?.slice(0, 255) ?? this.#targetAlias;
    const tag = keys.get('TargetPortalGroupTag');
    if (tag !== undefined && /^[0-9]{1,5}$/.test(tag)) this.#portalGroupTag = Number(tag);
  }

  // ---- refusals ----

  #refused(response: LoginResponse, pairs: KeyValues): void {
    const status = (response.statusClass << 8) | response.statusDetail;
    if (status === LOGIN_STATUS.TARGET_MOVED_TEMPORARILY || status === LOGIN_STATUS.TARGET_MOVED_PERMANENTLY) {
      const text = new Map(pairs).get('TargetAddress');
      const address = text === undefined ? undefined : parsePortal(text);
      if (address === undefined) {
        return this.#fail(
          'redirect-invalid',
          'the target sends us to an address that is none',
          `TargetAddress=${text?.slice(0, 255) ?? ''}`,
        );
      }
      this.#over = true;
      return this.#sink.loginRedirected({ host: address.host, port: address.port }, status === LOGIN_STATUS.TARGET_MOVED_PERMANENTLY);
    }
    this.#over = true;
    this.#sink.loginFailed(
      initiatorError('login-refused', `the target refused the login: ${describeLoginStatus(status)}`, {
        loginStatus: status,
        dump: pduDump(...this.#packet),
        permanent: permanentStatuses.has(status),
      }),
    );
  }

  #invalid(reason: string): void {
    this.#fail('login-response-invalid', `a login response can't be right: ${reason}`, pduDump(...this.#packet));
  }

  #fail(reason: InitiatorReason, message: string, dump?: string): void {
    this.#over = true;
    this.#sink.loginFailed(initiatorError(reason, message, dump === undefined ? {} : { dump }));
  }

  #send(pairs: KeyValues, transit: boolean): void {
    const text = pairs.length === 0 ? EMPTY_BYTES : encodeKeyValues(pairs);
    const { isid, tsih, connectionId, commandSequenceNumber } = this.#plan;
    this.#sink.sendLogin(
      {
        transit,
        continues: false,
        currentStage: this.#stage,
        nextStage: transit ? this.#nextStage() : this.#stage,
        isid,
        tsih,
        initiatorTaskTag: 0,
        versionMax: 0,
        versionMin: 0,
        connectionId,
        commandSequenceNumber,
        expectedStatusSequenceNumber: this.#expectedStatus,
      },
      text,
    );
  }
}

/** RFC 7143 §11.13.5: refusals that time does not cure. NOT_FOUND is not among them: targets are set up after their portals. */
const permanentStatuses: ReadonlySet<number> = new Set<number>([
  LOGIN_STATUS.AUTHENTICATION_FAILURE,
  LOGIN_STATUS.AUTHORIZATION_FAILURE,
  LOGIN_STATUS.TARGET_REMOVED,
  LOGIN_STATUS.UNSUPPORTED_VERSION,
  LOGIN_STATUS.MISSING_PARAMETER,
  LOGIN_STATUS.SESSION_TYPE_NOT_SUPPORTED,
]);
