/** Login Request and Login Response (RFC 7143 §11.12, §11.13). */
import { be16, be32, DecodeError, putBe16, putBe32 } from '../../base/bytes.ts';
import { BASIC_HEADER_BYTES, LOGIN_REQUEST, LOGIN_RESPONSE, putHeader, putTargetNumbers, type TargetNumbers } from './basic-header.ts';

/** RFC 7143 §11.12.3: stages of a login. */
export const SECURITY_NEGOTIATION = 0;
export const OPERATIONAL_NEGOTIATION = 1;
export const FULL_FEATURE_PHASE = 3;
export type LoginStage = typeof SECURITY_NEGOTIATION | typeof OPERATIONAL_NEGOTIATION | typeof FULL_FEATURE_PHASE;

/** Initiator session ID (RFC 7143 §11.12.5): six bytes, as twelve hexadecimal digits. */
export type Isid = string;

interface LoginCommon {
  readonly transit: boolean;
  readonly continues: boolean;
  readonly currentStage: LoginStage;
  readonly nextStage: LoginStage;
  readonly isid: Isid;
  /** Target session identifying handle; 0 in the leading login. */
  readonly tsih: number;
  readonly initiatorTaskTag: number;
}

export interface LoginRequest extends LoginCommon {
  readonly versionMax: number;
  readonly versionMin: number;
  readonly connectionId: number;
  readonly commandSequenceNumber: number;
  readonly expectedStatusSequenceNumber: number;
}

export interface LoginResponse extends LoginCommon, TargetNumbers {
  readonly statusClass: number;
  readonly statusDetail: number;
}

function stage(value: number, at: number): LoginStage {
  if (value === SECURITY_NEGOTIATION || value === OPERATIONAL_NEGOTIATION || value === FULL_FEATURE_PHASE) return value;
  throw new DecodeError('iscsi-login', at, `stage ${value} is reserved`);
}

function decodeIsid(pdu: Uint8Array, at: number): Isid {
  let isid = '';
  for (let index = 0; index < 6; index += 1) isid += pdu[at + index]!.toString(16).padStart(2, '0');
  return isid;
}

function putIsid(out: Uint8Array, at: number, isid: Isid): void {
  for (let index = 0; index < 6; index += 1) out[at + index] = Number.parseInt(isid.slice(index * 2, index * 2 + 2), 16);
}

function decodeCommon(pdu: Uint8Array, at: number): LoginCommon {
  if (pdu.length - at < BASIC_HEADER_BYTES) throw new DecodeError('iscsi-login', at, 'truncated header');
  const flags = pdu[at + 1]!;
  const transit = (flags & 0x80) !== 0;
  const currentStage = stage((flags >>> 2) & 0x03, at + 1);
  // RFC 7143 §11.12.4: NSG is only valid with T.
  return {
    transit,
    continues: (flags & 0x40) !== 0,
    currentStage,
    nextStage: transit ? stage(flags & 0x03, at + 1) : currentStage,
    isid: decodeIsid(pdu, at + 8),
    tsih: be16(pdu, at + 14),
    initiatorTaskTag: be32(pdu, at + 16),
  };
}

/** Throws DecodeError. */
export function decodeLoginRequest(pdu: Uint8Array, at: number): LoginRequest {
  return {
    ...decodeCommon(pdu, at),
    versionMax: pdu[at + 2]!,
    versionMin: pdu[at + 3]!,
    connectionId: be16(pdu, at + 20),
    commandSequenceNumber: be32(pdu, at + 24),
    expectedStatusSequenceNumber: be32(pdu, at + 28),
  };
}

/** Throws DecodeError. */
export function decodeLoginResponse(pdu: Uint8Array, at: number): LoginResponse {
  return {
    ...decodeCommon(pdu, at),
    statusSequenceNumber: be32(pdu, at + 24),
    expectedCommandSequenceNumber: be32(pdu, at + 28),
    maxCommandSequenceNumber: be32(pdu, at + 32),
    statusClass: pdu[at + 36]!,
    statusDetail: pdu[at + 37]!,
  };
}

const flagsOf = (login: LoginCommon): number =>
  (login.transit ? 0x80 | login.nextStage : 0) | (login.continues ? 0x40 : 0) | (login.currentStage << 2);

export function encodeLoginRequest(login: LoginRequest, dataBytes: number, out: Uint8Array, at: number): void {
  // RFC 7143 §11.12: login requests are always immediate.
  putHeader(out, at, LOGIN_REQUEST | 0x40, flagsOf(login), dataBytes, login.initiatorTaskTag);
  out[at + 2] = login.versionMax;
  out[at + 3] = login.versionMin;
  putIsid(out, at + 8, login.isid);
  putBe16(out, at + 14, login.tsih);
  putBe16(out, at + 20, login.connectionId);
  putBe32(out, at + 24, login.commandSequenceNumber);
  putBe32(out, at + 28, login.expectedStatusSequenceNumber);
}

export function encodeLoginResponse(login: LoginResponse, dataBytes: number, out: Uint8Array, at: number): void {
  putHeader(out, at, LOGIN_RESPONSE, flagsOf(login), dataBytes, login.initiatorTaskTag);
  putIsid(out, at + 8, login.isid);
  putBe16(out, at + 14, login.tsih);
  putTargetNumbers(out, at, login);
  out[at + 36] = login.statusClass;
  out[at + 37] = login.statusDetail;
}

/** Status class and detail in one number, class in the high byte (RFC 7143 §11.13.5). */
export const LOGIN_STATUS = {
  SUCCESS: 0x0000,
  TARGET_MOVED_TEMPORARILY: 0x0101,
  TARGET_MOVED_PERMANENTLY: 0x0102,
  INITIATOR_ERROR: 0x0200,
  AUTHENTICATION_FAILURE: 0x0201,
  AUTHORIZATION_FAILURE: 0x0202,
  NOT_FOUND: 0x0203,
  TARGET_REMOVED: 0x0204,
  UNSUPPORTED_VERSION: 0x0205,
  TOO_MANY_CONNECTIONS: 0x0206,
  MISSING_PARAMETER: 0x0207,
  CANT_INCLUDE_IN_SESSION: 0x0208,
  SESSION_TYPE_NOT_SUPPORTED: 0x0209,
  SESSION_DOES_NOT_EXIST: 0x020a,
  INVALID_DURING_LOGIN: 0x020b,
  TARGET_ERROR: 0x0300,
  SERVICE_UNAVAILABLE: 0x0301,
  OUT_OF_RESOURCES: 0x0302,
} as const;

export type LoginStatus = (typeof LOGIN_STATUS)[keyof typeof LOGIN_STATUS];

export const describeLoginStatus = (status: number): string =>
  Object.entries(LOGIN_STATUS)
    .find(([, value]) => value === status)?.[0]
    .toLowerCase()
    .replaceAll('_', ' ') ?? `status ${status.toString(16).padStart(4, '0')}h`;
