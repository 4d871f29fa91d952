/** The process dies, is stopped, or can't start: what it promised holds, and what it can't do it says. */
import { createServer } from 'node:net';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { be32, be64, putBe16, putBe32, putBe64 } from '../../src/base/bytes.ts';
import { cdb10 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { ASYNC_LOGOUT_REQUESTED } from '../../src/wire/iscsi/control.ts';
import { ACTIONS } from '../../src/storage/scsi/testing/persistent-reserve.ts';
import { runPeer } from '../interop/run-peer.ts';
import { makeScratch, type Scratch } from '../interop/scratch.ts';
import { CLI, logicalUnits, startTarget, type StartOptions, type TargetProcess } from '../interop/target-process.ts';
import { SocketInitiator } from './socket-initiator.ts';

const TARGET = 'iqn.2026-01.net.samewire:restart';
const BLOCK_BYTES = 512;
const RESERVATION_CONFLICT = 0x18;
const FUA = 0x08;

const fabric = (lun: string, more = ''): string => `version: 1
name: restart
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      ${TARGET}:
        luns: [${lun}]${more}
    state: state
`;

const scratches: Scratch[] = [];
const running: TargetProcess[] = [];
const initiators: SocketInitiator[] = [];

function scratch(): Scratch {
  const made = makeScratch();
  scratches.push(made);
  return made;
}

async function start(file: string, options: StartOptions = {}): Promise<{ readonly target: TargetProcess; readonly portal: string }> {
  const target = await startTarget(['up', file], options);
  running.push(target);
  return { target, portal: logicalUnits(target.ready)[0]!.portals[0]! };
}

/** Dies at once, with nothing said. */
async function kill(target: TargetProcess): Promise<void> {
  process.kill(target.pid, 'SIGKILL');
  expect(await target.stop()).toEqual({ code: null, signal: 'SIGKILL' });
}

afterEach(async () => {
  for (const initiator of initiators.splice(0)) initiator.destroy();
  for (const target of running.splice(0)) await target.stop();
  for (const made of scratches.splice(0)) made.remove();
});

async function logIn(portal: string, host: string): Promise<SocketInitiator> {
  const initiator = await SocketInitiator.open(portal, { name: `iqn.2026-01.net.example:${host}`, target: TARGET });
  initiators.push(initiator);
  await initiator.run({ cdb: new Uint8Array(16) }); // takes the power-on attention
  return initiator;
}

async function reserveOut(
  initiator: SocketInitiator,
  action: number,
  key: number,
  newKey: number,
  flags: number,
  type = 0,
): Promise<number> {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x5f;
  cdb[1] = action;
  cdb[2] = type;
  putBe16(cdb, 7, 24);
  const list = new Uint8Array(24);
  putBe64(list, 0, key);
  putBe64(list, 8, newKey);
  list[20] = flags;
  return (await initiator.run({ cdb, dataOut: list, immediateBytes: 24 })).status;
}

async function reserveIn(initiator: SocketInitiator, action: number): Promise<Uint8Array> {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x5e;
  cdb[1] = action;
  putBe16(cdb, 7, 1024);
  const { status, dataIn } = await initiator.run({ cdb, dataInBytes: 1024 });
  expect(status).toBe(0);
  return dataIn;
}

async function keysOf(initiator: SocketInitiator): Promise<number[]> {
  const list = await reserveIn(initiator, 0);
  return Array.from({ length: be32(list, 4) / 8 }, (_, index) => be64(list, 8 + index * 8));
}

describe('persistent reservations over a SIGKILL', () => {
  const WRITE_EXCLUSIVE = 1;
  const APTPL = 1;

  it('are there again with APTPL: keys, holder, and what they keep out', async () => {
    const file = scratch().write('fabric.yaml', fabric('{ store: memory, size: 1MiB }'));
    const before = await start(file);
    const holder = await logIn(before.portal, 'holder');
    const other = await logIn(before.portal, 'other');
    expect(await reserveOut(holder, ACTIONS.register, 0, 0xabc, APTPL)).toBe(0);
    expect(await reserveOut(other, ACTIONS.register, 0, 0xdef, APTPL)).toBe(0);
    expect(await reserveOut(holder, ACTIONS.reserve, 0xabc, 0, 0, WRITE_EXCLUSIVE)).toBe(0);
    await kill(before.target);

    const after = await start(file);
    const again = await logIn(after.portal, 'holder');
    const otherAgain = await logIn(after.portal, 'other');
    const third = await logIn(after.portal, 'third');
    expect((await keysOf(third)).sort()).toEqual([0xabc, 0xdef]);
    const reservation = await reserveIn(third, 1);
    expect(be32(reservation, 4)).toBe(16);
    expect(be64(reservation, 8)).toBe(0xabc);
    expect(reservation[21]).toBe(WRITE_EXCLUSIVE);
    const write = { cdb: cdb10(0x2a, 0, 1), dataOut: new Uint8Array(BLOCK_BYTES), immediateBytes: BLOCK_BYTES };
    expect((await otherAgain.run(write)).status).toBe(RESERVATION_CONFLICT);
    expect((await third.run(write)).status).toBe(RESERVATION_CONFLICT);
    expect((await again.run(write)).status).toBe(0);
    // The key is known: its holder releases without registering anew.
    expect(await reserveOut(again, ACTIONS.release, 0xabc, 0, 0, WRITE_EXCLUSIVE)).toBe(0);
    expect((await otherAgain.run({ cdb: new Uint8Array(16) })).status).toBeLessThanOrEqual(2);
    expect((await third.run(write)).status).toBe(0);
  }, 60_000);

  it('are gone without APTPL', async () => {
    const file = scratch().write('fabric.yaml', fabric('{ store: memory, size: 1MiB }'));
    const before = await start(file);
    const holder = await logIn(before.portal, 'holder');
    expect(await reserveOut(holder, ACTIONS.register, 0, 0xabc, 0)).toBe(0);
    expect(await reserveOut(holder, ACTIONS.reserve, 0xabc, 0, 0, WRITE_EXCLUSIVE)).toBe(0);
    await kill(before.target);
    const after = await start(file);
    expect(await keysOf(await logIn(after.portal, 'holder'))).toEqual([]);
  }, 60_000);

  it('are gone when APTPL was taken back (SPC-5 §5.14.5)', async () => {
    const file = scratch().write('fabric.yaml', fabric('{ store: memory, size: 1MiB }'));
    const before = await start(file);
    const holder = await logIn(before.portal, 'holder');
    expect(await reserveOut(holder, ACTIONS.register, 0, 0xabc, APTPL)).toBe(0);
    expect(await reserveOut(holder, ACTIONS.register, 0xabc, 0xabd, 0)).toBe(0);
    await kill(before.target);
    const after = await start(file);
    expect(await keysOf(await logIn(after.portal, 'holder'))).toEqual([]);
  }, 60_000);
});

/** Fills a block with its number and the round it was written in. */
const block = (lba: number, round: number): Uint8Array => {
  const bytes = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 8) {
    putBe32(bytes, at, lba);
    putBe32(bytes, at + 4, round);
  }
  return bytes;
};

