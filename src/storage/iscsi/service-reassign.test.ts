/** TASK REASSIGN at a whole target (RFC 7143 §7.2.2, §11.5-11.6), at error recovery level 2: tasks go on with another connection. */
import { afterEach, describe, expect, it } from 'vitest';
import { SECOND } from '../../base/clock.ts';
import { statusSequenceNumber } from '../../wire/iscsi/basic-header.ts';
import {
  ABORT_TASK,
  FUNCTION_COMPLETE,
  FUNCTION_REJECTED,
  REMOVE_FOR_RECOVERY,
  SNACK_RDATA,
  TASK_DOES_NOT_EXIST,
  TASK_STILL_ALLEGIANT,
} from '../../wire/iscsi/control.ts';
import { dataSequenceNumber } from '../../wire/iscsi/data.ts';
import { expectedDataSequenceNumber, snackTag } from '../../wire/iscsi/scsi-command.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { dataOf, put, READ, same, slowStore, some, stored, WRITE } from './testing/blocks.ts';
import { brief } from './testing/brief.ts';
import { cut, join, managed, read, reassign, start as startRecovering, write } from './testing/recovering.ts';
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
