/** Features of sessions that live on: pings, aborts, resets, connections that are cut, and PDUs that are damaged. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockDevice, IscsiSession } from '../../../src/os/iscsi/index.ts';
import { startCutProxy } from '../guest/cut-proxy.ts';
import { randomBytes } from '../initiator-targets.ts';
import { startDamagingProxy } from './damaging-proxy.ts';
import { type Feature, type FeatureBench, holds, NotSupported, sameBytes } from './feature.ts';

const MIB = 1024 * 1024;

/** Cuts connections under writes and reads: each is carried out, and with the right data. */
async function cuts(bench: FeatureBench): Promise<void> {
  const target = await bench.start();
  const proxy = await startCutProxy();
  bench.atEnd(() => proxy.close());
  proxy.leadTo(target.portal);
  const limits = { backOffNanos: 1_000_000, backOffMaxNanos: 200_000_000, replays: 100 };
  const disk = await bench.disk(target, { limits }, 0, `127.0.0.1:${proxy.port}`);
  const content = randomBytes(8 * MIB, 7);
  const piece = 16_384;
  const write = async (index: number): Promise<void> => {
    await disk.write((index * piece) / disk.blockBytes, content.subarray(index * piece, (index + 1) * piece));
  };
  const order = Array.from({ length: content.length / piece }, (_, index) => index);
  for (let part = 0; part < 4; part += 1) {
    const writes = order.slice(part * 128, (part + 1) * 128).map(write);
    // Once some of it has been carried out: the rest is under way.
    await Promise.race(writes);
    proxy.cut();
    await proxy.mend();
    await Promise.all(writes);
  }
  await disk.flush();
  const reads = order.slice(0, 128).map(async (index) => {
    const got = await disk.read((index * piece) / disk.blockBytes, piece / disk.blockBytes);
    assert(sameBytes(got, content.subarray(index * piece, (index + 1) * piece)), `piece ${index}`);
  });
  await Promise.race(reads);
  proxy.cut();
  await proxy.mend();
  await Promise.all(reads);
  assert.equal(bench.events.filter(({ name }) => name === 'initiator-session-recovered').length, 5);
  await holds(disk, target.units[0]!, 0, content, 'after five cuts');
}

/** Every command has several Data-In, and Data-Out for what was asked for. */
const LEVEL_1 = { errorRecoveryLevel: 1, maxReceiveDataSegmentBytes: 16_384, initialR2T: true, immediateData: false };

/** Data is damaged on its way, and comes right all the same over the same connection. */
async function damage(bench: FeatureBench, towards: 'initiator' | 'target', last = false): Promise<void> {
  const target = await bench.start({ keys: { ErrorRecoveryLevel: '2' } });
  const proxy = await startDamagingProxy(target.portal, towards, last);
  bench.atEnd(() => proxy.close());
  const options = {
    headerDigest: 'crc32c',
    dataDigest: 'crc32c',
    limits: LEVEL_1,
  } as const;
  const session = await bench.session(target, options, `127.0.0.1:${proxy.port}`);
  const { errorRecoveryLevel } = bench.agreed(session);
  if (errorRecoveryLevel === 0) throw new NotSupported("the login's answer: ErrorRecoveryLevel=0");
  const disk = await session.device(target.units[0]!.lun);
  const content = randomBytes(2 * MIB, 19);
  const states: string[] = [];
  session.onState((state) => states.push(state));
  proxy.damage(5);
  await inPieces(disk, content, (lba, piece) => disk.write(lba, piece));
  await disk.flush();
  await inPieces(disk, content, async (lba, piece) => {
    assert(sameBytes(await disk.read(lba, piece.length / disk.blockBytes), piece), `what lies at ${lba}`);
  });
  const refusal = proxy.refusal();
  if (refusal !== undefined) throw new NotSupported(`it agrees to level ${errorRecoveryLevel}, and then ${refusal}`);
  assert.equal(proxy.damaged(), 5, 'PDUs were damaged');
  assert.deepEqual(
    states,
    [],
    `the session went on: ${bench.events
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => message)
      .join('; ')}`,
  );
  await holds(disk, target.units[0]!, 0, content, 'after damage');
}