describe('a file over a SIGKILL', () => {
  it('keeps every write that was forced or flushed before the answer', async () => {
    const made = scratch();
    const file = made.write('fabric.yaml', fabric('{ store: file, path: disk.img, size: 1MiB }'));
    /** By block: the last round that must be there. */
    const promised = new Map<number, number>();
    /** By block: the last round that may be there. */
    const sent = new Map<number, number>();
    for (let round = 1; round <= 3; round += 1) {
      const { target, portal } = await start(file);
      const initiator = await logIn(portal, 'writer');
      const written: number[] = [];
      for (let index = 0; index < 200; index += 1) {
        const lba = (index * 7 + round * 13) % 1024;
        sent.set(lba, round);
        const force = index % 2 === 0;
        const result = await initiator.run({
          cdb: cdb10(0x2a, lba, 1, force ? FUA : 0),
          dataOut: block(lba, round),
          immediateBytes: BLOCK_BYTES,
        });
        expect(result.status).toBe(0);
        if (force) promised.set(lba, round);
        else written.push(lba);
        if (index % 50 !== 49) continue;
        expect((await initiator.run({ cdb: cdb10(0x35, 0, 0) })).status).toBe(0);
        for (const flushed of written.splice(0)) promised.set(flushed, round);
      }
      // Some more under way, so that it dies in the middle of its work.
      for (let lba = 1024; lba < 1056; lba += 1) initiator.raw.execute({ cdb: cdb10(0x2a, lba, 1), dataOut: block(lba, round) });
      await kill(target);
      initiator.destroy();
    }
    const image = readFileSync(made.path('disk.img'));
    for (const [lba, round] of promised) {
      const held = image.subarray(lba * BLOCK_BYTES, (lba + 1) * BLOCK_BYTES);
      const found = be32(held, 4);
      expect(Buffer.compare(held, block(lba, found)), `block ${lba} is torn`).toBe(0);
      expect(found, `block ${lba}`).toBeGreaterThanOrEqual(round);
      expect(found, `block ${lba}`).toBeLessThanOrEqual(sent.get(lba)!);
    }
    expect(promised.size).toBeGreaterThan(300);
  }, 120_000);
});

