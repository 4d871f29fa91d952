import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import type { LogicalUnit } from '../scsi/logical-unit.ts';
import { run, testNexus } from '../scsi/testing/test-command.ts';
import { readCommand, UnitBench, writeCommand } from './testing/unit-bench.ts';

/** REPORT TARGET PORT GROUPS and SET TARGET PORT GROUPS. */
const REPORT = 0xa3;
const SET = 0xa4;
const set = (disk: LogicalUnit, group: number, state: number): string => {
  const link = disk.link({ ...testNexus('somebody else'), targetPort: disk.device.ports[0]! });
  while (link.hasAttention) link.takeAttention();
  return run(disk, [SET, 0x0a, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0], { link, dataOut: [0, 0, 0, 0, state, 0, 0, group] }).outcome;
};

describe('asymmetric access', () => {
  it('optimized paths are used, others only when those are gone, standby paths never', () => {
    const bench = new UnitBench({ groups: [1, 2, 3], limits: { activate: false, noPathNanos: 0 } });
    bench.disk.setAccessState(1, 'active-nonoptimized');
    bench.disk.setAccessState(3, 'standby');
    bench.elapse(6 * SECOND);
    expect(bench.paths).toEqual(['a up active-nonoptimized', 'b up active-optimized *', 'c up standby']);
    expect(bench.route(3)).toBe('bbb');
    bench.links[1]!.down();
    expect(bench.route(3)).toBe('aaa');
    bench.links[0]!.down();
    expect(bench.outcome(readCommand())).toBe('no-path');
    bench.links[1]!.up();
    expect(bench.route(2)).toBe('bb');
  });

  it('changes are learned from the first command that is told of them, which goes on where it should', () => {
    const bench = new UnitBench({ groups: [1, 2], limits: { policy: 'failover' } });
    bench.disk.setAccessState(1, 'standby');
    bench.news();
    // No retries of its own: that access changed is nobody's business but multipath's.
    expect(bench.outcome(writeCommand(0, 5))).toBe(0);
    expect(bench.links.map(({ seen }) => seen.length)).toEqual([1, 1]);
    expect(bench.paths).toEqual(['a up standby', 'b up active-optimized *']);
    expect(bench.news()).toEqual(['access-changed', 'failed-over', 'command-moved']);
    bench.disk.setAccessState(1, 'active-optimized');
    // The first is told by b, and goes on by a.
    expect(bench.route(2)).toBe('aba');
    expect(bench.news()).toEqual(['access-changed', 'failed-back', 'command-moved']);
  });

  it('changes are learned from refusals too, where the device told somebody else', () => {
    const bench = new UnitBench({ groups: [1, 2], limits: { policy: 'failover' } });
    bench.disk.setAccessState(1, 'unavailable');
    for (const link of bench.disk.links.values()) while (link.hasAttention) link.takeAttention();
    expect(bench.outcome(readCommand())).toBe(0);
    expect(bench.paths).toEqual(['a up unavailable', 'b up active-optimized *']);
    expect(bench.unit.paths()[0]!.counters.accessRefusals).toBe(1);
  });

  it('changes are learned from the checks, without any command', () => {
    const bench = new UnitBench({ groups: [1, 2], limits: { checkNanos: 5 * SECOND } });
    bench.disk.setAccessState(2, 'active-nonoptimized');
    for (const link of bench.disk.links.values()) while (link.hasAttention) link.takeAttention();
    expect(bench.paths[1]).toBe('b up active-optimized *');
    bench.elapse(5 * SECOND);
    expect(bench.paths[1]).toBe('b up active-nonoptimized');
  });

  it('what the device prefers comes first among equals', () => {
    const bench = new UnitBench({ groups: [1, 2] });
    bench.disk.accessStates.prefer(2, true);
    bench.unit.check();
    expect(bench.paths).toEqual(['a up active-optimized', 'b up active-optimized *']);
    // Independent of the state (SPC-4 §5.16.2.6), but not worth the longer way.
    bench.disk.setAccessState(2, 'active-nonoptimized');
    bench.unit.check();
    expect(bench.route(2)).toBe('aa');
  });
});

