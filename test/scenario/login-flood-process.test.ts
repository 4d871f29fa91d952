/** The flood once more, against the process as it runs: a thousand sockets that never log in, and one session that goes on. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesEqual } from '../../src/base/bytes.ts';
import { cdb10 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { makeScratch } from '../interop/scratch.ts';
import { logicalUnits, startTarget, type TargetProcess } from '../interop/target-process.ts';
import { SocketInitiator, splitAddress } from './socket-initiator.ts';

const FLOOD = 1000;
const PENDING = 40;
const FABRIC = `version: 1
name: flood
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    limits: { unfinishedLogins: ${PENDING}, loginTimeout: 2s }
    targets:
      iqn.2026-01.net.samewire:flood:
        luns: [{ store: memory, size: 1MiB }]
    state: state
`;

describe('a thousand sockets that never log in', () => {
  const scratch = makeScratch();
  const sockets: Socket[] = [];
  let target: TargetProcess;
  let portal: string;
  let name: string;

  beforeAll(async () => {
    target = await startTarget(['up', scratch.write('flood.yaml', FABRIC)]);
    const unit = logicalUnits(target.ready)[0]!;
    portal = unit.portals[0]!;
    name = unit.target;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await target?.stop();
    scratch.remove();
  });

  /** Connected, and told when the target closes it. */
  const open = (): Promise<{ closed: boolean }> =>
    new Promise((resolve, reject) => {
      const state = { closed: false };
      const socket = connect(splitAddress(portal));
      sockets.push(socket);
      socket.on('connect', () => resolve(state));
      socket.on('error', reject);
      socket.on('error', () => {});
      socket.on('close', () => {
        state.closed = true;
      });
      socket.resume();
    });

  it('are shed while a session works on, and then somebody honest gets in', async () => {
    const good = await SocketInitiator.open(portal, { name: 'iqn.2026-01.net.example:good', target: name });
    await good.run({ cdb: new Uint8Array(16) });
    const states: { closed: boolean }[] = [];
    for (let index = 0; index < FLOOD; index += 1) {
      states.push(await open());
      if (index % 50 !== 0) continue;
      const data = new Uint8Array(4096).fill(index / 50);
      expect((await good.run({ cdb: cdb10(0x2a, 0, 8), dataOut: data, immediateBytes: 4096 })).status).toBe(0);
      const back = await good.run({ cdb: cdb10(0x28, 0, 8), dataInBytes: 4096 });
      expect(bytesEqual(back.dataIn, data)).toBe(true);
    }
    const late = await SocketInitiator.open(portal, { name: 'iqn.2026-01.net.example:late', target: name });
    expect((await late.run({ cdb: new Uint8Array(16) })).status).toBe(2); // its power-on attention
    // The rest is closed by the login timeout: waiting for it is all that can be done about it.
    await good.until(() => states.every(({ closed }) => closed));
    const events = target.events().map((line) => (JSON.parse(line) as { event: string }).event);
    const count = (event: string): number => events.filter((one) => one === event).length;
    expect(count('connection-shed') + count('login-timed-out')).toBe(FLOOD);
    expect(count('login-timed-out')).toBeGreaterThan(0);
    expect(count('login-timed-out')).toBeLessThanOrEqual(PENDING);
    expect((await good.run({ cdb: new Uint8Array(16) })).status).toBe(0);
    expect(target.isRunning()).toBe(true);
    await late.logout();
    await good.logout();
  }, 60_000);
});
