/** What a target says, cut into PDUs: every one must be whole, of an opcode a target may use, and right in its digests. */
import { be24, concat, EMPTY_BYTES } from '../../src/base/bytes.ts';
import { crc32c } from '../../src/base/crc32c.ts';
import {
  ASYNC_MESSAGE,
  BASIC_HEADER_BYTES,
  DATA_IN,
  LOGIN_RESPONSE,
  LOGOUT_RESPONSE,
  NOP_IN,
  opcodeOf,
  padded,
  READY_TO_TRANSFER,
  REJECT,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_RESPONSE,
} from '../../src/wire/iscsi/basic-header.ts';

const OPCODES: ReadonlySet<number> = new Set([
  NOP_IN,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_RESPONSE,
  LOGIN_RESPONSE,
  TEXT_RESPONSE,
  DATA_IN,
  LOGOUT_RESPONSE,
  READY_TO_TRANSFER,
  ASYNC_MESSAGE,
  REJECT,
]);

export class TargetOutput {
  digests = false;
  readonly #onPdu: (pdu: Uint8Array, opcode: number) => void;
  #left: Uint8Array = EMPTY_BYTES;

  constructor(onPdu: (pdu: Uint8Array, opcode: number) => void) {
    this.#onPdu = onPdu;
  }

  /** For another connection that the same is told of. */
  another(): TargetOutput {
    return new TargetOutput(this.#onPdu);
  }

  handleBytes(arrived: Uint8Array): void {
    const bytes = this.#left.length === 0 ? arrived : concat([this.#left, arrived]);
    const digest = this.digests ? 4 : 0;
    let at = 0;
    while (bytes.length - at >= BASIC_HEADER_BYTES) {
      const dataBytes = be24(bytes, at + 5);
      const headerEnd = at + BASIC_HEADER_BYTES;
      const dataEnd = headerEnd + digest + padded(dataBytes);
      const end = dataBytes === 0 ? headerEnd + digest : dataEnd + digest;
      if (end > bytes.length) break;
      const opcode = opcodeOf(bytes, at);
      if (!OPCODES.has(opcode)) throw new Error(`the target sent opcode ${opcode.toString(16)}h: its framing is broken`);
      if (digest !== 0) {
        check(bytes, at, headerEnd);
        if (dataBytes !== 0) check(bytes, headerEnd + digest, dataEnd);
      }
      this.#onPdu(bytes.subarray(at, end), opcode);
      at = end;
    }
    this.#left = bytes.subarray(at);
  }
}

function check(bytes: Uint8Array, start: number, end: number): void {
  const there = (bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16) | (bytes[end + 3]! << 24)) >>> 0;
  if (crc32c(bytes, start, end) !== there) throw new Error('the target sent a wrong digest');
}
