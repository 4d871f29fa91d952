/** Error recovery and several connections from code, over sockets that are cut (RFC 7143 §4.2.2, §7.1.4). */
import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { serve, type ServedTarget } from '../serve.ts';
import { openIscsiSession } from './index.ts';

const MIB = 1024 * 1024;
const cleanUps: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Passes bytes on to a port, until one of its connections is cut. */
class Proxy {
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  constructor(port: number) {
    this.#server = createServer((socket) => {
      const onward = connect(port, '127.0.0.1');
      this.sockets.push(socket);
      for (const one of [socket, onward]) {
        one.on('error', () => {});
        one.on('close', () => {
          socket.destroy();
          onward.destroy();
        });
      }
      socket.pipe(onward).pipe(socket);
    });
    cleanUps.push(() => {
      for (const socket of this.sockets) socket.destroy();
      this.#server.close();
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as { port: number }).port;
  }

  get living(): Socket[] {
    return this.sockets.filter(({ destroyed }) => !destroyed);
  }
}

const portOf = ({ portal }: ServedTarget): number => Number(portal.slice(portal.lastIndexOf(':') + 1));

describe('a session with recovery', () => {
  it('says what was agreed on, and what has happened: by default nothing', async () => {
    const target = await serve({ luns: [{ memory: MIB }] });
    cleanUps.push(() => target.stop());
    await using session = await openIscsiSession(target.url(0));
    const { status } = session;
    expect([status.errorRecoveryLevel, status.connections.length, new Set(Object.values(status.recovery))]).toEqual([0, 1, new Set([0])]);
  });

  it.each([
    [2, 3],
    [2, 1],
    [1, 2],
  ] as const)(
    'at level %i over %i connections: what is written is there, whichever of them is cut',
    async (errorRecoveryLevel, connections) => {
      const target = await serve({ luns: [{ memory: 16 * MIB }] });
      cleanUps.push(() => target.stop());
      const proxy = new Proxy(portOf(target));
      const url = target.url(0).replace(`:${portOf(target)}`, `:${await proxy.listen()}`);
      const options = { errorRecoveryLevel, connections, dataDigest: 'crc32c', headerDigest: 'crc32c' } as const;
      await using session = await openIscsiSession(url, options);
      const disk = await session.device(0);
      while (session.status.connections.length < connections) await sleep(5);
      expect(session.status.errorRecoveryLevel).toBe(errorRecoveryLevel);
      const data = randomBytes(8 * MIB);
      for (let round = 0; round < 3; round += 1) {
        const writes = Array.from({ length: 64 }, (_, index) =>
          disk.write(index * 256, data.subarray(index * 131_072, (index + 1) * 131_072)),
        );
        await sleep(1);
        proxy.living[round % proxy.living.length]?.resetAndDestroy();
        await Promise.all(writes);
      }
      expect(data.equals(await disk.read(0, data.length / 512))).toBe(true);
      // The last cut may have met a connection that had nothing to do any more.
      const settled = (): boolean => {
        const { connectionsLost, connectionsRecovered, sessionsReinstated } = session.status.recovery;
        return connectionsLost >= 3 && (errorRecoveryLevel === 2 ? connectionsRecovered === connectionsLost : sessionsReinstated >= 3);
      };
      while (!settled()) await sleep(5);
      if (errorRecoveryLevel === 2) expect(session.status.recovery.sessionsReinstated).toBe(0);
      else expect(session.status.recovery.connectionsRecovered).toBe(0);
    },
  );
});
