/** Connections that are gone at a whole target (RFC 7143 §7.5, §11.14-11.16), at error recovery level 2: what waits, and how long; logout for recovery. */
import { afterEach, describe, expect, it } from 'vitest';
import { be16 } from '../../base/bytes.ts';
import { SECOND } from '../../base/clock.ts';
import {
  asyncParameter,
  CLOSE_CONNECTION,
  FUNCTION_COMPLETE,
  REASSIGNMENT_NOT_SUPPORTED,
  REMOVE_FOR_RECOVERY,
  TASK_DOES_NOT_EXIST,
} from '../../wire/iscsi/control.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { READ } from './testing/blocks.ts';
import { brief } from './testing/brief.ts';
import { CLEARED, cut, join, managed, read, reassign, start as startRecovering, write, KEYS } from './testing/recovering.ts';
import type { LoginWords, ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, NOTHING_LEFT, type TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

function start(keys: LoginWords['keys'] = {}, options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const [bench, i] = startRecovering(keys, options);
  benches.push(bench);
  return [bench, i];
}

describe('a connection that is lost', () => {
  it('leaves the session and its tasks (§7.1.4.3); another connection is told (§11.9.1)', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    write(b);
    expect(b.heard()).toEqual(['R2T 0 0+8192']);
    bench.news();
    cut(bench, b);
    expect(bench.service.sessions()).toHaveLength(1);
    expect(bench.news()).toEqual(['connection-failed', 'connection-kept']);
    const told = a.one();
    expect([brief(told), ...([1, 2, 3] as const).map((n) => asyncParameter(told.header, 0, n))]).toEqual(['async 2', 1, 1, 9]);
    expect(bench.service.staging.reservedBytes).toBe(65_536);
  });

  it('is forgotten when Time2Wait and Time2Retain are over (§13.16): its tasks end, and the initiator learns of it (§7.6)', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const tag = write(b);
    bench.settle();
    cut(bench, b);
    bench.elapse(9 * SECOND);
    expect(bench.service.staging.reservedBytes).toBe(65_536);
    bench.elapse(2 * SECOND);
    expect(bench.service.staging.reservedBytes).toBe(0);
    expect(bench.news()).toContain('recovery-expired');
    expect(a.heard()).toEqual(['async 2']);
    reassign(a, tag);
    expect(a.heard()).toEqual([managed(TASK_DOES_NOT_EXIST)]);
    a.logout(REMOVE_FOR_RECOVERY, 1);
    expect(a.heard()).toEqual(['logout 1']);
    read(a, 1);
    expect(a.heard()).toEqual([CLEARED]);
  });

  it('as the only one keeps its session as long (§13.16), then the session ends', () => {
    const [bench, a] = start();
    write(a);
    bench.settle();
    cut(bench, a);
    bench.elapse(9 * SECOND);
    expect(bench.service.sessions()).toHaveLength(1);
    bench.elapse(2 * SECOND);
    expect(bench.service.sessions()).toHaveLength(0);
    expect(bench.news()).toContain('session-closed');
    expect(bench.connect().login({ tsih: a.tsih })).toBe('login session does not exist');
  });

  it('with Time2Retain 0 takes its tasks with it at once, and as the last one its session', () => {
    const [bench, a] = start({ DefaultTime2Retain: '0' });
    const b = join(bench, a, 1);
    const tag = write(b);
    bench.settle();
    cut(bench, b);
    expect(bench.service.staging.reservedBytes).toBe(0);
    expect(a.heard()).toEqual(['async 2']);
    reassign(a, tag);
    a.logout(REMOVE_FOR_RECOVERY, 0);
    expect(a.heard()).toEqual([managed(TASK_DOES_NOT_EXIST), 'logout 2']);
    cut(bench, a);
    expect(bench.service.sessions()).toHaveLength(0);
  });

  it('whose initiator logs in anew is gone with its session (§6.3.5)', () => {
    const [bench, a] = start();
    write(a);
    bench.settle();
    cut(bench, a);
    const anew = bench.session({ keys: KEYS });
    expect(anew.tsih).not.toBe(a.tsih);
    expect(bench.service.sessions()).toHaveLength(1);
    expect(bench.service.staging.reservedBytes).toBe(0);
    expect(bench.news()).toContain('session-reinstated');
  });

  it('forgets the requests it brought whose turn had not come: they come again on another (§11.14)', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const number = a.numbers.commandSequenceNumber;
    a.numbers.commandSequenceNumber += 2;
    const second = { cdb: cdb10(READ, 0, 1), read: 512, commandSequenceNumber: number + 1, taskTag: 90 };
    b.command(second);
    expect(b.heard()).toEqual([]);
    cut(bench, b);
    a.command({ ...second, commandSequenceNumber: number, taskTag: 91 });
    a.command(second);
    expect(a.heard()).toEqual(['async 2', 'data 0+512 F', 'GOOD', 'data 0+512 F', 'GOOD']);
  });
});

describe('logout for recovery (§11.14-11.15)', () => {
  it('of a lost connection, of a living one, of itself; how long the tasks wait stands in the answer', () => {
    const [bench, a] = start();
    const [b, c] = [join(bench, a, 1), join(bench, a, 2)];
    for (const connection of [b, c]) write(connection);
    bench.settle();
    cut(bench, b);
    expect(a.heard()).toEqual(['async 2']);
    for (const connectionId of [1, 2]) {
      a.logout(REMOVE_FOR_RECOVERY, connectionId);
      const { header, ...pdu } = a.one();
      expect([brief({ header, ...pdu }), be16(header, 40), be16(header, 42)]).toEqual(['logout 0', 1, 9]);
      a.logout(REMOVE_FOR_RECOVERY, connectionId);
      expect(a.heard()).toEqual(['logout 1']);
    }
    expect(c.stream.closed).toBe(true);
    a.logout(REMOVE_FOR_RECOVERY, 0);
    expect(a.heard()).toEqual(['logout 0']);
    bench.settle();
    expect(a.stream.closed).toBe(true);
    expect(bench.service.sessions()).toHaveLength(1);
    bench.elapse(11 * SECOND);
    expect(bench.service.sessions()).toHaveLength(0);
  });

  it.each(['0', '1'])('is not supported at level %s', (level) => {
    const [bench, a] = start({ ErrorRecoveryLevel: level });
    const tag = write(a);
    expect(a.heard()).toEqual(['R2T 0 0+8192']);
    a.logout(REMOVE_FOR_RECOVERY, 0);
    reassign(a, tag);
    expect(a.heard()).toEqual(['logout 2', managed(REASSIGNMENT_NOT_SUPPORTED)]);
    expect(bench.service.sessions()).toHaveLength(1);
  });

  it('to close a lost connection ends its tasks', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    write(b);
    bench.settle();
    cut(bench, b);
    a.logout(CLOSE_CONNECTION, 1);
    const [told, answer] = a.pdus();
    expect([brief(told!), brief(answer!), be16(answer!.header, 40), be16(answer!.header, 42)]).toEqual(['async 2', 'logout 0', 0, 0]);
    expect(bench.service.staging.reservedBytes).toBe(0);
    read(a, 1);
    expect(a.heard()).toEqual([CLEARED]);
  });

  it('a last connection that is closed leaves the session to what waits', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const tag = write(b);
    bench.settle();
    cut(bench, b);
    a.logout(CLOSE_CONNECTION, 0);
    bench.settle();
    expect(bench.service.sessions()).toHaveLength(1);
    const c = join(bench, a, 1);
    reassign(c, tag);
    expect(c.heard()).toEqual([managed(FUNCTION_COMPLETE), 'R2T 0 0+8192']);
  });
});
