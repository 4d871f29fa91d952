/** SNACK at a whole target (RFC 7143 §11.16), at error recovery level 1: statuses, data, R2Ts again, what is kept for that and how long. */
import { afterEach, describe, expect, it } from 'vitest';
import { be32 } from '../../base/bytes.ts';
import { SECOND } from '../../base/clock.ts';
import { statusSequenceNumber } from '../../wire/iscsi/basic-header.ts';
import { SNACK_DATA_ACK, SNACK_DATA_OR_R2T, SNACK_RDATA, SNACK_STATUS } from '../../wire/iscsi/control.ts';
import { dataSequenceNumber, targetTransferTag } from '../../wire/iscsi/data.ts';
import { expectedDataSequenceNumber, snackTag } from '../../wire/iscsi/scsi-command.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { dataOf, put, READ, same, some, WRITE } from './testing/blocks.ts';
import { brief } from './testing/brief.ts';
import type { SeenPdu } from './testing/pdu-bytes.ts';
import type { LoginWords, ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

/** A session at level 1 whose initiator acknowledges nothing by itself. */
function start(keys: LoginWords['keys'] = {}, options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench(options);
  benches.push(bench);
  const i = bench.session({ keys: { ErrorRecoveryLevel: '1', InitialR2T: 'No', MaxRecvDataSegmentLength: '1024', ...keys } });
  i.recovers = true;
  i.acknowledges = i.expectedStatus;
  return [bench, i];
}

const REJECTED = { snack: 'reject 3', protocol: 'reject 4', dataAck: 'reject 8', field: 'reject 9' };
const sequences = (pdus: readonly SeenPdu[]): number[] =>
  pdus.filter((pdu) => brief(pdu).startsWith('data')).map(({ header }) => dataSequenceNumber(header, 0));

describe('what is agreed on (§13.20)', () => {
  it.each([
    ['0', '0', '0'],
    ['1', '1', '0'],
    ['2', '2', '20'],
  ])('ErrorRecoveryLevel=%s', (asked, level, retain) => {
    const bench = new TargetBench();
    benches.push(bench);
    const i = bench.session({ keys: { ErrorRecoveryLevel: asked, DefaultTime2Wait: '1', DefaultTime2Retain: '40' } });
    // Below level 2 nothing is retained (§13.16).
    expect(i.answers).toMatchObject({ ErrorRecoveryLevel: level, DefaultTime2Wait: '1', DefaultTime2Retain: retain });
  });

  it('an array may say less', () => {
    const limits = { errorRecoveryLevel: 1, time2WaitSeconds: 3 };
    const bench = new TargetBench({ limits });
    benches.push(bench);
    const i = bench.session({ keys: { ErrorRecoveryLevel: '2', DefaultTime2Retain: '40', DefaultTime2Wait: '1' } });
    expect(i.answers).toMatchObject({ ErrorRecoveryLevel: '1', DefaultTime2Retain: '0', DefaultTime2Wait: '3' });
  });

  it('is level 0 in a discovery session, whatever is asked for (§7.4.1)', () => {
    const bench = new TargetBench();
    benches.push(bench);
    const i = bench.session({ discovery: true, keys: { ErrorRecoveryLevel: '2' } });
    expect(i.answers).toMatchObject({ ErrorRecoveryLevel: '0' });
  });

  it('at level 0 nothing is kept, and SNACK is rejected', () => {
    const bench = new TargetBench();
    benches.push(bench);
    const i = bench.session();
    i.command({ cdb: cdb10(READ, 0, 8), read: 4096 });
    expect(i.heard()).toEqual(['data 0+4096 F GOOD']);
    expect(bench.service.keptBytes.usedBytes).toBe(0);
    i.snack(SNACK_STATUS, 0, 0);
    expect(i.heard()).toEqual([REJECTED.snack]);
  });
});

describe('Status SNACK', () => {
  it('gives responses again, with their StatSN and what is current of the window', () => {
    const [bench, i] = start();
    const first = i.expectedStatus;
    i.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    i.nop('hello');
    const [written, pong] = i.pdus();
    i.command({ cdb: cdb10(WRITE, 1, 1), write: 512, data: some(1) });
    expect(i.heard()).toEqual(['GOOD']);
    i.snack(SNACK_STATUS, first, 2);
    const again = i.pdus();
    expect(again.map(brief)).toEqual(['GOOD', 'pong hello']);
    for (const [index, pdu] of [written!, pong!].entries()) {
      const { header } = again[index]!;
      expect(statusSequenceNumber(header, 0)).toBe(first + index);
      expect(header.subarray(0, 28)).toEqual(pdu.header.subarray(0, 28));
      expect([be32(header, 28), be32(header, 32)]).toEqual([i.numbers.expectedCommand, i.numbers.maxCommand]);
    }
    // All from one on, and all.
    i.snack(SNACK_STATUS, first + 1, 0);
    expect(i.heard()).toEqual(['pong hello', 'GOOD']);
    i.snack(SNACK_STATUS, 0, 0);
    expect(i.heard()).toEqual(['GOOD', 'pong hello', 'GOOD']);
    expect(i.again).toBe(7);
    expect(bench.service.counters.snacks).toBe(3);
    expect(bench.news()).toContain('sent-again');
  });

  it('gives sense data, task management, text, rejects and asynchronous messages again as well', () => {
    const [bench, i] = start();
    i.command({ cdb: cdb10(READ, 0xffffff, 1), read: 512 });
    i.manage(5);
    i.text('X-a=b');
    i.raw(0x1c);
    const all = ['managed 0', 'text F X-a=NotUnderstood;', 'reject 5'];
    const [failed, ...others] = i.heard();
    expect(failed).toContain('CHECK CONDITION under 512 ILLEGAL REQUEST');
    expect(others).toEqual(all);
    i.snack(SNACK_STATUS, 0, 0);
    expect(i.heard()).toEqual([failed, ...all]);
    bench.service.stop(() => {});
    expect(i.heard()).toEqual(['async 1']);
    i.snack(SNACK_STATUS, i.expectedStatus + 4, 1);
    expect(i.heard()).toEqual(['async 1']);
  });

  it('what was acknowledged, or not sent, is a protocol error', () => {
    const [, i] = start();
    const first = i.expectedStatus;
    i.nop('a');
    i.nop('b');
    i.heard();
    i.snack(SNACK_STATUS, first + 1, 2);
    expect(i.heard()).toEqual([REJECTED.protocol]);
    i.snack(SNACK_STATUS, first + 4, 0);
    expect(i.heard()).toEqual([REJECTED.protocol]);
    i.acknowledges = first + 1;
    i.snack(SNACK_STATUS, first, 1);
    expect(i.heard()).toEqual([REJECTED.protocol]);
    i.snack(SNACK_STATUS, first + 1, 1);
    expect(i.heard()).toEqual(['pong b']);
  });

  it('an ExpStatSN that lies acknowledges nothing', () => {
    const [, i] = start();
    const first = i.expectedStatus;
    i.nop('a');
    i.heard();
    for (const lie of [first + 2, first - 1, (first + 0x80000000) >>> 0]) {
      i.acknowledges = lie;
      i.snack(SNACK_STATUS, first, 1);
      expect(i.heard()).toEqual(['pong a']);
    }
  });

  it('answers to commands that never end in an acknowledgement are bounded: the oldest goes', () => {
    const [bench, i] = start({}, { limits: { keptAnswers: 4 } });
    const first = i.expectedStatus;
    for (let n = 0; n < 6; n += 1) i.nop(String(n));
    i.heard();
    i.snack(SNACK_STATUS, first, 1);
    expect(i.heard()).toEqual([REJECTED.snack]);
    i.snack(SNACK_STATUS, first + 4, 2);
    expect(i.heard()).toEqual(['pong 4', 'pong 5']);
    expect(bench.service.counters.answersLetGo).toBe(3);
    expect(bench.news().filter((name) => name === 'answers-let-go')).toHaveLength(1);
  });
});

const read = (i: ScriptedInitiator, blocks = 8): [number, SeenPdu[]] => {
  const tag = i.command({ cdb: cdb10(READ, 0, blocks), read: blocks * 512 });
  return [tag, i.pdus()];
};

describe('Data SNACK', () => {
  it('the response tells how much data went before it (§11.4.8)', () => {
    const [bench, i] = start();
    put(bench, 0, some(8));
    const [, pdus] = read(i);
    expect(pdus.map(brief)).toEqual(['data 0+1024', 'data 1024+1024', 'data 2048+1024', 'data 3072+1024 F', 'GOOD']);
    expect(expectedDataSequenceNumber(pdus.at(-1)!.header, 0)).toBe(4);
    expect(same(dataOf(pdus), some(8))).toBe(true);
  });

  it('gives any run of it again, byte for byte, whatever has become of the blocks', () => {
    const [bench, i] = start({ MaxRecvDataSegmentLength: '1024' });
    for (const blocks of [8, 64]) {
      put(bench, 0, some(blocks));
      const [tag, pdus] = read(i, blocks);
      put(bench, 0, some(blocks, 9));
      i.snack(SNACK_DATA_OR_R2T, 1, 2, { task: tag });
      const again = i.pdus();
      expect(again.map(({ data }) => data)).toEqual([pdus[1]!.data, pdus[2]!.data]);
      expect(again.map(({ header }) => header.subarray(0, 28))).toEqual([pdus[1], pdus[2]].map((pdu) => pdu!.header.subarray(0, 28)));
      i.snack(SNACK_DATA_OR_R2T, 3, 0, { task: tag });
      expect(sequences(i.pdus())[0]).toBe(3);
      i.snack(SNACK_DATA_OR_R2T, 0, 0, { task: tag });
      expect(same(dataOf(i.pdus()), some(blocks))).toBe(true);
    }
  });

  it('what is beyond, or of no task, is a protocol error', () => {
    const [, i] = start();
    const [tag] = read(i);
    i.snack(SNACK_DATA_OR_R2T, 3, 2, { task: tag });
    i.snack(SNACK_DATA_OR_R2T, 5, 0, { task: tag });
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: tag + 100 });
    i.snack(7, 0, 0, { task: tag });
    expect(i.heard()).toEqual([REJECTED.protocol, REJECTED.protocol, REJECTED.protocol, REJECTED.field]);
  });

  it('ends with the acknowledgement of the status (§11.7.2)', () => {
    const [bench, i] = start();
    const [tag] = read(i);
    expect(bench.service.keptBytes.usedBytes).toBeGreaterThan(4096);
    i.acknowledges = undefined;
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: tag });
    expect(i.heard()).toEqual([REJECTED.protocol]);
    i.nop('b');
    i.heard();
    i.nop('c');
    // The answer to the last one alone is not acknowledged.
    expect(i.heard()).toEqual(['pong c']);
    expect(bench.service.keptBytes.usedBytes).toBeLessThan(60);
  });

  it('data that had to be let go is rejected as SNACK; its status can be had', () => {
    const [bench, i] = start({}, { limits: { keptBytes: 6000 } });
    const [first] = read(i);
    const [second] = read(i);
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: first });
    expect(i.heard()).toEqual([REJECTED.snack]);
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: second });
    expect(i.heard()).toEqual(['data 0+1024']);
    i.snack(SNACK_STATUS, i.expectedStatus, 1);
    expect(i.heard()).toEqual(['GOOD']);
    expect(bench.service.keptBytes.usedBytes).toBeLessThanOrEqual(6000);
  });

  it('sends no more than the peer reads', () => {
    const [bench, i] = start({ MaxRecvDataSegmentLength: '65536' }, { limits: { sendBacklogBytes: 262_144 } });
    const [tag] = read(i, 256);
    i.stream.reads = false;
    for (let n = 0; n < 200; n += 1) i.snack(SNACK_DATA_OR_R2T, 0, 0, { task: tag });
    bench.settle();
    expect(i.stream.queuedBytes).toBeLessThan(2 * 262_144);
    i.stream.reads = true;
    i.heard();
  });
});

