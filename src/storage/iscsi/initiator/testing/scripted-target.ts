/**
 * A target that answers as it should (RFC 7143) in everything but what a test has it do otherwise: other keys in a login, other fields in a
 * response, or whatever the test writes in place of an answer. It stores nothing; what is read is zeros.
 */
import type { ByteStream, ByteStreamReceiver } from '../../../../base/byte-stream.ts';
import { concat, EMPTY_BYTES, utf8Bytes } from '../../../../base/bytes.ts';
import { serialAdd } from '../../../../base/serial.ts';
import {
  BASIC_HEADER_BYTES,
  commandSequenceNumber,
  initiatorTaskTag,
  isImmediate,
  LOGIN_REQUEST,
  LOGOUT_REQUEST,
  NOP_OUT,
  opcodeOf,
  RESERVED_TAG,
  SCSI_COMMAND,
  TASK_MANAGEMENT_REQUEST,
  type TargetNumbers,
  TEXT_REQUEST,
} from '../../../../wire/iscsi/basic-header.ts';
import {
  FUNCTION_COMPLETE,
  LOGOUT_SUCCESS,
  putLogoutResponse,
  putNopIn,
  putTaskManagementResponse,
  putTextResponse,
} from '../../../../wire/iscsi/control.ts';
import { addStatus, putDataIn } from '../../../../wire/iscsi/data.ts';
import {
  decodeLoginRequest,
  encodeLoginResponse,
  FULL_FEATURE_PHASE,
  type LoginResponse,
  OPERATIONAL_NEGOTIATION,
  SECURITY_NEGOTIATION,
} from '../../../../wire/iscsi/login.ts';
import { expectedTransferBytes, expectsRead, putScsiResponse } from '../../../../wire/iscsi/scsi-command.ts';
import { cutPdus, pduBytes, type SeenPdu } from '../../testing/pdu-bytes.ts';

/** What is done with one request. */
export type Answering = (target: ScriptedTarget, request: SeenPdu) => void;

export interface TargetScript {
  /** Keys of each answer in the security stage; the last one goes on to the next stage. Default: one, with `AuthMethod=None`. */
  readonly security?: readonly (readonly string[])[];
  /** Keys of the operational stage in place of the ordinary ones; `Key=-` leaves one out. */
  readonly operational?: readonly string[];
  /** Fields of the login responses that are not as they should be; `index` counts the responses from 0. */
  readonly login?: (response: LoginResponse, index: number) => Partial<LoginResponse>;
  /** In place of the right answer, by the opcode of the request. */
  readonly on?: Readonly<Record<number, Answering>>;
}

const ORDINARY: readonly string[] = [
  'HeaderDigest=None',
  'DataDigest=None',
  'MaxConnections=1',
  'InitialR2T=No',
  'ImmediateData=Yes',
  'MaxBurstLength=262144',
  'FirstBurstLength=65536',
  'DefaultTime2Wait=0',
  'DefaultTime2Retain=0',
  'MaxOutstandingR2T=1',
  'DataPDUInOrder=Yes',
  'DataSequenceInOrder=Yes',
  'ErrorRecoveryLevel=0',
  'MaxRecvDataSegmentLength=262144',
];
const WINDOW = 32;
const TSIH = 7;
const CHUNK_BYTES = 65_536;

const keyOf = (pair: string): string => pair.slice(0, pair.indexOf('='));

const replaced = (ordinary: readonly string[], changes: readonly string[]): string[] =>
  [...new Map([...ordinary, ...changes].map((pair) => [keyOf(pair), pair])).values()].filter((pair) => !pair.endsWith('=-'));

export class ScriptedTarget {
  readonly receiver: ByteStreamReceiver;
  /** Everything that came. */
  readonly requests: SeenPdu[] = [];
  stream!: ByteStream;
  readonly #script: TargetScript;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #unread: Uint8Array = EMPTY_BYTES;
  #status = 1;
  #expectedCommand = 0;
  #securityAnswers = 0;
  #logins = 0;

  constructor(script: TargetScript = {}) {
    this.#script = script;
    this.receiver = {
      nextBuffer: () => this.#chunk,
      handleBytes: (count) => this.#take(this.#chunk.slice(0, count)),
      handleClose: () => {},
    };
  }

  attach(stream: ByteStream): void {
    this.stream = stream;
  }

