/** The requests that steer a session, as an initiator writes them (RFC 7143 §11): against what libiscsi sent, and field by field where it sends none. */
import { describe, expect, it } from 'vitest';
import { be32, EMPTY_BYTES, hex } from '../../base/bytes.ts';
import {
  BASIC_HEADER_BYTES,
  commandSequenceNumber,
  dataSegmentBytes,
  expectedStatusSequenceNumber,
  initiatorTaskTag,
  isImmediate,
  opcodeOf,
  RESERVED_TAG,
  SNACK_REQUEST,
} from './basic-header.ts';
import {
  ABORT_TASK,
  asyncEvent,
  asyncParameter,
  beginRun,
  CLOSE_CONNECTION,
  CLOSE_SESSION,
  LOGICAL_UNIT_RESET,
  logoutConnectionId,
  logoutReason,
  logoutResponse,
  logoutTime2Retain,
  logoutTime2Wait,
  managementFunction,
  managementResponse,
  putAsyncMessage,
  putLogoutRequest,
  putLogoutResponse,
  putNopOut,
  putReject,
  putSnackRequest,
  putTaskManagementRequest,
  putTextRequest,
  reassignedDataSequenceNumber,
  referencedCommandSequenceNumber,
  referencedTaskTag,
  rejectReason,
  runLength,
  SNACK_DATA_ACK,
  SNACK_DATA_OR_R2T,
  SNACK_RDATA,
  SNACK_STATUS,
  snackType,
  TARGET_WARM_RESET,
  TASK_REASSIGN,
} from './control.ts';
import { addStatus, askAcknowledgement, asksAcknowledgement, desiredBytes, putDataIn, targetTransferTag } from './data.ts';
import { getLun } from './lun.ts';
import {
  expectedDataSequenceNumber,
  putScsiResponse,
  putSnackTag,
  residualOf,
  responseCode,
  senseOf,
  snackTag,
  statusOf,
} from './scsi-command.ts';
import { golden } from './testing/golden.ts';

const NUMBERS = { statusSequenceNumber: 1, expectedCommandSequenceNumber: 2, maxCommandSequenceNumber: 3 };

/** The numbers of a request that was captured. */
const numbersOf = (pdu: Uint8Array): { commandSequenceNumber: number; expectedStatusSequenceNumber: number } => ({
  commandSequenceNumber: commandSequenceNumber(pdu, 0),
  expectedStatusSequenceNumber: expectedStatusSequenceNumber(pdu, 0),
});

/** Written into a buffer that held something else. */
function written(put: (out: Uint8Array) => void): Uint8Array {
  const out = new Uint8Array(BASIC_HEADER_BYTES + 2).fill(0xee);
  put(out);
  expect(hex(out.subarray(BASIC_HEADER_BYTES))).toBe('eeee');
  return out.subarray(0, BASIC_HEADER_BYTES);
}

/** Eight bytes a word. */
const spaced = (pdu: Uint8Array): string => hex(pdu).replace(/.{16}(?=.)/g, '$& ');

const header = (pdu: Uint8Array): string => hex(pdu.subarray(0, BASIC_HEADER_BYTES));

