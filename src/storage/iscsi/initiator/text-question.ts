/** One text exchange as the initiator sees it (RFC 7143 §6.4, §11.10-11.11): a request, and an answer over any number of responses. */
import { concat, DecodeError } from '../../../base/bytes.ts';
import { isFinal, RESERVED_TAG } from '../../../wire/iscsi/basic-header.ts';
import { type InitiatorNumbers, putTextRequest, textContinues } from '../../../wire/iscsi/control.ts';
import { targetTransferTag } from '../../../wire/iscsi/data.ts';
import { decodeKeyValues, type KeyValues } from '../../../wire/iscsi/key-value.ts';

/** A list of targets may be long: tens of thousands of them fit. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const RESPONSES_MAX = 16_384;

export type TextAnswer = KeyValues;

export class TextQuestion {
  readonly taskTag: number;
  readonly #done: (answer: TextAnswer) => void;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(taskTag: number, done: (answer: TextAnswer) => void) {
    this.taskTag = taskTag;
    this.#done = done;
  }

  put(out: Uint8Array, at: number, transferTag: number, dataBytes: number, numbers: InitiatorNumbers): void {
    putTextRequest(out, at, this.taskTag, transferTag, true, dataBytes, numbers);
  }

  /** How to tell who asked; or the tag under which the rest is to be asked for; or what is wrong. */
  handle(bytes: Uint8Array, at: number, segment: Uint8Array): { readonly tell: () => void } | number | { readonly wrong: string } {
    this.#heldBytes += segment.length;
    this.#held.push(segment.slice());
    if (this.#heldBytes > ANSWER_BYTES_MAX || this.#held.length > RESPONSES_MAX) return { wrong: 'the answer has no end' };
    const transferTag = targetTransferTag(bytes, at);
    if (isFinal(bytes, at) !== (transferTag === RESERVED_TAG)) {
      // RFC 7143 §11.11.4. Some targets leave a zero in the tag of a final response; it harms nobody.
      if (!isFinal(bytes, at)) return { wrong: 'it is not final, and has no Target Transfer Tag' };
    }
    if (!isFinal(bytes, at)) return transferTag;
    if (textContinues(bytes, at)) return { wrong: 'it is both final and continued' };
    try {
      const answer = decodeKeyValues(concat(this.#held));
      return { tell: () => this.#done(answer) };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { wrong: error.message };
    }
  }
}
