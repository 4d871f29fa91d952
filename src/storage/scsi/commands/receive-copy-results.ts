/** RECEIVE COPY RESULTS (SPC-4 §6.26-6.29): COPY STATUS(LID1), OPERATING PARAMETERS and FAILED SEGMENT DETAILS. */
import { be32, putBe16, putBe32 } from '../../../base/bytes.ts';
import { encodeFixedSense } from '../../../wire/scsi/sense.ts';
import { STATUS_CHECK_CONDITION } from '../../../wire/scsi/status.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import {
  CONCURRENT_COPIES_MAX,
  COPY_DATA_SEGMENT_GRANULARITY_LOG2,
  COPY_DESCRIPTOR_LIST_BYTES_MAX,
  COPY_DESCRIPTOR_TYPES,
  COPY_HELD_DATA_BYTES_MAX,
  COPY_SEGMENT_BYTES_MAX,
  COPY_SEGMENT_DESCRIPTORS_MAX,
  COPY_TARGET_DESCRIPTORS_MAX,
} from './copy-limits.ts';

const LIST_ID_BYTE = 2;

/** COPY MANAGER STATUS (SPC-4 table 320). */
const COPY_STATUS = { 'in progress': 0x00, completed: 0x01, failed: 0x02 } as const;

function finish(command: Command, list: Uint8Array): void {
  command.goodWithList(list, be32(command.cdb, 10));
}

function copyStatus(unit: LogicalUnit, command: Command): void {
  const progress = unit.copies.find(command.link, command.cdb[LIST_ID_BYTE]!);
  // SPC-4 §6.27: a list identifier nobody copies or copied under.
  if (progress === undefined) return command.invalidCdbField(LIST_ID_BYTE);
  const out = new Uint8Array(12);
  putBe32(out, 0, out.length - 4);
  out[4] = COPY_STATUS[progress.state];
  putBe16(out, 5, progress.segmentsProcessed);
  // TRANSFER COUNT UNITS 00h: bytes. All segments together stay below 32 bits.
  putBe32(out, 8, progress.writtenBytes);
  finish(command, out);
}

function operatingParameters(command: Command): void {
  const out = new Uint8Array(44 + COPY_DESCRIPTOR_TYPES.length);
  putBe32(out, 0, out.length - 4);
  // SNLID: a copy without a list identifier is taken.
  out[4] = 0x01;
  putBe16(out, 8, COPY_TARGET_DESCRIPTORS_MAX);
  putBe16(out, 10, COPY_SEGMENT_DESCRIPTORS_MAX);
  putBe32(out, 12, COPY_DESCRIPTOR_LIST_BYTES_MAX);
  putBe32(out, 16, COPY_SEGMENT_BYTES_MAX);
  // No inline data, no stream devices.
  putBe32(out, 24, COPY_HELD_DATA_BYTES_MAX);
  putBe16(out, 34, CONCURRENT_COPIES_MAX);
  out[36] = CONCURRENT_COPIES_MAX;
  out[37] = COPY_DATA_SEGMENT_GRANULARITY_LOG2;
  out[43] = COPY_DESCRIPTOR_TYPES.length;
  out.set(COPY_DESCRIPTOR_TYPES, 44);
  finish(command, out);
}

function failedSegmentDetails(unit: LogicalUnit, command: Command): void {
  const listId = command.cdb[LIST_ID_BYTE]!;
  const progress = unit.copies.find(command.link, listId);
  if (progress === undefined || progress.state === 'in progress') return command.invalidCdbField(LIST_ID_BYTE);
  // SPC-4 §6.29: AVAILABLE DATA of zero where nothing failed.
  if (progress.sense === undefined) return finish(command, new Uint8Array(4));
  const details = encodeFixedSense(progress.sense);
  const out = new Uint8Array(60 + details.length);
  putBe32(out, 0, out.length - 4);
  out[56] = STATUS_CHECK_CONDITION;
  putBe16(out, 58, details.length);
  out.set(details, 60);
  unit.copies.forget(command.link, listId);
  finish(command, out);
}

const definition = (name: string, serviceAction: number, execute: CommandDefinition['execute']): CommandDefinition => ({
  name: `RECEIVE COPY ${name}`,
  operationCode: 0x84,
  serviceAction,
  usage: [0x84, serviceAction, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x04],
  reservation: 'read',
  execute,
});

export const receiveCopyResultsCommands: readonly CommandDefinition[] = [
  definition('STATUS(LID1)', 0x00, copyStatus),
  definition('OPERATING PARAMETERS', 0x03, (_, command) => operatingParameters(command)),
  definition('FAILURE DETAILS(LID1)', 0x04, failedSegmentDetails),
];
