/** What can be wrong with a SCSI Command PDU (RFC 7143 §11.3) against what was agreed on, before it becomes a command. */
import { commandSequenceNumber, initiatorTaskTag, isFinal, isImmediate, RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import {
  REJECT_IMMEDIATE_TOO_MANY,
  REJECT_INVALID_PDU_FIELD,
  REJECT_PROTOCOL_ERROR,
  REJECT_TASK_IN_PROGRESS,
} from '../../wire/iscsi/control.ts';
import { expectedTransferBytes, expectsWrite, taskAttribute } from '../../wire/iscsi/scsi-command.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { Parameters } from './parameters.ts';
import type { TargetSession } from './target-session.ts';

/** Reject reason and words, or undefined. `hasRoom`: for another immediate command. */
export function malformedCommand(
  { device, commands }: TargetSession,
  parameters: Parameters,
  kept: KeptAnswers | undefined,
  hasRoom: boolean,
  bytes: Uint8Array,
  at: number,
  dataBytes: number,
): readonly [number, string] | undefined {
  if (device === undefined) return [REJECT_PROTOCOL_ERROR, 'a SCSI command in a discovery session'];
  if (commands.has(initiatorTaskTag(bytes, at))) return [REJECT_TASK_IN_PROGRESS, 'its Initiator Task Tag is in use'];
  if (initiatorTaskTag(bytes, at) === RESERVED_TAG) return [REJECT_INVALID_PDU_FIELD, 'its Initiator Task Tag is the reserved value'];
  if (isImmediate(bytes, at)) {
    if (!hasRoom) return [REJECT_IMMEDIATE_TOO_MANY, 'too many immediate commands'];
    if (kept !== undefined && answeredAlready(kept, bytes, at)) return [REJECT_TASK_IN_PROGRESS, 'its answer is not acknowledged yet'];
  }
  if (taskAttribute(bytes, at) === undefined) return [REJECT_INVALID_PDU_FIELD, 'a reserved task attribute'];
  const final = isFinal(bytes, at);
  if (!expectsWrite(bytes, at)) {
    // RFC 7143 §11.3.1: without W there is no data-out, and F must be set.
    return dataBytes !== 0 || !final ? [REJECT_INVALID_PDU_FIELD, 'data-out without the W bit'] : undefined;
  }
  if (dataBytes > expectedTransferBytes(bytes, at))
    return [REJECT_INVALID_PDU_FIELD, 'more immediate data than the expected transfer length'];
  if (dataBytes !== 0 && !parameters.immediateData) return [REJECT_PROTOCOL_ERROR, 'immediate data, but ImmediateData=No was agreed'];
  if (dataBytes > parameters.firstBurstBytes) return [REJECT_PROTOCOL_ERROR, 'more immediate data than FirstBurstLength'];
  if (!final && parameters.initialR2T) return [REJECT_PROTOCOL_ERROR, 'unsolicited data, but InitialR2T=Yes was agreed'];
  return undefined;
}

/** An immediate command once more: it has no place in the order that would tell it from a new one (RFC 7143 §7.2.1). */
const answeredAlready = (kept: KeptAnswers, bytes: Uint8Array, at: number): boolean =>
  kept.find(initiatorTaskTag(bytes, at))?.commandSequenceNumber === commandSequenceNumber(bytes, at);
