import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { serve } from './serve.ts';

/** Connects, and says what the other end does with bytes that are no iSCSI. */
const speakNonsense = (portal: string): Promise<string> =>
  new Promise((resolve) => {
    const [host, port] = portal.split(':') as [string, string];
    const socket = connect(Number(port), host, () => socket.write(new Uint8Array(48).fill(0xff)));
    socket.on('close', () => resolve('closed'));
    socket.on('error', () => resolve('reset'));
  });

describe('serve', () => {
  it('listens on loopback and a free port, and is gone at the end of its block', async () => {
    let portal = '';
    {
      await using target = await serve({ luns: [{ memory: '1MiB' }, { memory: '2MiB', blockSize: 4096, thin: true }] });
      portal = target.portal;
      expect(target.url(1)).toBe(`iscsi://${portal}/iqn.2026-01.net.samewire:serve/1`);
      expect(target.units().map((unit) => unit.bytes)).toEqual([1048576, 2097152]);
      expect(await speakNonsense(portal)).toMatch(/closed|reset/);
    }
    await using again = await serve({ luns: [{ memory: '1MiB' }], portal });
    expect(again.portal).toBe(portal);
  });

  it('says what is wrong with a declaration', async () => {
    await expect(serve({ luns: [{ memory: '1 potato' }] })).rejects.toThrow(/potato/);
    await expect(serve({ luns: [{ memory: '1MiB' }], portal: '0.0.0.0:0' })).rejects.toThrow(/access|allow|loopback/i);
  });

  it('says that a port is in use', async () => {
    await using target = await serve({ luns: [{ memory: '1MiB' }] });
    await expect(serve({ luns: [{ memory: '1MiB' }], portal: target.portal })).rejects.toThrow(/in use/);
  });
});