/** Pieces of a content, written at once and read again. */
async function written(disk: BlockDevice, content: Uint8Array, during: () => void = () => {}): Promise<void> {
  const bytes = 16_384;
  const pieces = Array.from({ length: content.length / bytes }, (_, index) => content.subarray(index * bytes, (index + 1) * bytes));
  const writes = pieces.map((piece, index) => disk.write((index * bytes) / disk.blockBytes, piece));
  await Promise.race(writes);
  during();
  await Promise.all(writes);
  await disk.flush();
  const reads = pieces.map(async (piece, index) => {
    assert(sameBytes(await disk.read((index * bytes) / disk.blockBytes, bytes / disk.blockBytes), piece), `piece ${index}`);
  });
  await Promise.race(reads);
  during();
  await Promise.all(reads);
}

/** Until all connections have logged in that were agreed on; a target that refuses each of them does not have it. */
async function untilJoined(bench: FeatureBench, session: IscsiSession, count: number): Promise<void> {
  for (let tries = 0; session.core.connections.length < count; tries += 1) {
    const troubles = bench.events.filter(({ severity }) => severity === 'error');
    if (troubles.length > 3 && session.core.connections.length === 1)
      throw new NotSupported(`it agrees to ${count} connections, and then: ${troubles.at(-1)!.message}`);
    assert(tries < 600, `${session.core.connections.length} of ${count} connections`);
    await sleep(50);
  }
}

async function connections(bench: FeatureBench): Promise<void> {
  const target = await bench.start({ keys: { MaxConnections: '4' } });
  const session = await bench.session(target, { limits: { maxConnections: 4 } });
  const { maxConnections } = bench.agreed(session);
  if (maxConnections === 1) throw new NotSupported("the login's answer: MaxConnections=1");
  await untilJoined(bench, session, maxConnections);
  const disk = await session.device(target.units[0]!.lun);
  const used = new Set<number>();
  const content = randomBytes(8 * MIB, 41);
  await written(disk, content, () => {
    for (const { connectionId, taskCount } of session.core.connections) if (taskCount > 0) used.add(connectionId);
  });
  assert.equal(used.size, maxConnections, 'commands go by all connections');
  await holds(disk, target.units[0]!, 0, content, 'by several connections');
}

/** One of two connections is lost, twice: its commands go on over another, and the session is the same. */
async function recoveredConnections(bench: FeatureBench): Promise<void> {
  const target = await bench.start({ keys: { ErrorRecoveryLevel: '2', MaxConnections: '4' } });
  const proxy = await startCutProxy();
  bench.atEnd(() => proxy.close());
  proxy.leadTo(target.portal);
  const limits = { errorRecoveryLevel: 2, maxConnections: 2, time2RetainSeconds: 20, backOffNanos: 1_000_000 };
  const session = await bench.session(target, { limits, recoverySeconds: 20 }, `127.0.0.1:${proxy.port}`);
  const { errorRecoveryLevel, maxConnections } = bench.agreed(session);
  if (errorRecoveryLevel < 2) throw new NotSupported(`the login's answer: ErrorRecoveryLevel=${errorRecoveryLevel}`);
  await untilJoined(bench, session, Math.min(2, maxConnections));
  const handle = session.core.login!.tsih;
  const disk = await session.device(target.units[0]!.lun);
  const states: string[] = [];
  session.onState((state) => states.push(state));
  const content = randomBytes(4 * MIB, 43);
  await written(disk, content, () => proxy.cutOldest());
  assert.equal(session.core.counters.connectionsLost, 2, 'connections were lost');
  const told = bench.events.filter(({ severity }) => severity === 'error' || severity === 'warning').map(({ message }) => message);
  assert.deepEqual([states, session.core.login!.tsih], [[], handle], `the session went on: ${told.join('; ')}`);
  await holds(disk, target.units[0]!, 0, content, 'after two lost connections');
}

