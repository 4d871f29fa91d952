/**
 * The PDUs that steer a session, in place: task management (RFC 7143 §11.5-11.6), asynchronous message (§11.9), text (§11.10-11.11),
 * logout (§11.14-11.15), SNACK (§11.16), reject (§11.17) and NOP (§11.18-11.19).
 */
import { be16, be32, putBe16, putBe32 } from '../../base/bytes.ts';
import {
  ASYNC_MESSAGE,
  FINAL_BIT,
  IMMEDIATE_BIT,
  LOGOUT_REQUEST,
  LOGOUT_RESPONSE,
  NOP_IN,
  NOP_OUT,
  putHeader,
  putInitiatorNumbers,
  putTargetNumbers,
  REJECT,
  RESERVED_TAG,
  SNACK_REQUEST,
  TASK_MANAGEMENT_REQUEST,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_REQUEST,
  TEXT_RESPONSE,
  type TargetNumbers,
} from './basic-header.ts';
import { putLun } from './lun.ts';

/** CmdSN and ExpStatSN of a request (RFC 7143 §11.2.2.3). */
export interface InitiatorNumbers {
  readonly commandSequenceNumber: number;
  readonly expectedStatusSequenceNumber: number;
}

const putNumbers = (out: Uint8Array, at: number, numbers: InitiatorNumbers): void =>
  putInitiatorNumbers(out, at, numbers.commandSequenceNumber, numbers.expectedStatusSequenceNumber);

/** Task management functions (RFC 7143 §11.5.1). */
export const ABORT_TASK = 1;
export const ABORT_TASK_SET = 2;
export const CLEAR_ACA = 3;
export const CLEAR_TASK_SET = 4;
export const LOGICAL_UNIT_RESET = 5;
export const TARGET_WARM_RESET = 6;
export const TARGET_COLD_RESET = 7;
export const TASK_REASSIGN = 8;

export const managementFunction = (pdu: Uint8Array, at: number): number => pdu[at + 1]! & 0x7f;
export const referencedTaskTag = (pdu: Uint8Array, at: number): number => be32(pdu, at + 20);
export const referencedCommandSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 32);
/** ExpDataSN of a TASK REASSIGN (RFC 7143 §11.5.7): the first Data-In or R2T that the initiator has not acknowledged; 0 changes nothing. */
export const reassignedDataSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 36);

/** Task management responses (RFC 7143 §11.6.1). */
export const FUNCTION_COMPLETE = 0;
export const TASK_DOES_NOT_EXIST = 1;
export const LUN_DOES_NOT_EXIST = 2;
export const TASK_STILL_ALLEGIANT = 3;
export const REASSIGNMENT_NOT_SUPPORTED = 4;
export const FUNCTION_NOT_SUPPORTED = 5;
export const FUNCTION_AUTHORIZATION_FAILED = 6;
export const FUNCTION_REJECTED = 255;

export function putTaskManagementResponse(out: Uint8Array, at: number, taskTag: number, response: number, numbers: TargetNumbers): void {
  putHeader(out, at, TASK_MANAGEMENT_RESPONSE, FINAL_BIT, 0, taskTag);
  out[at + 2] = response;
  putTargetNumbers(out, at, numbers);
}

/** `referenced`: the task that ABORT TASK and TASK REASSIGN mean (RFC 7143 §11.5.5-6). Always an immediate request here. */
export function putTaskManagementRequest(
  out: Uint8Array,
  at: number,
  taskTag: number,
  code: number,
  lun: number,
  referenced: { readonly taskTag: number; readonly commandSequenceNumber: number; readonly expectedDataSequenceNumber: number } | undefined,
  numbers: InitiatorNumbers,
): void {
  putHeader(out, at, TASK_MANAGEMENT_REQUEST | IMMEDIATE_BIT, FINAL_BIT | code, 0, taskTag);
  // RFC 7143 §11.5.4: functions on the whole target have no LUN.
  if (code !== TARGET_WARM_RESET && code !== TARGET_COLD_RESET) putLun(out, at + 8, lun);
  putBe32(out, at + 20, referenced?.taskTag ?? RESERVED_TAG);
  putNumbers(out, at, numbers);
  putBe32(out, at + 32, referenced?.commandSequenceNumber ?? 0);
  putBe32(out, at + 36, referenced?.expectedDataSequenceNumber ?? 0);
}

