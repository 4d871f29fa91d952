import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readReservationRecord } from '../storage/scsi/reservation-record.ts';
import { utf8Text } from '../base/bytes.ts';
import { reservationFile } from './reservation-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samewire-reservations-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const save = (path: string, text: string): Promise<string | undefined> =>
  new Promise((resolve) => reservationFile(path).save(text, resolve));

const load = (path: string): string | undefined => {
  const bytes = reservationFile(path).load();
  return bytes === undefined || typeof bytes === 'string' ? bytes : utf8Text(bytes);
};

describe('a file of reservations', () => {
  it('gives back what was saved last, and nothing before', async () => {
    const path = join(folder, 'lun0.json');
    expect(load(path)).toBeUndefined();
    expect(await save(path, 'one, and longer than the next')).toBeUndefined();
    expect(await save(path, 'two')).toBeUndefined();
    expect(load(path)).toBe('two');
    expect(await readdir(folder)).toEqual(['lun0.json']);
  });

  it('does not read what a crash left beside it', async () => {
    const path = join(folder, 'lun0.json');
    await save(path, 'whole');
    await writeFile(`${path}.new`, 'ha');
    expect(load(path)).toBe('whole');
    expect(await save(path, 'next')).toBeUndefined();
    expect([load(path), await readdir(folder)]).toEqual(['next', ['lun0.json']]);
  });

  it('says why it cannot be written, and leaves the old one', async () => {
    const path = join(folder, 'gone', 'lun0.json');
    expect(await save(path, 'x')).toContain(`cannot write ${path}: ENOENT`);
    const blocked = join(folder, 'lun1.json');
    await save(blocked, 'old');
    await mkdir(`${blocked}.new`);
    expect(await save(blocked, 'new')).toContain(`cannot write ${blocked}: EISDIR`);
    expect(load(blocked)).toBe('old');
  });

  it('says why it cannot be read', async () => {
    const path = join(folder, 'lun0.json');
    await mkdir(path);
    expect(() => reservationFile(path).load()).toThrow(`cannot read ${path}: EISDIR`);
  });

  it('is for its owner alone', async () => {
    const path = join(folder, 'lun0.json');
    await save(path, 'x');
    const { mode } = await stat(path);
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600);
  });
});

/** Runs the child until it has told `count` answers, kills it, and gives back the last key it told. */
async function killAfter(path: string, count: number): Promise<number> {
  const child = spawn(process.execPath, ['scripts/run-typescript.mjs', 'src/os/testing/reservation-child.ts', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  let told = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      // Lines that were in the pipe when it died count too.
      if (line.startsWith('GOOD ')) last = Number(line.slice(5));
      told += 1;
      if (told === count) child.kill('SIGKILL');
    }
  } finally {
    child.kill('SIGKILL');
  }
  return last;
}

describe('a process killed while it saves', () => {
  it('has what it answered GOOD to', async () => {
    const path = join(folder, 'lun0.json');
    for (const count of [1, 17, 40]) {
      const told = await killAfter(path, count);
      expect(told).toBeGreaterThanOrEqual(count);
      const { state, error } = readReservationRecord(reservationFile(path).load()!);
      expect(error).toBeUndefined();
      const [registration] = [...state!.registrations.values()];
      const kept = Number.parseInt(registration!.key, 16);
      // The one it was saving when it died may be there already.
      expect([told, told + 1]).toContain(kept);
      expect(state!.reservation).toEqual({ type: 'exclusive-access', holder: registration!.nexusKey });
    }
  }, 60_000);
});
