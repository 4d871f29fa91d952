import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExtentLocks, type ReleaseExtent } from './extent-locks.ts';

/** Takes a range, and notes when it got it. */
function rig(): {
  take: (name: string, start: number, length: number, exclusive: boolean) => void;
  end: (name: string) => void;
  log: string[];
} {
  const locks = new ExtentLocks();
  const releases = new Map<string, ReleaseExtent>();
  const log: string[] = [];
  return {
    log,
    take: (name, start, length, exclusive) =>
      locks.acquire(start, length, exclusive, (release) => {
        log.push(name);
        releases.set(name, release);
      }),
    end: (name) => releases.get(name)!(),
  };
}

const notAcquired = (): void => expect.unreachable();

describe('extent locks', () => {
  it('let readers share and writers wait', () => {
    const { take, end, log } = rig();
    take('reader 1', 0, 10, false);
    take('reader 2', 5, 10, false);
    take('writer', 8, 1, true);
    expect(log).toEqual(['reader 1', 'reader 2']);
    end('reader 1');
    expect(log).toEqual(['reader 1', 'reader 2']);
    end('reader 2');
    expect(log.at(-1)).toBe('writer');
  });

  it('let writers of other ranges run, and ranges that only touch', () => {
    const { take, log } = rig();
    take('a', 0, 10, true);
    take('b', 10, 10, true);
    take('c', 20, 1, true);
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('serve in the order of asking: a reader does not overtake a writer that waits', () => {
    const { take, end, log } = rig();
    take('reader 1', 0, 10, false);
    take('writer', 0, 10, true);
    take('reader 2', 0, 10, false);
    take('elsewhere', 50, 1, true);
    expect(log).toEqual(['reader 1', 'elsewhere']);
    end('reader 1');
    expect(log).toEqual(['reader 1', 'elsewhere', 'writer']);
    end('writer');
    expect(log.at(-1)).toBe('reader 2');
  });

  it('take a release twice as one', () => {
    const { take, end, log } = rig();
    take('a', 0, 1, true);
    end('a');
    take('b', 0, 1, true);
    end('a');
    take('c', 0, 1, true);
    expect(log).toEqual(['a', 'b']);
  });

  it('hold all they wake before any of them runs', () => {
    const locks = new ExtentLocks();
    const held = new Set<string>();
    const take = (start: number, then: (release: ReleaseExtent) => void): void =>
      locks.acquire(start, 10, true, (release) => {
        expect(held.has(`${start}`)).toBe(false);
        held.add(`${start}`);
        then(() => {
          held.delete(`${start}`);
          release();
        });
      });
    let releaseAll: ReleaseExtent = notAcquired;
    locks.acquire(0, 100, true, (release) => {
      releaseAll = release;
    });
    const seen: string[] = [];
    take(0, () => {
      seen.push('first');
      // The second one was woken with the first: this one has to wait for it.
      take(20, () => seen.push('third'));
    });
    take(20, (release) => {
      seen.push('second');
      release();
    });
    releaseAll();
    expect(seen).toEqual(['first', 'second', 'third']);
  });

  it('never let a writer meet anybody, and leave nobody waiting', () => {
    const asks = fc.array(
      fc.record({ start: fc.nat(20), length: fc.integer({ min: 1, max: 8 }), exclusive: fc.boolean(), ends: fc.nat(3) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(asks, (sequence) => {
        const locks = new ExtentLocks();
        const active = new Map<number, { start: number; end: number; exclusive: boolean; release: ReleaseExtent }>();
        let served = 0;
        sequence.forEach(({ start, length, exclusive, ends }, index) => {
          locks.acquire(start, length, exclusive, (release) => {
            for (const other of active.values()) {
              const overlap = other.start < start + length && start < other.end;
              expect(overlap && (exclusive || other.exclusive)).toBe(false);
            }
            active.set(index, { start, end: start + length, exclusive, release });
            served += 1;
          });
          for (const [key, one] of [...active].slice(0, ends)) {
            active.delete(key);
            one.release();
          }
        });
        while (active.size !== 0) {
          const [key, one] = active.entries().next().value!;
          active.delete(key);
          one.release();
        }
        expect(served).toBe(sequence.length);
      }),
    );
  });
});
