import { describe, expect, it } from 'vitest';
import { concat } from '../../base/bytes.ts';
import { putAsyncMessage, putReject } from './control.ts';
import { describePdu } from './describe.ts';
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
