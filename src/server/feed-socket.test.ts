import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { attachFeed, FEED_PATH, FEED_PROTOCOL, type Feed, type FeedAuthority, feedLimits, type FeedLimits } from './feed-socket.ts';
import type { FeedMessage, FeedUpdate } from './view/feed.ts';
import type { Sampler } from './view/sampler.ts';
import { startSampler } from './view/start-sampler.ts';
import type { LinkState } from './view/state.ts';
import { type CountedFabric, countedFabric, type TurnedTime, turnedTime } from './view/testing/counted-fabric.ts';

interface Rig extends AsyncDisposable {
  readonly counted: CountedFabric;
  readonly time: TurnedTime;
  readonly sampler: Sampler;
  readonly feed: Feed;
  /** The server's ends of connections. */
  readonly sockets: readonly Socket[];
  connect(path?: string, protocols?: readonly string[], options?: ClientOptions): Client;
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: FeedMessage[];
  readonly closed: Promise<number>;
}

async function rigOf(
  linkCount: number,
  limits: Partial<FeedLimits> = {},
  authority: FeedAuthority = { allowed: true, mayAct: true },
): Promise<Rig> {
  const counted = countedFabric(linkCount);
  const time = turnedTime();
  const sampler = startSampler(counted.fabric, time);
  const server: Server = createServer();
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const feed = attachFeed(server, { fabric: counted.fabric, sampler }, () => authority, { ...feedLimits, pauseMilliseconds: 0, ...limits });
  const clients: WebSocket[] = [];
  return {
    counted,
    time,
    sampler,
    feed,
    sockets,
    connect(path = FEED_PATH, protocols = [FEED_PROTOCOL, 'token.abc'], options = {}) {
      const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, [...protocols], options);
      clients.push(socket);
      const messages: FeedMessage[] = [];
      socket.on('message', (data) => messages.push(JSON.parse(String(data)) as FeedMessage));
      socket.on('error', () => {});
      return { socket, messages, closed: new Promise((resolve) => socket.once('close', resolve)) };
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.terminate();
      await feed.close();
      sampler.close();
      server.close();
    },
  };
}

const updates = ({ messages }: Client): FeedUpdate[] => messages.filter((message) => message.type === 'update');
const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));
const happens = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 });
const happened = { id: 1, name: 'test', severity: 'info', source: 'test', message: 'it happened', data: {} } as const;

const statusOf = async (rig: Rig, path: string): Promise<unknown> => {
  const { socket } = rig.connect(path);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  return response.statusCode;
};

