/**
 * Connection recovery at a whole target (RFC 7143 §7.2.2, §7.5, §11.5-11.6, §11.14-11.15), at error recovery level 2: tasks outlive their
 * connection, and go on with another.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { be16 } from '../../base/bytes.ts';
import { SECOND } from '../../base/clock.ts';
import { statusSequenceNumber } from '../../wire/iscsi/basic-header.ts';
import {
  ABORT_TASK,
  asyncParameter,
  CLOSE_CONNECTION,
  FUNCTION_COMPLETE,
  FUNCTION_REJECTED,
  REASSIGNMENT_NOT_SUPPORTED,
  REMOVE_FOR_RECOVERY,
  SNACK_RDATA,
  TASK_DOES_NOT_EXIST,
  TASK_REASSIGN,
  TASK_STILL_ALLEGIANT,
} from '../../wire/iscsi/control.ts';
import { dataSequenceNumber } from '../../wire/iscsi/data.ts';
import { expectedDataSequenceNumber, snackTag } from '../../wire/iscsi/scsi-command.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { dataOf, put, READ, same, slowStore, some, stored, WRITE } from './testing/blocks.ts';
import { brief } from './testing/brief.ts';
import type { LoginWords, ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

const CLEARED = 'CHECK CONDITION under 512 UNIT ATTENTION: some commands cleared by iSCSI protocol event (47h/7fh)';
const KEYS = {
  ErrorRecoveryLevel: '2',
  MaxConnections: '4',
  InitialR2T: 'No',
  ImmediateData: 'No',
  MaxRecvDataSegmentLength: '1024',
  DefaultTime2Wait: '1',
  DefaultTime2Retain: '9',
};

/** Nobody is asked for acknowledgements here. */
function start(keys: LoginWords['keys'] = {}, options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench({ ...options, limits: { recoveryTimeoutNanos: 1000 * SECOND, ...options.limits } });
  benches.push(bench);
  return [bench, recovering(bench.session({ keys: { ...KEYS, ...keys } }))];
}

function recovering(i: ScriptedInitiator): ScriptedInitiator {
  i.recovers = true;
  return i;
}

const join = (bench: TargetBench, i: ScriptedInitiator, connectionId: number, words: LoginWords = {}): ScriptedInitiator =>
  recovering(bench.join(i, connectionId, { keys: { MaxRecvDataSegmentLength: '1024' }, ...words }));

/** The connection breaks. */
function cut(bench: TargetBench, i: ScriptedInitiator): void {
  i.stream.close('cable pulled');
  bench.settle();
}

const write = (i: ScriptedInitiator, words: { taskTag?: number } = {}): number =>
  i.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, ...words });
const read = (i: ScriptedInitiator, blocks = 8): number => i.command({ cdb: cdb10(READ, 0, blocks), read: blocks * 512 });

const reassign = (i: ScriptedInitiator, tag: number, expectedData = 0): void =>
  i.manage(TASK_REASSIGN, { reference: [tag, 0], expectedData });
const managed = (response: number): string => `managed ${response}`;

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

describe('TASK REASSIGN (§11.5.1, §11.6.1)', () => {
  it('of a task whose connection lives, or is lost but not logged out: still allegiant', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const [mine, theirs] = [write(a), write(b)];
    bench.settle();
    a.heard();
    for (const tag of [mine, theirs]) reassign(a, tag);
    expect(a.heard()).toEqual([managed(TASK_STILL_ALLEGIANT), managed(TASK_STILL_ALLEGIANT)]);
    cut(bench, b);
    reassign(a, theirs);
    reassign(a, 999);
    expect(a.heard()).toEqual(['async 2', managed(TASK_STILL_ALLEGIANT), managed(TASK_DOES_NOT_EXIST)]);
  });

  it('of an answer: as long as its connection has it, still allegiant', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const tag = read(b);
    bench.settle();
    reassign(a, tag);
    expect(a.heard()).toEqual([managed(TASK_STILL_ALLEGIANT)]);
    cut(bench, b);
    reassign(a, tag);
    expect(a.heard()).toEqual(['async 2', managed(TASK_STILL_ALLEGIANT)]);
  });

  it('of task management, text and logout is rejected; a NOP-Out is answered again', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const first = b.numbers.nextTag;
    b.manage(5);
    b.text('X-a=b');
    b.nop('hello');
    bench.settle();
    cut(bench, b);
    a.logout(REMOVE_FOR_RECOVERY, 1);
    expect(a.heard()).toEqual(['async 2', 'logout 0']);
    for (let tag = first; tag < first + 3; tag += 1) reassign(a, tag);
    expect(a.heard()).toEqual([managed(FUNCTION_REJECTED), managed(FUNCTION_REJECTED), managed(FUNCTION_COMPLETE), 'pong hello']);
  });
});