async function inPieces(disk: BlockDevice, content: Uint8Array, work: (lba: number, piece: Uint8Array) => Promise<void>): Promise<void> {
  const bytes = 128 * 1024;
  for (let at = 0; at < content.length; at += bytes) await work(at / disk.blockBytes, content.subarray(at, at + bytes));
}

export const sessionFeatures: readonly Feature[] = [
  {
    id: 'ping',
    title: 'NOP-Out answered, with its data',
    run: async (bench) => {
      const session = await bench.session(await bench.start());
      const data = randomBytes(1000, 3);
      assert(sameBytes(await session.ping(data), data));
      assert.equal((await session.ping(new Uint8Array(0))).length, 0);
    },
  },
  {
    id: 'abort',
    title: 'ABORT TASK for commands under way, and the session goes on',
    run: async (bench) => {
      const disk = await bench.disk(await bench.start());
      const stop = new AbortController();
      const reads = Array.from({ length: 200 }, (_, index) => disk.read(index * 8, 8, { signal: stop.signal }));
      stop.abort(new Error('enough'));
      const results = await Promise.allSettled(reads);
      const aborted = results.filter((result) => result.status === 'rejected');
      for (const { reason } of aborted) assert.equal((reason as Error).message, 'enough');
      assert(aborted.length > 0, 'some were aborted');
      assert(bench.saw('initiator-task-aborted'), 'and the target was told');
      // RFC 7143 §7.5: at recovery level 0 a StatSN left out ends the connection; then it is made anew.
      if (bench.kind.skipsStatusNumbers === true)
        bench.note =
          'a command that is aborted while it is answered takes a StatSN that never comes, now and then: the connection is made anew';
      if (bench.kind.skipsStatusNumbers !== true || !bench.saw('initiator-status-sequence'))
        assert(!bench.saw('initiator-connection-lost'));
      assert.equal((await disk.read(0, 1)).length, disk.blockBytes);
    },
  },
  {
    id: 'reset',
    title: 'LOGICAL UNIT RESET',
    run: async (bench) => {
      const target = await bench.start();
      const session = await bench.session(target);
      const { lun } = target.units[0]!;
      const disk = await session.device(lun);
      const content = randomBytes(4096, 23);
      await disk.write(100, content);
      const reads = Array.from({ length: 50 }, (_, index) => disk.read(index * 8, 8));
      const reset = session.reset(lun);
      const results = await Promise.allSettled(reads);
      await reset;
      // Those that the reset ended say so; the others have their data.
      for (const result of results)
        if (result.status === 'rejected') assert.match(String(result.reason), /was ended by a reset of its logical unit/);
      assert(!bench.saw('initiator-connection-lost'));
      await disk.flush();
      await holds(disk, target.units[0]!, 100, content, 'after the reset');
    },
  },
  { id: 'reconnect', title: 'connections cut under writes and reads: each is carried out', run: cuts },
  { id: 'connections', title: 'several connections a session', run: connections },
  { id: 'damaged-in', title: 'error recovery level 1: damaged Data-In asked for again', run: (bench) => damage(bench, 'initiator') },
  { id: 'damaged-out', title: 'error recovery level 1: damaged Data-Out sent again', run: (bench) => damage(bench, 'target') },
  {
    id: 'damaged-last',
    title: 'error recovery level 1: the last Data-In of a command asked for again',
    run: (bench) => damage(bench, 'initiator', true),
  },
  // Last of all: Linux's target may not get over it.
  {
    id: 'recovered-connections',
    title: 'error recovery level 2: commands of a lost connection taken over by another',
    run: recoveredConnections,
  },
];
