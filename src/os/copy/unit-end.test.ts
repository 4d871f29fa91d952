/** Logical units as ends of copies: our target, thin and not, and what it refuses; holes are found, zeros are made however the unit lets them be made. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeLbaStatus } from '../../wire/scsi/lba-status-data.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import { type BlockDevice, openIscsiSession } from '../iscsi/index.ts';
import { serve, type ServedLun, type ServedTarget } from '../serve.ts';
import { openFileDestination, openFileSource } from './file-end.ts';
import { type OpenUnit, unitDestination, unitSource } from './unit-end.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function unit(lun: ServedLun): Promise<OpenUnit & { readonly target: ServedTarget }> {
  const target = await serve({ luns: [lun] });
  cleanUps.push(() => target.stop());
  const session = await openIscsiSession(target.url(0));
  cleanUps.push(() => session.close());
  return { session, device: await session.device(0), name: target.url(0), target };
}

/** The same, with a page that promises less, or other than what the target does. */
function withProvisioning(open: OpenUnit, provisioning: Partial<BlockDevice['provisioning']>): OpenUnit {
  const device = new Proxy(open.device, {
    get: (target, key) => {
      if (key === 'provisioning') return { ...target.provisioning, ...provisioning };
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...open, device };
}

async function mapped(device: BlockDevice): Promise<number> {
  const { data } = await device.command(cdbs.getLbaStatus(0, 8 + 16 * 64), { dataInBytes: 8 + 16 * 64 });
  return decodeLbaStatus(data).reduce((sum, run) => sum + (run.status === 'mapped' ? run.blocks * device.blockBytes : 0), 0);
}

describe('a unit that zeros are written to', () => {
  it.each([
    ['by WRITE SAME with UNMAP', {}, true],
    ['by UNMAP, and what that left is written', { byWriteSame16: false }, true],
    ['by WRITE SAME', { byWriteSame16: false, byUnmap: false }, false],
  ] as const)('thin: %s', async (_, provisioning, gives) => {
    const open = await unit({ memory: 8 * MIB, thin: true });
    await open.device.write(0, randomBytes(4 * MIB));
    const destination = await unitDestination(withProvisioning(open, provisioning));
    // Not at the target's own boundaries.
    await destination.zero(100 * KIB, 3 * MIB);
    const data = Buffer.from(await open.device.read(0, (4 * MIB) / 512));
    expect(data.subarray(100 * KIB, 100 * KIB + 3 * MIB).every((byte) => byte === 0)).toBe(true);
    expect(data.subarray(0, 100 * KIB).includes(0xff)).toBe(true);
    expect(
      data
        .subarray(100 * KIB + 3 * MIB)
        .subarray(0, 4096)
        .some((byte) => byte !== 0),
    ).toBe(true);
    expect((await mapped(open.device)) < 2 * MIB).toBe(gives);
  });

  it('by data, where everything else is refused; once found out, it is not asked again', async () => {
    const open = await unit({ memory: 2 * MIB });
    await open.device.write(0, randomBytes(MIB));
    let refused = 0;
    const device = new Proxy(open.device, {
      get: (target, key) => {
        if (key === 'writeSame')
          return async () => {
            refused += 1;
            // A service action that there is none of.
            await target.command(Uint8Array.of(0x9e, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
          };
        const value = Reflect.get(target, key, target) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const destination = await unitDestination({ ...open, device });
    await destination.zero(0, 512 * KIB);
    await destination.zero(512 * KIB, 256 * KIB);
    expect(refused).toBe(1);
    const data = Buffer.from(await open.device.read(0, MIB / 512));
    expect(data.subarray(0, 768 * KIB).every((byte) => byte === 0)).toBe(true);
    expect(data.subarray(768 * KIB).some((byte) => byte !== 0)).toBe(true);
  });

  it('is refused where it is write-protected', async () => {
    const open = await unit({ memory: MIB, readOnly: true });
    await expect(unitDestination(open)).rejects.toMatchObject({ name: 'CopyRefusal', forcible: false });
  });
});

describe('a unit that is read', () => {
  it('tells its holes, also when it is asked a second time from the beginning', async () => {
    const open = await unit({ memory: 8 * MIB, thin: true });
    await open.device.write((2 * MIB) / 512, randomBytes(MIB));
    const source = unitSource(open);
    for (let round = 0; round < 2; round += 1) {
      expect(await source.extentAt(0)).toMatchObject({ endBytes: 2 * MIB, zeros: true });
      expect(await source.extentAt(2 * MIB)).toMatchObject({ endBytes: 3 * MIB, zeros: false });
      expect(await source.extentAt(7 * MIB)).toMatchObject({ endBytes: 8 * MIB, zeros: true });
    }
  });

  it('has no holes that count where they read as anything, or where it is not thin', async () => {
    const thick = unitSource(await unit({ memory: MIB }));
    expect(await thick.extentAt(0)).toEqual({ endBytes: MIB, zeros: false });
    const open = await unit({ memory: MIB, thin: true });
    const device = new Proxy(open.device, {
      get: (target, key) => {
        if (key === 'provisioning') return { ...target.provisioning, readsZeros: false };
        if (key === 'capacity') return { ...target.capacity, unmappedReadsZeros: false };
        return Reflect.get(target, key, target) as unknown;
      },
    });
    expect(await unitSource({ ...open, device }).extentAt(0)).toEqual({ endBytes: MIB, zeros: false });
  });

  it('tells of a reset', async () => {
    const open = await unit({ memory: MIB });
    const destination = await unitDestination(open);
    let losses = 0;
    const stop = destination.onLoss(() => {
      losses += 1;
    });
    const other = await openIscsiSession(open.target.url(0));
    await other.reset(0);
    await other.close();
    await open.device.flush();
    expect(losses).toBe(1);
    stop();
  });
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'samewire-file-end-'));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const never = async (): Promise<boolean> => false;

describe('a file', () => {
  it('has its holes made where it had data, and none is written where it is new', async () => {
    const path = join(folder(), 'image');
    writeFileSync(path, Buffer.alloc(2 * MIB, 1));
    const again = await openFileDestination(path, { sizeBytes: 2 * MIB, overwrite: true, resumes: never });
    await again.prepare(2 * MIB, false);
    await again.zero(MIB, 512 * KIB);
    await again.flush();
    const data = Buffer.alloc(2 * MIB);
    await again.read(0, data);
    expect([data.indexOf(0), data.lastIndexOf(0)]).toEqual([MIB, MIB + 512 * KIB - 1]);
    await again.prepare(2 * MIB, true);
    await again.read(0, data);
    expect(data.every((byte) => byte === 0)).toBe(true);
    expect(statSync(path).size).toBe(2 * MIB);
    await again.close();
  });

  it('is not written over, unless it is empty or the first part of this copy', async () => {
    const path = join(folder(), 'image');
    writeFileSync(path, 'precious');
    await expect(openFileDestination(path, { sizeBytes: 9, overwrite: false, resumes: never })).rejects.toMatchObject({ forcible: true });
    await (await openFileDestination(path, { sizeBytes: 9, overwrite: false, resumes: async () => true })).close();
    writeFileSync(path, '');
    await (await openFileDestination(path, { sizeBytes: 9, overwrite: false, resumes: never })).close();
  });

  it('has a stamp that changes with its content, and says why it can not be used', async () => {
    const path = join(folder(), 'image');
    writeFileSync(path, 'one');
    const source = await openFileSource(path);
    const stamp = await source.stamp();
    expect(await source.stamp()).toBe(stamp);
    writeFileSync(path, 'another');
    expect(await source.stamp()).not.toBe(stamp);
    // Somebody who reads it keeps others from writing to it.
    await expect(openFileDestination(path, { sizeBytes: 9, overwrite: true, resumes: never })).rejects.toThrow('in use');
    await source.close();
    await expect(openFileSource(join(path, 'below'))).rejects.toThrow("can't be read");
    await expect(openFileSource(tmpdir())).rejects.toThrow('a directory');
    await expect(openFileDestination(join(path, 'below'), { sizeBytes: 9, overwrite: true, resumes: never })).rejects.toThrow(
      "can't be written",
    );
  });
});
