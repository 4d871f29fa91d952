/** The codecs against PDUs that libiscsi and tgt sent: each decodes to what was meant, and what we encode from that is the same bytes. */
import { describe, expect, it } from 'vitest';
import { be32, concat } from '../../base/bytes.ts';
import {
  BASIC_HEADER_BYTES,
  commandSequenceNumber,
  DATA_IN,
  DATA_OUT,
  dataSegmentBytes,
  expectedStatusSequenceNumber,
  FINAL_BIT,
  initiatorTaskTag,
  isFinal,
  isImmediate,
  LOGOUT_REQUEST,
  NOP_OUT,
  opcodeOf,
  padded,
  putHeader,
  putInitiatorNumbers,
  RESERVED_TAG,
  TASK_MANAGEMENT_REQUEST,
  type TargetNumbers,
  TEXT_REQUEST,
} from './basic-header.ts';
import {
  ABORT_TASK,
  CLOSE_SESSION,
  LOGOUT_SUCCESS,
  logoutReason,
  managementFunction,
  putLogoutResponse,
  putNopIn,
  putTaskManagementResponse,
  putTextResponse,
  referencedCommandSequenceNumber,
  referencedTaskTag,
  TASK_DOES_NOT_EXIST,
  textContinues,
} from './control.ts';
import { addStatus, bufferOffset, dataSequenceNumber, putDataIn, putDataOut, putReadyToTransfer, targetTransferTag } from './data.ts';
import { decodeKeyValues, encodeKeyValues } from './key-value.ts';
import { decodeLoginRequest, decodeLoginResponse, encodeLoginRequest, encodeLoginResponse, LOGIN_STATUS } from './login.ts';
import { getLun, putLun } from './lun.ts';
import { encodeScsiCommand, expectedTransferBytes, expectsRead, expectsWrite, putScsiResponse, taskAttribute } from './scsi-command.ts';
import { golden, type GoldenName, goldenNames } from './testing/golden.ts';
import { decodeSense } from '../scsi/sense.ts';

const header = (): Uint8Array => new Uint8Array(BASIC_HEADER_BYTES).fill(0xee);
const dataOf = (pdu: Uint8Array): Uint8Array => pdu.subarray(BASIC_HEADER_BYTES, BASIC_HEADER_BYTES + dataSegmentBytes(pdu, 0));
const headerOf = (name: GoldenName): Uint8Array => golden(name).subarray(0, BASIC_HEADER_BYTES);
const numbersOf = (pdu: Uint8Array): TargetNumbers => ({
  statusSequenceNumber: be32(pdu, 24),
  expectedCommandSequenceNumber: be32(pdu, 28),
  maxCommandSequenceNumber: be32(pdu, 32),
});

describe('every captured PDU', () => {
  it.each(goldenNames)('%s is as long as its header says', (name) => {
    const pdu = golden(name);
    expect(pdu.length).toBe(BASIC_HEADER_BYTES + padded(dataSegmentBytes(pdu, 0)));
  });
});

describe('login', () => {
  const requests = ['loginRequest', 'chapRequest1', 'chapRequest2', 'chapRequest3', 'chapRequest4'] as const;
  it.each(requests)('%s is encoded to the bytes libiscsi sent', (name) => {
    const out = header();
    encodeLoginRequest(decodeLoginRequest(golden(name), 0), dataSegmentBytes(golden(name), 0), out, 0);
    const sent = headerOf(name);
    // RFC 7143 §11.12.3: without T the next stage is reserved. libiscsi leaves one behind.
    if ((sent[1]! & 0x80) === 0) sent[1]! &= ~0x03;
    expect(out).toEqual(sent);
  });

  const responses = ['loginResponse', 'loginRefused', 'chapResponse1', 'chapResponse2', 'chapResponse3', 'chapResponse4'] as const;
  it.each(responses)('%s is encoded to the bytes tgt sent', (name) => {
    const out = header();
    encodeLoginResponse(decodeLoginResponse(golden(name), 0), dataSegmentBytes(golden(name), 0), out, 0);
    expect(out).toEqual(headerOf(name));
  });

  it('means what libiscsi wanted', () => {
    expect(decodeLoginRequest(golden('loginRequest'), 0)).toEqual({
      transit: true,
      continues: false,
      currentStage: 1,
      nextStage: 3,
      isid: '80dfeff10000',
      tsih: 0,
      initiatorTaskTag: 0x19431601,
      versionMax: 0,
      versionMin: 0,
      connectionId: 0,
      commandSequenceNumber: 0x74aa886f,
      expectedStatusSequenceNumber: 1,
    });
    expect(decodeLoginResponse(golden('chapResponse4'), 0)).toMatchObject({ transit: true, currentStage: 1, nextStage: 3, tsih: 0x200 });
  });

  it('tells why tgt refused', () => {
    const { statusClass, statusDetail } = decodeLoginResponse(golden('loginRefused'), 0);
    expect((statusClass << 8) | statusDetail).toBe(LOGIN_STATUS.NOT_FOUND);
  });

  it.each([...requests, ...responses, 'textRequest', 'textResponse'] as const)('the text of %s is read and written', (name) => {
    const text = dataOf(golden(name));
    const pairs = decodeKeyValues(text);
    // tgt ends its text with one zero byte more than there are pairs, now and then.
    const written = encodeKeyValues(pairs);
    expect(text.subarray(0, written.length)).toEqual(written);
    expect(text.subarray(written.length).every((byte) => byte === 0)).toBe(true);
  });

  it('reads the keys of a CHAP exchange', () => {
    expect(decodeKeyValues(dataOf(golden('chapRequest1')))).toContainEqual(['AuthMethod', 'CHAP,None']);
    expect(decodeKeyValues(dataOf(golden('chapRequest3')))).toEqual([
      ['CHAP_N', 'alice'],
      ['CHAP_R', expect.stringMatching(/^0x[0-9A-F]{32}$/)],
    ]);
  });
});