describe('as libiscsi sent it', () => {
  it('ABORT TASK', () => {
    const theirs = golden('taskManagementRequest');
    const referenced = {
      taskTag: referencedTaskTag(theirs, 0),
      commandSequenceNumber: referencedCommandSequenceNumber(theirs, 0),
      expectedDataSequenceNumber: 0,
    };
    const ours = written((out) =>
      putTaskManagementRequest(out, 0, initiatorTaskTag(theirs, 0), ABORT_TASK, getLun(theirs, 8), referenced, numbersOf(theirs)),
    );
    expect(header(ours)).toBe(header(theirs));
  });

  it('logout of a session', () => {
    const theirs = golden('logoutRequest');
    const ours = written((out) => putLogoutRequest(out, 0, initiatorTaskTag(theirs, 0), CLOSE_SESSION, 7, numbersOf(theirs)));
    expect(header(ours)).toBe(header(theirs));
  });

  it('the answer to a ping', () => {
    const theirs = golden('nopOutAnswer');
    const bytes = dataSegmentBytes(theirs, 0);
    const ours = written((out) =>
      putNopOut(out, 0, RESERVED_TAG, targetTransferTag(theirs, 0), theirs.subarray(8, 16), bytes, numbersOf(theirs)),
    );
    expect(header(ours)).toBe(header(theirs));
  });

  it('a ping and a text request, but for the immediate bit', () => {
    const ping = golden('nopOut');
    const ours = written((out) => putNopOut(out, 0, initiatorTaskTag(ping, 0), RESERVED_TAG, undefined, 0, numbersOf(ping)));
    expect([isImmediate(ours, 0), isImmediate(ping, 0)]).toEqual([true, false]);
    expect(header(ours).slice(2)).toBe(header(ping).slice(2));
    const text = golden('textRequest');
    const asked = written((out) => putTextRequest(out, 0, initiatorTaskTag(text, 0), RESERVED_TAG, true, 16, numbersOf(text)));
    expect([isImmediate(asked, 0), isImmediate(text, 0)]).toEqual([false, true]);
    expect(header(asked).slice(2)).toBe(header(text).slice(2));
  });
});

describe('what tgt answered', () => {
  it('is read in place', () => {
    expect(managementResponse(golden('taskManagementResponse'), 0)).toBe(golden('taskManagementResponse')[2]);
    const logout = golden('logoutResponse');
    expect([logoutResponse(logout, 0), logoutTime2Wait(logout, 0), logoutTime2Retain(logout, 0)]).toEqual([0, 0, 0]);
    expect(residualOf(golden('responseUnderflow'), 0)).toBeGreaterThan(0);
    expect(residualOf(golden('responseOverflow'), 0)).toBeLessThan(0);
    expect(residualOf(golden('dataIn'), 0)).toBe(0);
    const refused = golden('responseWithSense');
    expect([responseCode(refused, 0), statusOf(refused, 0)]).toEqual([0, 2]);
    expect(senseOf(refused.subarray(BASIC_HEADER_BYTES))[0]! & 0x7f).toBe(0x70);
    expect(desiredBytes(golden('readyToTransfer'), 0)).toBe(be32(golden('readyToTransfer'), 44));
  });

  it("sense data whose length can't be is cut or left out", () => {
    expect(senseOf(EMPTY_BYTES)).toEqual(EMPTY_BYTES);
    expect(senseOf(Uint8Array.of(9))).toEqual(EMPTY_BYTES);
    expect(hex(senseOf(Uint8Array.of(0, 200, 1, 2)))).toBe('0102');
  });
});

