import { assert, array, constant, integer, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Nanos, Timer } from '../base/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a clock does, without any art. */
class PlainClock {
  #now = 0;
  #asked = 0;
  #waiting: { readonly due: Nanos; readonly order: number; readonly action: () => void }[] = [];

  now(): Nanos {
    return this.#now;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  after(delay: Nanos, action: () => void): Timer {
    const entry = { due: this.#now + delay, order: this.#asked++, action };
    this.#waiting.push(entry);
    return { cancel: () => (this.#waiting = this.#waiting.filter((one) => one !== entry)) };
  }

  run(until: Nanos): void {
    for (;;) {
      const [first] = this.#waiting.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due || a.order - b.order);
      if (first === undefined) break;
      this.#waiting = this.#waiting.filter((one) => one !== first);
      this.#now = first.due;
      first.action();
    }
    this.#now = until;
  }
}

type Step = { readonly delay: Nanos } | { readonly cancel: number };

/** Timers that do what their script says; gives back what ran when. */
function story(clock: VirtualClock | PlainClock, scripts: readonly (readonly Step[])[]): string[] {
  const log: string[] = [];
  const timers: Timer[] = [];
  const ask = (delay: Nanos): void => {
    const id = timers.length;
    timers.push(
      clock.after(delay, () => {
        log.push(`${id} at ${clock.now()}, ${clock.pending} wait`);
        for (const one of scripts[id % scripts.length]!) {
          if ('cancel' in one) timers[one.cancel]?.cancel();
          else if (timers.length < 400) ask(one.delay);
        }
      }),
    );
  };
  for (let count = 0; count < 100; count += 1) ask((count * 7) % 50);
  for (let until = 0; until < 200; until += 17) {
    clock.run(until);
    log.push(`${clock.pending} wait`);
  }
  return log;
}

describe('VirtualClock', () => {
  it('runs timers when they fall due, and equal times in the order they were asked for', () => {
    const clock = new VirtualClock(100);
    const log: string[] = [];
    clock.after(20, () => log.push(`late ${clock.now()}`));
    clock.after(10, () => log.push(`first ${clock.now()}`));
    clock.after(10, () => log.push(`second ${clock.now()}`));
    expect([clock.pending, clock.nextDue]).toEqual([3, 110]);
    clock.run(109);
    expect([log, clock.now()]).toEqual([[], 109]);
    clock.run(110);
    expect(log).toEqual(['first 110', 'second 110']);
    expect(clock.step()).toBe(true);
    expect([log.at(-1), clock.now(), clock.pending, clock.nextDue]).toEqual(['late 120', 120, 0, Number.POSITIVE_INFINITY]);
    expect(clock.step()).toBe(false);
  });

  it('takes in what timers ask for, even at once', () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    clock.after(5, () => {
      log.push('a');
      clock.after(0, () => log.push('c'));
      clock.after(5, () => log.push('d'));
    });
    clock.after(5, () => log.push('b'));
    clock.run(10);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('calls timers off, also from another timer, more than once, and after they ran', () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const second = clock.after(2, () => log.push('second'));
    const first = clock.after(1, () => {
      log.push('first');
      second.cancel();
      second.cancel();
    });
    clock.after(3, () => log.push('third'));
    clock.run(5);
    first.cancel();
    expect([log, clock.pending]).toEqual([['first', 'third'], 0]);
  });

  it('gives up on timers that never end', () => {
    const clock = new VirtualClock();
    const again = (): void => void clock.after(1, again);
    again();
    expect(clock.settle(1000)).toBe(false);
    expect(clock.now()).toBe(1000);
    expect(new VirtualClock().settle(0)).toBe(true);
  });

  it('does what a sorted list does', () => {
    const operation = oneof(
      record({ kind: constant('add' as const), delay: integer({ min: 0, max: 8 }) }),
      record({ kind: constant('cancel' as const), which: integer({ min: 0, max: 300 }) }),
      record({ kind: constant('run' as const), span: integer({ min: 0, max: 5 }) }),
    );
    assert(
      property(array(operation, { maxLength: 300, size: 'max' }), (operations) => {
        const clock = new VirtualClock();
        const ran: number[] = [];
        const timers: Timer[] = [];
        const expected: number[] = [];
        let waiting: { id: number; due: number }[] = [];
        for (const step of operations) {
          if (step.kind === 'add') {
            const id = timers.length;
            timers.push(clock.after(step.delay, () => ran.push(id)));
            waiting.push({ id, due: clock.now() + step.delay });
          } else if (step.kind === 'cancel') {
            timers[step.which]?.cancel();
            waiting = waiting.filter(({ id }) => id !== step.which);
          } else {
            const until = clock.now() + step.span;
            clock.run(until);
            const due = waiting.filter((one) => one.due <= until).sort((a, b) => a.due - b.due || a.id - b.id);
            expected.push(...due.map(({ id }) => id));
            waiting = waiting.filter((one) => one.due > until);
          }
          expect(ran).toEqual(expected);
          expect(clock.pending).toBe(waiting.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does what a plain list does while timers ask for timers and call others off', () => {
    const step = oneof(
      record({ delay: integer({ min: 0, max: 20 }) }),
      record({ delay: integer({ min: 0, max: 20 }) }),
      record({ cancel: integer({ min: 0, max: 400 }) }),
    );
    const scripts = array(array(step, { maxLength: 4 }), { minLength: 1, maxLength: 30 });
    assert(
      property(scripts, (all) => {
        expect(story(new VirtualClock(), all)).toEqual(story(new PlainClock(), all));
      }),
      { numRuns: 40 },
    );
  });
});
