/**
 * A script's side of one connection, whoever is at the other: `<` sends a segment, `>` is one that has to come next, `> nothing` means that none
 * comes for a while, `+0.2` lets so many seconds pass.
 */
import { type Nanos, SECOND } from '../../../src/base/clock.ts';
import { fits, parseSegment, ScriptEnd, type Unusual, type Written } from '../../../src/inet/tcp/testing/notation.ts';
import type { SocketOptions, Subject, SubjectSocket } from './subject.ts';

/** A segment that came. */
export interface Heard extends Written {
  readonly line: string;
  readonly at: Nanos;
  readonly frame: Uint8Array;
}

const PATIENCE_SECONDS = 2;
/** Long beside what an answer takes, short beside what a timer does: a delayed acknowledgment comes after 40 ms at both. */
const QUIET_SECONDS = 0.025;

export class Conversation {
  readonly subject: Subject;
  readonly end: ScriptEnd;
  #heard: Heard[] = [];
  #broken: Error | undefined;

  constructor(subject: Subject, theirPort: number, ourPort: number) {
    this.subject = subject;
    this.end = new ScriptEnd(theirPort);
    this.end.ourPort = ourPort;
    this.#hear(theirPort);
  }

  #hear(theirPort: number): void {
    this.subject.onFrame(theirPort, (frame) => {
      try {
        const tcp = this.end.take(frame);
        if (tcp === undefined) return;
        const line = this.end.describe(tcp);
        this.#heard.push({ ...parseSegment(line), line, at: this.subject.now(), frame });
      } catch (error) {
        this.#broken = error as Error; // MUST-2: a checksum that is wrong, or worse.
      }
    });
  }

  /** Another connection, from another port. */
  again(theirPort: number): void {
    this.end.forget(theirPort);
    this.#heard = [];
    this.#hear(theirPort);
  }

  send(line: string, unusual?: Unusual): void {
    this.subject.deliver(this.end.frame(line, unusual));
  }

  async run(text: string): Promise<void> {
    for (const line of text.split('\n').map((one) => one.trim())) {
      if (line === '' || line.startsWith('#')) continue;
      if (line.startsWith('+')) await this.subject.pass(Number(line.slice(1)) * SECOND);
      else if (line.startsWith('<')) this.send(line.slice(1));
      else if (line === '> nothing') await this.nothing();
      else if (line.startsWith('>')) await this.expect(line.slice(1).trim());
      else throw new Error(`no line of a script: ${line}`);
    }
  }

  /** The next segment, whatever it is. */
  async next(seconds = PATIENCE_SECONDS): Promise<Heard> {
    await this.subject.pass(seconds * SECOND, () => this.#heard.length > 0 || this.#broken !== undefined);
    if (this.#broken !== undefined) throw this.#broken;
    const heard = this.#heard.shift();
    if (heard === undefined) throw new Error(`nothing came in ${seconds} s`);
    return heard;
  }

  async expect(line: string, seconds?: number): Promise<Heard> {
    const heard = await this.next(seconds).catch((error: Error) => {
      throw new Error(`expected ${line}, but ${error.message}`);
    });
    if (!fits(heard.line, line)) throw new Error(`expected ${line}\nbut there came ${heard.line}`);
    return heard;
  }

  async nothing(seconds = QUIET_SECONDS): Promise<void> {
    await this.subject.pass(seconds * SECOND, () => this.#heard.length > 0);
    if (this.#heard.length > 0) throw new Error(`nothing was expected, but there came ${this.#heard.map(({ line }) => line).join('\n')}`);
  }

  /** Everything that comes until it is quiet. */
  async rest(seconds = QUIET_SECONDS): Promise<readonly Heard[]> {
    await this.subject.pass(seconds * SECOND);
    return this.#heard.splice(0);
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await this.subject.pass(PATIENCE_SECONDS * SECOND, holds);
    if (!holds()) throw new Error(`still not: ${what}`);
  }

  /** The subject listens, and the script has a connection to it. */
  async established(options: SocketOptions & { readonly window?: number; readonly mss?: number } = {}): Promise<SubjectSocket> {
    const { window = 65_535, mss = 1000 } = options;
    const listener = this.subject.listen(this.end.ourPort, options)!;
    await this.run(`
      < S 0:0(0) win ${window} <mss ${mss}>
      > S. 0:0(0) ack 1
      < . 1:1(0) ack 1 win ${window}
    `);
    let socket: SubjectSocket | undefined;
    await this.until('a connection is established', () => (socket ??= listener.accept()) !== undefined);
    return socket!;
  }

  /** The subject connects to the script, which has not answered yet. */
  async connecting(options: SocketOptions = {}): Promise<SubjectSocket> {
    const socket = this.subject.connect(this.end.theirPort, this.end.ourPort, options)!;
    await this.expect('S 0:0(0)');
    return socket;
  }
}
