/**
 * An initiator that speaks PDUs and nothing more (RFC 7143): it logs in, sends CDBs, gives data as it is asked for it, and keeps what came
 * back. It knows no transport: bytes go out through `send` and come in through `handleBytes`.
 */
import { be16, be24, be32, concat, EMPTY_BYTES, latin1, putBe16, putBe32 } from '../../src/base/bytes.ts';
import { crc32c } from '../../src/base/crc32c.ts';
import { serialAdd, serialLess } from '../../src/base/serial.ts';
import {
  ASYNC_MESSAGE,
  BASIC_HEADER_BYTES,
  DATA_IN,
  FINAL_BIT,
  IMMEDIATE_BIT,
  LOGIN_RESPONSE,
  LOGOUT_REQUEST,
  LOGOUT_RESPONSE,
  NOP_IN,
  NOP_OUT,
  opcodeOf,
  padded,
  putHeader,
  putInitiatorNumbers,
  READY_TO_TRANSFER,
  REJECT,
  RESERVED_TAG,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_REQUEST,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_RESPONSE,
} from '../../src/wire/iscsi/basic-header.ts';
import { CLOSE_CONNECTION, CLOSE_SESSION } from '../../src/wire/iscsi/control.ts';
import { putDataOut, STATUS_BIT } from '../../src/wire/iscsi/data.ts';
import { encodeKeyValues } from '../../src/wire/iscsi/key-value.ts';
import { encodeLoginRequest, FULL_FEATURE_PHASE, OPERATIONAL_NEGOTIATION } from '../../src/wire/iscsi/login.ts';
import { putLun } from '../../src/wire/iscsi/lun.ts';
import { encodeScsiCommand, OVERFLOW_BIT, UNDERFLOW_BIT } from '../../src/wire/iscsi/scsi-command.ts';
import type { TaskAttribute } from '../../src/wire/scsi/status.ts';

export interface InitiatorOptions {
  readonly name: string;
  /** Absent: a discovery session. */
  readonly target?: string;
  readonly isid?: string;
  /** Joins this session, as this connection of it. */
  readonly tsih?: number;
  readonly connectionId?: number;
  readonly digests?: boolean;
  readonly send: (bytes: Uint8Array) => void;
  /** Keys to offer instead of what `offer` says. */
  readonly keys?: Readonly<Record<string, string>>;
}

export interface Task {
  readonly cdb: Uint8Array;
  readonly lun?: number;
  readonly dataOut?: Uint8Array;
  readonly dataInBytes?: number;
  /** Expected Data Transfer Length, where it is not the length of the data. */
  readonly expectedBytes?: number;
  /** How much of `dataOut` goes with the command, and how much unasked behind it; the rest is asked for. Default: none. */
  readonly immediateBytes?: number;
  readonly unsolicitedBytes?: number;
  readonly attribute?: TaskAttribute;
  readonly immediate?: boolean;
}

export interface Result {
  readonly status: number;
  readonly response: number;
  /** Positive for an underflow, negative for an overflow. */
  readonly residual: number;
  readonly sense: Uint8Array;
  readonly dataIn: Uint8Array;
}

interface OpenTask {
  readonly task: Task;
  readonly dataIn: Uint8Array[];
}

const OFFER = {
  HeaderDigest: 'None',
  DataDigest: 'None',
  MaxRecvDataSegmentLength: '65536',
  MaxConnections: '1',
  InitialR2T: 'No',
  ImmediateData: 'Yes',
  MaxBurstLength: '262144',
  FirstBurstLength: '65536',
  MaxOutstandingR2T: '4',
  ErrorRecoveryLevel: '0',
} as const;

/** Builds one PDU: the header as given, then digests and padding. */
export function assemble(header: Uint8Array, data: Uint8Array, digests: boolean): Uint8Array {
  const length = header.length + (digests ? 4 : 0) + (data.length === 0 ? 0 : padded(data.length) + (digests ? 4 : 0));
  const out = new Uint8Array(length);
  out.set(header);
  let at = header.length;
  const digest = (start: number): void => {
    const crc = crc32c(out, start, at);
    for (let byte = 0; byte < 4; byte += 1) out[at + byte] = crc >>> (8 * byte);
    at += 4;
  };
  if (digests) digest(0);
  if (data.length !== 0) {
    const start = at;
    out.set(data, at);
    at += padded(data.length);
    if (digests) digest(start);
  }
  return out;
}

