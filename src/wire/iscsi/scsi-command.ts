/** SCSI Command (RFC 7143 §11.3) and SCSI Response (§11.4). */
import { be16, be32, DecodeError, EMPTY_BYTES, putBe16, putBe32 } from '../../base/bytes.ts';
import type { TaskAttribute } from '../scsi/status.ts';
import {
  additionalHeadersBytes,
  BASIC_HEADER_BYTES,
  FINAL_BIT,
  putHeader,
  putTargetNumbers,
  SCSI_COMMAND,
  SCSI_RESPONSE,
  type TargetNumbers,
} from './basic-header.ts';
import { putLun } from './lun.ts';

export const READ_BIT = 0x40;
export const WRITE_BIT = 0x20;

/** RFC 7143 §11.3.1: the ATTR field. Codes 5-7 are reserved. */
const attributes: readonly (TaskAttribute | undefined)[] = ['simple', 'simple', 'ordered', 'head-of-queue', 'aca'];

export const taskAttribute = (pdu: Uint8Array, at: number): TaskAttribute | undefined => attributes[pdu[at + 1]! & 0x07];
export const expectsRead = (pdu: Uint8Array, at: number): boolean => (pdu[at + 1]! & READ_BIT) !== 0;
export const expectsWrite = (pdu: Uint8Array, at: number): boolean => (pdu[at + 1]! & WRITE_BIT) !== 0;
/** Expected Data Transfer Length: of the write for a bidirectional command. */
export const expectedTransferBytes = (pdu: Uint8Array, at: number): number => be32(pdu, at + 20);

const EXTENDED_CDB = 1;
const BIDIRECTIONAL_READ_LENGTH = 2;

/** RFC 7143 §11.2.2: what the additional header segments of a command say. Throws DecodeError. */
export function decodeAdditionalHeaders(
  pdu: Uint8Array,
  at: number,
): { extendedCdb: Uint8Array | undefined; bidirectionalReadBytes: number | undefined } {
  let extendedCdb: Uint8Array | undefined;
  let bidirectionalReadBytes: number | undefined;
  const end = at + BASIC_HEADER_BYTES + additionalHeadersBytes(pdu, at);
  for (let offset = at + BASIC_HEADER_BYTES; offset < end; ) {
    const length = be16(pdu, offset);
    const next = offset + ((3 + length + 3) & ~3);
    if (length === 0 || next > end) throw new DecodeError('iscsi-ahs', offset, `bad AHSLength ${length}`);
    if (pdu[offset + 2] === EXTENDED_CDB) {
      // RFC 7143 §11.2.2.3: AHSLength counts a reserved byte and the CDB's bytes from the 17th on.
      extendedCdb = new Uint8Array(16 + length - 1);
      extendedCdb.set(pdu.subarray(at + 32, at + 48));
      extendedCdb.set(pdu.subarray(offset + 4, offset + 3 + length), 16);
    } else if (pdu[offset + 2] === BIDIRECTIONAL_READ_LENGTH) {
      if (length !== 5) throw new DecodeError('iscsi-ahs', offset, `bad AHSLength ${length}`);
      bidirectionalReadBytes = be32(pdu, offset + 4);
    }
    offset = next;
  }
  return { extendedCdb, bidirectionalReadBytes };
}

export interface ScsiCommandHeader {
  readonly final: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly attribute: TaskAttribute;
  readonly immediate: boolean;
  readonly lun: number;
  readonly initiatorTaskTag: number;
  readonly expectedTransferBytes: number;
  readonly commandSequenceNumber: number;
  readonly expectedStatusSequenceNumber: number;
  /** 16 bytes at most; shorter ones are padded with zeros. */
  readonly cdb: Uint8Array;
  readonly immediateDataBytes: number;
}

