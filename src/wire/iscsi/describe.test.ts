import { describe, expect, it } from 'vitest';
import { concat } from '../../base/bytes.ts';
import { RESERVED_TAG } from './basic-header.ts';
import {
  putAsyncMessage,
  putReject,
  putSnackRequest,
  putTaskManagementRequest,
  SNACK_DATA_ACK,
  SNACK_DATA_OR_R2T,
  SNACK_RDATA,
  SNACK_STATUS,
  TASK_REASSIGN,
} from './control.ts';
import { askAcknowledgement, putDataIn } from './data.ts';
import { describePdu } from './describe.ts';
import { putScsiResponse, putSnackTag } from './scsi-command.ts';
import { golden, type GoldenName } from './testing/golden.ts';

/** What Wireshark 4.0 says of the same bytes (its Info column, or the value of the field), and what we say. */
const lines: readonly (readonly [GoldenName, wireshark: string, line: string])[] = [
  [
    'loginRefused',
    'Login Response (Target not found)',
    'Login Response ITT 31f6d521: not found, operational, TSIH 0, StatSN 0, ExpCmdSN 0, MaxCmdSN 0',
  ],
  [
    'chapRequest3',
    'Login Command, CHAP_N=alice',
    'Login Request ITT 7365b1e6, CmdSN 1113565311 immediate, ExpStatSN 2, 55 data bytes: security -> operational, ISID 80141f5b0000, TSIH 0, CID 0: CHAP_N=alice CHAP_R=...',
  ],
  [
    'chapResponse2',
    'Login Response (Success)',
    'Login Response ITT 7365b1e6, 128 data bytes: success, security, TSIH 0, StatSN 1, ExpCmdSN 1113565311, MaxCmdSN 1113565312: CHAP_A=5 CHAP_I=1 CHAP_C=...',
  ],
  [
    'textRequest',
    'Text Command',
    'Text Request ITT 19431602, CmdSN 1957333103 immediate, ExpStatSN 1, 16 data bytes: TTT none: SendTargets=All',
  ],
  [
    'readCommand',
    'SCSI: Read(10) LUN: 0x01 (LBA: 0x00000000, Len: 4)',
    'SCSI Command ITT 6f016546, CmdSN 347450418, ExpStatSN 6: LUN 1, simple, CDB 28000000000000000400000000000000, read 2048 bytes',
  ],
  [
    'writeCommand',
    'SCSI: Write(10) LUN: 0x01 (LBA: 0x00000000, Len: 1)',
    'SCSI Command ITT 44d83d3d, CmdSN 351274924, ExpStatSN 12: LUN 1, simple, CDB 2a080000000000000100000000000000, write 512 bytes, unsolicited data follows',
  ],
  ['dataOut', 'SCSI Data Out', 'SCSI Data-Out ITT 09617bed, ExpStatSN 20, 512 data bytes: TTT 600c4424, DataSN 0, offset 8192, final'],
  [
    'readyToTransfer',
    'Ready To Transfer',
    'Ready To Transfer ITT 7154920e: TTT 600c4424, R2TSN 1, offset 270336, 262144 bytes wanted, ExpCmdSN 718379303, MaxCmdSN 718379431',
  ],
  [
    'dataInWithStatus',
    'SCSI Data In',
    'SCSI Data-In ITT 4666a27f, 8 data bytes: DataSN 0, offset 0, final, GOOD, underflow 16376, StatSN 3, ExpCmdSN 183168948, MaxCmdSN 183169076',
  ],
  [
    'responseWithSense',
    'SCSI Response (Check Condition)',
    'SCSI Response ITT 46815277, 20 data bytes: CHECK CONDITION, UNIT ATTENTION: power on, reset, or bus device reset occurred (29h/00h), StatSN 1, ExpCmdSN 1602313855, MaxCmdSN 1602313983',
  ],
  ['nopOut', 'NOP Out', 'NOP-Out ITT 04955d97, CmdSN 1700138703, ExpStatSN 13: TTT none'],
  ['nopIn', 'NOP In', 'NOP-In ITT none: TTT 00000001, StatSN 13, ExpCmdSN 1700138703, MaxCmdSN 1700138831'],
  [
    'taskManagementRequest',
    'Task Management Function (Abort Task)',
    'Task Management Function Request ITT 3b7b6e56, CmdSN 312452377 immediate, ExpStatSN 3: ABORT TASK of ITT 3b7b6e55, RefCmdSN 312452376, LUN 1',
  ],
  [
    'taskManagementResponse',
    'Task Management Function Response (Task not in task set)',
    'Task Management Function Response ITT 3b7b6e56: task does not exist, StatSN 4, ExpCmdSN 312452377, MaxCmdSN 312452505',
  ],
  [
    'logoutRequest',
    'Logout Command (Close session)',
    'Logout Request ITT 4681527b, CmdSN 1602313858 immediate, ExpStatSN 5: close the session',
  ],
  ['logoutResponse', 'Logout Response', 'Logout Response ITT 4681527b: closed, StatSN 5, ExpCmdSN 1602313858, MaxCmdSN 1602313986'],
];

