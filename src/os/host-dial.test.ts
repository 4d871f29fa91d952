/** An adapter's own addresses on real sockets: where a connection comes from, and what it can't reach. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { ByteStreamReceiver } from '../base/byte-stream.ts';
import type { Adapter } from '../fabric/host-model.ts';
import { dialBound } from './host-dial.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

async function listening(host: string): Promise<{ readonly port: number; readonly from: Promise<string> }> {
  let tell: (address: string) => void;
  const from = new Promise<string>((resolve) => (tell = resolve));
  const server = createServer((socket) => {
    tell(socket.remoteAddress!);
    socket.destroy();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { port: (server.address() as AddressInfo).port, from };
}

/** `opened`, or why not. */
function dialed(bind: Adapter['bind'], host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const receiver: ByteStreamReceiver = {
      nextBuffer: () => new Uint8Array(16),
      handleBytes: () => {},
      handleClose: (reason) => resolve(reason ?? 'closed'),
    };
    dialBound(bind)({ host, port }, receiver, (stream) => {
      resolve('opened');
      stream.destroy();
    });
  });
}

const both = { ipv4: '127.0.0.2', ipv6: '::1' };

describe.skipIf(process.platform !== 'linux')('connections of an adapter', () => {
  it('leave from its address of the same family', async () => {
    const { port, from } = await listening('127.0.0.1');
    expect(await dialed(both, '127.0.0.1', port)).toBe('opened');
    expect(await from).toBe('127.0.0.2');
  });

  it.skipIf(!hasIpv6)('leave from its IPv6 address to another', async () => {
    const { port, from } = await listening('::1');
    expect(await dialed(both, '::1', port)).toBe('opened');
    expect(await from).toBe('::1');
  });

  it('go to the address of a name that it can reach', async () => {
    const { port, from } = await listening('127.0.0.1');
    expect(await dialed({ ipv4: '127.0.0.2', ipv6: undefined }, 'localhost', port)).toBe('opened');
    expect(await from).toBe('127.0.0.2');
  });

  it('come to nothing where it has no address of that kind, or not that address', async () => {
    expect(await dialed({ ipv4: '127.0.0.2', ipv6: undefined }, '::1', 3260)).toBe('the adapter has no IPv6 address to connect from');
    expect(await dialed({ ipv4: undefined, ipv6: '::1' }, '127.0.0.1', 3260)).toBe('the adapter has no IPv4 address to connect from');
    expect(await dialed({ ipv4: '192.0.2.7', ipv6: undefined }, '127.0.0.1', 3260)).toContain('EADDRNOTAVAIL');
    expect(await dialed(both, 'there.is.no.such.name.invalid', 3260)).toContain("there.is.no.such.name.invalid can't be looked up");
  });

  it('can be called off', async () => {
    const { port } = await listening('127.0.0.1');
    const calls: string[] = [];
    const receiver: ByteStreamReceiver = {
      nextBuffer: () => new Uint8Array(16),
      handleBytes: () => {},
      handleClose: () => void calls.push('closed'),
    };
    for (const host of ['127.0.0.1', 'localhost', '::ffff:127.0.0.1'])
      dialBound(both)({ host, port }, receiver, () => void calls.push('opened')).cancel();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(calls).toEqual([]);
  });
});
