/**
 * dm-multipath over two portals of our target, a target portal group each: paths are cut and mended in the middle of writes, and ALUA states
 * are changed under them, without a byte lost or a write failed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { type CutProxy, startCutProxy } from './cut-proxy.ts';
import { type Guest, HOST_ADDRESS, startGuest } from './guest.ts';
import { type MultipathPath, multipathDevice, type PathState, pathsOf, startMultipath, waitForPaths } from './multipath.ts';
import { diskOf, login, startInitiator } from './open-iscsi.ts';

const TARGET = 'iqn.2026-01.net.samewire:multipath';
const MEBIBYTE = 2 ** 20;
/** Each piece of the disk is written over and over; the guest's memory holds what was written last. */
const PIECES = 8;
const PIECE_MEBIBYTES = 2;

const fabric = (left: CutProxy, right: CutProxy): string => `version: 1
name: multipath
arrays:
  array1:
    portals:
      - { listen: "127.0.0.1:0", announce: "${HOST_ADDRESS}:${left.port}", group: 1 }
      - { listen: "127.0.0.1:0", announce: "${HOST_ADDRESS}:${right.port}", group: 2 }
    targets:
      ${TARGET}:
        luns: [{ store: file, path: disk.img, size: ${PIECES * PIECE_MEBIBYTES}MiB }]
    state: state
`;

/** Writes until it is told to stop or a write fails, and counts its rounds. */
const writer = (device: string): string => `
  rm -f /tmp/stop /tmp/rounds /tmp/failed
  (
    round=0
    while [ ! -e /tmp/stop ]; do
      piece=$((round % ${PIECES}))
      dd if=/dev/urandom of=/tmp/next bs=1M count=${PIECE_MEBIBYTES} 2>/dev/null
      dd if=/tmp/next of=${device} bs=128k seek=$((piece * ${PIECE_MEBIBYTES} * 8)) oflag=direct 2>>/tmp/failed.log || { touch /tmp/failed; break; }
      mv /tmp/next /tmp/piece-$piece
      round=$((round + 1))
      echo $round > /tmp/rounds.new; mv /tmp/rounds.new /tmp/rounds
    done
    touch /tmp/stopped
  ) >/dev/null 2>&1 &`;