describe('a transition', () => {
  it('is waited for, and asked about until it is over', () => {
    const bench = new UnitBench({ groups: [1], limits: { noPathNanos: 0, transitionPollNanos: 100 * MILLISECOND } });
    bench.disk.setAccessState(1, 'transitioning');
    const { ends } = bench.send(writeCommand(0, 1));
    expect([ends, bench.unit.situation]).toEqual([[], 'transition']);
    const asked = bench.links[0]!.asked.filter((code) => code === REPORT).length;
    bench.elapse(1000 * MILLISECOND);
    const polls = bench.links[0]!.asked.filter((code) => code === REPORT).length - asked;
    expect(polls).toBeGreaterThan(5);
    expect(polls).toBeLessThan(15);
    bench.disk.setAccessState(1, 'active-optimized');
    bench.elapse(100 * MILLISECOND);
    expect(ends.map(({ answer }) => answer?.status)).toEqual([0]);
    expect(bench.news()).toEqual(['path-up', 'access-changed', 'command-moved', 'access-changed']);
  });

  it('is not waited for while there is another path', () => {
    const bench = new UnitBench({ groups: [1, 2], limits: { policy: 'failover' } });
    bench.disk.setAccessState(1, 'transitioning');
    expect(bench.outcome(readCommand())).toBe(0);
    expect(bench.route(2)).toBe('bb');
  });

  it('is not waited for longer than the device says it takes', () => {
    const bench = new UnitBench({ groups: [1], limits: { noPathNanos: 0, transitionNanos: 1000 * SECOND } });
    bench.disk.accessStates.transitionSeconds = 30;
    bench.unit.check();
    bench.disk.setAccessState(1, 'transitioning');
    const { ends } = bench.send(readCommand());
    bench.elapse(29 * SECOND);
    expect(ends).toEqual([]);
    bench.elapse(2 * SECOND);
    expect(ends.map(({ failure }) => failure?.reason)).toEqual(['no-path']);
    expect(bench.news()).toContain('transition-overdue');
    // When it comes to an end after all, so does the waiting of others.
    bench.disk.setAccessState(1, 'active-optimized');
    bench.elapse(6 * SECOND);
    expect(bench.outcome(readCommand())).toBe(0);
  });

  it('is given a time of ours where the device says none', () => {
    const bench = new UnitBench({ groups: [1], limits: { noPathNanos: 0, transitionNanos: 3 * SECOND } });
    bench.disk.setAccessState(1, 'transitioning');
    const { ends } = bench.send(readCommand());
    bench.elapse(4 * SECOND);
    expect(ends.map(({ failure }) => failure?.reason)).toEqual(['no-path']);
  });
});

describe('where nothing but standby is left', () => {
  it('the device is told to make a group active', () => {
    const bench = new UnitBench({ groups: [1, 2], limits: { noPathNanos: 0 } });
    bench.disk.setAccessState(2, 'standby');
    bench.elapse(6 * SECOND);
    bench.links[0]!.down();
    expect(bench.links[1]!.asked.filter((code) => code === SET).length).toBe(1);
    expect(bench.paths).toEqual(['a down active-optimized', 'b up active-optimized *']);
    expect(bench.outcome(writeCommand(0, 1))).toBe(0);
    expect(bench.disk.accessStates.changeOf(2)).toBe('explicit');
    expect(bench.news().slice(-5)).toEqual(['path-down', 'activating', 'access-changed', 'access-changed', 'failed-over']);
  });

  it('a standby group before an unavailable one, and the preferred one before all', () => {
    const bench = new UnitBench({ groups: [1, 2, 3], unplugged: [0, 1, 2], limits: { noPathNanos: 0 } });
    bench.disk.setAccessState(1, 'unavailable');
    bench.disk.setAccessState(2, 'standby');
    bench.disk.setAccessState(3, 'standby');
    bench.disk.accessStates.prefer(3, true);
    for (const link of bench.links) link.up();
    const changes = [1, 2, 3].map((group) => bench.disk.accessStates.changeOf(group));
    expect(changes).toEqual(['implicit', 'implicit', 'explicit']);
    expect(bench.paths.filter((path) => path.endsWith('*'))).toEqual(['c up active-optimized *']);
    bench.links[2]!.down();
    expect(bench.paths.filter((path) => path.endsWith('*'))).toEqual(['b up active-optimized *']);
    bench.links[1]!.down();
    expect(bench.paths.filter((path) => path.endsWith('*'))).toEqual(['a up active-optimized *']);
  });

  it('nothing of the kind is done where it is not wanted', () => {
    const bench = new UnitBench({ groups: [1], limits: { noPathNanos: 0, activate: false } });
    bench.disk.setAccessState(1, 'standby');
    expect(bench.outcome(readCommand())).toBe('no-path');
    expect(bench.links[0]!.asked).not.toContain(SET);
  });

  it('a device that refuses is asked again after a while, and commands are told that there is no path', () => {
    const bench = new UnitBench({ groups: [1], limits: { noPathNanos: 0, backOffNanos: SECOND } });
    // Only the holder of a reservation may.
    const holder = bench.disk.link({ ...testNexus('holder'), targetPort: bench.disk.device.ports[0]! });
    while (holder.hasAttention) holder.takeAttention();
    const key = [0, 0, 0, 0, 0, 0, 0, 9];
    const none = [0, 0, 0, 0, 0, 0, 0, 0];
    const reserve = (action: number, type: number, list: readonly number[]): string =>
      run(bench.disk, [0x5f, action, type, 0, 0, 0, 0, 0, 24, 0], { link: holder, dataOut: [...list, ...none] }).outcome;
    expect([reserve(0, 0, [...none, ...key]), reserve(1, 1, [...key, ...none])]).toEqual(['GOOD', 'GOOD']);
    bench.disk.setAccessState(1, 'standby');
    expect(bench.outcome(readCommand())).not.toBe(0);
    bench.elapse(6 * SECOND);
    expect(bench.news()).toContain('activation-failed');
    const tries = bench.links[0]!.asked.filter((code) => code === SET).length;
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(8);
    while (holder.hasAttention) holder.takeAttention();
    expect(reserve(3, 0, [...key, ...none])).toBe('GOOD');
    bench.elapse(31 * SECOND);
    expect(bench.outcome(readCommand())).toBe(0);
  });

  it('somebody else may do it', () => {
    const bench = new UnitBench({ groups: [1], limits: { activate: false } });
    bench.disk.setAccessState(1, 'standby');
    const { ends } = bench.send(readCommand());
    expect(ends).toEqual([]);
    expect(set(bench.disk, 1, 0)).toBe('GOOD');
    bench.elapse(6 * SECOND);
    expect(ends.map(({ answer }) => answer?.status)).toEqual([0]);
  });
});

