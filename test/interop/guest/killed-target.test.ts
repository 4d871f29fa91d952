/**
 * The target is killed while Linux writes and syncs. What was acknowledged as synced is in the image at that moment; the guest recovers by
 * itself when the target is back, and its file system is whole.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { freePort } from '../tgtd-process.ts';
import { type Guest, HOST_ADDRESS, startGuest } from './guest.ts';
import { diskOf, type LoginOptions, login, logout, startInitiator } from './open-iscsi.ts';

const TARGET = 'iqn.2026-01.net.samewire:killed';
const RECORD_BYTES = 4096;
const KILLS = 3;
const ROUNDS_BETWEEN = 6;

const fabric = (port: number): string => `version: 1
name: killed
arrays:
  array1:
    portals: [{ listen: "127.0.0.1:${port}", announce: "${HOST_ADDRESS}:${port}" }]
    targets:
      ${TARGET}:
        luns:
          - { store: file, path: records.img, size: 64MiB, provisioning: thin }
          - { store: file, path: files.img, size: 64MiB }
    state: state
`;

/** Two writers, each of which notes what it has synced: records straight to one disk, files to a file system on the other. */
const writers = (records: string, files: string): string => `
  modprobe ext4
  mkfs.ext4 -q -F ${files}
  mount ${files} /mnt
  (
    n=0
    while [ ! -e /tmp/stop ]; do
      yes "record $n" | head -c ${RECORD_BYTES} | dd of=${records} bs=${RECORD_BYTES} seek=$n conv=fsync,notrunc iflag=fullblock 2>>/tmp/log || break
      echo $n >> /tmp/synced-records
      n=$((n + 1))
    done
    touch /tmp/stopped-records
  ) >/dev/null 2>&1 &
  (
    n=0
    while [ ! -e /tmp/stop ]; do
      seq $n $((n + 3000)) | dd of=/mnt/file-$n conv=fsync 2>>/tmp/log || break
      echo $n >> /tmp/synced-files
      n=$((n + 1))
    done
    touch /tmp/stopped-files
  ) >/dev/null 2>&1 &`;

describeWithPeers(GUEST_PEERS, 'a target that is killed while Linux writes', () => {
  const scratch = makeScratch();
  let declaration: string;
  let guest: Guest;
  let target: TargetProcess;
  let options: LoginOptions;

  beforeAll(async () => {
    const port = await freePort();
    declaration = scratch.write('killed.yaml', fabric(port));
    options = { target: TARGET, portal: `${HOST_ADDRESS}:${port}`, headerDigest: true };
    target = await startTarget(['up', declaration]);
    guest = await startGuest({ name: 'writer' });
    await startInitiator(guest);
    await login(guest, options);
  }, 300_000);
  afterAll(async () => {
    await guest?.stop();
    await target?.stop();
    scratch.remove();
  });

  const synced = async (what: 'records' | 'files'): Promise<number> =>
    Number((await guest.run(`cat /tmp/synced-${what} 2>/dev/null | wc -l`)).trim());
  const waitForMore = async (): Promise<void> => {
    const wanted = { records: (await synced('records')) + ROUNDS_BETWEEN, files: (await synced('files')) + ROUNDS_BETWEEN };
    const deadline = performance.now() + 120_000;
    while ((await synced('records')) < wanted.records || (await synced('files')) < wanted.files) {
      if (performance.now() > deadline)
        throw new Error(`writers do not go on:\n${(await guest.sh('tail -5 /tmp/log; dmesg | tail -30')).output}`);
      await sleep(200);
    }
  };
  /** Which of the first records are not in the image. */
  const missingRecords = (count: number): readonly number[] => {
    const image = openSync(scratch.path('records.img'), 'r');
    try {
      const record = Buffer.alloc(RECORD_BYTES);
      return Array.from({ length: count }, (_, n) => n).filter((n) => {
        readSync(image, record, 0, RECORD_BYTES, n * RECORD_BYTES);
        return !record.toString('latin1').startsWith(`record ${n}\nrecord ${n}\n`);
      });
    } finally {
      closeSync(image);
    }
  };

  it('has in its image all that was synced, whenever it is killed, and is found again', async () => {
    await guest.run(writers(await diskOf(guest, TARGET, 0), await diskOf(guest, TARGET, 1)));
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await waitForMore();
      process.kill(target.pid, 'SIGKILL');
      expect(await target.stop()).toMatchObject({ signal: 'SIGKILL' });
      const count = await synced('records');
      expect(count).toBeGreaterThan(0);
      expect(missingRecords(count)).toEqual([]);
      target = await startTarget(['up', declaration]);
    }
    await waitForMore();
  }, 600_000);

  it('leaves a whole file system with every synced file', async () => {
    await guest.run(
      'touch /tmp/stop; tries=0; until [ -e /tmp/stopped-records ] && [ -e /tmp/stopped-files ] || [ $tries -ge 600 ]; do sleep 0.1; tries=$((tries + 1)); done',
      { timeoutMs: 90_000 },
    );
    const counts = { records: await synced('records'), files: await synced('files') };
    await guest.run('umount /mnt');
    await logout(guest, options);
    await login(guest, options);
    const files = await diskOf(guest, TARGET, 1);
    await guest.run(`e2fsck -f -n ${files}`);
    await guest.run(`
      mount ${files} /mnt
      for n in $(cat /tmp/synced-files); do seq $n $((n + 3000)) | cmp - /mnt/file-$n; done
      umount /mnt`);
    await logout(guest, options);
    expect(counts.files).toBeGreaterThan(KILLS * ROUNDS_BETWEEN);
    expect(missingRecords(counts.records)).toEqual([]);
    expect((await guest.run('dmesg')).match(/I\/O error.*/g) ?? []).toEqual([]);
  }, 300_000);
});
