/** Answers of the control socket that go on: bytes as they come, until either side has had enough, then a summary (in the trailer of HTTP/1.1). */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface StreamSink {
  /** False: the reader is behind, and these bytes were not taken. They must not change any more. */
  write(bytes: Uint8Array): boolean;
  /** Nothing more comes. */
  end(): void;
}

/** What a handler gives back instead of a value. */
export class StreamedAnswer {
  readonly contentType: string;
  /** Begins to write; gives back what to do when the stream is over, whoever ended it: it lets go, and says what the reader is told last. */
  readonly begin: (sink: StreamSink) => () => unknown;

  constructor(contentType: string, begin: (sink: StreamSink) => () => unknown) {
    this.contentType = contentType;
    this.begin = begin;
  }
}

/**
 * Bytes that may wait for the reader of a stream. Much, because a busy event loop hands the kernel only what its socket holds (200 KiB) at each turn: a
 * reader that is quick enough on the whole is behind for a while.
 */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;
/** So long a reader that is behind may hold up the end of everything. */
const LAST_WORDS_MILLISECONDS = 1000;
const STREAM_HEADER = 'samewire-stream';
const SUMMARY_TRAILER = 'samewire-summary';

/** The streams that are under way. */
export class OpenStreams {
  readonly #open = new Map<number, OpenStream>();
  #last = 0;

  /** How many there are now. */
  get count(): number {
    return this.#open.size;
  }

  send(answer: StreamedAnswer, response: ServerResponse): void {
    const number = (this.#last += 1);
    response.writeHead(200, { 'content-type': answer.contentType, [STREAM_HEADER]: String(number), trailer: SUMMARY_TRAILER });
    response.flushHeaders();
    const stream = new OpenStream(response, answer);
    this.#open.set(number, stream);
    response.once('close', () => {
      this.#open.delete(number);
      stream.end();
    });
  }

  /** The reader has had enough, and would like to have the rest and the summary. */
  stop(stream: number): void {
    this.#open.get(stream)?.end();
  }

  async endAll(): Promise<void> {
    const gone = [...this.#open.values()].map((stream) => {
      stream.end();
      return stream.gone;
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_WORDS_MILLISECONDS);
    });
    await Promise.race([Promise.all(gone), limit]);
    clearTimeout(timer);
  }
}

class OpenStream {
  readonly gone: Promise<void>;
  readonly #response: ServerResponse;
  readonly #finish: (() => unknown) | undefined;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #over = false;

  constructor(response: ServerResponse, answer: StreamedAnswer) {
    this.#response = response;
    this.gone = new Promise((resolve) => void response.once('close', () => resolve()));
    response.on('error', () => {}); // the reader has gone, and `close` says so
    this.#finish = answer.begin({ write: (bytes) => this.#write(bytes), end: () => this.end() });
    if (this.#over) this.#finishUp();
  }

  #write(bytes: Uint8Array): boolean {
    if (this.#over || this.#bytes + this.#response.writableLength > WAITING_BYTES_MAX) return false;
    // What comes within one turn leaves together: small pieces would cost a system call each.
    if (this.#pieces.length === 0) setImmediate(() => this.#flush());
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    return true;
  }

  #flush(): void {
    if (this.#pieces.length === 0) return;
    const together = Buffer.concat(this.#pieces.splice(0));
    this.#bytes = 0;
    this.#response.write(together);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    // It may have ended before it had quite begun.
    if (this.#finish !== undefined) this.#finishUp();
  }

  #finishUp(): void {
    const summary = this.#finish!();
    this.#flush();
    if (this.#response.destroyed) return;
    this.#response.addTrailers({ [SUMMARY_TRAILER]: JSON.stringify(summary ?? {}) });
    this.#response.end();
  }
}

/** A stream as its reader has it. */
export interface ControlStream extends AsyncIterable<Uint8Array> {
  /** Asks for its end; what is under way still comes. */
  stop(): Promise<void>;
  /** What is told last; undefined: it was cut off. */
  summary(): Readonly<Record<string, unknown>> | undefined;
  /** Lets go at once. */
  destroy(): void;
}

export function readStream(response: IncomingMessage, askToStop: (stream: number) => Promise<unknown>): ControlStream {
  const number = Number(response.headers[STREAM_HEADER]);
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const piece of response as AsyncIterable<Buffer>) yield piece;
      } catch {
        // Cut off: there is no summary, which is how the reader sees it.
      }
    },
    async stop() {
      await askToStop(number).catch(() => {});
    },
    summary() {
      const told = response.trailers[SUMMARY_TRAILER];
      return told === undefined ? undefined : (JSON.parse(told) as Readonly<Record<string, unknown>>);
    },
    destroy: () => void response.destroy(),
  };
}
