import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../base/clock.ts';
import { wallClock, type WallClockSource } from './wall-clock.ts';

/** An event loop by hand: one timer at most, as the clock promises, and time that the test moves. */
class HandSource implements WallClockSource {
  time = 0;
  armed: { readonly at: number; readonly action: () => void } | undefined;
  waits: number[] = [];

  now(): number {
    return this.time;
  }

  wait(milliseconds: number, action: () => void): () => void {
    expect(this.armed).toBeUndefined();
    this.waits.push(milliseconds);
    const armed = { at: this.time + milliseconds * MILLISECOND, action };
    this.armed = armed;
    return () => {
      if (this.armed === armed) this.armed = undefined;
    };
  }

  /** The loop's timer fires. */
  fire(at = this.armed!.at): void {
    const { action } = this.armed!;
    this.armed = undefined;
    this.time = at;
    action();
  }
}

describe('wallClock', () => {
  it('runs timers in order, equal ones as they were asked for, and none early', () => {
    const source = new HandSource();
    const clock = wallClock({ source });
    const log: string[] = [];
    clock.after(3 * MILLISECOND, () => log.push('c'));
    clock.after(2 * MILLISECOND, () => log.push('a'));
    clock.after(2 * MILLISECOND, () => log.push('b'));
    // Node's timers may come a moment early by this clock.
    source.fire(2 * MILLISECOND - 1);
    expect(log).toEqual([]);
    source.fire();
    expect(log).toEqual(['a', 'b']);
    source.fire();
    expect(log).toEqual(['a', 'b', 'c']);
    expect(source.armed).toBeUndefined();
  });

  it('waits for long delays in pieces', () => {
    const source = new HandSource();
    const clock = wallClock({ source });
    let ran = false;
    clock.after(60 * 86_400 * SECOND, () => (ran = true));
    source.fire();
    source.fire();
    expect(ran).toBe(false);
    source.fire();
    expect(ran).toBe(true);
    expect(source.waits.slice(0, 2)).toEqual([0x7fffffff, 0x7fffffff]);
    expect(source.time).toBe(60 * 86_400 * SECOND);
  });

  it('leaves nothing behind when all is called off', () => {
    const source = new HandSource();
    const clock = wallClock({ source });
    const one = clock.after(SECOND, () => {});
    const two = clock.after(2 * SECOND, () => {});
    one.cancel();
    expect(source.armed).toBeDefined();
    two.cancel();
    two.cancel();
    expect(source.armed).toBeUndefined();
  });

  it('goes on after an action that throws', () => {
    const source = new HandSource();
    const clock = wallClock({ source });
    let ran = false;
    clock.after(1, () => {
      throw new Error('a mistake');
    });
    clock.after(2, () => (ran = true));
    expect(() => source.fire()).toThrow('a mistake');
    source.fire();
    expect(ran).toBe(true);
  });

  it('leaves a turn between a timer and the one it asks for', () => {
    const source = new HandSource();
    const clock = wallClock({ source });
    let count = 0;
    const again = (): void => {
      count += 1;
      source.time += 10;
      clock.after(1, again);
    };
    again();
    source.fire();
    expect(count).toBe(2);
    source.fire();
    expect(count).toBe(3);
  });

  it('runs on the real event loop', async () => {
    const clock = wallClock({ unref: true });
    const keep = setInterval(() => {}, 1000);
    const before = clock.now();
    const after = await new Promise<number>((resolve) => clock.after(MILLISECOND, () => resolve(clock.now())));
    clearInterval(keep);
    expect(after - before).toBeGreaterThanOrEqual(MILLISECOND);
  });
});