const keysOf = (disk: LogicalUnit): number => disk.reservations.persistent.registrations.size;

describe('a persistent reservation', () => {
  const key = [0, 0, 0, 0, 0, 0, 0, 9];
  const none = [0, 0, 0, 0, 0, 0, 0, 0];
  const out = (action: number, type: number, list: readonly number[]) => ({
    cdb: Uint8Array.of(0x5f, action, type, 0, 0, 0, 0, 0, 24, 0),
    dataOut: [Uint8Array.from([...list, ...none])],
  });
  const REGISTRANTS_ONLY = 5;

  it('is registered by every path, so that all of them can write', () => {
    const bench = new UnitBench({ groups: [1, 1] });
    expect(bench.outcome(out(0, 0, [...none, ...key]))).toBe(0);
    expect(keysOf(bench.disk)).toBe(2);
    expect(bench.outcome(out(1, REGISTRANTS_ONLY, [...key, ...none]))).toBe(0);
    for (let index = 0; index < 4; index += 1) expect(bench.outcome(writeCommand(0, index))).toBe(0);
    // RELEASE counts by the path that holds it alone; whose turn it is does not matter.
    bench.route(1);
    expect(bench.outcome(out(2, REGISTRANTS_ONLY, [...key, ...none]))).toBe(0);
    expect(bench.disk.reservations.active).toBe(false);
    expect(bench.outcome(out(0, 0, [...key, ...none]))).toBe(0);
    expect(keysOf(bench.disk)).toBe(0);
  });

  it('is registered by a path that comes later before anything goes by it', () => {
    const bench = new UnitBench({ groups: [1, 1], unplugged: [1] });
    bench.send(out(0, 0, [...none, ...key]));
    bench.send(out(1, REGISTRANTS_ONLY, [...key, ...none]));
    bench.links[1]!.up();
    expect(keysOf(bench.disk)).toBe(2);
    for (let index = 0; index < 4; index += 1) expect(bench.outcome(writeCommand(0, index))).toBe(0);
    // CLEAR takes all away, and with it what later paths would register.
    expect(bench.outcome(out(3, 0, [...key, ...none]))).toBe(0);
    bench.links[1]!.down();
    bench.links[1]!.up();
    expect(keysOf(bench.disk)).toBe(0);
  });

  it('leaves a path unused that could not register', () => {
    const bench = new UnitBench({ groups: [1, 1], limits: { policy: 'failover' } });
    bench.links[1]!.isMute = true;
    const { ends } = bench.send(out(0, 0, [...none, ...key]));
    expect(ends).toEqual([]);
    const registration = bench.links[1]!.held.splice(0)[0]!;
    expect(registration.command.cdb[0]).toBe(0x5f);
    registration.done(registration.answer, 'lost');
    expect(ends.map(({ answer }) => answer?.status)).toEqual([0]);
    expect(bench.paths).toEqual(['a up active-optimized *', 'b checking active-optimized']);
    expect(bench.news()).toContain('registration-failed');
    bench.links[1]!.release();
    expect([bench.paths[1], keysOf(bench.disk)]).toEqual(['b up active-optimized', 2]);
  });
});