export const managementResponse = (pdu: Uint8Array, at: number): number => pdu[at + 2]!;

/** Always immediate here: a ping takes no place in the command window. `lunField`: of the NOP-In that is answered (§11.18.2). */
export function putNopOut(
  out: Uint8Array,
  at: number,
  taskTag: number,
  transferTag: number,
  lunField: Uint8Array | undefined,
  dataBytes: number,
  numbers: InitiatorNumbers,
): void {
  putHeader(out, at, NOP_OUT | IMMEDIATE_BIT, FINAL_BIT, dataBytes, taskTag);
  if (lunField !== undefined) out.set(lunField, at + 8);
  putBe32(out, at + 20, transferTag);
  putNumbers(out, at, numbers);
}

/** `transferTag`: reserved in an answer, a tag of the target's own when it asks for a NOP-Out (RFC 7143 §11.19.1). */
export function putNopIn(
  out: Uint8Array,
  at: number,
  taskTag: number,
  transferTag: number,
  dataBytes: number,
  numbers: TargetNumbers,
): void {
  putHeader(out, at, NOP_IN, FINAL_BIT, dataBytes, taskTag);
  putBe32(out, at + 20, transferTag);
  putTargetNumbers(out, at, numbers);
}

export const textContinues = (pdu: Uint8Array, at: number): boolean => (pdu[at + 1]! & 0x40) !== 0;

export function putTextResponse(
  out: Uint8Array,
  at: number,
  taskTag: number,
  transferTag: number,
  final: boolean,
  continues: boolean,
  dataBytes: number,
  numbers: TargetNumbers,
): void {
  putHeader(out, at, TEXT_RESPONSE, (final ? FINAL_BIT : 0) | (continues ? 0x40 : 0), dataBytes, taskTag);
  putBe32(out, at + 20, transferTag);
  putTargetNumbers(out, at, numbers);
}

/** Takes a CmdSN of its own. */
export function putTextRequest(
  out: Uint8Array,
  at: number,
  taskTag: number,
  transferTag: number,
  final: boolean,
  dataBytes: number,
  numbers: InitiatorNumbers,
): void {
  putHeader(out, at, TEXT_REQUEST, final ? FINAL_BIT : 0, dataBytes, taskTag);
  putBe32(out, at + 20, transferTag);
  putNumbers(out, at, numbers);
}

/** Logout reasons (RFC 7143 §11.14.1). */
export const CLOSE_SESSION = 0;
export const CLOSE_CONNECTION = 1;
export const REMOVE_FOR_RECOVERY = 2;
export const logoutReason = (pdu: Uint8Array, at: number): number => pdu[at + 1]! & 0x7f;
export const logoutConnectionId = (pdu: Uint8Array, at: number): number => be16(pdu, at + 20);

/** Logout responses (RFC 7143 §11.15.1). */
export const LOGOUT_SUCCESS = 0;
export const LOGOUT_CONNECTION_NOT_FOUND = 1;
export const LOGOUT_RECOVERY_NOT_SUPPORTED = 2;
export const LOGOUT_CLEANUP_FAILED = 3;

export function putLogoutResponse(
  out: Uint8Array,
  at: number,
  taskTag: number,
  response: number,
  time2Wait: number,
  time2Retain: number,
  numbers: TargetNumbers,
): void {
  putHeader(out, at, LOGOUT_RESPONSE, FINAL_BIT, 0, taskTag);
  out[at + 2] = response;
  putTargetNumbers(out, at, numbers);
  putBe16(out, at + 40, time2Wait);
  putBe16(out, at + 42, time2Retain);
}

/** Always immediate here, so that a closed command window can't hold it up. */
export function putLogoutRequest(
  out: Uint8Array,
  at: number,
  taskTag: number,
  reason: number,
  connectionId: number,
  numbers: InitiatorNumbers,
): void {
  putHeader(out, at, LOGOUT_REQUEST | IMMEDIATE_BIT, FINAL_BIT | reason, 0, taskTag);
  // RFC 7143 §11.14.2: closing the session names no connection.
  if (reason !== CLOSE_SESSION) putBe16(out, at + 20, connectionId);
  putNumbers(out, at, numbers);
}

