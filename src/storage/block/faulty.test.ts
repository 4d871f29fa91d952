import { describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import type { StoreError } from './backing-store.ts';
import { type FaultyOptions, FaultyStore } from './faulty.ts';
import { MemoryStore } from './memory.ts';
import { StepClock } from './testing/step-clock.ts';

const options = { fua: false, stable: true };

function make(extra: Partial<FaultyOptions> = {}): { store: FaultyStore; clock: StepClock } {
  const clock = new StepClock();
  const store = new FaultyStore(new MemoryStore({ sizeBytes: 65536, thin: true }), { clock, rng: seededRng(7), ...extra });
  return { store, clock };
}

/** What 600 calls came to, with every kind of fault on. */
function outcomes(): string[] {
  const { store, clock } = make({ rates: { read: 0.5, write: 0.2, 'no-space': 0.2, flush: 0.5 } });
  const seen: string[] = [];
  for (let index = 0; index < 200; index += 1) {
    store.read(0, 512, (error) => seen.push(`read ${error?.fault}`));
    store.write(0, [new Uint8Array(512)], options, (error) => seen.push(`write ${error?.fault}`));
    store.flush((error) => seen.push(`flush ${error?.fault}`));
  }
  clock.run();
  return seen;
}

describe('a faulty store', () => {
  it('completes nothing before the call returns', () => {
    const { store, clock } = make();
    let done = 0;
    store.write(0, [new Uint8Array(512)], options, () => (done += 1));
    store.flush(() => (done += 1));
    store.unmap(0, 512, () => (done += 1));
    store.allocation(0, 512, 1, () => (done += 1));
    store.read(0, 512, () => (done += 1));
    expect([done, store.pending, store.completesAtOnce]).toEqual([0, 5, false]);
    clock.run();
    expect([done, store.pending]).toEqual([5, 0]);
  });

  it('completes in another order than it was asked in', () => {
    const { store, clock } = make({ delayNanos: [10, 1000] });
    const order: number[] = [];
    for (let index = 0; index < 20; index += 1) store.read(index * 512, 512, () => order.push(index));
    clock.run();
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  });

  it('takes what it needs of data that will change', () => {
    const { store, clock } = make();
    const data = new Uint8Array(512).fill(1);
    store.write(0, [data], { fua: false, stable: false }, () => {});
    data.fill(2);
    clock.run();
    store.read(0, 1, (_, read) => expect(read!.views[0]![0]).toBe(1));
    clock.run();
    expect.assertions(1);
  });

  it('fails by script, and leaves the store below untouched then', () => {
    const { store, clock } = make({ script: (call) => (call.index === 0 && call.operation === 'write' ? 'no-space' : undefined) });
    const errors: (StoreError | undefined)[] = [];
    store.write(512, [new Uint8Array(512).fill(9)], options, (error) => errors.push(error));
    store.write(1024, [new Uint8Array(512).fill(9)], options, (error) => errors.push(error));
    clock.run();
    expect(errors).toMatchObject([{ fault: 'no-space', offsetBytes: 512 }, undefined]);
    store.read(512, 1024, (_, read) => expect([read!.views[0]![0], read!.views[0]![512]]).toEqual([0, 9]));
    clock.run();
    expect.assertions(2);
  });

  it('fails by rate, each fault on the operations it belongs to, the same way for the same seed', () => {
    const first = outcomes();
    expect(new Set(first)).toEqual(
      new Set(['read undefined', 'read read', 'write undefined', 'write write', 'write no-space', 'flush undefined', 'flush flush']),
    );
    expect(outcomes()).toEqual(first);
  });
});