describe('DataACK (§11.16.1, §11.7.2)', () => {
  it('is asked for once in MaxBurstLength, and ends what may be asked for again', () => {
    const [bench, i] = start({ MaxBurstLength: '2048' });
    put(bench, 0, some(10));
    const tag = i.command({ cdb: cdb10(READ, 0, 10), read: 5120 });
    const pdus = i.pdus();
    expect(pdus.map(brief)).toEqual([
      'data 0+1024',
      'data 1024+1024 F A',
      'data 2048+1024',
      'data 3072+1024 F A',
      'data 4096+1024 F',
      'GOOD',
    ]);
    const transfer = targetTransferTag(pdus[1]!.header, 0);
    i.snack(SNACK_DATA_ACK, 2, 0, { transfer });
    expect(i.heard()).toEqual([]);
    i.snack(SNACK_DATA_OR_R2T, 1, 1, { task: tag });
    expect(i.heard()).toEqual([REJECTED.protocol]);
    i.snack(SNACK_DATA_OR_R2T, 0, 0, { task: tag });
    expect(sequences(i.pdus())).toEqual([2, 3, 4]);
    // All of it: the data goes, the status stays.
    i.snack(SNACK_DATA_ACK, 5, 0, { transfer });
    expect(i.heard()).toEqual([]);
    // The response, and the reject with the header it holds.
    expect(bench.service.keptBytes.usedBytes).toBe(48 + 96);
    i.snack(SNACK_DATA_OR_R2T, 2, 1, { task: tag });
    expect(i.heard()).toEqual([REJECTED.protocol]);
    i.snack(SNACK_STATUS, i.expectedStatus, 1);
    expect(i.heard()).toEqual(['GOOD']);
  });

  it('of what was not sent, goes back, or is of another unit, is refused', () => {
    const [, i] = start({ MaxBurstLength: '2048' });
    i.command({ cdb: cdb10(READ, 0, 10), read: 5120 });
    const transfer = targetTransferTag(i.pdus()[1]!.header, 0);
    i.snack(SNACK_DATA_ACK, 6, 0, { transfer });
    i.snack(SNACK_DATA_ACK, 2, 0, { transfer, lun: 1 });
    i.snack(SNACK_DATA_ACK, 2, 0, { transfer: transfer + 9 });
    i.snack(SNACK_DATA_ACK, 2, 0, { transfer });
    i.snack(SNACK_DATA_ACK, 1, 0, { transfer });
    expect(i.heard()).toEqual([REJECTED.dataAck, REJECTED.dataAck, REJECTED.dataAck, REJECTED.dataAck]);
  });
});

