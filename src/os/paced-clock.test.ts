import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../base/clock.ts';
import { pacedClock, type PacedClockSource } from './paced-clock.ts';

/** An event loop by hand: one thing asked for at most, and time that the test moves. */
class HandSource implements PacedClockSource {
  time = 0;
  armed: { readonly kind: 'timer' | 'turn'; readonly at: number; readonly action: () => void } | undefined;

  now(): number {
    return this.time;
  }

  wait(milliseconds: number, action: () => void): () => void {
    return this.#arm('timer', this.time + milliseconds * MILLISECOND, action);
  }

  nextTurn(action: () => void): () => void {
    return this.#arm('turn', this.time, action);
  }

  #arm(kind: 'timer' | 'turn', at: number, action: () => void): () => void {
    expect(this.armed).toBeUndefined();
    const armed = { kind, at, action };
    this.armed = armed;
    return () => {
      if (this.armed === armed) this.armed = undefined;
    };
  }

  fire(at = this.armed!.at): void {
    const { action } = this.armed!;
    this.armed = undefined;
    this.time = at;
    action();
  }

  /** A timer of the loop, and the turn that it asks for once sockets were looked at. */
  rise(at = this.armed!.at): void {
    expect(this.armed!.kind).toBe('timer');
    this.fire(at);
    expect(this.armed!.kind).toBe('turn');
    this.fire(at);
  }
}

describe('pacedClock', () => {
  it('runs what falls due soon in one turn, each at its own time', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    const seen: number[] = [];
    const hop = (left: number): void => {
      seen.push(clock.now());
      if (left > 0) clock.after(672, () => hop(left - 1));
    };
    clock.after(500, () => hop(3));
    expect(source.armed?.kind).toBe('turn');
    source.fire();
    expect(seen).toEqual([500, 1172, 1844, 2516]);
    expect(source.armed).toBeUndefined();
  });

  it('waits for the clock on the wall, and never gets far ahead of it', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    let runs = 0;
    const again = (): void => {
      runs += 1;
      clock.after(20_000, again);
    };
    again();
    source.fire();
    // 50 us ahead, in steps of 20.
    expect(runs).toBe(3);
    source.fire(1 * MILLISECOND);
    expect(runs).toBe(53);
  });

  it('lets a timer of the loop wait for what is further away, and tells it its own time though it comes late', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    let at = 0;
    clock.after(5.4 * MILLISECOND, () => (at = clock.now()));
    expect(source.armed).toMatchObject({ kind: 'timer', at: 6 * MILLISECOND });
    source.rise(7 * MILLISECOND);
    expect(at).toBe(5.4 * MILLISECOND);
    expect(clock.now()).toBe(7 * MILLISECOND);
  });

  it('lets an answer from the world cross its links before the patience of who waits for it ends, when we are late for both', () => {
    for (const late of [160_000, 10 * MILLISECOND]) {
      const source = new HandSource();
      const clock = pacedClock(source);
      const seen: string[] = [];
      clock.after(100 * MILLISECOND, () => seen.push(`nobody answered at ${clock.now()}`));
      // The machine was busy; something comes in over a socket before the loop gets to its timers.
      source.time = 100 * MILLISECOND + late;
      const came = clock.now();
      expect(came).toBe(100 * MILLISECOND - Math.min(late, 200_000));
      clock.after(150_000, () => seen.push(`answered at ${clock.now()}`));
      source.fire(source.time);
      expect(seen).toEqual([`answered at ${came + 150_000}`, 'nobody answered at 100000000']);
    }
  });

  it('does not let the world act before what has run', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    clock.after(3 * MILLISECOND, () => clock.after(100_000, () => {}));
    source.rise(3 * MILLISECOND);
    source.time = 20 * MILLISECOND;
    expect(clock.now()).toBe(3 * MILLISECOND);
  });

  it('does not make up for what it is behind: who waits for the world gives it its time', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    const seen: string[] = [];
    // A question to the world, and the patience of who asked it.
    clock.after(0, () => clock.after(100 * MILLISECOND, () => seen.push('nobody answered')));
    // Until the machine gets to it, it is three seconds late.
    source.fire(3 * SECOND);
    expect(source.armed).toMatchObject({ kind: 'timer', at: 3 * SECOND + 98 * MILLISECOND });
    source.time += MILLISECOND;
    seen.push(`answered at ${clock.now()}`);
    expect(seen).toEqual(['answered at 3000000']);
    source.rise();
    expect(seen.at(-1)).toBe('nobody answered');
  });

  it('gives sockets a chance however much there is to do, and goes slower instead of leaving out', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    let runs = 0;
    const busy = (): void => {
      runs += 1;
      source.time += 10_000; // takes 10 us to simulate what takes 1 us
      if (runs < 1000) clock.after(1000, busy);
    };
    clock.after(0, busy);
    let turns = 0;
    while (source.armed !== undefined) {
      source.fire(source.time);
      turns += 1;
    }
    expect(runs).toBe(1000);
    expect(turns).toBeGreaterThan(3);
    expect(clock.now()).toBeLessThan(11 * MILLISECOND);
  });

  it('asks for nothing when every timer was called off, and can do with any delay', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    const timers = [clock.after(90 * 24 * 3600 * SECOND, () => {}), clock.after(-5, () => {})];
    for (const timer of timers) timer.cancel();
    expect(source.armed).toBeUndefined();
  });

  it('runs nothing once it is stopped', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    let runs = 0;
    const again = (): void => {
      runs += 1;
      if (runs === 3) clock.stop();
      clock.after(10, again);
    };
    clock.after(10, again);
    source.fire();
    expect([runs, source.armed]).toEqual([3, undefined]);
    clock.after(10, again);
    expect(source.armed).toBeUndefined();
  });

  it('goes on after a timer that throws', () => {
    const source = new HandSource();
    const clock = pacedClock(source);
    let ran = false;
    clock.after(1, () => {
      throw new Error('broken');
    });
    clock.after(2, () => (ran = true));
    expect(() => source.fire()).toThrow('broken');
    source.fire();
    expect(ran).toBe(true);
  });
});