export class RawInitiator {
  readonly results = new Map<number, Result>();
  /** Task management and logout: the response code by task tag. */
  readonly responses = new Map<number, number>();
  readonly open = new Map<number, OpenTask>();
  readonly rejects: number[] = [];
  /** Undefined before the answer; 0 is success (RFC 7143 §11.13.5). */
  loginStatus: number | undefined = undefined;
  tsih = 0;
  loginKeys: ReadonlyMap<string, string> = new Map();
  /** Sees every PDU that goes out whole, before it goes. */
  onSend: (pdu: Uint8Array) => void = () => {};
  /** Asynchronous messages: the event code of each (RFC 7143 §11.9.1). */
  readonly asyncEvents: number[] = [];
  onAsyncEvent: (event: number) => void = () => {};
  commandSequenceNumber = 1;
  readonly #options: InitiatorOptions;
  #expectedStatus = 0;
  #maxCommand = 1;
  #nextTag = 1;
  #digests = false;
  #received: Uint8Array = EMPTY_BYTES;

  constructor(options: InitiatorOptions) {
    this.#options = options;
  }

  get loggedIn(): boolean {
    return this.loginStatus === 0;
  }

  get digests(): boolean {
    return this.#digests;
  }

  get expectedStatus(): number {
    return this.#expectedStatus;
  }

  /** MaxCmdSN as last told. */
  get maxCommandSequenceNumber(): number {
    return this.#maxCommand;
  }

