import { array, assert as check, constantFrom, integer, oneof, property, record, constant } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND, type Nanos, SECOND } from '../base/clock.ts';
import { seededRng } from '../base/rng.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { address, formatIp } from '../wire/ip/address.ts';
import { GroupMembership, type MembershipVersion, RECORDS_MAX } from './group-membership.ts';

const ONE = address('239.1.1.1');
const TWO = address('239.1.1.2');
const of = (number: number): Uint8Array => Uint8Array.of(239, 0, 0, number);
const TYPES = ['', 'is in', 'is ex', 'to in', 'to ex'];

interface Said {
  readonly at: Nanos;
  readonly text: string;
}

function bench(seed = 1) {
  const clock = new VirtualClock();
  const said: Said[] = [];
  const voice = {
    carrier: true,
    report: (records: readonly { readonly type: number; readonly group: Uint8Array; readonly sources: readonly unknown[] }[]): void =>
      void said.push({
        at: clock.now(),
        text: records.map(({ type, group, sources }) => `${TYPES[type]} ${formatIp(group)} {${sources.join(' ')}}`).join(', '),
      }),
    reportOne: (group: Uint8Array, version: 1 | 2): void => void said.push({ at: clock.now(), text: `v${version} ${formatIp(group)}` }),
    leaveOne: (group: Uint8Array): void => void said.push({ at: clock.now(), text: `leave ${formatIp(group)}` }),
  };
  const membership = new GroupMembership(voice, clock, seededRng(seed));
  return { clock, voice, membership, said, take: () => said.splice(0).map(({ text }) => text) };
}