describe('SCSI commands', () => {
  it.each(['readCommand', 'writeCommand', 'writeCommandImmediate'] as const)('%s is encoded to the bytes libiscsi sent', (name) => {
    const pdu = golden(name);
    const out = header();
    encodeScsiCommand(
      {
        final: isFinal(pdu, 0),
        read: expectsRead(pdu, 0),
        write: expectsWrite(pdu, 0),
        attribute: taskAttribute(pdu, 0)!,
        immediate: isImmediate(pdu, 0),
        lun: getLun(pdu, 8),
        initiatorTaskTag: initiatorTaskTag(pdu, 0),
        expectedTransferBytes: expectedTransferBytes(pdu, 0),
        commandSequenceNumber: commandSequenceNumber(pdu, 0),
        expectedStatusSequenceNumber: expectedStatusSequenceNumber(pdu, 0),
        cdb: pdu.subarray(32, 48),
        immediateDataBytes: dataSegmentBytes(pdu, 0),
      },
      out,
      0,
    );
    expect(out).toEqual(headerOf(name));
  });

  it('means a read of four blocks, and a write whose data follows unasked', () => {
    const read = golden('readCommand');
    expect([expectsRead(read, 0), expectsWrite(read, 0), isFinal(read, 0), taskAttribute(read, 0)]).toEqual([true, false, true, 'simple']);
    expect([getLun(read, 8), expectedTransferBytes(read, 0), read[32]]).toEqual([1, 2048, 0x28]);
    const write = golden('writeCommand');
    expect([expectsRead(write, 0), expectsWrite(write, 0), isFinal(write, 0)]).toEqual([false, true, false]);
  });

  it.each(['responseUnderflow', 'responseOverflow', 'responseWithSense'] as const)('%s is encoded to the bytes tgt sent', (name) => {
    const pdu = golden(name);
    const residual = be32(pdu, 44) * ((pdu[1]! & 0x04) === 0 ? 1 : -1);
    const out = header();
    putScsiResponse(out, 0, initiatorTaskTag(pdu, 0), pdu[2]!, pdu[3]!, residual, dataSegmentBytes(pdu, 0), numbersOf(pdu), 0);
    expect(out).toEqual(headerOf(name));
  });

  it('carries sense data behind its length', () => {
    const data = dataOf(golden('responseWithSense'));
    expect((data[0]! << 8) | data[1]!).toBe(data.length - 2);
    expect(decodeSense(data.subarray(2))).toEqual({ key: 'UNIT ATTENTION', code: 0x2900 });
  });
});