export function encodeScsiCommand(command: ScsiCommandHeader, out: Uint8Array, at: number): void {
  const attribute = command.attribute === 'simple' ? 1 : attributes.indexOf(command.attribute);
  const flags = (command.final ? FINAL_BIT : 0) | (command.read ? READ_BIT : 0) | (command.write ? WRITE_BIT : 0) | attribute;
  putHeader(out, at, SCSI_COMMAND | (command.immediate ? 0x40 : 0), flags, command.immediateDataBytes, command.initiatorTaskTag);
  putLun(out, at + 8, command.lun);
  putBe32(out, at + 20, command.expectedTransferBytes);
  putBe32(out, at + 24, command.commandSequenceNumber);
  putBe32(out, at + 28, command.expectedStatusSequenceNumber);
  out.set(command.cdb, at + 32);
}

/** RFC 7143 §11.4.1: overflow and underflow, in a SCSI Response and in a Data-In that carries status. */
export const OVERFLOW_BIT = 0x04;
export const UNDERFLOW_BIT = 0x02;

export const RESPONSE_COMPLETED = 0x00;
export const RESPONSE_TARGET_FAILURE = 0x01;

/** A SCSI Response. `residual` is positive for an underflow, negative for an overflow. `dataBytes`: sense with its two length bytes. */
export function putScsiResponse(
  out: Uint8Array,
  at: number,
  taskTag: number,
  response: number,
  status: number,
  residual: number,
  dataBytes: number,
  numbers: TargetNumbers,
  expectedDataSequenceNumber: number,
): void {
  putHeader(out, at, SCSI_RESPONSE, FINAL_BIT | (residual > 0 ? UNDERFLOW_BIT : residual < 0 ? OVERFLOW_BIT : 0), dataBytes, taskTag);
  out[at + 2] = response;
  out[at + 3] = status;
  putTargetNumbers(out, at, numbers);
  putBe32(out, at + 36, expectedDataSequenceNumber);
  putBe32(out, at + 44, Math.abs(residual));
}

/** SNACK Tag of a SCSI Response: of the last R-Data SNACK for its command, else 0 (RFC 7143 §11.4.4). */
export const snackTag = (pdu: Uint8Array, at: number): number => be32(pdu, at + 20);
export const putSnackTag = (out: Uint8Array, at: number, tag: number): void => putBe32(out, at + 20, tag);

/** ExpDataSN of a SCSI Response: how many Data-In and R2T PDUs were sent for its command (RFC 7143 §11.4.8). */
export const expectedDataSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 36);

/** Of a SCSI Response: what became of the command (RFC 7143 §11.4.3), and its SCSI status. */
export const responseCode = (pdu: Uint8Array, at: number): number => pdu[at + 2]!;
/** SCSI status, in a SCSI Response and in a Data-In that carries it. */
export const statusOf = (pdu: Uint8Array, at: number): number => pdu[at + 3]!;

/** RFC 7143 §11.4.5: positive for an underflow, negative for an overflow, in a SCSI Response and in a Data-In that carries status. */
export function residualOf(pdu: Uint8Array, at: number): number {
  const flags = pdu[at + 1]! & (OVERFLOW_BIT | UNDERFLOW_BIT);
  if (flags === 0) return 0;
  return flags === OVERFLOW_BIT ? -be32(pdu, at + 44) : be32(pdu, at + 44);
}

/** The sense data in the data segment of a SCSI Response, a view; empty where there is none or its length can't be. */
export function senseOf(segment: Uint8Array): Uint8Array {
  if (segment.length < 2) return EMPTY_BYTES;
  return segment.subarray(2, Math.min(segment.length, 2 + be16(segment, 0)));
}

/** SenseLength and sense data in the data segment (RFC 7143 §11.4.7.2). */
export function senseSegment(senseData: Uint8Array): Uint8Array {
  const segment = new Uint8Array(2 + senseData.length);
  putBe16(segment, 0, senseData.length);
  segment.set(senseData, 2);
  return segment;
}
