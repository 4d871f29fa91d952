/** Text requests in the full feature phase (RFC 7143 §6.4, §11.10-11.11), over any number of continued PDUs in either direction. */
import { concat, DecodeError, EMPTY_BYTES } from '../../base/bytes.ts';
import { initiatorTaskTag, isFinal, RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import { textContinues } from '../../wire/iscsi/control.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import { decodeKeyValues, encodeKeyValues, type KeyValues } from '../../wire/iscsi/key-value.ts';

/** A request's text, and an answer's, over all of their PDUs. */
const REQUEST_BYTES_MAX = 64 * 1024;
const REQUEST_PDUS_MAX = 64;

/** One Text Response to send. */
export interface TextReply {
  readonly taskTag: number;
  readonly transferTag: number;
  readonly final: boolean;
  readonly continues: boolean;
  readonly text: Uint8Array;
}

export type TextOutcome = TextReply | { readonly rejected: string };

export class TextExchange {
  /** May throw DecodeError. */
  readonly #answer: (pairs: KeyValues) => KeyValues;
  #requestTag = -1;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** What is still to be sent of an answer, and the tag under which the initiator asks for it. */
  #rest: Uint8Array = EMPTY_BYTES;
  #transferTag = 0;

  constructor(answer: (pairs: KeyValues) => KeyValues) {
    this.#answer = answer;
  }

  /** `segmentBytesMax`: what the initiator takes in one data segment. */
  handle(pdu: Uint8Array, at: number, text: Uint8Array, segmentBytesMax: number): TextOutcome {
    const taskTag = initiatorTaskTag(pdu, at);
    const transferTag = targetTransferTag(pdu, at);
    if (transferTag === RESERVED_TAG)
      this.#reset(taskTag); // RFC 7143 §11.10.4: a new exchange, whatever went before
    else if (taskTag !== this.#requestTag || transferTag !== this.#transferTag)
      return { rejected: 'it continues an exchange that is not open' };
    if (this.#rest.length !== 0) {
      if (text.length === 0) return this.#next(taskTag, isFinal(pdu, at), segmentBytesMax);
      this.#reset(-1);
      return { rejected: 'it brings text while the answer is still being given' };
    }
    this.#heldBytes += text.length;
    if (this.#heldBytes > REQUEST_BYTES_MAX || this.#held.length === REQUEST_PDUS_MAX) {
      this.#reset(-1);
      return { rejected: `its text is longer than ${REQUEST_BYTES_MAX} bytes, or comes in more than ${REQUEST_PDUS_MAX} PDUs` };
    }
    this.#held.push(text.slice());
    if (textContinues(pdu, at) && isFinal(pdu, at)) return { rejected: 'it is both final and continued' };
    if (textContinues(pdu, at)) return this.#await(taskTag);
    const whole = concat(this.#held);
    this.#reset(taskTag);
    try {
      this.#rest = encodeKeyValues(this.#answer(decodeKeyValues(whole)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { rejected: error.message };
    }
    return this.#next(taskTag, isFinal(pdu, at), segmentBytesMax);
  }

  #await(taskTag: number): TextReply {
    return { taskTag, transferTag: this.#nextTag(), final: false, continues: false, text: EMPTY_BYTES };
  }

  #next(taskTag: number, requestIsFinal: boolean, segmentBytesMax: number): TextReply {
    const text = this.#rest.subarray(0, segmentBytesMax);
    this.#rest = this.#rest.subarray(text.length);
    const continues = this.#rest.length !== 0;
    // RFC 7143 §11.11.1: a final response to a request that is not final is a protocol error.
    const final = requestIsFinal && !continues;
    return { taskTag, transferTag: final ? RESERVED_TAG : this.#nextTag(), final, continues, text };
  }

  #nextTag(): number {
    this.#transferTag = this.#transferTag === 0x7fffffff ? 1 : this.#transferTag + 1;
    return this.#transferTag;
  }

  #reset(taskTag: number): void {
    this.#requestTag = taskTag;
    this.#held = [];
    this.#heldBytes = 0;
    this.#rest = EMPTY_BYTES;
  }
}