describe('data', () => {
  it.each(['dataOut', 'dataOutUnsolicited'] as const)('%s is encoded to the bytes libiscsi sent', (name) => {
    const pdu = golden(name);
    const out = header();
    const tags = [initiatorTaskTag(pdu, 0), targetTransferTag(pdu, 0)] as const;
    putDataOut(out, 0, getLun(pdu, 8), ...tags, be32(pdu, 28), dataSequenceNumber(pdu, 0), bufferOffset(pdu, 0), 512, isFinal(pdu, 0));
    // libiscsi sets the LUN in unsolicited data too; RFC 7143 §11.7.4 has it only with a Target Transfer Tag.
    if (targetTransferTag(pdu, 0) === RESERVED_TAG) putLun(out, 8, 1);
    expect(out).toEqual(headerOf(name));
  });

  it('readyToTransfer is encoded to the bytes tgt sent', () => {
    const pdu = golden('readyToTransfer');
    expect([targetTransferTag(pdu, 0), dataSequenceNumber(pdu, 0), bufferOffset(pdu, 0), be32(pdu, 44)]).toEqual([
      0x600c4424, 1, 270336, 262144,
    ]);
    const out = header();
    putReadyToTransfer(out, 0, 1, initiatorTaskTag(pdu, 0), 0x600c4424, 1, 270336, 262144, numbersOf(pdu));
    expect(out).toEqual(headerOf('readyToTransfer'));
  });

  it('dataIn and dataInWithStatus are encoded to the bytes tgt sent', () => {
    const plain = golden('dataIn');
    const out = header();
    putDataIn(out, 0, initiatorTaskTag(plain, 0), 1024, 0, 0, true, numbersOf(plain));
    expect(out).toEqual(headerOf('dataIn'));

    const last = golden('dataInWithStatus');
    putDataIn(out, 0, initiatorTaskTag(last, 0), 8, 0, 0, true, numbersOf(last));
    addStatus(out, 0, last[3]!, 16376, be32(last, 24));
    expect(out).toEqual(headerOf('dataInWithStatus'));
  });
});

describe('the PDUs that steer a session', () => {
  it('NOP: a ping of the initiator and one of the target, and their answers', () => {
    const [ping, pong] = [golden('nopOut'), golden('nopInAnswer')];
    expect([targetTransferTag(ping, 0), isImmediate(ping, 0)]).toEqual([RESERVED_TAG, false]);
    const out = header();
    putNopIn(out, 0, initiatorTaskTag(ping, 0), RESERVED_TAG, 0, numbersOf(pong));
    expect(out).toEqual(pong);

    const [asked, answered] = [golden('nopIn'), golden('nopOutAnswer')];
    expect([initiatorTaskTag(answered, 0), targetTransferTag(answered, 0), isImmediate(answered, 0)]).toEqual([RESERVED_TAG, 1, true]);
    putNopIn(out, 0, RESERVED_TAG, 1, 0, numbersOf(asked));
    expect(out).toEqual(asked);
    expect(opcodeOf(answered, 0)).toBe(NOP_OUT);
  });

  it('text: SendTargets', () => {
    const [request, response] = [golden('textRequest'), golden('textResponse')];
    expect([opcodeOf(request, 0), textContinues(request, 0), isFinal(request, 0)]).toEqual([TEXT_REQUEST, false, true]);
    const out = header();
    putTextResponse(out, 0, initiatorTaskTag(request, 0), RESERVED_TAG, true, false, 147, numbersOf(response));
    expect(out).toEqual(headerOf('textResponse'));
  });

  it('task management', () => {
    const [request, response] = [golden('taskManagementRequest'), golden('taskManagementResponse')];
    expect([opcodeOf(request, 0), managementFunction(request, 0)]).toEqual([TASK_MANAGEMENT_REQUEST, ABORT_TASK]);
    expect([referencedTaskTag(request, 0), referencedCommandSequenceNumber(request, 0)]).toEqual([0x3b7b6e55, 0x129fa518]);
    const out = header();
    putTaskManagementResponse(out, 0, initiatorTaskTag(request, 0), TASK_DOES_NOT_EXIST, numbersOf(response));
    expect(out).toEqual(response);
  });

  it('logout', () => {
    const [request, response] = [golden('logoutRequest'), golden('logoutResponse')];
    expect([opcodeOf(request, 0), logoutReason(request, 0)]).toEqual([LOGOUT_REQUEST, CLOSE_SESSION]);
    const out = header();
    putHeader(out, 0, LOGOUT_REQUEST | 0x40, FINAL_BIT | CLOSE_SESSION, 0, initiatorTaskTag(request, 0));
    putInitiatorNumbers(out, 0, commandSequenceNumber(request, 0), expectedStatusSequenceNumber(request, 0));
    expect(out).toEqual(request);
    putLogoutResponse(out, 0, initiatorTaskTag(request, 0), LOGOUT_SUCCESS, 0, 0, numbersOf(response));
    expect(out).toEqual(response);
  });
});

it('writes at an offset, and nowhere else', () => {
  const out = concat([header(), header(), header()]);
  putDataIn(out, 48, 1, 512, 2, 3, true, numbersOf(golden('dataIn')));
  expect(opcodeOf(out, 48)).toBe(DATA_IN);
  expect(out.subarray(0, 48)).toEqual(header());
  expect(out.subarray(96)).toEqual(header());
  putDataOut(out, 48, 1, 2, 3, 4, 5, 6, 7, false);
  expect(opcodeOf(out, 48)).toBe(DATA_OUT);
  expect(out.subarray(96)).toEqual(header());
});