describe('field by field', () => {
  const numbers = { commandSequenceNumber: 0x01020304, expectedStatusSequenceNumber: 0x05060708 };

  it('resets: of a unit with its LUN, of a target without', () => {
    const unit = written((out) => putTaskManagementRequest(out, 0, 9, LOGICAL_UNIT_RESET, 300, undefined, numbers));
    expect([managementFunction(unit, 0), getLun(unit, 8), referencedTaskTag(unit, 0)]).toEqual([LOGICAL_UNIT_RESET, 300, RESERVED_TAG]);
    const target = written((out) => putTaskManagementRequest(out, 0, 9, TARGET_WARM_RESET, 300, undefined, numbers));
    expect(hex(target.subarray(8, 16))).toBe('0000000000000000');
  });

  it('logout of one connection names it', () => {
    const pdu = written((out) => putLogoutRequest(out, 0, 9, CLOSE_CONNECTION, 7, numbers));
    expect([logoutReason(pdu, 0), logoutConnectionId(pdu, 0)]).toEqual([CLOSE_CONNECTION, 7]);
  });

  it('SNACK (§11.16)', () => {
    const data = written((out) => putSnackRequest(out, 0, SNACK_DATA_OR_R2T, 5, 9, RESERVED_TAG, 3, 4, 6));
    expect([opcodeOf(data, 0), snackType(data, 0), getLun(data, 8), initiatorTaskTag(data, 0)]).toEqual([SNACK_REQUEST, 0, 5, 9]);
    expect([beginRun(data, 0), runLength(data, 0), expectedStatusSequenceNumber(data, 0)]).toEqual([3, 4, 6]);
    const status = written((out) => putSnackRequest(out, 0, SNACK_STATUS, 5, RESERVED_TAG, RESERVED_TAG, 3, 0, 6));
    expect([snackType(status, 0), hex(status.subarray(8, 16))]).toEqual([SNACK_STATUS, '0000000000000000']);
    // Drawn from the figure of §11.16: opcode 10h, F and the type, LUN, tags, ExpStatSN, BegRun, RunLength.
    const ack = written((out) => putSnackRequest(out, 0, SNACK_DATA_ACK, 5, RESERVED_TAG, 0x01020304, 0x0a0b0c0d, 0, 0x11121314));
    expect(spaced(ack)).toBe('1082000000000000 0005000000000000 ffffffff01020304 0000000011121314 0000000000000000 0a0b0c0d00000000');
    const whole = written((out) => putSnackRequest(out, 0, SNACK_RDATA, 5, 0x21222324, 0x01020304, 0, 0, 0x11121314));
    expect(spaced(whole)).toBe('1083000000000000 0005000000000000 2122232401020304 0000000011121314 0000000000000000 0000000000000000');
  });

  it('TASK REASSIGN (§11.5): always immediate, with the task it means and ExpDataSN', () => {
    const referenced = { taskTag: 0x21222324, commandSequenceNumber: 0, expectedDataSequenceNumber: 0x0a0b0c0d };
    const pdu = written((out) => putTaskManagementRequest(out, 0, 0x31323334, TASK_REASSIGN, 5, referenced, numbers));
    expect(spaced(pdu)).toBe('4288000000000000 0005000000000000 3132333421222324 0102030405060708 000000000a0b0c0d 0000000000000000');
    expect([referencedTaskTag(pdu, 0), reassignedDataSequenceNumber(pdu, 0)]).toEqual([0x21222324, 0x0a0b0c0d]);
  });

  it('a Data-In that asks for a DataACK names LUN and tag (§11.7.4); with status it still does', () => {
    const pdu = written((out) => {
      putDataIn(out, 0, 9, 512, 2, 1024, true, NUMBERS);
      askAcknowledgement(out, 0, 5, 0x01020304);
    });
    expect([asksAcknowledgement(pdu, 0), getLun(pdu, 8), targetTransferTag(pdu, 0), pdu[1]]).toEqual([true, 5, 0x01020304, 0xc0]);
    addStatus(pdu, 0, 0, 0, 7);
    expect([asksAcknowledgement(pdu, 0), pdu[1]]).toEqual([true, 0xc1]);
  });

  it('a SCSI Response has a SNACK Tag and ExpDataSN (§11.4.4, §11.4.8)', () => {
    const pdu = written((out) => {
      putScsiResponse(out, 0, 9, 0, 0, 0, 0, NUMBERS, 4);
      putSnackTag(out, 0, 0x01020304);
    });
    expect([snackTag(pdu, 0), expectedDataSequenceNumber(pdu, 0)]).toEqual([0x01020304, 4]);
  });

  it('what a target says unasked', () => {
    const message = written((out) => putAsyncMessage(out, 0, 1, [2, 3, 4], NUMBERS));
    expect([asyncEvent(message, 0), asyncParameter(message, 0, 1), asyncParameter(message, 0, 2), asyncParameter(message, 0, 3)]).toEqual([
      1, 2, 3, 4,
    ]);
    expect(
      rejectReason(
        written((out) => putReject(out, 0, 9, 48, NUMBERS)),
        0,
      ),
    ).toBe(9);
    const logout = written((out) => putLogoutResponse(out, 0, 9, 2, 3, 4, NUMBERS));
    expect([logoutResponse(logout, 0), logoutTime2Wait(logout, 0), logoutTime2Retain(logout, 0)]).toEqual([2, 3, 4]);
  });
});
