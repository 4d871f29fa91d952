import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from './listener.ts';

const ignore = (): void => {};

describe('a listener', () => {
  it('picks a port where none is asked for, and tells it', async () => {
    const listener = await listen('127.0.0.1', 0, ignore);
    expect(listener.port).toBeGreaterThan(0);
    expect(listener.address).toBe(`127.0.0.1:${listener.port}`);
    await listener.close();
  });

  it('writes IPv6 addresses in brackets', async ({ skip }) => {
    const listener = await listen('::1', 0, ignore).catch((error: Error) => error);
    if (listener instanceof Error) {
      expect(listener.message).toMatch(/^Can't listen on \[::1\]:0: /);
      return skip('no IPv6 on this machine');
    }
    expect(listener.address).toBe(`[::1]:${listener.port}`);
    await listener.close();
  });

  it('says that a port is in use', async () => {
    const first = await listen('127.0.0.1', 0, ignore);
    await expect(listen('127.0.0.1', first.port, ignore)).rejects.toThrow(
      `Can't listen on 127.0.0.1:${first.port}: it is in use: stop the other program, or choose another port.`,
    );
    await first.close();
    const again = await listen('127.0.0.1', first.port, ignore);
    await again.close();
  });

  it('says that the machine has no such address', async () => {
    // TEST-NET-1 (RFC 5737): nobody has it.
    await expect(listen('192.0.2.1', 0, ignore)).rejects.toThrow("Can't listen on 192.0.2.1:0: this machine has no such address.");
  });

  it('says that a port is privileged', async ({ skip }) => {
    const allowed = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EACCES'));
      server.listen(1, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (allowed) skip('this user may listen on every port');
    await expect(listen('127.0.0.1', 1, ignore)).rejects.toThrow(
      "Can't listen on 127.0.0.1:1: permission is denied: ports below 1024 need root, or choose another port.",
    );
  });

  it('gives connections paused: nothing is lost before somebody reads', async () => {
    let accept: (socket: Socket) => void = ignore;
    const accepted = new Promise<Socket>((resolve) => {
      accept = resolve;
    });
    const listener = await listen('127.0.0.1', 0, (socket) => accept(socket));
    const client = connect(listener.port, '127.0.0.1');
    client.write('early');
    const socket = await accepted;
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(socket.bytesRead).toBe(0);
    socket.resume();
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(String(bytes)).toBe('early');
    client.destroy();
    socket.destroy();
    await listener.close();
  });

  it('is closed while connections are open: they stay, and no more are taken', async () => {
    const sockets: Socket[] = [];
    const listener = await listen('127.0.0.1', 0, (socket) => sockets.push(socket));
    const client = connect(listener.port, '127.0.0.1');
    await once(client, 'connect');
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await listener.close();
    await listener.close();
    const [error] = (await once(connect(listener.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    sockets[0]!.write('still here');
    const [bytes] = (await once(client, 'data')) as [Buffer];
    expect(String(bytes)).toBe('still here');
    expect(sockets).toHaveLength(1);
    client.destroy();
    sockets[0]!.destroy();
  });
});
