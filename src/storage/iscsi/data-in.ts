/**
 * Data-in and statuses that can be sent again (RFC 7143 §11.16): what goes out from error recovery level 1 on. The status never rides in the last
 * Data-In here, so that either can be asked for without the other; ExpDataSN in the response tells of data that was lost (§11.4.8).
 */
import { EMPTY_BYTES, putBe32 } from '../../base/bytes.ts';
import { initiatorTaskTag, opcodeOf, putTargetNumbers, SCSI_RESPONSE, type TargetNumbers } from '../../wire/iscsi/basic-header.ts';
import { askAcknowledgement, putDataIn } from '../../wire/iscsi/data.ts';
import {
  expectedDataSequenceNumber,
  putScsiResponse,
  putSnackTag,
  RESPONSE_COMPLETED,
  senseSegment,
} from '../../wire/iscsi/scsi-command.ts';
import { encodeFixedSense, sense } from '../../wire/scsi/sense.ts';
import { STATUS_CHECK_CONDITION } from '../../wire/scsi/status.ts';
import type { KeptAnswer } from './kept-answers.ts';
import type { KeptData } from './kept-data.ts';
import { LINK_BYTES_MIN, type PduWriter } from './pdu-writer.ts';

/** Writes the Data-In PDUs from `begin` up to `end`. */
export function writeDataRun(writer: PduWriter, taskTag: number, data: KeptData, begin: number, end: number, numbers: TargetNumbers): void {
  if (begin >= end) return;
  const link = data.lengthBytes >= LINK_BYTES_MIN;
  if (link) writer.whenSent(data.use());
  const last = data.sequences - 1;
  for (let sequence = begin; sequence < end; sequence += 1) {
    const piece = data.piece(sequence);
    const at = writer.begin(link ? 0 : piece.bytes);
    putDataIn(writer.buffer, at, taskTag, piece.bytes, sequence, piece.offset, piece.endsBurst, numbers);
    // RFC 7143 §11.7.2: at most once in MaxBurstLength. The acknowledgement of the status stands for that of the last data.
    if (piece.endsBurst && sequence !== last) askAcknowledgement(writer.buffer, at, data.lun, data.acknowledgeTag);
    writer.sealHeader(at);
    if (link) writer.linkData(data.slice(piece), piece.bytes);
    else writer.copyData(data.slice(piece), piece.bytes);
  }
}

/** Writes a PDU that was built apart from the batch. */
export function writeWhole(writer: PduWriter, header: Uint8Array, segment: Uint8Array): void {
  const at = writer.begin(segment.length);
  writer.buffer.set(header, at);
  writer.sealHeader(at);
  if (segment.length !== 0) writer.copyData([segment], segment.length);
}

/** Renews what a PDU that is sent again must tell of the present: ExpCmdSN and MaxCmdSN, not StatSN (RFC 7143 §11.16). */
export function renew(header: Uint8Array, numbers: TargetNumbers): void {
  putBe32(header, 28, numbers.expectedCommandSequenceNumber);
  putBe32(header, 32, numbers.maxCommandSequenceNumber);
}

/** All data that is not acknowledged is cut anew, for an R-Data SNACK; the response names its SNACK Tag (RFC 7143 §11.16.3). */
export function resegment(answer: KeptAnswer, data: KeptData, snackTag: number, segmentBytes: number, burstBytes: number): void {
  data.resegment(segmentBytes, burstBytes);
  putSnackTag(answer.header, 0, snackTag);
  putBe32(answer.header, 36, data.sequences);
}

/**
 * Makes an answer fit for another connection (RFC 7143 §7.2.2): data from `expectedData` (ExpDataSN) on, cut anew; the next StatSN; no SNACK Tag.
 * Where its data had to be let go, it becomes a failure.
 */
export function redirected(
  answer: KeptAnswer,
  expectedData: number,
  segmentBytes: number,
  burstBytes: number,
  numbers: TargetNumbers,
): { readonly header: Uint8Array; readonly segment: Uint8Array } {
  const { data } = answer;
  let { header, segment } = answer;
  if (data !== undefined) {
    // RFC 7143 §11.5.7: 0 changes nothing, and what can't be is ignored.
    if (expectedData > data.acknowledged && expectedData <= data.sequences) data.acknowledged = expectedData;
    data.resegment(segmentBytes, burstBytes);
    putBe32(header, 36, data.sequences);
  } else if (answer.dataLost && expectedData < expectedDataSequenceNumber(header, 0)) {
    segment = senseSegment(encodeFixedSense(sense('ABORTED COMMAND', 'FAILED_RETRANSMISSION_REQUEST')));
    const tag = initiatorTaskTag(header, 0);
    header = new Uint8Array(header.length);
    putScsiResponse(header, 0, tag, RESPONSE_COMPLETED, STATUS_CHECK_CONDITION, 0, segment.length, numbers, 0);
  }
  if (opcodeOf(header, 0) === SCSI_RESPONSE) putSnackTag(header, 0, 0);
  putTargetNumbers(header, 0, numbers);
  return { header, segment };
}

/** Sense data as a SCSI Response carries it, or nothing. */
export const segmentOf = (senseData: Uint8Array | undefined): Uint8Array =>
  senseData === undefined ? EMPTY_BYTES : senseSegment(senseData);