  /** Numbers for a PDU that takes the next StatSN, or only shows it. */
  numbers(takes = true): TargetNumbers {
    const statusSequenceNumber = this.#status;
    if (takes) this.#status = serialAdd(statusSequenceNumber, 1);
    return {
      statusSequenceNumber,
      expectedCommandSequenceNumber: this.#expectedCommand,
      maxCommandSequenceNumber: serialAdd(this.#expectedCommand, WINDOW - 1),
    };
  }

  /** `put` writes the header; DataSegmentLength is filled in. */
  send(put: (header: Uint8Array) => void, data: Uint8Array = EMPTY_BYTES): void {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    put(header);
    this.stream.write([pduBytes(header, data)], undefined);
  }

  #take(bytes: Uint8Array): void {
    const { pdus, rest } = cutPdus(concat([this.#unread, bytes]));
    this.#unread = rest;
    for (const pdu of pdus) {
      this.requests.push(pdu);
      const opcode = opcodeOf(pdu.header, 0);
      const number = commandSequenceNumber(pdu.header, 0);
      if (opcode === LOGIN_REQUEST) this.#expectedCommand = number;
      else if (!isImmediate(pdu.header, 0) && number === this.#expectedCommand) this.#expectedCommand = serialAdd(number, 1);
      const other = this.#script.on?.[opcode];
      if (other === undefined) this.answer(pdu);
      else other(this, pdu);
    }
  }

  /** As it should be. */
  answer(request: SeenPdu): void {
    const { header } = request;
    const tag = initiatorTaskTag(header, 0);
    switch (opcodeOf(header, 0)) {
      case LOGIN_REQUEST:
        return this.#login(request);
      case SCSI_COMMAND:
        return this.#command(header, tag);
      case NOP_OUT:
        return this.send((out) => putNopIn(out, 0, tag, RESERVED_TAG, 0, this.numbers()), request.data);
      case TASK_MANAGEMENT_REQUEST:
        return this.send((out) => putTaskManagementResponse(out, 0, tag, FUNCTION_COMPLETE, this.numbers()));
      case TEXT_REQUEST: {
        const list = utf8Bytes('TargetName=iqn.2026-01.net.example:disk\0');
        return this.send((out) => putTextResponse(out, 0, tag, RESERVED_TAG, true, false, list.length, this.numbers()), list);
      }
      case LOGOUT_REQUEST:
        return this.send((out) => putLogoutResponse(out, 0, tag, LOGOUT_SUCCESS, 0, 0, this.numbers()));
      default:
    }
  }

  #login({ header }: SeenPdu): void {
    const { security = [['AuthMethod=None']], operational = [] } = this.#script;
    const request = decodeLoginRequest(header, 0);
    const isSecurity = request.currentStage === SECURITY_NEGOTIATION;
    const keys = isSecurity ? (security[this.#securityAnswers] ?? []) : replaced(ORDINARY, operational);
    if (isSecurity) this.#securityAnswers += 1;
    const transit = !isSecurity || this.#securityAnswers >= security.length;
    const following = isSecurity ? OPERATIONAL_NEGOTIATION : FULL_FEATURE_PHASE;
    const response: LoginResponse = {
      transit,
      continues: false,
      currentStage: request.currentStage,
      nextStage: transit ? following : request.currentStage,
      isid: request.isid,
      tsih: isSecurity ? 0 : TSIH,
      initiatorTaskTag: request.initiatorTaskTag,
      statusClass: 0,
      statusDetail: 0,
      ...this.numbers(),
    };
    const changed = { ...response, ...this.#script.login?.(response, this.#logins) };
    this.#logins += 1;
    const text = utf8Bytes(keys.map((pair) => `${pair}\0`).join(''));
    this.send((out) => encodeLoginResponse(changed, text.length, out, 0), text);
  }

  #command(header: Uint8Array, tag: number): void {
    if (!expectsRead(header, 0)) return this.send((out) => putScsiResponse(out, 0, tag, 0, 0, 0, 0, this.numbers(), 0));
    const data = new Uint8Array(expectedTransferBytes(header, 0));
    this.send((out) => {
      const numbers = this.numbers();
      putDataIn(out, 0, tag, data.length, 0, 0, true, numbers);
      addStatus(out, 0, 0, 0, numbers.statusSequenceNumber);
    }, data);
  }
}
