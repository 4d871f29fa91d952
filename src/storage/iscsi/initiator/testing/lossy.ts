/** A target at error recovery level 1 that says only what the test says, so that the test decides what is lost (RFC 7143 §7.1.4.1-2). */
import { expect } from 'vitest';
import { seededRng } from '../../../../base/rng.ts';
import { DATA_OUT, initiatorTaskTag, NOP_OUT, opcodeOf, SCSI_COMMAND, SNACK_REQUEST } from '../../../../wire/iscsi/basic-header.ts';
import { beginRun, runLength, snackType } from '../../../../wire/iscsi/control.ts';
import { addStatus, putDataIn } from '../../../../wire/iscsi/data.ts';
import { putScsiResponse } from '../../../../wire/iscsi/scsi-command.ts';
import * as cdbs from '../../../../wire/scsi/cdb.ts';
import type { SeenPdu } from '../../testing/pdu-bytes.ts';
import type { SessionBench, SessionBenchOptions } from './bench.ts';
import { bench } from './provocations.ts';
import type { Answering, ScriptedTarget } from './scripted-target.ts';

export const nothing: Answering = () => {};

/** A session at level 1 whose target says nothing by itself to commands, SNACKs and pings. */
export function made(
  on: Readonly<Record<number, Answering>> = {},
  options: SessionBenchOptions = {},
): SessionBench & { readonly target1: ScriptedTarget } {
  const silent = { [SCSI_COMMAND]: nothing, [SNACK_REQUEST]: nothing, [NOP_OUT]: nothing, [DATA_OUT]: nothing };
  const session = bench(
    { operational: ['ErrorRecoveryLevel=1', 'InitialR2T=Yes', 'ImmediateData=No', 'MaxOutstandingR2T=4'], on: { ...silent, ...on } },
    { ...options, initiator: { errorRecoveryLevel: 1, ...options.initiator } },
  );
  expect(session.open()).toBeUndefined();
  return Object.assign(session, { target1: session.targets[0]! });
}

export const DATA = seededRng(3).fill(new Uint8Array(4096));
export const read = { lun: 3, cdb: cdbs.read(0, 8), dataInBytes: 4096 };
export const write = { lun: 3, cdb: cdbs.write(0, 8), dataOut: [DATA] };

export const requests = (target: ScriptedTarget, opcode: number): SeenPdu[] =>
  target.requests.filter(({ header }) => opcodeOf(header, 0) === opcode);
export const snacks = (target: ScriptedTarget): (readonly [type: number, tag: number, begin: number, length: number])[] =>
  requests(target, SNACK_REQUEST).map(({ header }) => [
    snackType(header, 0),
    initiatorTaskTag(header, 0),
    beginRun(header, 0),
    runLength(header, 0),
  ]);

/** One of four Data-In; the last one ends the sequence. `status`: it carries that StatSN. */
export function sendData(target: ScriptedTarget, tag: number, sequence: number, status?: number): void {
  const bytes = DATA.subarray(sequence * 1024, (sequence + 1) * 1024);
  target.send((out) => {
    putDataIn(out, 0, tag, 1024, sequence, sequence * 1024, sequence === 3, target.numbers(false));
    if (status !== undefined) addStatus(out, 0, 0, 0, status);
  }, bytes);
}

export const respond = (target: ScriptedTarget, tag: number, status: number, dataCount: number): void =>
  target.send((out) => putScsiResponse(out, 0, tag, 0, 0, 0, 0, { ...target.numbers(false), statusSequenceNumber: status }, dataCount));

export const takeStatus = (target: ScriptedTarget): number => target.numbers().statusSequenceNumber;