describe('GroupMembership', () => {
  it('tells twice within a second or so that a group is joined, and that it is left', () => {
    const { clock, membership, said, take } = bench();
    membership.join(ONE);
    expect(take()).toEqual(['to ex 239.1.1.1 {}']);
    clock.run(SECOND + MILLISECOND);
    expect(said[0]!.at).toBeGreaterThan(0);
    expect(take()).toEqual(['to ex 239.1.1.1 {}']);
    // A second user changes nothing, nor does the first one's going.
    membership.join(ONE);
    membership.leave(ONE);
    clock.run(10 * SECOND);
    expect(take()).toEqual([]);
    membership.leave(ONE);
    clock.run(20 * SECOND);
    expect(take()).toEqual(['to in 239.1.1.1 {}', 'to in 239.1.1.1 {}']);
    expect([membership.groups, clock.pending]).toEqual([[], 0]);
  });

  it('merges what changes while something is still to be told again', () => {
    const { clock, membership, take } = bench();
    membership.join(ONE);
    membership.join(TWO);
    membership.leave(ONE);
    clock.run(5 * SECOND);
    expect(take()).toEqual([
      'to ex 239.1.1.1 {}',
      'to ex 239.1.1.1 {}, to ex 239.1.1.2 {}',
      'to in 239.1.1.1 {}, to ex 239.1.1.2 {}',
      'to in 239.1.1.1 {}',
    ]);
  });

  it('answers a general query once for all groups, in time, however often it is asked', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const { clock, membership, said, take } = bench(seed);
      membership.join(ONE);
      membership.join(TWO);
      clock.run(5 * SECOND);
      take();
      membership.handleQuery(3, undefined, 2000);
      membership.handleQuery(3, undefined, 60_000);
      clock.run(100 * SECOND);
      expect(said[0]!.at).toBeLessThanOrEqual(7 * SECOND);
      expect(take()).toEqual(['is ex 239.1.1.1 {}, is ex 239.1.1.2 {}']);
    }
  });

  it('answers for one group where one is asked for, and not for one nobody wants', () => {
    const { clock, membership, take } = bench();
    membership.join(ONE);
    clock.run(5 * SECOND);
    take();
    membership.handleQuery(3, ONE, 1000);
    membership.handleQuery(3, TWO, 1000);
    clock.run(10 * SECOND);
    expect(take()).toEqual(['is ex 239.1.1.1 {}']);
  });

  it('speaks the version of the oldest querier, and the newest again when that is gone', () => {
    const { clock, membership, take } = bench();
    membership.join(ONE);
    clock.run(5 * SECOND);
    take();
    membership.handleQuery(2, undefined, 10_000);
    expect(membership.version).toBe(2);
    clock.run(20 * SECOND);
    membership.leave(ONE);
    membership.join(TWO);
    clock.run(30 * SECOND);
    expect(take()).toEqual(['v2 239.1.1.1', 'leave 239.1.1.1', 'v2 239.1.1.2', 'v2 239.1.1.2']);
    membership.handleQuery(1, undefined, 10_000);
    clock.run(45 * SECOND);
    membership.leave(TWO);
    clock.run(50 * SECOND);
    expect(take()).toEqual(['v1 239.1.1.2']);
    clock.run(400 * SECOND);
    expect(membership.version).toBe(3);
    membership.join(ONE);
    expect(take()).toEqual(['to ex 239.1.1.1 {}']);
  });

  it('is silent in the old versions where another answered first, and only there', () => {
    for (const version of [2, 3] as const) {
      const { clock, membership, take } = bench();
      membership.join(ONE);
      clock.run(5 * SECOND);
      take();
      membership.handleQuery(version, undefined, 10_000);
      membership.handleReport(ONE);
      clock.run(30 * SECOND);
      expect(take()).toEqual(version === 2 ? [] : ['is ex 239.1.1.1 {}']);
    }
  });

  it('tells everything anew when the link comes back, and nothing while it is gone', () => {
    const { clock, voice, membership, take } = bench();
    voice.carrier = false;
    membership.join(ONE);
    membership.join(TWO);
    membership.leave(TWO);
    clock.run(SECOND);
    expect([take(), clock.pending]).toEqual([[], 0]);
    voice.carrier = true;
    membership.handleCarrier(true);
    clock.run(5 * SECOND);
    expect(take()).toEqual(['to ex 239.1.1.1 {}', 'to ex 239.1.1.1 {}']);
  });

  it('divides what does not fit one report', () => {
    const { clock, voice, membership, said } = bench();
    voice.carrier = false;
    for (let index = 0; index < RECORDS_MAX * 2 + 1; index += 1) membership.join(Uint8Array.of(239, 0, 0, index));
    voice.carrier = true;
    membership.handleCarrier(true);
    clock.run(5 * SECOND);
    expect(said.map(({ text }) => text.split(', ').length)).toEqual([60, 60, 1, 60, 60, 1]);
  });

  it('knows in the end what is wanted, has told it, and waits for nothing, whatever happens', () => {
    const group = integer({ min: 1, max: 4 });
    const version = constantFrom<MembershipVersion>(1, 2, 3);
    const step = oneof(
      record({ kind: constant('join' as const), group }),
      record({ kind: constant('leave' as const), group }),
      record({ kind: constant('query' as const), version, group: integer({ min: 0, max: 4 }), delay: integer({ min: 0, max: 20_000 }) }),
      record({ kind: constant('report' as const), group }),
      record({ kind: constant('carrier' as const), up: constantFrom(true, false) }),
      record({ kind: constant('wait' as const), millis: integer({ min: 0, max: 30_000 }) }),
    );
    check(
      property(array(step, { maxLength: 60 }), integer(), (steps, seed) => {
        const { clock, voice, membership, take } = bench(seed);
        const users = new Map<number, number>();
        for (const one of steps) {
          if (one.kind === 'join') {
            users.set(one.group, (users.get(one.group) ?? 0) + 1);
            membership.join(of(one.group));
          } else if (one.kind === 'leave') {
            users.set(one.group, Math.max(0, (users.get(one.group) ?? 0) - 1));
            membership.leave(of(one.group));
          } else if (one.kind === 'query') membership.handleQuery(one.version, one.group === 0 ? undefined : of(one.group), one.delay);
          else if (one.kind === 'report') membership.handleReport(of(one.group));
          else if (one.kind === 'carrier') {
            voice.carrier = one.up;
            membership.handleCarrier(one.up);
          } else clock.run(clock.now() + one.millis * MILLISECOND);
          expect(clock.pending).toBeLessThanOrEqual(1);
        }
        clock.run(clock.now() + 1000 * SECOND);
        expect(clock.pending).toBe(0);
        take();
        voice.carrier = true;
        membership.handleQuery(3, undefined, 1000);
        clock.run(clock.now() + 2 * SECOND);
        const wanted = [...users].filter(([, count]) => count > 0).map(([number]) => `is ex 239.0.0.${number} {}`);
        expect(
          take()
            .flatMap((text) => text.split(', '))
            .toSorted(),
        ).toEqual(wanted.toSorted());
      }),
    );
  });
});
