/**
 * An initiator that says exactly what a test tells it to (RFC 7143), PDU by PDU, and checks what every target must keep to on the way back:
 * StatSN counts the responses of a connection, ExpCmdSN and MaxCmdSN never go back.
 */
import { be32, concat, EMPTY_BYTES, putBe16, putBe32, utf8Bytes } from '../../../base/bytes.ts';
import { serialAdd, serialLess } from '../../../base/serial.ts';
import {
  BASIC_HEADER_BYTES,
  DATA_IN,
  FINAL_BIT,
  IMMEDIATE_BIT,
  initiatorTaskTag,
  LOGIN_RESPONSE,
  LOGOUT_REQUEST,
  NOP_IN,
  NOP_OUT,
  opcodeOf,
  putHeader,
  putInitiatorNumbers,
  READY_TO_TRANSFER,
  RESERVED_TAG,
  TASK_MANAGEMENT_REQUEST,
  TEXT_REQUEST,
} from '../../../wire/iscsi/basic-header.ts';
import { putSnackRequest } from '../../../wire/iscsi/control.ts';
import { putDataOut, STATUS_BIT, targetTransferTag } from '../../../wire/iscsi/data.ts';
import { decodeKeyValues } from '../../../wire/iscsi/key-value.ts';
import { decodeLoginResponse, encodeLoginRequest, FULL_FEATURE_PHASE, OPERATIONAL_NEGOTIATION } from '../../../wire/iscsi/login.ts';
import { putLun } from '../../../wire/iscsi/lun.ts';
import { encodeScsiCommand } from '../../../wire/iscsi/scsi-command.ts';
import type { TaskAttribute } from '../../../wire/scsi/status.ts';
import { brief } from './brief.ts';
import { cutPdus, type DigestUse, NO_DIGESTS, pduBytes, type SeenPdu } from './pdu-bytes.ts';
import type { TestStream } from './test-stream.ts';

export interface LoginWords {
  readonly initiator?: string;
  /** Undefined with `discovery`. */
  readonly target?: string;
  readonly discovery?: boolean;
  readonly isid?: string;
  readonly tsih?: number;
  readonly connectionId?: number;
  readonly commandSequenceNumber?: number;
  /** ExpStatSN of the connection in whose place this one comes. */
  readonly expectedStatus?: number;
  /** More keys, or other values. */
  readonly keys?: Readonly<Record<string, string>>;
}

export interface CommandWords {
  readonly cdb: Uint8Array;
  readonly lun?: number;
  readonly read?: number;
  readonly write?: number;
  /** Immediate data. */
  readonly data?: Uint8Array;
  /** False: unsolicited data follows. */
  readonly final?: boolean;
  readonly immediate?: boolean;
  readonly attribute?: TaskAttribute;
  /** Instead of the next ones. */
  readonly commandSequenceNumber?: number;
  readonly taskTag?: number;
  readonly additionalHeaders?: Uint8Array;
}

export const HOST = 'iqn.2026-01.net.example:host';
export const DISK = 'iqn.2026-01.net.example:disk';

/** The numbers all connections of a session share. */
export interface SessionNumbers {
  commandSequenceNumber: number;
  expectedCommand: number;
  maxCommand: number;
  nextTag: number;
}

export class ScriptedInitiator {
  readonly stream: TestStream;
  readonly numbers: SessionNumbers;
  digests: DigestUse = NO_DIGESTS;
  tsih = 0;
  /** Error recovery above level 0: statuses may come again; `again` counts them. */
  recovers = false;
  again = 0;
  /** ExpStatSN to send in place of what has come. */
  acknowledges: number | undefined = undefined;
  /** What becomes of the next PDU: its header or its data fail their digest, or it does not arrive. */
  mishap: 'header' | 'data' | 'lost' | undefined = undefined;
  /** What the target answered in the login. */
  answers: Readonly<Record<string, string>> = {};
  readonly #settle: () => void;
  #unread: Uint8Array = EMPTY_BYTES;
  #seen: SeenPdu[] = [];
  #nextStatus: number | undefined;
  #expected = 1;
  #max = 1;

  /** `settle` moves bytes until there are none to move. `joined`: another connection of that session. */
  constructor(stream: TestStream, settle: () => void, joined?: ScriptedInitiator) {
    this.stream = stream;
    this.#settle = settle;
    this.numbers = joined?.numbers ?? { commandSequenceNumber: 1, expectedCommand: 1, maxCommand: 1, nextTag: 1 };
  }

  // ---- what came ----

