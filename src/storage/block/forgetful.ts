/**
 * A write-back store that can crash: what was acknowledged and not flushed lives in a cache, sector by sector, and a crash loses
 * whatever part of it the dice say. After a crash it goes on as after a restart, with what is left. Small images only.
 */
import { below, type Rng } from '../../base/rng.ts';
import type { AllocationDone, BackingStore, ReadDone, StoreDone, WriteOptions } from './backing-store.ts';

/** What a disk writes all of or nothing of. */
const SECTOR_BYTES = 512;

export class ForgetfulStore implements BackingStore {
  readonly kind = 'forgetful';
  readonly sizeBytes: number;
  readonly writeBack = true;
  readonly completesAtOnce = true;
  readonly unmapGranularityBytes = 0;
  /** What a read shows: the newest content of everything. */
  readonly #current: Uint8Array;
  readonly #durable: Uint8Array;
  /** By sector number: what was written since it was last durable, oldest first. A disk may have got any of them out. */
  readonly #versions = new Map<number, Uint8Array[]>();

  /** `sizeBytes` is a multiple of 512. */
  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
    this.#current = new Uint8Array(sizeBytes);
    this.#durable = new Uint8Array(sizeBytes);
  }

  /** Sectors that a crash could lose now. */
  get unflushedSectors(): number {
    return this.#versions.size;
  }

  read(offsetBytes: number, lengthBytes: number, done: ReadDone): void {
    const bytes = this.#current.slice(offsetBytes, offsetBytes + lengthBytes);
    done(undefined, { views: [bytes], hold: () => () => {} });
  }

  write(offsetBytes: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void {
    let at = offsetBytes;
    for (const view of data) {
      this.#current.set(view, at);
      at += view.length;
    }
    this.#wrote(offsetBytes, at, options.fua);
    done(undefined);
  }

  flush(done: StoreDone): void {
    this.#durable.set(this.#current);
    this.#versions.clear();
    done(undefined);
  }

  unmap(offsetBytes: number, lengthBytes: number, done: StoreDone): void {
    this.#current.fill(0, offsetBytes, offsetBytes + lengthBytes);
    this.#wrote(offsetBytes, offsetBytes + lengthBytes, false);
    done(undefined);
  }

  allocation(_offsetBytes: number, lengthBytes: number, _runsMax: number, done: AllocationDone): void {
    done(undefined, [{ lengthBytes, mapped: true }]);
  }

  close(done: StoreDone): void {
    this.flush(done);
  }

  /** Power fails, and comes back: of each sector not flushed, the durable content or one of what was written since is there. */
  crash(rng: Rng): void {
    for (const [sector, versions] of this.#versions) {
      const kept = below(rng, versions.length + 1);
      if (kept !== 0) this.#durable.set(versions[kept - 1]!, sector * SECTOR_BYTES);
    }
    this.#versions.clear();
    this.#current.set(this.#durable);
  }

  #wrote(start: number, end: number, durable: boolean): void {
    for (let sector = Math.floor(start / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector += 1) {
      const content = this.#current.slice(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES);
      if (durable) {
        this.#durable.set(content, sector * SECTOR_BYTES);
        this.#versions.delete(sector);
        continue;
      }
      const versions = this.#versions.get(sector);
      if (versions === undefined) this.#versions.set(sector, [content]);
      else versions.push(content);
    }
  }
}
