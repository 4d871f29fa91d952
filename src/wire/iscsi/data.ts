/** SCSI Data-Out, SCSI Data-In (RFC 7143 §11.7) and Ready To Transfer (§11.8). */
import { be32, putBe32 } from '../../base/bytes.ts';
import {
  DATA_IN,
  DATA_OUT,
  FINAL_BIT,
  putHeader,
  putTargetNumbers,
  READY_TO_TRANSFER,
  RESERVED_TAG,
  type TargetNumbers,
} from './basic-header.ts';
import { putLun } from './lun.ts';
import { OVERFLOW_BIT, UNDERFLOW_BIT } from './scsi-command.ts';

export const targetTransferTag = (pdu: Uint8Array, at: number): number => be32(pdu, at + 20);
export const dataSequenceNumber = (pdu: Uint8Array, at: number): number => be32(pdu, at + 36);
export const bufferOffset = (pdu: Uint8Array, at: number): number => be32(pdu, at + 40);

/** Desired Data Transfer Length of a Ready To Transfer. */
export const desiredBytes = (pdu: Uint8Array, at: number): number => be32(pdu, at + 44);

/** RFC 7143 §11.7.2: a Data-In that asks to be acknowledged by a SNACK. */
export const ACKNOWLEDGE_BIT = 0x40;
export const asksAcknowledgement = (pdu: Uint8Array, at: number): boolean => (pdu[at + 1]! & ACKNOWLEDGE_BIT) !== 0;
/** RFC 7143 §11.7.1: this Data-In carries the status. */
export const STATUS_BIT = 0x01;

export function putDataIn(
  out: Uint8Array,
  at: number,
  taskTag: number,
  dataBytes: number,
  sequenceNumber: number,
  offsetBytes: number,
  final: boolean,
  numbers: TargetNumbers,
): void {
  putHeader(out, at, DATA_IN, final ? FINAL_BIT : 0, dataBytes, taskTag);
  putBe32(out, at + 20, RESERVED_TAG);
  // RFC 7143 §11.7.3: without the S bit the StatSN field is reserved.
  putTargetNumbers(out, at, numbers);
  putBe32(out, at + 24, 0);
  putBe32(out, at + 36, sequenceNumber);
  putBe32(out, at + 40, offsetBytes);
}

/** Makes a Data-In written by `putDataIn` ask for a DataACK, which carries this tag and the LUN back (RFC 7143 §11.7.2, §11.7.4). */
export function askAcknowledgement(out: Uint8Array, at: number, lun: number, transferTag: number): void {
  out[at + 1]! |= ACKNOWLEDGE_BIT;
  putLun(out, at + 8, lun);
  putBe32(out, at + 20, transferTag);
}

/** Makes a Data-In written by `putDataIn` the last one, with the status in it. */
export function addStatus(out: Uint8Array, at: number, status: number, residual: number, statusSequenceNumber: number): void {
  out[at + 1]! |= FINAL_BIT | STATUS_BIT | (residual > 0 ? UNDERFLOW_BIT : residual < 0 ? OVERFLOW_BIT : 0);
  out[at + 3] = status;
  putBe32(out, at + 24, statusSequenceNumber);
  putBe32(out, at + 44, Math.abs(residual));
}

export function putReadyToTransfer(
  out: Uint8Array,
  at: number,
  lun: number,
  taskTag: number,
  transferTag: number,
  sequenceNumber: number,
  offsetBytes: number,
  lengthBytes: number,
  numbers: TargetNumbers,
): void {
  putHeader(out, at, READY_TO_TRANSFER, FINAL_BIT, 0, taskTag);
  putLun(out, at + 8, lun);
  putBe32(out, at + 20, transferTag);
  // RFC 7143 §11.8.3: an R2T carries the next StatSN but does not advance it.
  putTargetNumbers(out, at, numbers);
  putBe32(out, at + 36, sequenceNumber);
  putBe32(out, at + 40, offsetBytes);
  putBe32(out, at + 44, lengthBytes);
}

export function putDataOut(
  out: Uint8Array,
  at: number,
  lun: number,
  taskTag: number,
  transferTag: number,
  expectedStatus: number,
  sequenceNumber: number,
  offsetBytes: number,
  dataBytes: number,
  final: boolean,
): void {
  putHeader(out, at, DATA_OUT, final ? FINAL_BIT : 0, dataBytes, taskTag);
  if (transferTag !== RESERVED_TAG) putLun(out, at + 8, lun);
  putBe32(out, at + 20, transferTag);
  putBe32(out, at + 28, expectedStatus);
  putBe32(out, at + 36, sequenceNumber);
  putBe32(out, at + 40, offsetBytes);
}
