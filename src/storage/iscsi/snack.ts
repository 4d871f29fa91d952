/** SNACK (RFC 7143 §11.16): what an initiator asks to be sent again, or says has come, on a connection at error recovery level 1 or 2. */
import { serialAdd, serialLess } from '../../base/serial.ts';
import { initiatorTaskTag, RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import {
  beginRun,
  REJECT_INVALID_DATA_ACK,
  REJECT_INVALID_PDU_FIELD,
  REJECT_PROTOCOL_ERROR,
  REJECT_SNACK,
  runLength,
  SNACK_DATA_ACK,
  SNACK_DATA_OR_R2T,
  SNACK_RDATA,
  SNACK_STATUS,
  snackType,
} from '../../wire/iscsi/control.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import { getLun } from '../../wire/iscsi/lun.ts';
import { putSnackTag } from '../../wire/iscsi/scsi-command.ts';
import type { Datamover } from './datamover.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import { recoveryOf, type TargetCommand } from './target-command.ts';

/** What was sent again, in words; or why the SNACK is rejected; or undefined: there was nothing to send. */
export type SnackOutcome =
  | { readonly resent: string; readonly count: number }
  | { readonly reason: number; readonly words: string }
  | undefined;

const refused = (reason: number, words: string): SnackOutcome => ({ reason, words });
const resent = (count: number, what: string): SnackOutcome => (count === 0 ? undefined : { resent: `${count} ${what}`, count });

/** RFC 7143 §11.16: what was not sent, or was acknowledged, is a protocol error; what we kept and had to let go is not. */
const notSent = refused(REJECT_PROTOCOL_ERROR, 'it asks for what was not sent');
const acknowledged = refused(REJECT_PROTOCOL_ERROR, 'it asks for what was acknowledged');
const letGo = refused(REJECT_SNACK, 'what it asks for is not kept any more');

/** `command`: the task under way on this connection that the SNACK names. `nextStatus`: the StatSN to be given next. */
export function answerSnack(
  datamover: Datamover,
  kept: KeptAnswers,
  command: TargetCommand | undefined,
  nextStatus: number,
  bytes: Uint8Array,
  at: number,
): SnackOutcome {
  const type = snackType(bytes, at);
  const begin = beginRun(bytes, at);
  const count = runLength(bytes, at);
  if (type === SNACK_STATUS) return statuses(datamover, kept, nextStatus, begin, count);
  if (type === SNACK_DATA_ACK) return dataAck(kept, targetTransferTag(bytes, at), getLun(bytes, at + 8), begin);
  if (type !== SNACK_DATA_OR_R2T && type !== SNACK_RDATA) return refused(REJECT_INVALID_PDU_FIELD, 'a reserved type');
  const answer = command === undefined ? kept.find(initiatorTaskTag(bytes, at)) : undefined;
  if (command === undefined && answer === undefined) return refused(REJECT_PROTOCOL_ERROR, 'it names no task of this connection');
  if (type === SNACK_RDATA) {
    const tag = targetTransferTag(bytes, at);
    if (tag === 0 || tag === RESERVED_TAG || begin !== 0 || count !== 0)
      return refused(REJECT_INVALID_PDU_FIELD, 'an R-Data SNACK without a SNACK Tag, or with a run');
    return wholeData(datamover, command, answer, tag);
  }
  return command === undefined ? dataRun(datamover, answer!, begin, count) : readyToTransfers(datamover, command, begin, count);
}

function statuses(datamover: Datamover, kept: KeptAnswers, next: number, begin: number, count: number): SnackOutcome {
  if (begin !== 0 || count !== 0) {
    if (serialLess(next, serialAdd(begin, count === 0 ? 1 : count))) return notSent;
    if (kept.acknowledged !== undefined && serialLess(begin, kept.acknowledged)) return acknowledged;
  }
  const all = begin === 0 && count === 0;
  const answers = all ? [...kept.all()] : kept.run(begin, count);
  const wanted = all ? answers.length : count === 0 ? (next - begin) | 0 : count;
  if (answers.length !== wanted) return letGo;
  for (const answer of answers) datamover.resendStatus(answer);
  return resent(answers.length, 'responses');
}

function dataAck(kept: KeptAnswers, tag: number, lun: number, expected: number): SnackOutcome {
  const answer = kept.findByAcknowledgeTag(tag);
  const data = answer?.data;
  if (answer === undefined || data === undefined || data.lun !== lun)
    return refused(REJECT_INVALID_DATA_ACK, 'it acknowledges data that did not ask for it');
  if (expected < data.acknowledged || expected > data.sequences)
    return refused(REJECT_INVALID_DATA_ACK, `it acknowledges data up to DataSN ${expected} of ${data.sequences}`);
  data.acknowledged = expected;
  if (expected === data.sequences) kept.dropData(answer);
  return undefined;
}

function dataRun(datamover: Datamover, answer: KeptAnswer, begin: number, count: number): SnackOutcome {
  const { data } = answer;
  if (data === undefined) return answer.dataLost ? letGo : acknowledged;
  const all = begin === 0 && count === 0;
  const first = all ? data.acknowledged : begin;
  const end = count === 0 ? data.sequences : begin + count;
  if (first < data.acknowledged) return acknowledged;
  if (first > data.sequences || end > data.sequences) return notSent;
  datamover.resendData(answer, data, first, end);
  return resent(end - first, 'Data-In PDUs');
}

/** R2Ts whose data has come are acknowledged by it; those given up for another one are sent again none the less: somebody waits for their number. */
function readyToTransfers(datamover: Datamover, command: TargetCommand, begin: number, count: number): SnackOutcome {
  const next = command.readyToTransferSequenceNumber;
  const end = count === 0 ? next : begin + count;
  if (begin > next || end > next) return notSent;
  const known = [...(command.recovery?.superseded ?? []), ...command.outstanding];
  const wanted = known.filter(({ sequenceNumber }) => sequenceNumber >= begin && sequenceNumber < end);
  if (count !== 0 && wanted.length !== count) return acknowledged;
  for (const transfer of wanted) datamover.resendReadyToTransfer(command, transfer);
  return resent(wanted.length, 'R2Ts');
}

function wholeData(datamover: Datamover, command: TargetCommand | undefined, answer: KeptAnswer | undefined, tag: number): SnackOutcome {
  if (command !== undefined) {
    // Nothing was sent yet: what will be is cut as the initiator wants it, and the response names the tag.
    recoveryOf(command).snackTag = tag;
    return undefined;
  }
  const { data, dataLost } = answer!;
  if (dataLost) return letGo;
  if (data === undefined) {
    putSnackTag(answer!.header, 0, tag);
    datamover.resendStatus(answer!);
    return resent(1, 'responses');
  }
  datamover.resendResegmented(answer!, data, tag);
  return resent(data.sequences - data.acknowledged + 1, 'PDUs, cut anew');
}