describe('tasks that go on with another connection', () => {
  it('a write: what has come stays, the rest is asked for there (R2TSN from ExpDataSN on)', () => {
    const [bench, a] = start({ MaxBurstLength: '2048', MaxOutstandingR2T: '2' });
    const b = join(bench, a, 1);
    const data = some(16);
    const tag = write(b);
    const [first, second] = b.pdus();
    b.fulfil(first!, data);
    const third = b.one();
    // Half of the second one comes, and then no more.
    b.dataOut(tag, second!.header[23]!, 0, 2048, data.subarray(2048, 3072), false);
    bench.settle();
    expect(brief(third)).toBe('R2T 2 4096+2048');
    cut(bench, b);
    a.logout(REMOVE_FOR_RECOVERY, 1);
    a.heard();
    reassign(a, tag, 3);
    const [response, ...asked] = a.pdus();
    expect(brief(response!)).toBe(managed(FUNCTION_COMPLETE));
    expect(asked.map(brief)).toEqual(['R2T 3 3072+1024', 'R2T 4 4096+2048']);
    for (const r2t of asked) a.fulfil(r2t, data);
    const last = a.one();
    expect(brief(last)).toBe('R2T 5 6144+2048');
    a.fulfil(last, data);
    expect(a.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
    expect(bench.service.counters.tasksReassigned).toBe(1);
    reassign(a, tag);
    expect(a.heard()).toEqual([managed(TASK_DOES_NOT_EXIST)]);
  });

  it('a write whose unsolicited data broke off', () => {
    const [bench, a] = start();
    const data = some(16);
    const tag = a.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, final: false });
    a.dataOut(tag, 0xffffffff, 0, 0, data.subarray(0, 2048), false);
    bench.settle();
    cut(bench, a);
    const b = join(bench, a, 0);
    reassign(b, tag);
    const heard = b.pdus();
    expect(heard.map(brief)).toEqual([managed(FUNCTION_COMPLETE), 'R2T 0 2048+6144']);
    b.fulfil(heard[1]!, data);
    expect(b.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
  });

  it('a write whose long data was arriving when the connection was replaced under it', () => {
    const [bench, a] = start({ MaxBurstLength: '131072' });
    const data = some(256);
    const tag = a.command({ cdb: cdb10(WRITE, 0, 256), write: 131_072 });
    const r2t = a.one();
    a.stream.pieceBytes = 30_000;
    a.dataOut(tag, r2t.header[23]!, 0, 0, data.subarray(0, 65_536), false);
    // Half a PDU, in place in the staging of its command.
    a.stream.send(new Uint8Array(48).fill(0));
    bench.settle();
    const b = join(bench, a, 0);
    bench.settle();
    expect(a.stream.closed).toBe(true);
    reassign(b, tag, 1);
    const heard = b.pdus();
    expect(heard.map(brief)).toEqual([managed(FUNCTION_COMPLETE), 'R2T 1 65536+65536']);
    b.fulfil(heard[1]!, data, 65_536);
    expect(b.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 256), data)).toBe(true);
  });

  it('a read that was answered: data from ExpDataSN on, in pieces of the new connection, and the status with its StatSN', () => {
    const [bench, a] = start();
    put(bench, 0, some(8));
    const b = join(bench, a, 1);
    const tag = read(b);
    bench.settle();
    cut(bench, b);
    put(bench, 0, some(8, 5));
    const c = join(bench, a, 2, { keys: { MaxRecvDataSegmentLength: '512' } });
    const next = c.expectedStatus;
    c.logout(REMOVE_FOR_RECOVERY, 1);
    expect(c.heard()).toEqual(['logout 0']);
    reassign(c, tag, 2);
    const [response, ...pdus] = c.pdus();
    expect(brief(response!)).toBe(managed(FUNCTION_COMPLETE));
    expect(pdus.map(brief)).toEqual(['data 2048+512', 'data 2560+512', 'data 3072+512', 'data 3584+512 F', 'GOOD']);
    expect(pdus.slice(0, 4).map(({ header }) => dataSequenceNumber(header, 0))).toEqual([2, 3, 4, 5]);
    expect(same(dataOf(pdus), some(8).subarray(2048))).toBe(true);
    const { header } = pdus.at(-1)!;
    expect([statusSequenceNumber(header, 0), expectedDataSequenceNumber(header, 0)]).toEqual([next + 2, 6]);
    a.heard();
  });

  it.each([
    [0, ['data 0+1024', 'data 1024+1024', 'data 2048+1024', 'data 3072+1024 F', 'GOOD']],
    [4, ['GOOD']],
    // What it can't be is ignored (§11.5.7).
    [5, ['data 0+1024', 'data 1024+1024', 'data 2048+1024', 'data 3072+1024 F', 'GOOD']],
  ])('a read with ExpDataSN %i', (expectedData, heard) => {
    const [bench, a] = start();
    const tag = read(a);
    bench.settle();
    cut(bench, a);
    const b = join(bench, a, 0);
    reassign(b, tag, expectedData);
    expect(b.heard()).toEqual([managed(FUNCTION_COMPLETE), ...heard]);
  });

  it('commands that answer while they have no connection: slow reads and writes, and sense', () => {
    const [bench, a] = start({}, { store: slowStore });
    put(bench, 0, some(8));
    const data = some(16, 3);
    a.acknowledges = a.expectedStatus;
    const tags = [read(a), a.command({ cdb: cdb10(READ, 0xffffff, 1), read: 512 }), a.command({ cdb: cdb10(WRITE, 64, 16), write: 8192 })];
    const [, r2t] = a.pdus();
    a.fulfil(r2t!, data);
    bench.settle();
    cut(bench, a);
    bench.elapse(SECOND);
    const b = join(bench, a, 0);
    expect(b.heard()).toEqual([]);
    for (const tag of tags) reassign(b, tag);
    const heard = b.pdus();
    expect(heard.map(brief)).toEqual([
      managed(FUNCTION_COMPLETE),
      'data 0+1024',
      'data 1024+1024',
      'data 2048+1024',
      'data 3072+1024 F',
      'GOOD',
      managed(FUNCTION_COMPLETE),
      'CHECK CONDITION under 512 ILLEGAL REQUEST: logical block address out of range (21h/00h), information 16777215',
      managed(FUNCTION_COMPLETE),
      'GOOD',
    ]);
    expect(same(dataOf(heard.slice(1, 5)), some(8))).toBe(true);
    expect(same(stored(bench, 64, 16), data)).toBe(true);
  });

  it('commands that still run when they change over answer where they are then', () => {
    const [bench, a] = start({}, { store: slowStore });
    const tag = read(a, 2);
    const quick = a.command({ cdb: cdb10(READ, 0, 2), read: 1024, immediate: true });
    bench.settle();
    cut(bench, a);
    const b = join(bench, a, 0);
    for (const task of [tag, quick]) reassign(b, task);
    expect(b.heard()).toEqual([managed(FUNCTION_COMPLETE), managed(FUNCTION_COMPLETE)]);
    bench.elapse(SECOND);
    expect(b.heard()).toEqual(['data 0+1024 F', 'GOOD', 'data 0+1024 F', 'GOOD']);
  });

  it('a write that waits for memory goes on where it is when there is some', () => {
    const [bench, a] = start({}, { limits: { stagingBytes: 65_536 } });
    const b = join(bench, a, 1);
    const other = bench.session({ isid: '00023d000077', keys: { InitialR2T: 'Yes', ImmediateData: 'No' } });
    write(other);
    const blocks = other.one();
    const tag = write(b);
    expect(b.heard()).toEqual([]);
    cut(bench, b);
    a.logout(REMOVE_FOR_RECOVERY, 1);
    reassign(a, tag);
    expect(a.heard()).toEqual(['async 2', 'logout 0', managed(FUNCTION_COMPLETE)]);
    other.fulfil(blocks, some(16));
    expect(other.heard()).toEqual(['GOOD']);
    const r2t = a.one();
    expect(brief(r2t)).toBe('R2T 0 0+8192');
    a.fulfil(r2t, some(16, 2));
    expect(a.heard()).toEqual(['GOOD']);
  });

  it('many of them, over connections that are lost again and again', () => {
    const [bench, a] = start({}, { store: slowStore });
    const tags = Array.from({ length: 10 }, (_, n) => a.command({ cdb: cdb10(WRITE, n * 2, 2), write: 1024 }));
    let i = a;
    for (let n = 0; n < 5; n += 1) {
      bench.settle();
      cut(bench, i);
      i = join(bench, a, 0);
      for (const tag of tags) reassign(i, tag);
      const heard = i.pdus().filter((pdu) => brief(pdu).startsWith('R2T'));
      expect(heard).toHaveLength(10 - n * 2);
      for (const r2t of heard.slice(0, 2)) {
        i.fulfil(r2t, some(2, r2t.header[19]!));
        tags.splice(tags.indexOf(r2t.header[19]!), 1);
      }
      bench.elapse(SECOND / 10);
      expect(i.heard()).toEqual(['GOOD', 'GOOD']);
      i.nop('', { immediate: true, taskTag: 0xffffffff });
    }
    for (let n = 0; n < 10; n += 1) expect(same(stored(bench, n * 2, 2), some(2, n + 1))).toBe(true);
  });

  it('a SNACK Tag does not come along (§7.2.2)', () => {
    const [bench, a] = start();
    const tag = read(a, 2);
    a.snack(SNACK_RDATA, 0, 0, { task: tag, transfer: 9 });
    expect(snackTag(a.pdus().at(-1)!.header, 0)).toBe(9);
    a.acknowledges = a.expectedStatus - 1;
    cut(bench, a);
    const b = join(bench, a, 0);
    reassign(b, tag);
    expect(snackTag(b.pdus().at(-1)!.header, 0)).toBe(0);
  });

  it('a read whose data had to be let go fails, unless all of it had come', () => {
    const [bench, a] = start({}, { limits: { keptBytes: 5000 } });
    const tags = [read(a), read(a), read(a)];
    bench.settle();
    cut(bench, a);
    const b = join(bench, a, 0);
    reassign(b, tags[0]!);
    reassign(b, tags[1]!, 4);
    expect(b.heard()).toEqual([
      managed(FUNCTION_COMPLETE),
      'CHECK CONDITION ABORTED COMMAND: read error - failed retransmission request (11h/13h)',
      managed(FUNCTION_COMPLETE),
      'GOOD',
    ]);
  });
});