  /** Whether the window has room for another command (RFC 7143 §4.2.2.1). */
  get windowOpen(): boolean {
    return !serialLess(this.#maxCommand, this.commandSequenceNumber);
  }

  login(): void {
    const { name, target, isid = '00023d000001', tsih = 0, connectionId = 1, digests, keys } = this.#options;
    const offer: Record<string, string> = { InitiatorName: name };
    if (target === undefined) offer['SessionType'] = 'Discovery';
    else Object.assign(offer, { SessionType: 'Normal', TargetName: target });
    Object.assign(offer, OFFER);
    if (digests === true) Object.assign(offer, { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' });
    const text = encodeKeyValues(Object.entries({ ...offer, ...keys }));
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    encodeLoginRequest(
      {
        transit: true,
        continues: false,
        currentStage: OPERATIONAL_NEGOTIATION,
        nextStage: FULL_FEATURE_PHASE,
        isid,
        tsih,
        initiatorTaskTag: 1,
        versionMax: 0,
        versionMin: 0,
        connectionId,
        commandSequenceNumber: this.commandSequenceNumber,
        expectedStatusSequenceNumber: 0,
      },
      text.length,
      header,
      0,
    );
    this.#send(header, text);
  }

  /** Sends a command, with the data that goes unasked; its tag. */
  execute(task: Task): number {
    const tag = this.#takeTag();
    const { dataOut, immediateBytes = 0, unsolicitedBytes = 0, lun = 0 } = task;
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    encodeScsiCommand(
      {
        final: unsolicitedBytes === 0,
        read: dataOut === undefined && (task.dataInBytes ?? 0) !== 0,
        write: dataOut !== undefined,
        attribute: task.attribute ?? 'simple',
        immediate: task.immediate ?? false,
        lun,
        initiatorTaskTag: tag,
        expectedTransferBytes: task.expectedBytes ?? dataOut?.length ?? task.dataInBytes ?? 0,
        commandSequenceNumber: this.commandSequenceNumber,
        expectedStatusSequenceNumber: this.#expectedStatus,
        cdb: task.cdb,
        immediateDataBytes: immediateBytes,
      },
      header,
      0,
    );
    if (task.immediate !== true) this.commandSequenceNumber = serialAdd(this.commandSequenceNumber, 1);
    this.open.set(tag, { task, dataIn: [] });
    this.#send(header, dataOut?.subarray(0, immediateBytes) ?? EMPTY_BYTES);
    if (unsolicitedBytes !== 0) this.#sendData(tag, RESERVED_TAG, immediateBytes, unsolicitedBytes);
    return tag;
  }

  /** A task management function; `referenced` is the tag it is about. */
  manage(code: number, lun = 0, referenced: number = RESERVED_TAG): number {
    const tag = this.#takeTag();
    const header = this.#request(TASK_MANAGEMENT_REQUEST | IMMEDIATE_BIT, FINAL_BIT | code, tag);
    putLun(header, 8, lun);
    putBe32(header, 20, referenced);
    this.#send(header, EMPTY_BYTES);
    return tag;
  }

  /** A NOP-Out that asks for an answer. */
  ping(immediate = true): number {
    const tag = this.#takeTag();
    const header = this.#request(NOP_OUT | (immediate ? IMMEDIATE_BIT : 0), FINAL_BIT, tag);
    putBe32(header, 20, RESERVED_TAG);
    if (!immediate) this.commandSequenceNumber = serialAdd(this.commandSequenceNumber, 1);
    this.#send(header, EMPTY_BYTES);
    return tag;
  }

  /** Closes the session, or one connection of it (RFC 7143 §11.14.1). */
  logout(connectionId?: number): number {
    const tag = this.#takeTag();
    const header = this.#request(
      LOGOUT_REQUEST | IMMEDIATE_BIT,
      FINAL_BIT | (connectionId === undefined ? CLOSE_SESSION : CLOSE_CONNECTION),
      tag,
    );
    putBe16(header, 20, connectionId ?? 0);
    this.#send(header, EMPTY_BYTES);
    return tag;
  }

  /** Any PDU at all; its CmdSN and tag are the caller's affair. */
  sendRaw(header: Uint8Array, data: Uint8Array): void {
    this.#send(header, data);
  }

  handleBytes(bytes: Uint8Array): void {
    this.#received = this.#received.length === 0 ? bytes : concat([this.#received, bytes]);
    let at = 0;
    for (;;) {
      const taken = this.#takePdu(at);
      if (taken === 0) break;
      at += taken;
    }
    this.#received = this.#received.subarray(at);
  }

  #takePdu(at: number): number {
    const bytes = this.#received;
    if (bytes.length - at < BASIC_HEADER_BYTES) return 0;
    const digest = this.#digests ? 4 : 0;
    const dataBytes = be24(bytes, at + 5);
    const dataAt = at + BASIC_HEADER_BYTES + digest;
    const total = BASIC_HEADER_BYTES + digest + (dataBytes === 0 ? 0 : padded(dataBytes) + digest);
    if (bytes.length - at < total) return 0;
    if (digest !== 0) {
      checkDigest(bytes, at, at + BASIC_HEADER_BYTES, 'header');
      if (dataBytes !== 0) checkDigest(bytes, dataAt, dataAt + padded(dataBytes), 'data');
    }
    this.#handle(bytes, at, bytes.slice(dataAt, dataAt + dataBytes));
    return total;
  }

  #handle(pdu: Uint8Array, at: number, data: Uint8Array): void {
    const opcode = opcodeOf(pdu, at);
    const tag = be32(pdu, at + 16);
    const max = be32(pdu, at + 32);
    if (serialLess(this.#maxCommand, max)) this.#maxCommand = max;
    const carriesStatus = opcode !== READY_TO_TRANSFER && (opcode !== DATA_IN || (pdu[at + 1]! & STATUS_BIT) !== 0);
    if (carriesStatus && !(opcode === NOP_IN && tag === RESERVED_TAG)) this.#expectedStatus = serialAdd(be32(pdu, at + 24), 1);
    if (opcode === LOGIN_RESPONSE) this.#handleLogin(pdu, at, data);
    else if (opcode === DATA_IN) this.#handleDataIn(pdu, at, tag, data);
    else if (opcode === SCSI_RESPONSE) this.#handleResponse(pdu, at, tag, data);
    else if (opcode === READY_TO_TRANSFER) this.#sendData(tag, be32(pdu, at + 20), be32(pdu, at + 40), be32(pdu, at + 44));
    else if (opcode === TASK_MANAGEMENT_RESPONSE || opcode === LOGOUT_RESPONSE) this.responses.set(tag, pdu[at + 2]!);
    else if (opcode === NOP_IN && tag !== RESERVED_TAG) this.responses.set(tag, 0);
    else if (opcode === NOP_IN) this.#answerPing(be32(pdu, at + 20));
    else if (opcode === REJECT) this.rejects.push(pdu[at + 2]!);
    else if (opcode === TEXT_RESPONSE) this.responses.set(tag, 0);
    else if (opcode === ASYNC_MESSAGE) {
      this.asyncEvents.push(pdu[at + 36]!);
      this.onAsyncEvent(pdu[at + 36]!);
    } else throw new Error(`unexpected opcode ${opcode.toString(16)}h from the target`);
  }

  #handleLogin(pdu: Uint8Array, at: number, data: Uint8Array): void {
    this.loginKeys = new Map(
      latin1(data)
        .split('\0')
        .filter((pair) => pair !== '')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
    );
    this.loginStatus = be16(pdu, at + 36);
    this.tsih = be16(pdu, at + 14);
    this.#digests = this.loginStatus === 0 && this.loginKeys.get('HeaderDigest') === 'CRC32C';
  }

  #handleDataIn(pdu: Uint8Array, at: number, tag: number, data: Uint8Array): void {
    const task = this.open.get(tag);
    if (task === undefined) throw new Error(`Data-In for task ${tag}, which is not open`);
    const sofar = task.dataIn.reduce((sum, part) => sum + part.length, 0);
    if (be32(pdu, at + 40) !== sofar) throw new Error(`Data-In at offset ${be32(pdu, at + 40)}, ${sofar} was due`);
    task.dataIn.push(data);
    if ((pdu[at + 1]! & STATUS_BIT) !== 0) this.#finish(tag, pdu, at, 0, EMPTY_BYTES);
  }