describe('SIGTERM', () => {
  it('lets the commands in flight finish, asks for the logout, and ends with 0', async () => {
    const made = scratch();
    const file = made.write('fabric.yaml', fabric('{ store: file, path: disk.img, size: 16MiB }'));
    const { target, portal } = await start(file);
    const initiator = await logIn(portal, 'writer');
    const { raw } = initiator;
    let leaving: number | undefined;
    raw.onAsyncEvent = (event) => {
      expect(event).toBe(ASYNC_LOGOUT_REQUESTED);
      // Behind the commands: a logout is immediate and would end them (RFC 7143 §11.14.1).
      const leave = (): void => {
        if (raw.open.size === 0) leaving = raw.logout();
        else setImmediate(leave);
      };
      leave();
    };
    const data = Array.from({ length: 24 }, (_, index) => new Uint8Array(256 * 1024).fill(index + 1));
    const tags = data.map((dataOut, index) => raw.execute({ cdb: cdb10(0x2a, index * 512, 512), dataOut }));
    const stopped = target.stop();
    await initiator.until(() => tags.every((tag) => raw.results.has(tag)));
    await initiator.until(() => leaving !== undefined && raw.responses.has(leaving));
    for (const tag of tags) expect(raw.results.get(tag)!.status).toBe(0);
    expect(await stopped).toEqual({ code: 0, signal: null });
    const image = readFileSync(made.path('disk.img'));
    for (const [index, bytes] of data.entries()) {
      expect(Buffer.compare(image.subarray(index * bytes.length, (index + 1) * bytes.length), bytes)).toBe(0);
    }
  }, 60_000);

  it('ends with 0 in time when initiators don’t care', async () => {
    const file = scratch().write('fabric.yaml', fabric('{ store: memory, size: 1MiB }'));
    const { target, portal } = await start(file);
    const deaf = await logIn(portal, 'deaf');
    // One command waits for data that never comes.
    deaf.raw.execute({ cdb: cdb10(0x2a, 0, 512), dataOut: new Uint8Array(8), expectedBytes: 256 * 1024 });
    deaf.raw.onSend = () => {
      throw new Error('it sends nothing any more');
    };
    expect(await target.stop()).toEqual({ code: 0, signal: null });
    await deaf.untilClosed();
  }, 60_000);
});

/** One sentence on standard error, exit code 1, no ready line. */
async function refusal(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const run = await runPeer(process.execPath, [CLI, 'up', file, '--json'], { timeoutMs: 20_000, env });
  expect(run.timedOut).toBe(false);
  expect(run.code, run.stderr).toBe(1);
  expect(run.stdout).not.toContain('"event":"ready"');
  const lines = run.stderr.trim().split('\n');
  expect(lines.length, run.stderr).toBe(1);
  // A whole sentence, or one that ends in the command to type.
  expect(lines[0]).toMatch(/^samewire: [A-Z].*(\.|: \S+ .*)$/);
  expect(run.stderr).not.toMatch(/\bat .*\.(js|ts):\d+|Error:/);
  return lines[0]!;
}

const access = (source: string): string => `\n        access: [{ initiator: any, chap: { user: disk, secret: ${source} } }]`;

describe('what keeps a fabric from coming up', () => {
  it('a port in use, said with its number; the portal before it is free again', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const made = scratch();
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const first = (free.address() as { port: number }).port;
    await new Promise((resolve) => free.close(resolve));
    const text = fabric('{ store: file, path: disk.img, size: 1MiB }').replace(
      '"127.0.0.1:0"',
      `"127.0.0.1:${first}", "127.0.0.1:${port}"`,
    );
    const sentence = await refusal(made.write('fabric.yaml', text));
    expect(sentence).toContain(String(port));
    expect(sentence).toMatch(/in use/);
    await new Promise((resolve) => server.close(resolve));
    // Nothing holds the file or the ports any more: the same fabric comes up now.
    await start(made.path('fabric.yaml'));
  }, 60_000);

  it('a file that is smaller than declared, which stays as it is', async () => {
    const made = scratch();
    writeFileSync(made.path('disk.img'), 'something');
    truncateSync(made.path('disk.img'), 4096);
    const sentence = await refusal(made.write('fabric.yaml', fabric('{ store: file, path: disk.img, size: 1MiB }')));
    expect(sentence).toContain('disk.img');
    expect(readFileSync(made.path('disk.img')).length).toBe(4096);
    expect(readFileSync(made.path('disk.img'), 'latin1')).toMatch(/^something/);
  }, 60_000);

  it('a secret that is missing, by the name of its variable or file', async () => {
    const made = scratch();
    const env = await refusal(made.write('env.yaml', fabric('{ store: memory, size: 1MiB }', access('{ env: RESTART_TEST_ABSENT }'))));
    expect(env).toContain('RESTART_TEST_ABSENT');
    const file = await refusal(made.write('file.yaml', fabric('{ store: memory, size: 1MiB }', access('{ file: absent.secret }'))));
    expect(file).toContain('absent.secret');
    expect(existsSync(made.path('absent.secret'))).toBe(false);
  }, 60_000);

  it('a state directory that can’t be made', async () => {
    const made = scratch();
    writeFileSync(made.path('state'), 'a file in the way');
    const sentence = await refusal(made.write('fabric.yaml', fabric('{ store: memory, size: 1MiB }')));
    expect(sentence).toContain('state');
    expect(readFileSync(made.path('state'), 'utf8')).toBe('a file in the way');
  }, 60_000);
});
