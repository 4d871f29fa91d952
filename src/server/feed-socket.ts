/** The page's WebSocket: sends readers what changes, as fast as each of them takes it, and ends those who take nothing. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Served } from './api/operation.ts';
import type { FeedHello, FeedMessage } from './view/feed.ts';
import { type FeedWriter, feedWriter } from './view/feed-writer.ts';

export const FEED_PATH = '/api/feed';
/** Besides the one with the token, by which a page shows that it may act. */
export const FEED_PROTOCOL = 'samewire.1';

/** What a request may do; otherwise the HTTP status that it is refused with. */
export type FeedAuthority = { readonly allowed: true; readonly mayAct: boolean } | { readonly allowed: false; readonly status: number };

export interface FeedLimits {
  readonly readers: number;
  /** As long as so much waits for a reader, nothing more is sent to it. */
  readonly waitingBytes: number;
  /** A reader that takes nothing for so long is given up. */
  readonly silentMilliseconds: number;
  readonly pingMilliseconds: number;
  /** Between two updates. */
  readonly pauseMilliseconds: number;
  readonly requestsPerSecond: number;
}

export const feedLimits: FeedLimits = {
  readers: 32,
  waitingBytes: 256 * 1024,
  silentMilliseconds: 60_000,
  pingMilliseconds: 20_000,
  pauseMilliseconds: 200,
  requestsPerSecond: 20,
};

export interface Feed {
  readonly readers: number;
  /** Says to everybody that the fabric is being stopped, and ends. Resolves when all are gone, after a second at the latest. Asked twice, it gives the same promise. */
  close(): Promise<void>;
}

/** From a page. */
const REQUEST_BYTES_MAX = 4096;
const CLOSE_MILLISECONDS = 1000;
/** RFC 6455 §7.4.1, and its registry. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

const feedRequest = z.strictObject({ type: z.literal('watch'), node: z.string().max(1000).nullable() });

export function attachFeed(
  server: Server,
  { fabric, sampler }: Served,
  authorize: (request: IncomingMessage) => FeedAuthority,
  limits: FeedLimits = feedLimits,
): Feed {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: REQUEST_BYTES_MAX,
    perMessageDeflate: false,
    // What is not chosen here a browser takes for a refusal.
    handleProtocols: (offered) => (offered.has(FEED_PROTOCOL) ? FEED_PROTOCOL : false),
  });
  const readers = new Set<Reader>();
  let closed: Promise<void> | undefined;

  const handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    if (closed !== undefined) return refuse(socket, 503);
    if (request.url?.split('?', 1)[0] !== FEED_PATH) return refuse(socket, 404);
    const authority = authorize(request);
    if (!authority.allowed) return refuse(socket, authority.status);
    sockets.handleUpgrade(request, socket, head, (connection) => {
      if (readers.size >= limits.readers) {
        connection.on('error', () => connection.terminate());
        return connection.close(TRY_AGAIN_LATER, 'Too many look at this fabric.');
      }
      const hello: FeedHello = { type: 'hello', fabric: fabric.name, version: fabric.version, mayAct: authority.mayAct };
      const reader = openReader(connection, feedWriter(sampler, fabric.events), hello, limits, () => readers.delete(reader));
      readers.add(reader);
    });
  };
  server.on('upgrade', handleUpgrade);
  const stopSamples = sampler.onSample(() => {
    for (const reader of readers) reader.handleNews();
  });
  const stopEvents = fabric.events.listen((event) => {
    if (event.severity !== 'debug') for (const reader of readers) reader.handleNews();
  });

  const closeAll = async (): Promise<void> => {
    stopSamples();
    stopEvents();
    await Promise.all([...readers].map((reader) => reader.stop()));
    server.off('upgrade', handleUpgrade);
    sockets.close();
  };

  return {
    get readers() {
      return readers.size;
    },
    close: () => (closed ??= closeAll()),
  };
}

function refuse(socket: Duplex, status: number): void {
  const reasons: Readonly<Record<number, string>> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' };
  socket.end(`HTTP/1.1 ${status} ${reasons[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

interface Reader {
  /** There is something new to tell. */
  handleNews(): void;
  stop(): Promise<void>;
}

function openReader(connection: WebSocket, writer: FeedWriter, hello: FeedHello, limits: FeedLimits, gone: () => void): Reader {
  let lastUpdateAt = Number.NEGATIVE_INFINITY;
  let pause: NodeJS.Timeout | undefined;
  /** When it was last seen to take something: its queue became shorter, or it answered a ping. */
  let tookAt = performance.now();
  let waitedBytes = 0;
  let allowance = limits.requestsPerSecond;
  let allowedAt = performance.now();

  const send = (message: FeedMessage): void => connection.send(JSON.stringify(message));
  const update = (): void => {
    pause = undefined;
    // Until it has taken what waits for it: the next update then has all that changed meanwhile.
    if (connection.readyState !== WebSocket.OPEN || connection.bufferedAmount > limits.waitingBytes) return;
    lastUpdateAt = performance.now();
    send(writer.next());
    // What did not fit follows as soon as it may.
    if (writer.isBehind) schedule();
  };
  const schedule = (): void => {
    if (pause !== undefined) return;
    const left = lastUpdateAt + limits.pauseMilliseconds - performance.now();
    if (left <= 0) update();
    else pause = setTimeout(update, left).unref();
  };
  const watch = (): void => {
    const now = performance.now();
    if (connection.bufferedAmount < waitedBytes) tookAt = now;
    waitedBytes = connection.bufferedAmount;
    if (now - tookAt > limits.silentMilliseconds) connection.terminate();
  };
  const watching = setInterval(watch, Math.min(1000, limits.silentMilliseconds / 4)).unref();
  const pinging = setInterval(() => connection.ping(), limits.pingMilliseconds).unref();

  connection.on('pong', () => (tookAt = performance.now()));
  connection.on('error', () => connection.terminate());
  connection.on('close', () => {
    clearTimeout(pause);
    clearInterval(watching);
    clearInterval(pinging);
    gone();
  });
  connection.on('message', (data, isBinary) => {
    const now = performance.now();
    allowance = Math.min(limits.requestsPerSecond, allowance + ((now - allowedAt) / 1000) * limits.requestsPerSecond) - 1;
    allowedAt = now;
    if (allowance < 0) return connection.close(POLICY_VIOLATION, 'Too many requests.');
    const request = isBinary ? undefined : parseRequest(String(data));
    if (request === undefined) return connection.close(POLICY_VIOLATION, 'Not a request.');
    writer.watch(request.node ?? undefined);
    schedule();
  });
  send(hello);
  update();

  return {
    handleNews: schedule,
    stop: () =>
      new Promise((resolve) => {
        clearTimeout(pause);
        const patience = setTimeout(() => connection.terminate(), CLOSE_MILLISECONDS);
        connection.once('close', () => {
          clearTimeout(patience);
          resolve();
        });
        if (connection.readyState === WebSocket.OPEN) send({ type: 'stopping' });
        connection.close(GOING_AWAY, 'The fabric is being stopped.');
      }),
  };
}

function parseRequest(text: string): z.infer<typeof feedRequest> | undefined {
  try {
    return feedRequest.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
