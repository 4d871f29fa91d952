/** iSCSI basic header segment (RFC 7143 §11.2): the fields that every PDU has, read and written in place. */
import { be24, be32, putBe24, putBe32 } from '../../base/bytes.ts';

export const BASIC_HEADER_BYTES = 48;
export const DIGEST_BYTES = 4;
/** RFC 7143 §11.2.1.4-5: TotalAHSLength counts 4-byte words in one byte, DataSegmentLength is three bytes. */
export const ADDITIONAL_HEADERS_BYTES_MAX = 255 * 4;

/** Initiator opcodes (RFC 7143 §11.2.1.2). */
export const NOP_OUT = 0x00;
export const SCSI_COMMAND = 0x01;
export const TASK_MANAGEMENT_REQUEST = 0x02;
export const LOGIN_REQUEST = 0x03;
export const TEXT_REQUEST = 0x04;
export const DATA_OUT = 0x05;
export const LOGOUT_REQUEST = 0x06;
export const SNACK_REQUEST = 0x10;
/** Target opcodes. */
export const NOP_IN = 0x20;
export const SCSI_RESPONSE = 0x21;
export const TASK_MANAGEMENT_RESPONSE = 0x22;
export const LOGIN_RESPONSE = 0x23;
export const TEXT_RESPONSE = 0x24;
export const DATA_IN = 0x25;
export const LOGOUT_RESPONSE = 0x26;
export const READY_TO_TRANSFER = 0x31;
export const ASYNC_MESSAGE = 0x32;
export const REJECT = 0x3f;

/** The reserved value of Initiator and Target Transfer Tags (RFC 7143 §11.2.1.8, §11.18.4). */
export const RESERVED_TAG = 0xffffffff;

export const IMMEDIATE_BIT = 0x40;
export const FINAL_BIT = 0x80;

const names: Readonly<Record<number, string>> = {
  [NOP_OUT]: 'NOP-Out',
  [SCSI_COMMAND]: 'SCSI Command',
  [TASK_MANAGEMENT_REQUEST]: 'Task Management Function Request',
  [LOGIN_REQUEST]: 'Login Request',
  [TEXT_REQUEST]: 'Text Request',
  [DATA_OUT]: 'SCSI Data-Out',
  [LOGOUT_REQUEST]: 'Logout Request',
  [SNACK_REQUEST]: 'SNACK Request',
  [NOP_IN]: 'NOP-In',
  [SCSI_RESPONSE]: 'SCSI Response',
  [TASK_MANAGEMENT_RESPONSE]: 'Task Management Function Response',
  [LOGIN_RESPONSE]: 'Login Response',
  [TEXT_RESPONSE]: 'Text Response',
  [DATA_IN]: 'SCSI Data-In',
  [LOGOUT_RESPONSE]: 'Logout Response',
  [READY_TO_TRANSFER]: 'Ready To Transfer',
  [ASYNC_MESSAGE]: 'Asynchronous Message',
  [REJECT]: 'Reject',
};

export const opcodeName = (opcode: number): string => names[opcode] ?? `opcode ${opcode.toString(16)}h`;

export const opcodeOf = (pdu: Uint8Array, at: number): number => pdu[at]! & 0x3f;
export const isImmediate = (pdu: Uint8Array, at: number): boolean => (pdu[at]! & IMMEDIATE_BIT) !== 0;
export const isFinal = (pdu: Uint8Array, at: number): boolean => (pdu[at + 1]! & FINAL_BIT) !== 0;
export const additionalHeadersBytes = (pdu: Uint8Array, at: number): number => pdu[at + 4]! * 4;
export const dataSegmentBytes = (pdu: Uint8Array, at: number): number => be24(pdu, at + 5);
export const initiatorTaskTag = (pdu: Uint8Array, at: number): number => be32(pdu, at + 16);
/** CmdSN, in every request but Data-Out and SNACK. */
export const commandSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 24);
/** ExpStatSN, in every request. */
export const expectedStatusSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 28);
/** StatSN, ExpCmdSN and MaxCmdSN, in every answer. */
export const statusSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 24);
export const expectedCommandSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 28);
export const maxCommandSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 32);

/** Data segments and digests are padded to four bytes (RFC 7143 §11.2.3). */
export const padded = (bytes: number): number => (bytes + 3) & ~3;

/** The numbers that every target PDU carries (RFC 7143 §11.2.2.3): StatSN, ExpCmdSN, MaxCmdSN. */
export interface TargetNumbers {
  readonly statusSequenceNumber: number;
  readonly expectedCommandSequenceNumber: number;
  readonly maxCommandSequenceNumber: number;
}

/** Clears a header and writes what all PDUs share. */
export function putHeader(out: Uint8Array, at: number, opcode: number, flags: number, dataBytes: number, taskTag: number): void {
  out.fill(0, at, at + BASIC_HEADER_BYTES);
  out[at] = opcode;
  out[at + 1] = flags;
  putBe24(out, at + 5, dataBytes);
  putBe32(out, at + 16, taskTag);
}

export function putTargetNumbers(out: Uint8Array, at: number, numbers: TargetNumbers): void {
  putBe32(out, at + 24, numbers.statusSequenceNumber);
  putBe32(out, at + 28, numbers.expectedCommandSequenceNumber);
  putBe32(out, at + 32, numbers.maxCommandSequenceNumber);
}

/** CmdSN and ExpStatSN of a request. */
export function putInitiatorNumbers(out: Uint8Array, at: number, command: number, expectedStatus: number): void {
  putBe32(out, at + 24, command);
  putBe32(out, at + 28, expectedStatus);
}