export const logoutResponse = (pdu: Uint8Array, at: number): number => pdu[at + 2]!;
export const logoutTime2Wait = (pdu: Uint8Array, at: number): number => be16(pdu, at + 40);
export const logoutTime2Retain = (pdu: Uint8Array, at: number): number => be16(pdu, at + 42);

/** Reject reasons (RFC 7143 §11.17.1). */
export const REJECT_DATA_DIGEST = 0x02;
export const REJECT_SNACK = 0x03;
export const REJECT_PROTOCOL_ERROR = 0x04;
export const REJECT_COMMAND_NOT_SUPPORTED = 0x05;
export const REJECT_IMMEDIATE_TOO_MANY = 0x06;
export const REJECT_TASK_IN_PROGRESS = 0x07;
export const REJECT_INVALID_DATA_ACK = 0x08;
export const REJECT_INVALID_PDU_FIELD = 0x09;
export const REJECT_OUT_OF_RESOURCES = 0x0a;
export const REJECT_NEGOTIATION_RESET = 0x0b;
export const REJECT_WAITING_FOR_LOGOUT = 0x0c;

/** The data segment is the header that was rejected (RFC 7143 §11.17.4). */
export function putReject(out: Uint8Array, at: number, reason: number, dataBytes: number, numbers: TargetNumbers): void {
  putHeader(out, at, REJECT, FINAL_BIT, dataBytes, RESERVED_TAG);
  out[at + 2] = reason;
  putTargetNumbers(out, at, numbers);
}

export const rejectReason = (pdu: Uint8Array, at: number): number => pdu[at + 2]!;

/** Asynchronous events (RFC 7143 §11.9.1). */
export const ASYNC_SCSI_EVENT = 0;
export const ASYNC_LOGOUT_REQUESTED = 1;
export const ASYNC_CONNECTION_DROPPED = 2;
export const ASYNC_SESSION_DROPPED = 3;
export const ASYNC_NEGOTIATION_REQUESTED = 4;

export function putAsyncMessage(
  out: Uint8Array,
  at: number,
  event: number,
  parameters: readonly [number, number, number],
  numbers: TargetNumbers,
): void {
  putHeader(out, at, ASYNC_MESSAGE, FINAL_BIT, 0, RESERVED_TAG);
  putTargetNumbers(out, at, numbers);
  out[at + 36] = event;
  putBe16(out, at + 38, parameters[0]);
  putBe16(out, at + 40, parameters[1]);
  putBe16(out, at + 42, parameters[2]);
}

export const asyncEvent = (pdu: Uint8Array, at: number): number => pdu[at + 36]!;
/** Parameter1 to Parameter3, counted from 1 (RFC 7143 §11.9.4). */
export const asyncParameter = (pdu: Uint8Array, at: number, number: 1 | 2 | 3): number => be16(pdu, at + 36 + 2 * number);

/** SNACK types (RFC 7143 §11.16.1): what to send again. */
export const SNACK_DATA_OR_R2T = 0;
export const SNACK_STATUS = 1;
export const SNACK_DATA_ACK = 2;
export const SNACK_RDATA = 3;
export const snackType = (pdu: Uint8Array, at: number): number => pdu[at + 1]! & 0x0f;
export const beginRun = (pdu: Uint8Array, at: number): number => be32(pdu, at + 40);
export const runLength = (pdu: Uint8Array, at: number): number => be32(pdu, at + 44);

/**
 * `taskTag` is reserved for Status SNACK and DataACK. `transferTag`: of a DataACK the one that its Data-In named, of an R-Data SNACK the SNACK
 * Tag (neither 0 nor reserved), else reserved (RFC 7143 §11.16.3-4).
 */
export function putSnackRequest(
  out: Uint8Array,
  at: number,
  type: number,
  lun: number,
  taskTag: number,
  transferTag: number,
  begin: number,
  length: number,
  expectedStatus: number,
): void {
  putHeader(out, at, SNACK_REQUEST, FINAL_BIT | type, 0, taskTag);
  if (type !== SNACK_STATUS) putLun(out, at + 8, lun);
  putBe32(out, at + 20, transferTag);
  putBe32(out, at + 28, expectedStatus);
  putBe32(out, at + 40, begin);
  putBe32(out, at + 44, length);
}
