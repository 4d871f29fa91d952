/** Asks over HTTP, in whatever way, and never waits for ever. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Of loopback: who shows wrong tokens is shut out by address. */
  readonly from?: string;
  /** An answer that goes on is left after so many milliseconds. */
  readonly leaveAfter?: number;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  /** It went on, and was left. */
  readonly wasLeft: boolean;
}

const HANG_MILLISECONDS = 60_000;
/** Larger ones are not read to their end. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export class Asker {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  ask({ method, path, headers = {}, body, from, leaveAfter }: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let leave: NodeJS.Timeout | undefined;
      const hang = setTimeout(
        () => asked.destroy(new Error(`no end of an answer to ${method} ${path.slice(0, 200)} within ${HANG_MILLISECONDS} ms`)),
        HANG_MILLISECONDS,
      );
      const settle = (action: () => void): void => {
        clearTimeout(hang);
        clearTimeout(leave);
        action();
      };
      const asked = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          method,
          path,
          agent: this.#agent,
          headers: headers as Record<string, string | string[]>,
          localAddress: from,
        },
        (response) => {
          const pieces: Buffer[] = [];
          let bytes = 0;
          const answer = (wasLeft: boolean): Answer => ({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(pieces),
            wasLeft,
          });
          if (leaveAfter !== undefined)
            leave = setTimeout(() => {
              settle(() => resolve(answer(true)));
              asked.destroy();
            }, leaveAfter);
          response.on('data', (piece: Buffer) => {
            bytes += piece.length;
            if (bytes > ANSWER_BYTES_MAX) asked.destroy(new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`));
            pieces.push(piece);
          });
          response.on('end', () => settle(() => resolve(answer(false))));
          response.on('error', (error) => settle(() => reject(error)));
        },
      );
      asked.on('error', (error) => settle(() => reject(error)));
      asked.end(body);
    });
  }

  /** Bytes as they are; gives back what came before the other side closed, or before a while had passed. */
  raw(bytes: string | Uint8Array, milliseconds = 2000): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(this.#port, '127.0.0.1', () => socket.write(bytes));
      const over = setTimeout(() => socket.destroy(), milliseconds);
      socket.setEncoding('latin1');
      socket.on('data', (piece: string) => {
        answer += piece;
        if (/^HTTP\/1\.1 \d{3}[\s\S]*\r\n\r\n[\s\S]*\}\n?$/.test(answer)) socket.destroy();
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(over);
        resolve(answer);
      });
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
