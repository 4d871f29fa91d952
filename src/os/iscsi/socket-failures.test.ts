/**
 * What an operating system's sockets can fail with, as the initiator's events 5, 6, 7 and 20 tell of it: with an address that this machine does not
 * have, a process without descriptors, and targets that reset and close connections.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { SCSI_COMMAND } from '../../wire/iscsi/basic-header.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import type { Dial } from '../../storage/iscsi/initiator/index.ts';
import { ScriptedTarget, type TargetScript } from '../../storage/iscsi/initiator/testing/scripted-target.ts';
import { streamFromSocket } from '../socket-stream.ts';
import { dialFrom } from './dial.ts';
import { discover, type IscsiOptions, type IscsiSession, openIscsiSession } from './index.ts';

const NAME = 'iqn.2026-01.net.example:disk';
/** An address for documentation (RFC 5737): no machine has it. */
const ELSEWHERE = '198.51.100.9';
const READ = { lun: 0, cdb: cdbs.read(0, 8), dataInBytes: 4096, attentionRetries: 0 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A target on a socket of its own, and the connections it has. */
async function listening(
  script: TargetScript = {},
): Promise<{ readonly portal: string; readonly url: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    const target = new ScriptedTarget(script);
    target.attach(streamFromSocket(socket, target.receiver, { direct: false }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const portal = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return { portal, url: `iscsi://${portal}/${NAME}/0`, sockets };
}

async function opened(url: string, events: FabricEvent[], options: IscsiOptions = {}): Promise<IscsiSession> {
  const session = await openIscsiSession(url, { events: (event) => void events.push(event), environment: {}, ...options });
  cleanUps.push(() => session.destroy());
  return session;
}

const told = (events: readonly FabricEvent[], id: number): FabricEvent | undefined => events.find((event) => event.id === id);

it('5: an address that this machine does not have, for a session and for discovery', async () => {
  const { url, portal } = await listening();
  const events: FabricEvent[] = [];
  const options = { localAddress: ELSEWHERE, events: (event: FabricEvent) => void events.push(event), environment: {} };
  await expect(opened(url, events, options)).rejects.toMatchObject({ reason: 'local-portal', dump: 'EADDRNOTAVAIL' });
  await expect(discover(portal, options)).rejects.toMatchObject({ reason: 'local-portal' });
  const awaited = {
    id: 2105,
    severity: 'error',
    message: expect.stringMatching(/^no connection to 127\.0\.0\.1:\d+: bind EADDRNOTAVAIL 198\.51\.100\.9/),
    data: { number: 5, dump: 'EADDRNOTAVAIL' },
  };
  expect(events).toMatchObject([awaited, awaited]);
  // One that it does have is where it connects from.
  const session = await opened(url, events, { localAddress: '127.0.0.9' });
  expect(session.status.state).toBe('logged-in');
});

it('connects from the address it is told to', async () => {
  const { url, sockets } = await listening();
  await opened(url, [], { localAddress: '127.0.0.9' });
  expect(sockets.map(({ remoteAddress }) => remoteAddress)).toEqual(['127.0.0.9']);
});

it('has connections made by what it is told to use, for a session and for discovery', async () => {
  const { url, portal } = await listening();
  const dialled: string[] = [];
  const dial: Dial = (to, receiver, begin) => {
    dialled.push(`${to.host}:${to.port}`);
    return dialFrom('127.0.0.9')(to, receiver, begin);
  };
  await opened(url, [], { dial });
  expect(dialled).toEqual([portal]);
  await discover(portal, { dial, environment: {} }).catch(() => {});
  expect(dialled).toEqual([portal, portal]);
});

it('6: a process that has no descriptor left', async () => {
  const { url, sockets } = await listening();
  const line = `ulimit -n 200 && exec "${process.execPath}" scripts/run-typescript.mjs src/os/testing/no-descriptors-child.ts ${url}`;
  const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUps.push(() => child.kill('SIGKILL'));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const said = out.split('\n').find((part) => part.startsWith('{'));
  expect(said, errors).toBeDefined();
  const { ended, events } = JSON.parse(said!) as { ended: string; events: FabricEvent[] };
  expect(ended).toBe('EMFILE');
  expect(events).toMatchObject([
    {
      id: 2106,
      severity: 'error',
      message: expect.stringMatching(/^no connection to 127\.0\.0\.1:\d+: connect EMFILE/),
      data: { number: 6, dump: 'EMFILE' },
    },
  ]);
  expect(sockets).toEqual([]);
});

it('7, then 20: a target that resets the connection while a command is sent', async () => {
  const { url, sockets } = await listening();
  const events: FabricEvent[] = [];
  const session = await opened(url, events);
  // In one turn: the reset is there before the command leaves, and nobody has read of it yet.
  sockets[0]!.resetAndDestroy();
  const result = await session.execute(READ);
  // On the next connection it is carried out.
  expect(result.status).toBe(0);
  expect(told(events, 2107)).toMatchObject({
    severity: 'error',
    message: expect.stringContaining('the peer reset the connection while data was on its way to it (ECONNRESET)'),
    data: { number: 7, dump: 'ECONNRESET' },
  });
  expect(told(events, 2120)).toMatchObject({
    severity: 'error',
    message: expect.stringContaining('another attempt follows'),
    data: { number: 20 },
  });
  expect(sockets.length).toBe(2);
});

it('20: a target that closes the connection in place of an answer', async () => {
  let closes = true;
  const script: TargetScript = {
    on: {
      [SCSI_COMMAND]: (target, request) => {
        if (!closes) return target.answer(request);
        closes = false;
        target.stream.destroy();
      },
    },
  };
  const { url } = await listening(script);
  const events: FabricEvent[] = [];
  const session = await opened(url, events);
  expect((await session.execute(READ)).status).toBe(0);
  expect(told(events, 2107)).toBeUndefined();
  expect(told(events, 2120)).toMatchObject({
    severity: 'error',
    message: expect.stringMatching(/^the connection to 127\.0\.0\.1:\d+ was lost.*; another attempt follows$/),
    data: { number: 20 },
  });
});
