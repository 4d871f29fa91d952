/**
 * What a target sent on one connection and the initiator has not acknowledged by ExpStatSN (RFC 7143 §4.2.2.2): kept from error recovery
 * level 1 on, so that a SNACK can ask for it again (§11.16), and at level 2 so that it can be given on another connection (§7.2.2).
 */
import { serialLess, serialLessOrEqual } from '../../base/serial.ts';
import { BASIC_HEADER_BYTES, initiatorTaskTag, statusSequenceNumber } from '../../wire/iscsi/basic-header.ts';
import type { KeptData } from './kept-data.ts';

export interface KeptAnswer {
  /** As it was sent, or as it would have been: ExpCmdSN and MaxCmdSN are renewed when it is sent again. */
  readonly header: Uint8Array;
  readonly segment: Uint8Array;
  readonly commandSequenceNumber: number;
  /** The data-in that went before it; undefined: there was none, or it was let go. */
  data: KeptData | undefined;
  /** There was data, and it had to be let go: it can't be sent again. */
  dataLost: boolean;
  /** What is left of it to count. */
  keptBytes: number;
}

/** Bytes that may be kept, over all connections of a target. */
export class KeptBytes {
  readonly limitBytes: number;
  usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get fits(): boolean {
    return this.usedBytes <= this.limitBytes;
  }
}

export class KeptAnswers {
  readonly #budget: KeptBytes;
  readonly #answersMax: number;
  readonly #onLetGo: () => void;
  /** The latest ExpStatSN; undefined: nothing was acknowledged yet. */
  acknowledged: number | undefined;
  #answers: KeptAnswer[] = [];
  #over = false;

  /** `onLetGo` is told whenever something had to go that was not acknowledged. */
  constructor(budget: KeptBytes, answersMax: number, onLetGo: () => void) {
    this.#budget = budget;
    this.#answersMax = answersMax;
    this.#onLetGo = onLetGo;
  }

  get size(): number {
    return this.#answers.length;
  }

  /** StatSN of the oldest answer that is not acknowledged. */
  get oldest(): number | undefined {
    const first = this.#answers[0];
    return first === undefined ? undefined : statusSequenceNumber(first.header, 0);
  }

  /**
   * Keeps an answer, in the order of StatSN. Where there is no room the data of the oldest answers goes, then this one's: a SNACK for it is
   * rejected, and its command alone fails (RFC 7143 §7.8). Where there are too many, the oldest goes as a whole.
   */
  keep(header: Uint8Array, segment: Uint8Array, commandSequenceNumber: number, data: KeptData | undefined): void {
    if (this.#over) return data?.letGo();
    const answer: KeptAnswer = { header, segment, commandSequenceNumber, data, dataLost: false, keptBytes: header.length + segment.length };
    if (data !== undefined) answer.keptBytes += data.lengthBytes;
    if (this.#answers.length === this.#answersMax) {
      this.#drop(this.#answers.shift()!);
      this.#onLetGo();
    }
    this.#answers.push(answer);
    this.#budget.usedBytes += answer.keptBytes;
    for (const older of this.#answers) {
      if (this.#budget.fits) break;
      if (older.data === undefined) continue;
      this.#dropData(older);
      older.dataLost = true;
      this.#onLetGo();
    }
  }

  /** Everything before `expected` (ExpStatSN) has come; `next` is the StatSN to be given next, beyond which nothing can have come. */
  acknowledge(expected: number, next: number): void {
    if (serialLess(next, expected) || (this.acknowledged !== undefined && !serialLess(this.acknowledged, expected))) return;
    this.acknowledged = expected;
    let count = 0;
    while (count < this.#answers.length && serialLess(statusSequenceNumber(this.#answers[count]!.header, 0), expected)) {
      this.#drop(this.#answers[count]!);
      count += 1;
    }
    if (count !== 0) this.#answers.splice(0, count);
  }

  /** The answers with StatSN from `begin` on, `count` of them or (0) all. */
  run(begin: number, count: number): KeptAnswer[] {
    return this.#answers.filter(({ header }) => {
      const number = statusSequenceNumber(header, 0);
      return serialLessOrEqual(begin, number) && (count === 0 || ((number - begin) | 0) < count);
    });
  }

  all(): readonly KeptAnswer[] {
    return this.#answers;
  }

  /** The latest answer to a task. */
  find(taskTag: number): KeptAnswer | undefined {
    for (let index = this.#answers.length - 1; index >= 0; index -= 1)
      if (initiatorTaskTag(this.#answers[index]!.header, 0) === taskTag) return this.#answers[index];
    return undefined;
  }

  /** The answer whose data asked for a DataACK with this tag. */
  findByAcknowledgeTag(tag: number): KeptAnswer | undefined {
    return this.#answers.find(({ data }) => data?.acknowledgeTag === tag);
  }

  /** Forgets one: it is given on another connection. Its data is the caller's from here on. */
  take(answer: KeptAnswer): void {
    const index = this.#answers.indexOf(answer);
    if (index === -1) return;
    this.#answers.splice(index, 1);
    this.#budget.usedBytes -= answer.keptBytes;
  }

  /** All the data of an answer is acknowledged. */
  dropData(answer: KeptAnswer): void {
    if (answer.data !== undefined) this.#dropData(answer);
  }

  /** Forgets everything, and keeps nothing from here on. */
  close(): void {
    this.#over = true;
    for (const answer of this.#answers) this.#drop(answer);
    this.#answers = [];
  }

  #drop(answer: KeptAnswer): void {
    if (answer.data !== undefined) this.#dropData(answer);
    this.#budget.usedBytes -= answer.keptBytes;
  }

  #dropData(answer: KeptAnswer): void {
    const { data } = answer;
    answer.data = undefined;
    answer.keptBytes -= data!.lengthBytes;
    this.#budget.usedBytes -= data!.lengthBytes;
    data!.letGo();
  }
}

/** A copy of a header that was written in a batch. */
export const copyOfHeader = (bytes: Uint8Array, at: number): Uint8Array => bytes.slice(at, at + BASIC_HEADER_BYTES);