  #handleResponse(pdu: Uint8Array, at: number, tag: number, data: Uint8Array): void {
    if (!this.open.has(tag)) throw new Error(`a response for task ${tag}, which is not open`);
    const sense = data.length === 0 ? EMPTY_BYTES : data.subarray(2, 2 + be16(data, 0));
    this.#finish(tag, pdu, at, pdu[at + 2]!, sense);
  }

  #finish(tag: number, pdu: Uint8Array, at: number, response: number, sense: Uint8Array): void {
    const { dataIn } = this.open.get(tag)!;
    const flags = pdu[at + 1]!;
    const residual = be32(pdu, at + 44);
    this.open.delete(tag);
    this.results.set(tag, {
      status: pdu[at + 3]!,
      response,
      residual: (flags & UNDERFLOW_BIT) !== 0 ? residual : (flags & OVERFLOW_BIT) !== 0 ? -residual : 0,
      sense,
      dataIn: concat(dataIn),
    });
  }

  #answerPing(transferTag: number): void {
    const header = this.#request(NOP_OUT | IMMEDIATE_BIT, FINAL_BIT, RESERVED_TAG);
    putBe32(header, 20, transferTag);
    this.#send(header, EMPTY_BYTES);
  }

  #sendData(tag: number, transferTag: number, offset: number, length: number): void {
    const task = this.open.get(tag)?.task;
    if (task?.dataOut === undefined) throw new Error(`data asked for task ${tag}, which has none`);
    const segment = Number(this.loginKeys.get('MaxRecvDataSegmentLength') ?? 8192);
    for (let done = 0, number = 0; done < length; number += 1) {
      const bytes = Math.min(segment, length - done);
      const header = new Uint8Array(BASIC_HEADER_BYTES);
      putDataOut(header, 0, task.lun ?? 0, tag, transferTag, this.#expectedStatus, number, offset + done, bytes, done + bytes === length);
      const data = new Uint8Array(bytes);
      data.set(task.dataOut.subarray(offset + done, offset + done + bytes));
      this.#send(header, data);
      done += bytes;
    }
  }

  #takeTag(): number {
    const tag = this.#nextTag;
    this.#nextTag += 1;
    return tag;
  }

  #request(opcode: number, flags: number, tag: number): Uint8Array {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putHeader(header, 0, opcode, flags, 0, tag);
    putInitiatorNumbers(header, 0, this.commandSequenceNumber, this.#expectedStatus);
    return header;
  }

  #send(header: Uint8Array, data: Uint8Array): void {
    const pdu = assemble(header, data, this.#digests);
    this.onSend(pdu);
    this.#options.send(pdu);
  }
}

function checkDigest(bytes: Uint8Array, start: number, end: number, what: string): void {
  const there = (bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16) | (bytes[end + 3]! << 24)) >>> 0;
  if (crc32c(bytes, start, end) !== there) throw new Error(`a wrong ${what} digest from the target`);
}
