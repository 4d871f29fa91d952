import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askControlSocket, type ControlSocket, openControlSocket, openControlStream } from './control-socket.ts';
import { OpenStreams, StreamedAnswer, type StreamSink } from './control-stream.ts';
import { type Answers, answering } from './testing/control-answers.ts';

const MEBIBYTE = 1024 * 1024;

let folder: string;
let socket: ControlSocket;
let streams: OpenStreams;
let sink: StreamSink | undefined;
let finished = 0;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await settle();
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-stream-'));
  finished = 0;
  streams = new OpenStreams();
  const answers: Answers = {
    'GET /x': () => ({ value: 1 }),
    'POST /stream': ({ refuse }) => {
      if (refuse === true) throw new Error('Not here.');
      return new StreamedAnswer('application/octet-stream', (given) => {
        sink = given;
        return () => {
          finished += 1;
          return { finished };
        };
      });
    },
    'POST /short': () =>
      new StreamedAnswer('application/octet-stream', (given) => {
        given.write(Uint8Array.of(7));
        given.end();
        return () => ({ short: true });
      }),
    'POST /api/streams/stop': ({ stream }) => streams.stop(Number(stream)) ?? {},
  };
  socket = await openControlSocket([join(folder, 'own', 'x.sock')], answering(answers, streams));
});
afterEach(async () => {
  await socket.close();
  rmSync(folder, { recursive: true });
});

const opened = async (body: unknown = {}, url = '/stream') => (await openControlStream([socket.path], url, body))!;

async function rest(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe.skipIf(process.platform === 'win32')('a streamed answer', () => {
  it('gives bytes in order, and the summary last, beside other answers', async () => {
    const stream = await opened();
    expect(stream.summary()).toBeUndefined();
    for (let index = 0; index < 1000; index += 1) expect(sink!.write(Uint8Array.of(index & 0xff, index >> 8))).toBe(true);
    expect(await askControlSocket([socket.path], 'GET', '/x')).toEqual({ value: 1 });
    sink!.end();
    const bytes = await rest(stream);
    expect([...bytes]).toEqual(Array.from({ length: 1000 }, (_, index) => [index & 0xff, index >> 8]).flat());
    expect(stream.summary()).toEqual({ finished: 1 });
    expect(sink!.write(Uint8Array.of(1))).toBe(false);
  });

  it('ends when its reader asks for it, with what was written before', async () => {
    const stream = await opened();
    sink!.write(Uint8Array.of(1, 2, 3));
    await stream.stop();
    expect([...(await rest(stream))]).toEqual([1, 2, 3]);
    expect(stream.summary()).toEqual({ finished: 1 });
    // Asked again, nothing happens.
    await stream.stop();
    expect(finished).toBe(1);
  });

  it('may be over before it has begun', async () => {
    const stream = await opened({}, '/short');
    expect([...(await rest(stream))]).toEqual([7]);
    expect(stream.summary()).toEqual({ short: true });
  });

  it('can be refused like any other answer', async () => {
    await expect(opened({ refuse: true })).rejects.toThrow('Not here.');
    expect(await openControlStream([join(folder, 'none.sock')], '/stream', {})).toBeUndefined();
  });

  it('takes no more than 32 MiB for a reader that does not read, and goes on when it does', async () => {
    // Paused by nobody having asked for its data.
    const response = await new Promise<AsyncIterable<Buffer>>((resolve) => {
      request({ socketPath: socket.path, method: 'POST', path: '/stream' }, resolve).end('{}');
    });
    const piece = new Uint8Array(MEBIBYTE);
    let taken = 0;
    for (let turn = 0; turn < 50; turn += 1) {
      if (sink!.write(piece)) taken += piece.length;
      await settle();
    }
    // Beyond the bound, only what the system's own buffers hold was taken.
    expect(taken).toBeGreaterThanOrEqual(32 * MEBIBYTE);
    expect(taken).toBeLessThan(40 * MEBIBYTE);
    let received = 0;
    for await (const bytes of response) {
      received += bytes.length;
      if (received === taken) sink!.end();
    }
    expect(received).toBe(taken);
  });

  it('lets go when its reader is gone', async () => {
    const stream = await opened();
    stream.destroy();
    await until(() => finished === 1);
    expect(sink!.write(Uint8Array.of(1))).toBe(false);
  });

  it('ends with all of them, and its reader is told so', async () => {
    const stream = await opened();
    sink!.write(Uint8Array.of(9));
    const [bytes] = await Promise.all([rest(stream), streams.endAll()]);
    expect([...bytes]).toEqual([9]);
    expect(stream.summary()).toEqual({ finished: 1 });
  });
});
