/** QEMU's firmware iPXE attaches a disk of our target with CHAP, boots from it, and reads and writes it through the BIOS. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { HOST_ADDRESS } from './guest.ts';
import { copyingBootSector, DISK_BYTES, runIpxe, SECTOR_BYTES } from './ipxe.ts';

const ONE_WAY = 'iqn.2026-01.net.samewire:boot';
const MUTUAL = 'iqn.2026-01.net.samewire:boot-mutual';
const INITIATOR = 'iqn.2026-01.net.samewire.guest:firmware';
const FIRMWARE = { user: 'firmware', secret: 'firmware-secret-1' };
const ARRAY = { user: 'array', secret: 'the-array-secret' };

const FABRIC = `version: 1
name: boot
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      ${ONE_WAY}:
        luns: [{ store: file, path: one-way.img }]
        access: [{ initiator: ${INITIATOR}, chap: { user: ${FIRMWARE.user}, secret: { env: FIRMWARE_SECRET } } }]
      ${MUTUAL}:
        luns: [{ store: file, path: mutual.img }]
        access:
          - initiator: ${INITIATOR}
            chap:
              user: ${FIRMWARE.user}
              secret: { env: FIRMWARE_SECRET }
              mutual: { user: ${ARRAY.user}, secret: { env: ARRAY_SECRET } }
    state: state
`;

describeWithPeers(['qemuSystem', 'ipxeRom'], "QEMU's iPXE", () => {
  const scratch = makeScratch();
  let target: TargetProcess;
  let port: string;

  beforeAll(async () => {
    for (const name of ['one-way.img', 'mutual.img']) {
      const disk = new Uint8Array(DISK_BYTES);
      disk.set(copyingBootSector());
      disk.fill(0x5a, SECTOR_BYTES, 2 * SECTOR_BYTES);
      writeFileSync(scratch.path(name), disk);
    }
    const env = { FIRMWARE_SECRET: FIRMWARE.secret, ARRAY_SECRET: ARRAY.secret };
    target = await startTarget(['up', scratch.write('boot.yaml', FABRIC)], { env });
    port = Object.values(target.ready.arrays)[0]!.portals[0]!.split(':').at(-1)!;
  });
  afterAll(async () => {
    await target?.stop();
    scratch.remove();
  });

  const script = (iqn: string, settings: Readonly<Record<string, string>>): string =>
    [
      'ifopen net0',
      `set initiator-iqn ${INITIATOR}`,
      ...Object.entries(settings).map(([name, value]) => `set ${name} ${value}`),
      `sanhook --drive 0x80 iscsi:${HOST_ADDRESS}::${port}:0:${iqn} || goto failed`,
      'sanboot --drive 0x80',
      ':failed',
      'echo sanhook failed: ${errno}',
    ].join('\n');
  const sectorOf = (name: string, number: number): Uint8Array =>
    readFileSync(scratch.path(name)).subarray(number * SECTOR_BYTES, (number + 1) * SECTOR_BYTES);

  it('attaches with CHAP, and boots', async () => {
    const run = await runIpxe(scratch, script(ONE_WAY, { username: FIRMWARE.user, password: FIRMWARE.secret }));
    expect(run.verdict, run.console).toBe('copied');
    expect(sectorOf('one-way.img', 2)).toEqual(sectorOf('one-way.img', 1));
    const opened = target.events().filter((line) => line.includes('"session-opened"') && line.includes(INITIATOR));
    expect(opened.at(-1)).toMatch(/"authentication":"chap/i);
  }, 180_000);

  it('attaches with mutual CHAP, and boots', async () => {
    const accounts = {
      username: FIRMWARE.user,
      password: FIRMWARE.secret,
      'reverse-username': ARRAY.user,
      'reverse-password': ARRAY.secret,
    };
    const run = await runIpxe(scratch, script(MUTUAL, accounts));
    expect(run.verdict, run.console).toBe('copied');
    expect(sectorOf('mutual.img', 2)).toEqual(sectorOf('mutual.img', 1));
  }, 180_000);

  it('is refused with a wrong secret', async () => {
    const run = await runIpxe(scratch, script(ONE_WAY, { username: FIRMWARE.user, password: 'another-secret-1' }));
    expect(run.verdict, run.console).toBe('not booted');
    expect(run.console).toMatch(/sanhook failed/);
    expect(target.isRunning()).toBe(true);
    expect(target.errors()).toBe('');
  }, 180_000);
});