describe('R-Data SNACK (§11.16.3)', () => {
  it('cuts what is not acknowledged anew, and the response names its tag', () => {
    const [bench, i] = start({ MaxBurstLength: '2048' });
    put(bench, 0, some(10));
    const tag = i.command({ cdb: cdb10(READ, 0, 10), read: 5120 });
    const before = i.pdus();
    const status = before.at(-1)!;
    i.snack(SNACK_DATA_ACK, 2, 0, { transfer: targetTransferTag(before[1]!.header, 0) });
    i.text('MaxRecvDataSegmentLength=512');
    expect(i.heard()).toEqual(['text F ']);
    i.snack(SNACK_RDATA, 0, 0, { task: tag, transfer: 77 });
    const again = i.pdus();
    expect(again.map(brief)).toEqual([
      'data 2048+512',
      'data 2560+512',
      'data 3072+512',
      'data 3584+512 F A',
      'data 4096+512',
      'data 4608+512 F',
      'GOOD',
    ]);
    expect(sequences(again)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(same(dataOf(again), some(10).subarray(2048))).toBe(true);
    const { header } = again.at(-1)!;
    expect([snackTag(header, 0), expectedDataSequenceNumber(header, 0)]).toEqual([77, 8]);
    expect(statusSequenceNumber(header, 0)).toBe(statusSequenceNumber(status.header, 0));
    // A lost response is given with the latest tag.
    i.snack(SNACK_STATUS, statusSequenceNumber(header, 0), 1);
    expect(snackTag(i.one().header, 0)).toBe(77);
  });

  it('of a command that has not answered yet counts for its answer', () => {
    const [bench, i] = start();
    const tag = i.command({ cdb: cdb10(WRITE, 0, 8), write: 4096 });
    const r2t = i.one();
    i.snack(SNACK_RDATA, 0, 0, { task: tag, transfer: 5 });
    i.snack(SNACK_RDATA, 1, 0, { task: tag, transfer: 5 });
    i.snack(SNACK_RDATA, 0, 0, { task: tag, transfer: 0 });
    i.fulfil(r2t, some(8));
    const pdus = i.pdus();
    expect(pdus.map(brief)).toEqual([REJECTED.field, REJECTED.field, 'GOOD']);
    expect(snackTag(pdus[2]!.header, 0)).toBe(5);
    expect(bench.service.counters.snacks).toBe(3);
  });

  it('changes nothing for who comes later: new data is cut by the new length, and keeps its DataSN from 0', () => {
    const [, i] = start();
    i.text('MaxRecvDataSegmentLength=512');
    i.heard();
    i.command({ cdb: cdb10(READ, 0, 2), read: 1024 });
    expect(i.heard()).toEqual(['data 0+512', 'data 512+512 F', 'GOOD']);
  });
});

describe('an initiator that acknowledges nothing', () => {
  it('is told which StatSN comes next (§7.1.4.2)', () => {
    const [bench, i] = start({}, { limits: { recoveryTimeoutNanos: SECOND } });
    i.nop('a');
    expect(i.heard()).toEqual(['pong a']);
    bench.elapse(SECOND);
    expect(i.heard()).toEqual([]);
    bench.elapse(SECOND);
    const ping = i.one();
    expect([brief(ping), be32(ping.header, 24)]).toEqual(['ping', i.expectedStatus + 1]);
    i.acknowledges = undefined;
    i.nop('', { immediate: true, taskTag: 0xffffffff, transferTag: targetTransferTag(ping.header, 0) });
    bench.elapse(5 * SECOND);
    expect(i.heard()).toEqual([]);
    expect(bench.service.keptBytes.usedBytes).toBe(0);
  });
});

describe('commands that come again (§7.2.1)', () => {
  it('are taken once: by CmdSN, and immediate ones by the answer that is not acknowledged', () => {
    const [bench, i] = start();
    const command = i.numbers.commandSequenceNumber;
    const write = { cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1), taskTag: 50, commandSequenceNumber: command };
    i.numbers.commandSequenceNumber += 1;
    i.command(write);
    i.command(write);
    expect(i.heard()).toEqual(['GOOD']);
    const immediate = { cdb: cdb10(READ, 0, 1), read: 512, taskTag: 51, immediate: true };
    i.command(immediate);
    i.command(immediate);
    expect(i.heard()).toEqual(['data 0+512 F', 'GOOD', 'reject 7']);
    i.acknowledges = undefined;
    i.command(immediate);
    expect(i.heard()).toEqual(['data 0+512 F', 'GOOD']);
    expect(bench.service.sessions()[0]!.counters.ignoredRequests).toBe(1);
  });
});
