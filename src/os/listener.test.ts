import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ByteStream } from '../base/byte-stream.ts';
import { listen, type Listener } from './listener.ts';
import { streamFromSocket } from './socket-stream.ts';

const listeners: Listener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of listeners.splice(0)) await listener.close();
});
const listening = async (...args: Parameters<typeof listen>): Promise<Listener> => {
  const listener = await listen(...args);
  listeners.push(listener);
  return listener;
};
const dial = (port: number, host = '127.0.0.1'): Socket => {
  const socket = connect(port, host);
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
};
const ignore = (socket: Socket): void => void sockets.push(socket);

describe('listen', () => {
  it('picks a port for 0, and says which', async () => {
    const listener = await listening('127.0.0.1', 0, ignore);
    expect(listener.port).toBeGreaterThan(0);
    expect(listener.address).toBe(`127.0.0.1:${listener.port}`);
    await once(dial(listener.port), 'connect');
  });

  it('hands connections over paused', async () => {
    const accepted = new Promise<Socket>((resolve) => {
      void listening('127.0.0.1', 0, resolve).then(({ port }) => dial(port).write('hello'));
    });
    const socket = await accepted;
    sockets.push(socket);
    expect(socket.isPaused()).toBe(true);
  });

  it('writes addresses of IPv6 in brackets', async ({ skip }) => {
    const probe = createServer();
    const speaks = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
    });
    probe.close();
    skip(!speaks, 'this machine has no IPv6');
    expect((await listening('::1', 0, ignore)).address).toMatch(/^\[::1\]:\d+$/);
  });

  it('says in one sentence what is wrong', async () => {
    const { port } = await listening('127.0.0.1', 0, ignore);
    await expect(listen('127.0.0.1', port, ignore)).rejects.toThrow(
      `Can't listen on 127.0.0.1:${port}: it is in use: stop the other program, or choose another port.`,
    );
    // TEST-NET-1 (RFC 5737) belongs to nobody.
    await expect(listen('192.0.2.1', 0, ignore)).rejects.toThrow(/^Can't listen on 192\.0\.2\.1:0: this machine has no such address/);
  });

  it('frees its port at once, while connections go on', async () => {
    const accepted = new Promise<Socket>((resolve) => {
      void listening('127.0.0.1', 0, resolve).then(({ port }) => dial(port));
    });
    const socket = await accepted;
    sockets.push(socket);
    const { port, close } = listeners[0]!;
    await close();
    expect((await listening('127.0.0.1', port, ignore)).port).toBe(port);
    expect(socket.destroyed).toBe(false);
  });

  it.each([true, false])('counts connections, and forgets those that are over (direct: %s)', async (direct) => {
    const refused: string[] = [];
    const streams: ByteStream[] = [];
    let told: (() => void) | undefined;
    let closed: (() => void) | undefined;
    const accept = (socket: Socket): void => {
      const bytes = new Uint8Array(64);
      const receiver = { nextBuffer: () => bytes, handleBytes: () => {}, handleClose: () => closed?.() };
      streams.push(streamFromSocket(socket, receiver, { direct }));
      told?.();
    };
    const { port } = await listening('127.0.0.1', 0, accept, { connectionsMax: 2, onRefused: (remote) => refused.push(remote) });
    const accepted = (): Promise<void> => new Promise((resolve) => (told = resolve));
    for (let count = 0; count < 2; count += 1) {
      const next = accepted();
      dial(port);
      await next;
    }
    await once(dial(port), 'close');
    expect(streams.length).toBe(2);
    expect(refused).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    const over = new Promise<void>((resolve) => (closed = resolve));
    streams[0]!.destroy();
    await over;
    const next = accepted();
    dial(port);
    await next;
    expect(streams.length).toBe(3);
  });
});
