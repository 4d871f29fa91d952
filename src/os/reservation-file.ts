/**
 * Keeps the reservations of a logical unit in a file: all of the old record or all of the new one, whenever the power fails (SPC-5
 * §5.14.5). A save writes beside the file, forces that to the disk, renames it into place, and forces the folder's entry too.
 */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReservationKeeper } from '../storage/scsi/reservation-keeper.ts';

/** `path` is in a folder that is there, and nobody else's. */
export function reservationFile(path: string): ReservationKeeper {
  return {
    load: () => load(path),
    save(state, done) {
      replace(path, state).then(
        () => done(undefined),
        (error: unknown) => done(`cannot write ${path}: ${reasonOf(error)}`),
      );
    },
  };
}

function load(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

async function replace(path: string, text: string): Promise<void> {
  // What a crash leaves of this is never read, and written over by the next save.
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and orders renames itself.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