describe('the feed', () => {
  it('says hello, tells everything, then each sample, events at once, and the end', async () => {
    await using rig = await rigOf(3);
    const client = rig.connect();
    await happens(() => expect(client.messages.length).toBe(2));
    expect(client.socket.protocol).toBe(FEED_PROTOCOL);
    expect(client.messages[0]).toEqual({ type: 'hello', fabric: 'counted', version: '0.0.0', mayAct: true });
    expect(client.messages[1]).toMatchObject({ type: 'update', sequence: 1, links: rig.sampler.state.links, hosts: [] });
    rig.counted.links[1]!.up = false;
    rig.time.pass(1000);
    await happens(() => expect(client.messages.length).toBe(3));
    expect(client.messages[2]).toMatchObject({ sequence: 2, links: [{ index: 1, up: false }], totals: { linksDown: 1 } });
    rig.counted.fabric.events.sink(happened);
    await happens(() => expect(client.messages.length).toBe(4));
    expect(client.messages[3]).toMatchObject({ sequence: 2, events: [{ sequence: 1, message: 'it happened' }], links: [] });
    const closing = rig.feed.close();
    expect(await client.closed).toBe(1001);
    await closing;
    expect(client.messages.at(-1)).toEqual({ type: 'stopping' });
    expect(rig.feed.readers).toBe(0);
  });

  it('brings events together: never more updates than it may', async () => {
    await using rig = await rigOf(0, { pauseMilliseconds: 300 });
    const client = rig.connect();
    await happens(() => expect(updates(client).length).toBe(1));
    for (let count = 0; count < 50; count += 1) {
      rig.counted.fabric.events.sink(happened);
      if (count % 10 === 0) await turn();
    }
    await happens(() => expect(updates(client).length).toBe(2));
    expect(updates(client)[1]!.events.length).toBe(50);
  });

  it('brings the detail of a node that is watched', async () => {
    await using rig = await rigOf(0);
    const client = rig.connect();
    await happens(() => expect(updates(client).length).toBe(1));
    // Nobody's: the counted fabric has no nodes. It is no reason to end.
    client.socket.send(JSON.stringify({ type: 'watch', node: 'tor1' }));
    await happens(() => expect(updates(client).length).toBe(2));
    client.socket.send(JSON.stringify({ type: 'watch', node: null }));
    await happens(() => expect(updates(client).length).toBe(3));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('refuses who may not look, and what is not there, before it becomes a WebSocket', async () => {
    await using refusing = await rigOf(0, {}, { allowed: false, status: 401 });
    expect(await statusOf(refusing, FEED_PATH)).toBe(401);
    await using open = await rigOf(0);
    for (const path of ['/', '//', '/api/feed/x', '/api']) expect(await statusOf(open, path), path).toBe(404);
    const withQuery = open.connect(`${FEED_PATH}?x=1`, []);
    await happens(() => expect(withQuery.messages.length).toBe(2));
    expect(withQuery.socket.protocol).toBe('');
  });

  it.each([
    ['no JSON', '{', 1008],
    ['an unknown request', '{"type":"act"}', 1008],
    ['more than is asked', '{"type":"watch","node":"x","and":1}', 1008],
    ['bytes', Buffer.from('{"type":"watch","node":null}'), 1008],
    ['too long a request', JSON.stringify({ type: 'watch', node: 'x'.repeat(5000) }), 1009],
    ['too long a name', JSON.stringify({ type: 'watch', node: 'x'.repeat(2000) }), 1008],
  ])('ends a reader that sends %s', async (_, request, code) => {
    await using rig = await rigOf(0);
    const client = rig.connect();
    await once(client.socket, 'open');
    client.socket.send(request);
    expect(await client.closed).toBe(code);
    await happens(() => expect(rig.feed.readers).toBe(0));
  });

  it('ends a reader that asks too often', async () => {
    await using rig = await rigOf(0, { requestsPerSecond: 5 });
    const client = rig.connect();
    await once(client.socket, 'open');
    for (let count = 0; count < 100; count += 1) client.socket.send('{"type":"watch","node":null}');
    expect(await client.closed).toBe(1008);
  });

  it('has so many readers, and sends others away until one is gone', async () => {
    await using rig = await rigOf(0, { readers: 2 });
    const first = rig.connect();
    const second = rig.connect();
    await happens(() => expect([updates(first).length, updates(second).length]).toEqual([1, 1]));
    const third = rig.connect();
    expect(await third.closed).toBe(1013);
    expect(third.messages).toEqual([]);
    first.socket.close();
    await happens(() => expect(rig.feed.readers).toBe(1));
    const fourth = rig.connect();
    await happens(() => expect(updates(fourth).length).toBe(1));
  });

  it('keeps no more than it may for a reader that does not read, which then comes to the latest state', async () => {
    await using rig = await rigOf(2000);
    const client = rig.connect();
    await happens(() => expect(updates(client).length).toBe(2));
    client.socket.pause();
    const [socket] = rig.sockets;
    let most = 0;
    let stuck = 0;
    const change = (by: number): void => {
      for (const link of rig.counted.links) link.counters[0].frames += by;
    };
    // The kernel takes some of it, as much as it likes; from then on nothing more is sent.
    for (let second = 1; stuck < 5; second += 1) {
      expect(second).toBeLessThan(400);
      const before = socket!.bytesWritten;
      change(second);
      rig.time.pass(1000);
      await turn();
      most = Math.max(most, socket!.writableLength);
      stuck = socket!.bytesWritten === before ? stuck + 1 : 0;
    }
    const largest = Math.max(...updates(client).map((update) => JSON.stringify(update).length));
    expect(most).toBeGreaterThan(feedLimits.waitingBytes);
    expect(most).toBeLessThan(feedLimits.waitingBytes + 2 * largest);
    // It reads on. What it comes to is the state as it is, not one of those that it slept through.
    client.socket.resume();
    const { sequence } = rig.sampler.state;
    await happens(() => expect(socket!.writableLength).toBe(0));
    rig.time.pass(1000);
    await happens(() => expect(updates(client).at(-1)!.sequence).toBe(sequence + 1));
    const links: LinkState[] = [];
    await happens(() => {
      for (const update of updates(client)) for (const link of update.links) links[link.index] = link;
      expect(links.filter((link, index) => JSON.stringify(link) !== JSON.stringify(rig.sampler.state.links[index]))).toEqual([]);
      expect(links.length).toBe(2000);
    });
  }, 60_000);

  it('gives up a reader that takes nothing', async () => {
    await using rig = await rigOf(2000, { silentMilliseconds: 400, pingMilliseconds: 100 });
    const deaf = rig.connect();
    const other = rig.connect();
    await happens(() => expect([updates(deaf).length, updates(other).length]).toEqual([2, 2]));
    deaf.socket.pause();
    await happens(() => expect(rig.feed.readers).toBe(1));
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });
});
