/** Throw-away folders, fabric files written for one test, and images with something in them. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRng } from '../../src/base/rng.ts';

export interface Scratch {
  readonly folder: string;
  readonly path: (name: string) => string;
  /** Writes a file and gives its path. */
  readonly write: (name: string, text: string) => string;
  readonly remove: () => void;
}

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'samewire-'));
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    path,
    write: (name, text) => {
      writeFileSync(path(name), text);
      return path(name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const EXTENT_BYTES = 64 * 1024;

/**
 * A raw image of random extents, zeros that were written, and holes that were not: an extent each, chosen by the seed, so that a
 * copy has to get data, zeros and their borders right. The first and the last extent are data.
 */
export function writeImage(path: string, bytes: number, seed: number): void {
  const rng = seededRng(seed);
  const file = openSync(path, 'w');
  try {
    ftruncateSync(file, bytes);
    const random = new Uint8Array(EXTENT_BYTES);
    const zeros = new Uint8Array(EXTENT_BYTES);
    for (let at = 0; at < bytes; at += EXTENT_BYTES) {
      const length = Math.min(EXTENT_BYTES, bytes - at);
      const choice = at === 0 || at + length === bytes ? 0 : rng.uint32() % 3;
      if (choice === 0) {
        // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- the generator's fill, not an array's
        rng.fill(random);
        writeSync(file, random, 0, length, at);
      } else if (choice === 1) writeSync(file, zeros, 0, length, at);
    }
  } finally {
    closeSync(file);
  }
}