  /** Everything that came since the last call. */
  pdus(): SeenPdu[] {
    this.#settle();
    const { pdus, rest } = cutPdus(concat([this.#unread, this.stream.take()]), this.digests);
    this.#unread = rest;
    for (const pdu of pdus) this.#check(pdu.header);
    return [...this.#seen.splice(0), ...pdus];
  }

  /** The same in words. */
  heard(): string[] {
    return this.pdus().map(brief);
  }

  /** The one PDU that came. */
  one(): SeenPdu {
    const pdus = this.pdus();
    if (pdus.length !== 1) throw new Error(`one PDU was awaited, there came: ${pdus.map(brief).join(', ') || 'none'}`);
    return pdus[0]!;
  }

  #check(header: Uint8Array): void {
    const opcode = opcodeOf(header, 0);
    const status = be32(header, 24);
    const carries = opcode === DATA_IN ? (header[1]! & STATUS_BIT) !== 0 : opcode !== READY_TO_TRANSFER;
    const counts = carries && !(opcode === NOP_IN && initiatorTaskTag(header, 0) === RESERVED_TAG);
    // What is sent again has its old StatSN (§11.16).
    if (carries && this.recovers && this.#nextStatus !== undefined && serialLess(status, this.#nextStatus)) this.again += 1;
    else if (carries || opcode === READY_TO_TRANSFER) {
      this.#nextStatus ??= status;
      if (status !== this.#nextStatus) throw new Error(`StatSN ${status} where ${this.#nextStatus} was due`);
      if (counts) this.#nextStatus = serialAdd(status, 1);
    }
    if (opcode === LOGIN_RESPONSE) return;
    const [expected, max] = [be32(header, 28), be32(header, 32)];
    if (serialLess(expected, this.#expected)) throw new Error(`ExpCmdSN goes back to ${expected}`);
    if (serialLess(max, this.#max)) throw new Error(`MaxCmdSN goes back to ${max}`);
    this.#expected = expected;
    this.#max = max;
    // What comes on several connections may cross (§4.2.2.1): the session has the latest.
    if (serialLess(this.numbers.expectedCommand, expected)) this.numbers.expectedCommand = expected;
    if (serialLess(this.numbers.maxCommand, max)) this.numbers.maxCommand = max;
  }

  // ---- what is said ----

  send(header: Uint8Array, data: Uint8Array = EMPTY_BYTES): void {
    const bytes = pduBytes(header, data, this.digests);
    const { mishap } = this;
    this.mishap = undefined;
    if (mishap === 'lost') return;
    // Neither byte says anything about lengths.
    if (mishap === 'header') bytes[19]! ^= 1;
    if (mishap === 'data') bytes[bytes.length - 5]! ^= 1;
    this.stream.send(bytes);
  }

  /** ExpStatSN. */
  get expectedStatus(): number {
    return this.acknowledges ?? this.#nextStatus ?? 0;
  }

  tag(): number {
    const tag = this.numbers.nextTag;
    this.numbers.nextTag += 1;
    return tag;
  }

  #request(opcode: number, flags: number, immediate: boolean, taskTag: number): Uint8Array {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putHeader(header, 0, opcode | (immediate ? IMMEDIATE_BIT : 0), flags, 0, taskTag);
    putInitiatorNumbers(header, 0, this.#commandNumber(immediate), this.expectedStatus);
    return header;
  }

  #commandNumber(immediate: boolean): number {
    const number = this.numbers.commandSequenceNumber;
    if (!immediate) this.numbers.commandSequenceNumber = serialAdd(number, 1);
    return number;
  }

  /** Sends the login request without looking at what comes of it. */
  sendLogin(words: LoginWords = {}): void {
    const names = words.discovery === true ? { SessionType: 'Discovery' } : { TargetName: words.target ?? DISK };
    const keys = { InitiatorName: words.initiator ?? HOST, ...names, ...words.keys };
    const text = Object.entries(keys).map(([key, value]) => `${key}=${value}\0`);
    if (words.commandSequenceNumber !== undefined) this.numbers.commandSequenceNumber = words.commandSequenceNumber;
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    const login = {
      transit: true,
      continues: false,
      currentStage: OPERATIONAL_NEGOTIATION,
      nextStage: FULL_FEATURE_PHASE,
      isid: words.isid ?? '00023d000001',
      tsih: words.tsih ?? 0,
      initiatorTaskTag: 0,
      versionMax: 0,
      versionMin: 0,
      connectionId: words.connectionId ?? 0,
      commandSequenceNumber: this.numbers.commandSequenceNumber,
      expectedStatusSequenceNumber: words.expectedStatus ?? 0,
    } as const;
    encodeLoginRequest(login, 0, header, 0);
    this.stream.send(pduBytes(header, utf8Bytes(text.join(''))));
  }

  /** The login's answer in words; digests that were agreed on are in force from here on. */
  loginHeard(): string {
    const pdu = this.one();
    const response = decodeLoginResponse(pdu.header, 0);
    this.answers = Object.fromEntries(decodeKeyValues(pdu.data));
    this.tsih = response.tsih;
    if (response.statusClass === 0) {
      this.#expected = this.numbers.expectedCommand = response.expectedCommandSequenceNumber;
      this.#max = this.numbers.maxCommand = response.maxCommandSequenceNumber;
      this.digests = { header: this.answers['HeaderDigest'] === 'CRC32C', data: this.answers['DataDigest'] === 'CRC32C' };
    }
    return brief(pdu);
  }

  login(words: LoginWords = {}): string {
    this.sendLogin(words);
    return this.loginHeard();
  }

  /** Sends a SCSI command; its task tag. */
  command(words: CommandWords): number {
    const taskTag = words.taskTag ?? this.tag();
    const data = words.data ?? EMPTY_BYTES;
    const additional = words.additionalHeaders ?? EMPTY_BYTES;
    const header = new Uint8Array(BASIC_HEADER_BYTES + additional.length);
    const command = {
      final: words.final ?? true,
      read: words.read !== undefined,
      write: words.write !== undefined,
      attribute: words.attribute ?? 'simple',
      immediate: words.immediate ?? false,
      lun: words.lun ?? 0,
      initiatorTaskTag: taskTag,
      expectedTransferBytes: words.write ?? words.read ?? 0,
      commandSequenceNumber: words.commandSequenceNumber ?? this.#commandNumber(words.immediate ?? false),
      expectedStatusSequenceNumber: this.expectedStatus,
      cdb: words.cdb,
      immediateDataBytes: data.length,
    };
    encodeScsiCommand(command, header, 0);
    header.set(additional, BASIC_HEADER_BYTES);
    header[4] = additional.length / 4;
    this.send(header, data);
    return taskTag;
  }

  /** `transferTag`: the reserved one for unsolicited data. */
  dataOut(taskTag: number, transferTag: number, sequence: number, offset: number, data: Uint8Array, final: boolean): void {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putDataOut(header, 0, 0, taskTag, transferTag, this.expectedStatus, sequence, offset, data.length, final);
    this.send(header, data);
  }

  /** Gives all that an R2T asks for, `segmentBytes` at a time. */
  fulfil(readyToTransfer: SeenPdu, data: Uint8Array, segmentBytes = 8192): void {
    const { header } = readyToTransfer;
    const [offset, length] = [be32(header, 40), be32(header, 44)];
    for (let done = 0, sequence = 0; done < length; sequence += 1) {
      const bytes = Math.min(segmentBytes, length - done);
      const part = data.subarray(offset + done, offset + done + bytes);
      this.dataOut(initiatorTaskTag(header, 0), targetTransferTag(header, 0), sequence, offset + done, part, done + bytes === length);
      done += bytes;
    }
  }

  nop(text: string, options: { readonly immediate?: boolean; readonly taskTag?: number; readonly transferTag?: number } = {}): void {
    const header = this.#request(NOP_OUT, FINAL_BIT, options.immediate ?? false, options.taskTag ?? this.tag());
    putBe32(header, 20, options.transferTag ?? RESERVED_TAG);
    this.send(header, utf8Bytes(text));
  }

  /** Task management. `reference`: task tag and CmdSN of the task meant, `expectedData`: ExpDataSN. */
  manage(
    code: number,
    options: { lun?: number; reference?: readonly [tag: number, command: number]; immediate?: boolean; expectedData?: number } = {},
  ): void {
    const header = this.#request(TASK_MANAGEMENT_REQUEST, FINAL_BIT | code, options.immediate ?? true, this.tag());
    putLun(header, 8, options.lun ?? 0);
    putBe32(header, 20, options.reference?.[0] ?? RESERVED_TAG);
    putBe32(header, 32, options.reference?.[1] ?? 0);
    putBe32(header, 36, options.expectedData ?? 0);
    this.send(header);
  }

  /** SNACK (§11.16): BegRun and RunLength; the task, or the tag of a DataACK or R-Data SNACK. */
  snack(type: number, begin: number, count: number, tags: { task?: number; transfer?: number; lun?: number } = {}): void {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    const { task = RESERVED_TAG, transfer = RESERVED_TAG, lun = 0 } = tags;
    putSnackRequest(header, 0, type, lun, task, transfer, begin, count, this.expectedStatus);
    this.send(header);
  }

  text(text: string, flags = FINAL_BIT, transferTag = RESERVED_TAG, taskTag = this.tag()): void {
    const header = this.#request(TEXT_REQUEST, flags, true, taskTag);
    putBe32(header, 20, transferTag);
    this.send(header, utf8Bytes(text));
  }

  logout(reason = 0, connectionId = 0): void {
    const header = this.#request(LOGOUT_REQUEST, FINAL_BIT | reason, true, this.tag());
    putBe16(header, 20, connectionId);
    this.send(header);
  }

  /** A PDU of any opcode, nothing but its tag and numbers filled in. */
  raw(opcode: number, change: (header: Uint8Array) => void = () => {}, data: Uint8Array = EMPTY_BYTES): void {
    const header = this.#request(opcode & 0x3f, FINAL_BIT, (opcode & IMMEDIATE_BIT) !== 0, this.tag());
    change(header);
    this.send(header, data);
  }
}