describe('reinstatement (§6.3.4) at level 2', () => {
  it('is a logout for recovery: the tasks of a living connection wait for the new one', () => {
    const [bench, a] = start();
    const tag = write(a);
    expect(a.heard()).toEqual(['R2T 0 0+8192']);
    const b = join(bench, a, 0);
    expect(a.stream.closed).toBe(true);
    reassign(b, tag);
    const heard = b.pdus();
    expect(heard.map(brief)).toEqual([managed(FUNCTION_COMPLETE), 'R2T 0 0+8192']);
    b.fulfil(heard[1]!, some(16));
    expect(b.heard()).toEqual(['GOOD']);
  });

  it('takes the ExpStatSN of its login for the old connection (§11.12.9)', () => {
    const [bench, a] = start();
    const tag = read(a);
    a.heard();
    cut(bench, a);
    const b = join(bench, a, 0, { expectedStatus: a.expectedStatus });
    reassign(b, tag);
    expect(b.heard()).toEqual([managed(TASK_DOES_NOT_EXIST)]);
    expect(bench.service.keptBytes.usedBytes).toBe(48);
  });

  it('so does a logout: not for its own connection (§11.14.4)', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const tag = read(b);
    b.heard();
    cut(bench, b);
    a.acknowledges = b.expectedStatus;
    a.logout(REMOVE_FOR_RECOVERY, 1);
    a.acknowledges = undefined;
    reassign(a, tag);
    expect(a.heard()).toEqual(['async 2', 'logout 0', managed(TASK_DOES_NOT_EXIST)]);
  });

  it('a connection with nothing to recover is soon forgotten', () => {
    const [bench, a] = start({ MaxConnections: '1' });
    let i = a;
    for (let n = 0; n < 50; n += 1) {
      const next = join(bench, a, 0, { expectedStatus: i.expectedStatus });
      i = next;
    }
    expect(bench.service.sessions()).toHaveLength(1);
    expect(bench.service.sessions()[0]!.recovery.waiting).toBe(false);
  });

  it('who loses connections over and over does not pile them up', () => {
    const [bench, a] = start({ MaxConnections: '2', DefaultTime2Retain: '3600' }, { limits: { time2RetainSeconds: 3600 } });
    let i = a;
    for (let n = 0; n < 20; n += 1) {
      write(i, { taskTag: 1000 + n });
      bench.settle();
      i = join(bench, a, 0);
    }
    expect(bench.service.sessions()[0]!.commands.size).toBeLessThanOrEqual(5);
    i.logout();
    bench.settle();
  });
});

describe('ABORT TASK on another connection (§11.5.1)', () => {
  it('ends a task of a connection that was logged out, and gives a status it had', () => {
    const [bench, a] = start();
    const b = join(bench, a, 1);
    const number = b.numbers.commandSequenceNumber;
    const [waiting, answered] = [write(b), read(b, 2)];
    bench.settle();
    cut(bench, b);
    a.logout(REMOVE_FOR_RECOVERY, 1);
    a.manage(ABORT_TASK, { reference: [waiting, number] });
    a.manage(ABORT_TASK, { reference: [answered, number + 1] });
    expect(a.heard()).toEqual(['async 2', 'logout 0', managed(FUNCTION_COMPLETE), 'data 0+1024 F', 'GOOD', managed(FUNCTION_COMPLETE)]);
    expect(bench.service.staging.reservedBytes).toBe(0);
  });
});
