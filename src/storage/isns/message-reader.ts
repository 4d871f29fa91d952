/**
 * From the bytes of a stream to whole iSNS messages (RFC 4171 §5.2). PDUs of several messages may come interleaved; how many, and how long
 * they get, has a bound. One PDU that can't be right ends the reading: on a stream there is no telling where the next would begin.
 */
import { concat, DecodeError } from '../../base/bytes.ts';
import { decodePduHeader, HEADER_BYTES, type PduHeader } from '../../wire/isns/header.ts';
import { decodeMessage, type Message } from '../../wire/isns/message.ts';
import type { IsnsLimits } from './limits.ts';

export interface MessageSink {
  handleMessage(message: Message): void;
  /** Said once; nothing is read any more. */
  handleFormatError(reason: string): void;
}

interface Partial {
  readonly first: PduHeader;
  readonly pieces: Uint8Array[];
  bytes: number;
}

export class MessageReader {
  readonly #limits: IsnsLimits;
  readonly #sink: MessageSink;
  readonly #header = new Uint8Array(HEADER_BYTES);
  /** Messages of which a part is here, by function and transaction. */
  readonly #partials = new Map<number, Partial>();
  /** The PDU being read; undefined: its header is. */
  #pdu: PduHeader | undefined;
  #target: Uint8Array = this.#header;
  #filled = 0;
  #over = false;

  constructor(limits: IsnsLimits, sink: MessageSink) {
    this.#limits = limits;
    this.#sink = sink;
  }

  nextBuffer(): Uint8Array {
    return this.#over ? this.#header : this.#target.subarray(this.#filled);
  }

  handleBytes(count: number): void {
    if (this.#over) return;
    this.#filled += count;
    if (this.#filled < this.#target.length) return;
    try {
      if (this.#pdu === undefined) this.#handleHeader(decodePduHeader(this.#header, 0));
      else this.#handlePdu(this.#pdu, this.#target);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.stop();
      this.#sink.handleFormatError(error.reason);
    }
  }

  /** What comes from now on is not looked at. */
  stop(): void {
    this.#over = true;
    this.#partials.clear();
    this.#target = this.#header;
    this.#filled = 0;
  }

  #handleHeader(pdu: PduHeader): void {
    // RFC 4171 §5.5: for multicast only. Its block lies behind the payload, and we know of no key to check it with.
    if (pdu.authenticated) throw new DecodeError('isns', 6, 'a PDU with an authentication block, which is not supported');
    this.#pdu = pdu;
    this.#target = new Uint8Array(pdu.payloadBytes);
    this.#filled = 0;
    if (pdu.payloadBytes === 0) this.#handlePdu(pdu, this.#target);
  }

  #handlePdu(pdu: PduHeader, payload: Uint8Array): void {
    this.#pdu = undefined;
    this.#target = this.#header;
    this.#filled = 0;
    const partial = this.#add(pdu, payload);
    if (!pdu.last) return;
    this.#partials.delete(keyOf(pdu));
    this.#sink.handleMessage(decodeMessage(partial.first, concat(partial.pieces)));
  }

  #add(pdu: PduHeader, payload: Uint8Array): Partial {
    const known = this.#partials.get(keyOf(pdu));
    // RFC 4171 §5.1.6: numbered from zero in the order they are sent.
    const expected = known?.pieces.length ?? 0;
    if (pdu.first !== (expected === 0) || pdu.sequenceId !== expected)
      throw new DecodeError('isns', 10, `PDU ${pdu.sequenceId} of a message where ${expected} is the next`);
    const partial = known ?? { first: pdu, pieces: [], bytes: 0 };
    partial.pieces.push(payload);
    partial.bytes += payload.length;
    if (partial.bytes > this.#limits.messageBytesMax || partial.pieces.length > this.#limits.messagePdusMax)
      throw new DecodeError(
        'isns',
        4,
        `a message of more than ${this.#limits.messageBytesMax} bytes or ${this.#limits.messagePdusMax} PDUs`,
      );
    this.#partials.set(keyOf(pdu), partial);
    if (this.#partials.size > this.#limits.messagesPartialMax)
      throw new DecodeError('isns', 8, `more than ${this.#limits.messagesPartialMax} messages at once`);
    return partial;
  }
}

const keyOf = (pdu: PduHeader): number => pdu.functionId * 0x1_0000 + pdu.transactionId;

/** RFC 4171 §2.9.2: a datagram is one PDU; one that is a whole message. Throws DecodeError. */
export function decodeDatagram(datagram: Uint8Array): Message {
  const pdu = decodePduHeader(datagram, 0);
  if (pdu.authenticated) throw new DecodeError('isns', 6, 'a PDU with an authentication block, which is not supported');
  if (!pdu.first || !pdu.last || pdu.sequenceId !== 0) throw new DecodeError('isns', 6, 'a part of a message in a datagram');
  if (datagram.length !== HEADER_BYTES + pdu.payloadBytes) throw new DecodeError('isns', 4, 'a PDU that is not as long as its datagram');
  return decodeMessage(pdu, datagram.subarray(HEADER_BYTES));
}
