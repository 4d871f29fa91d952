import { describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { ForgetfulStore } from './forgetful.ts';

const block = (value: number, sectors = 1): Uint8Array => new Uint8Array(512 * sectors).fill(value);

function write(store: ForgetfulStore, sector: number, bytes: Uint8Array, fua = false): void {
  store.write(sector * 512, [bytes], { fua, stable: false }, () => {});
}

function sector(store: ForgetfulStore, index: number): number {
  let value = -1;
  store.read(index * 512, 512, (_, data) => {
    value = data!.views[0]![0]!;
    expect(new Set(data!.views[0])).toEqual(new Set([value]));
  });
  return value;
}

/** What sector 0 can hold after a crash, over many seeds. */
function outcomes(prepare: (store: ForgetfulStore) => void): number[] {
  const seen = new Set<number>();
  for (let seed = 0; seed < 60; seed += 1) {
    const store = new ForgetfulStore(4096);
    prepare(store);
    store.crash(seededRng(seed));
    expect(store.unflushedSectors).toBe(0);
    seen.add(sector(store, 0));
  }
  return [...seen].toSorted();
}

describe('a forgetful store', () => {
  it('shows what was written, whether it is durable or not', () => {
    const store = new ForgetfulStore(4096);
    write(store, 0, block(1, 2));
    expect([sector(store, 0), sector(store, 1), sector(store, 2)]).toEqual([1, 1, 0]);
    expect(store.unflushedSectors).toBe(2);
  });

  it('may lose what was not flushed, or have got any version of it out', () => {
    expect(
      outcomes((store) => {
        write(store, 0, block(1));
        write(store, 0, block(2));
      }),
    ).toEqual([0, 1, 2]);
  });

  it('keeps what was flushed', () => {
    expect(
      outcomes((store) => {
        write(store, 0, block(1));
        store.flush(() => {});
      }),
    ).toEqual([1]);
  });

  it('keeps what was forced, and nothing older comes back', () => {
    expect(
      outcomes((store) => {
        write(store, 0, block(1));
        write(store, 0, block(2), true);
      }),
    ).toEqual([2]);
    expect(
      outcomes((store) => {
        write(store, 0, block(2), true);
        write(store, 0, block(3));
      }),
    ).toEqual([2, 3]);
  });

  it('tears a write at sectors', () => {
    let torn = false;
    for (let seed = 0; seed < 60 && !torn; seed += 1) {
      const store = new ForgetfulStore(4096);
      write(store, 0, block(5, 8));
      store.crash(seededRng(seed));
      const values = new Set(Array.from({ length: 8 }, (_, index) => sector(store, index)));
      torn = values.size === 2;
    }
    expect(torn).toBe(true);
  });
});