const numbers = { statusSequenceNumber: 7, expectedCommandSequenceNumber: 8, maxCommandSequenceNumber: 9 };

describe('describePdu', () => {
  it.each(lines)('%s: %s', (name, _, line) => expect(describePdu(golden(name), 0)).toBe(line));

  it('reject: "Reject (Protocol error)"', () => {
    const pdu = concat([new Uint8Array(48), golden('nopOut')]);
    putReject(pdu, 0, 4, 48, numbers);
    expect(describePdu(pdu, 0)).toBe('Reject ITT none, 48 data bytes: protocol error of a NOP-Out, StatSN 7, ExpCmdSN 8, MaxCmdSN 9');
  });

  it('asynchronous message: "Target requests logout"', () => {
    const pdu = new Uint8Array(48);
    putAsyncMessage(pdu, 0, 1, [0, 0, 3], numbers);
    expect(describePdu(pdu, 0)).toBe(
      'Asynchronous Message ITT none: target requests logout, parameters 0 0 3, StatSN 7, ExpCmdSN 8, MaxCmdSN 9',
    );
  });

  it('SNACK', () => {
    const pdu = new Uint8Array(48);
    pdu.set([0x10, 0x81]);
    pdu.set([5], 43);
    pdu.set([2], 47);
    expect(describePdu(pdu, 0)).toBe('SNACK Request ITT 00000000, ExpStatSN 0: Status SNACK, from 5, 2 of them');
    putSnackRequest(pdu, 0, SNACK_DATA_OR_R2T, 1, 0x2a, RESERVED_TAG, 3, 0, 7);
    expect(describePdu(pdu, 0)).toBe('SNACK Request ITT 0000002a, ExpStatSN 7: Data/R2T SNACK, from 3, and all that follow');
    putSnackRequest(pdu, 0, SNACK_STATUS, 1, RESERVED_TAG, RESERVED_TAG, 0, 0, 7);
    expect(describePdu(pdu, 0)).toBe('SNACK Request ITT none, ExpStatSN 7: Status SNACK, all');
    putSnackRequest(pdu, 0, SNACK_DATA_ACK, 1, RESERVED_TAG, 0x77, 4, 0, 7);
    expect(describePdu(pdu, 0)).toBe('SNACK Request ITT none, ExpStatSN 7: DataACK of TTT 00000077 up to DataSN 4');
    putSnackRequest(pdu, 0, SNACK_RDATA, 1, 0x2a, 0x99, 0, 0, 7);
    expect(describePdu(pdu, 0)).toBe('SNACK Request ITT 0000002a, ExpStatSN 7: R-Data SNACK, SNACK Tag 00000099');
  });

  it('what recovery adds: TASK REASSIGN, the A bit, the SNACK Tag', () => {
    const pdu = new Uint8Array(48);
    const referenced = { taskTag: 0x2a, commandSequenceNumber: 0, expectedDataSequenceNumber: 5 };
    putTaskManagementRequest(pdu, 0, 1, TASK_REASSIGN, 3, referenced, { commandSequenceNumber: 8, expectedStatusSequenceNumber: 9 });
    expect(describePdu(pdu, 0)).toBe(
      'Task Management Function Request ITT 00000001, CmdSN 8 immediate, ExpStatSN 9: TASK REASSIGN of ITT 0000002a, ExpDataSN 5, LUN 3',
    );
    putDataIn(pdu, 0, 0x2a, 0, 2, 512, true, numbers);
    askAcknowledgement(pdu, 0, 3, 0x77);
    expect(describePdu(pdu, 0)).toBe(
      'SCSI Data-In ITT 0000002a: DataSN 2, offset 512, final, to be acknowledged as TTT 00000077, ExpCmdSN 8, MaxCmdSN 9',
    );
    putScsiResponse(pdu, 0, 0x2a, 0, 0, 0, 0, numbers, 3);
    putSnackTag(pdu, 0, 0x99);
    expect(describePdu(pdu, 0)).toBe('SCSI Response ITT 0000002a: GOOD, SNACK Tag 00000099, StatSN 7, ExpCmdSN 8, MaxCmdSN 9');
  });

  it('says what is cut off, unknown or malformed', () => {
    expect(describePdu(new Uint8Array(20), 0)).toBe('truncated PDU of 20 bytes');
    expect(describePdu(golden('dataOut').subarray(0, 148), 0)).toContain('512 data bytes (100 here)');
    const unknown = new Uint8Array(48);
    unknown[0] = 0x1c;
    expect(describePdu(unknown, 0)).toBe('opcode 1ch ITT 00000000, CmdSN 0, ExpStatSN 0');
    const login = golden('loginRequest');
    login[1] = 0x88;
    expect(describePdu(login, 0)).toContain('malformed: stage 2 is reserved');
  });

  it('never shows what CHAP sent', () => {
    for (const name of ['chapRequest3', 'chapResponse2'] as const) expect(describePdu(golden(name), 0)).not.toMatch(/0x/i);
  });
});