describeWithPeers(GUEST_PEERS, "Linux's dm-multipath", () => {
  const scratch = makeScratch();
  const proxies: CutProxy[] = [];
  let guest: Guest;
  let target: TargetProcess;
  let device: string;
  const paths: string[] = [];

  beforeAll(async () => {
    proxies.push(await startCutProxy(), await startCutProxy());
    target = await startTarget(['up', scratch.write('multipath.yaml', fabric(proxies[0]!, proxies[1]!))]);
    const portals = Object.values(target.ready.arrays)[0]!.portals;
    proxies.forEach((proxy, index) => proxy.leadTo(portals[index]!));
    guest = await startGuest({ name: 'multipath', memoryMiB: 256 });
    await startInitiator(guest);
    for (const { port } of proxies) {
      const portal = `${HOST_ADDRESS}:${port}`;
      await login(guest, { target: TARGET, portal });
      paths.push(await diskOf(guest, TARGET, 0, portal));
    }
    await startMultipath(guest);
    device = await multipathDevice(guest);
  }, 300_000);
  afterAll(async () => {
    await guest?.stop();
    await target?.stop();
    for (const proxy of proxies) proxy.close();
    scratch.remove();
  });

  const rounds = async (): Promise<number> => Number((await guest.sh('cat /tmp/rounds 2>/dev/null || echo 0')).output);
  const waitForRounds = async (more: number): Promise<void> => {
    const wanted = (await rounds()) + more;
    const deadline = performance.now() + 90_000;
    while ((await rounds()) < wanted) {
      if (performance.now() > deadline)
        throw new Error(`writes do not go on:\n${(await guest.sh('multipath -ll; dmesg | tail -30')).output}`);
      await sleep(200);
    }
  };
  const startWriter = (): Promise<string> => guest.run(writer(device));
  /** Every piece is on the disk as it was written last, whichever way it is read. */
  const stopWriterAndCompare = async (): Promise<void> => {
    await guest.run(
      'touch /tmp/stop; tries=0; until [ -e /tmp/stopped ] || [ $tries -ge 600 ]; do sleep 0.1; tries=$((tries + 1)); done; rm /tmp/stopped',
      {
        timeoutMs: 90_000,
      },
    );
    expect(await guest.sh('cat /tmp/failed.log; ! test -e /tmp/failed')).toMatchObject({ status: 0 });
    for (const disk of [device, ...paths]) {
      await guest.run(`
        for file in /tmp/piece-*; do
          dd if=${disk} bs=128k skip=$((\${file#/tmp/piece-} * ${PIECE_MEBIBYTES} * 8)) count=$((${PIECE_MEBIBYTES} * 8)) iflag=direct 2>/dev/null | cmp - $file
        done`);
    }
  };
  const pathOf = (all: readonly MultipathPath[], index: number): MultipathPath => all.find((path) => path.device === paths[index])!;
  const waitForStates = (left: PathState, right: PathState): Promise<void> =>
    waitForPaths(guest, `${left} and ${right}`, (all) => pathOf(all, 0).state === left && pathOf(all, 1).state === right);
  /** One path is used, with this priority; the other's is lower, or it has failed, after which nobody asks for its priority. */
  const waitForUse = (index: number, priority: number): Promise<void> =>
    waitForPaths(guest, `such that ${index} is used`, (all) => {
      const [used, other] = [pathOf(all, index), pathOf(all, 1 - index)];
      return used.state === 'active' && used.priority === priority && (other.state === 'failed' || other.priority < priority);
    });
  const waitForBoth = (priority: number): Promise<void> =>
    waitForPaths(guest, `both of priority ${priority}`, (all) =>
      all.every((path) => path.state === 'active' && path.priority === priority),
    );
  /** `ao`, `an`, `s` or `u` for each target port group, asked for over a path. */
  const setStates = (path: string, left: string, right: string): Promise<string> =>
    guest.run(`sg_stpg --tp=1,2 --state=${left},${right} ${path}`);
  /** How much of a write each path carried. */
  const carried = async (mebibytes: number): Promise<readonly number[]> => {
    const before = proxies.map((proxy) => proxy.sentBytes());
    await guest.run(`dd if=/dev/zero of=${device} bs=256k count=${mebibytes * 4} oflag=direct 2>/dev/null`);
    return proxies.map((proxy, index) => (proxy.sentBytes() - before[index]!) / MEBIBYTE);
  };

  it('is one device over two paths of the same priority', async () => {
    const all = await pathsOf(guest);
    expect(all.map((path) => path.device).sort()).toEqual([...paths].sort());
    expect(all.map(({ state, priority }) => ({ state, priority }))).toEqual([
      { state: 'active', priority: 50 },
      { state: 'active', priority: 50 },
    ]);
  });

  it('loses nothing when either path is cut in the middle of writes', async () => {
    await startWriter();
    await waitForRounds(2);
    proxies[0]!.cut();
    await waitForStates('failed', 'active');
    await waitForRounds(2);
    await proxies[0]!.mend();
    await waitForStates('active', 'active');
    proxies[1]!.cut();
    await waitForStates('active', 'failed');
    await waitForRounds(2);
    await proxies[1]!.mend();
    await waitForStates('active', 'active');
    await stopWriterAndCompare();
  }, 300_000);

  it('waits while there is no path at all, and goes on', async () => {
    await startWriter();
    await waitForRounds(1);
    for (const proxy of proxies) proxy.cut();
    await waitForStates('failed', 'failed');
    for (const proxy of proxies) await proxy.mend();
    await waitForStates('active', 'active');
    await waitForRounds(2);
    await stopWriterAndCompare();
  }, 300_000);

  it('goes where ALUA says', async () => {
    await setStates(paths[0]!, 'ao', 'an');
    await waitForUse(0, 50);
    const [left, beside] = await carried(8);
    expect(left).toBeGreaterThan(8);
    expect(beside).toBeLessThan(0.5);
    await setStates(paths[0]!, 'an', 'ao');
    await waitForUse(1, 50);
    const [other, right] = await carried(8);
    expect(right).toBeGreaterThan(8);
    expect(other).toBeLessThan(0.5);
  });

  it('loses nothing when ALUA states change under writes', async () => {
    await startWriter();
    await waitForRounds(1);
    for (const [left, right, used] of [
      ['ao', 'an', 0],
      ['an', 'ao', 1],
      ['ao', 'an', 0],
    ] as const) {
      await setStates(paths[1 - used]!, left, right);
      await waitForUse(used, 50);
      await waitForRounds(1);
    }
    // A path in standby or unavailable fails writes, which take the other one; then Linux may make it optimized again by itself.
    for (const [left, right] of [
      ['ao', 's'],
      ['u', 'ao'],
      ['ao', 'u'],
    ] as const) {
      await setStates(paths[0]!, left, right);
      await waitForRounds(2);
    }
    await setStates(paths[1]!, 'ao', 'ao');
    await waitForBoth(50);
    await stopWriterAndCompare();
  }, 300_000);

  it('leaves the target running and silent on standard error', () => {
    expect(target.isRunning()).toBe(true);
    expect(target.errors()).toBe('');
  });
});
