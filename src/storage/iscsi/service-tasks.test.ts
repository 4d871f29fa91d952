/** Command numbering and task management at a whole target (RFC 7143 §4.2.2.1, §11.5-11.6; SAM-5 §7). */
import { afterEach, describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../base/clock.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import {
  ABORT_TASK,
  ABORT_TASK_SET,
  CLEAR_ACA,
  CLEAR_TASK_SET,
  LOGICAL_UNIT_RESET,
  TARGET_COLD_RESET,
  TARGET_WARM_RESET,
  TASK_REASSIGN,
} from '../../wire/iscsi/control.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { READ, same, slowStore, some, stored, WRITE } from './testing/blocks.ts';
import type { ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

const keys = { MaxConnections: '4', InitialR2T: 'No', MaxRecvDataSegmentLength: '262144' };

function start(options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench(options);
  benches.push(bench);
  return [bench, bench.session({ keys })];
}

/** Another initiator at the same target. */
const other = (bench: TargetBench): ScriptedInitiator => bench.session({ initiator: 'iqn.2026-01.net.example:other', keys });

const read = { cdb: cdb10(READ, 0, 1), read: 512 };
/** A write that waits for its data. */
const waiting = { cdb: cdb10(WRITE, 0, 16), write: 8192 };
const width = (i: ScriptedInitiator): number => i.numbers.maxCommand - i.numbers.expectedCommand + 1;

describe('the command window', () => {
  it('is as wide as the limits say, and closes as commands wait', () => {
    const [bench, i] = start({ limits: { commandWindow: 4 } });
    expect(width(i)).toBe(4);
    for (const expected of [3, 2, 1, 0]) {
      i.command(waiting);
      expect(i.heard()).toEqual(['R2T 0 0+8192']);
      expect(width(i)).toBe(expected);
    }
    // Beyond the window: ignored without a word.
    i.command(read);
    expect(i.heard()).toEqual([]);
    expect(bench.service.sessions()[0]!.counters.ignoredRequests).toBe(1);
    i.numbers.commandSequenceNumber -= 1;
    // Immediate requests pass.
    i.nop('x', { immediate: true });
    expect(i.heard()).toEqual(['pong x']);
    i.manage(ABORT_TASK_SET);
    expect(i.heard()).toEqual(['managed 0']);
    expect(width(i)).toBe(4);
    i.command(read);
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('opens again after requests that are no commands, rejected or not', () => {
    const [, i] = start({ limits: { commandWindow: 4 } });
    for (let n = 0; n < 20; n += 1) {
      i.nop('x');
      i.command({ ...read, final: false });
      expect(i.heard()).toEqual(['pong x', 'reject 9']);
      expect(width(i)).toBe(4);
    }
  });

  it('goes round at 2^32', () => {
    const bench = new TargetBench();
    benches.push(bench);
    const i = bench.session({ commandSequenceNumber: 0xfffffffe, keys });
    for (let n = 0; n < 5; n += 1) {
      i.command({ ...read, commandSequenceNumber: (0xfffffffe + n) >>> 0 });
      expect(i.heard()).toEqual(['data 0+512 F GOOD']);
    }
    expect(i.numbers.expectedCommand).toBe(3);
  });

  it('what has come before is ignored', () => {
    const [, i] = start();
    const number = i.numbers.commandSequenceNumber;
    i.command({ ...read, commandSequenceNumber: number });
    i.command({ ...read, commandSequenceNumber: number });
    i.command({ ...read, commandSequenceNumber: number - 1 });
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('what comes too early waits, once', () => {
    const [bench, i] = start();
    const number = i.numbers.commandSequenceNumber;
    for (const n of [3, 2, 2, 3, 1]) i.command({ ...read, commandSequenceNumber: number + n });
    expect(i.heard()).toEqual([]);
    i.command({ ...read, commandSequenceNumber: number });
    expect(i.heard()).toHaveLength(4);
    expect(bench.service.sessions()[0]!.counters.ignoredRequests).toBe(2);
  });

  it('immediate commands have a limit of their own', () => {
    const [, i] = start({ limits: { immediateCommands: 2 } });
    for (let n = 0; n < 3; n += 1) i.command({ ...waiting, immediate: true });
    expect(i.heard()).toEqual(['R2T 0 0+8192', 'R2T 0 0+8192', 'reject 6']);
    i.manage(LOGICAL_UNIT_RESET);
    expect(i.heard()).toEqual(['managed 0']);
    i.command({ ...waiting, immediate: true });
    expect(i.heard()).toEqual(['CHECK CONDITION under 8192 UNIT ATTENTION: bus device reset function occurred (29h/03h)']);
  });
});

describe('ABORT TASK', () => {
  it('ends a command that waits for data, and gives its memory back', () => {
    const [bench, i] = start();
    const tag = i.command({ ...waiting, data: some(8) });
    const r2t = i.one();
    expect(bench.service.staging.reservedBytes).toBe(65_536);
    i.manage(ABORT_TASK, { reference: [tag, 1] });
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.service.staging.reservedBytes).toBe(0);
    // Data that was under way is dropped.
    i.fulfil(r2t, some(16));
    i.command(read);
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
    expect(same(stored(bench, 0, 16), new Uint8Array(8192))).toBe(true);
  });

  it('is answered when a command that has reached the store has come to rest', () => {
    const [bench, i] = start({ store: slowStore });
    const tag = i.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    i.manage(ABORT_TASK, { reference: [tag, 1] });
    expect(i.heard()).toEqual([]);
    bench.step();
    expect(i.heard()).toEqual(['managed 0']);
  });

  it('ends a command that waits for its turn', () => {
    const [bench, i] = start({ store: slowStore });
    i.command(read);
    const tag = i.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, data: some(16), attribute: 'ordered' });
    i.manage(ABORT_TASK, { reference: [tag, 2] });
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.service.staging.reservedBytes).toBe(0);
    bench.elapse(10 * MILLISECOND);
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('of a command that is done, or never was, finds nothing', () => {
    const [, i] = start();
    const tag = i.command(read);
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
    i.manage(ABORT_TASK, { reference: [tag, 1] });
    i.manage(ABORT_TASK, { reference: [4711, 1] });
    expect(i.heard()).toEqual(['managed 1', 'managed 1']);
  });

  it('of a command that has not come takes its number as received (§11.6.1)', () => {
    const [, i] = start();
    const missing = i.numbers.commandSequenceNumber;
    for (const n of [1, 2]) i.command({ ...read, commandSequenceNumber: missing + n });
    i.numbers.commandSequenceNumber = missing + 3;
    expect(i.heard()).toEqual([]);
    i.manage(ABORT_TASK, { reference: [99, missing] });
    expect(i.heard().sort()).toEqual(['data 0+512 F GOOD', 'data 0+512 F GOOD', 'managed 0']);
    expect(i.numbers.expectedCommand).toBe(missing + 3);
    expect(width(i)).toBe(128);
    // Should it come after all, it is ignored.
    i.command({ ...read, commandSequenceNumber: missing });
    expect(i.heard()).toEqual([]);
  });

  it('of a number that is beyond the window plugs nothing', () => {
    const [, i] = start({ limits: { commandWindow: 4 } });
    i.numbers.commandSequenceNumber += 100;
    i.manage(ABORT_TASK, { reference: [99, i.numbers.commandSequenceNumber - 1] });
    expect(i.heard()).toEqual(['managed 1']);
  });
});

describe('ABORT TASK SET', () => {
  it("ends the initiator's own commands on that unit alone", () => {
    const [bench, i] = start();
    const o = other(bench);
    i.command(waiting);
    i.command({ ...waiting, lun: 1 });
    o.command(waiting);
    expect([i.heard(), o.heard()]).toEqual([['R2T 0 0+8192', 'R2T 0 0+8192'], ['R2T 0 0+8192']]);
    i.manage(ABORT_TASK_SET);
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.units.map((unit) => unit.tasks.size)).toEqual([1, 1]);
    o.command(read);
    expect(o.heard()).toEqual(['data 0+512 F GOOD']);
  });
});

describe('CLEAR TASK SET', () => {
  it("ends everybody's commands on that unit, and tells the others", () => {
    const [bench, i] = start();
    const o = other(bench);
    i.command(waiting);
    o.command(waiting);
    o.command({ ...waiting, lun: 1 });
    bench.settle();
    i.heard();
    o.heard();
    i.manage(CLEAR_TASK_SET);
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.units.map((unit) => unit.tasks.size)).toEqual([0, 1]);
    o.command(read);
    expect(o.heard()).toEqual(['CHECK CONDITION under 512 UNIT ATTENTION: commands cleared by another initiator (2fh/00h)']);
    i.command(read);
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });
});

describe('resets', () => {
  it('of a logical unit: every command there, and everybody is told', () => {
    const [bench, i] = start();
    const o = other(bench);
    for (const each of [i, o]) each.command({ ...waiting, data: some(8) });
    bench.settle();
    o.heard();
    i.heard();
    i.manage(LOGICAL_UNIT_RESET);
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.service.staging.reservedBytes).toBe(0);
    for (const each of [i, o]) {
      each.command(read);
      expect(each.heard()).toEqual(['CHECK CONDITION under 512 UNIT ATTENTION: bus device reset function occurred (29h/03h)']);
    }
    i.command({ ...read, lun: 1 });
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('while the data of another is on its way: its buffer goes to nobody else', () => {
    const [bench, i] = start();
    const o = other(bench);
    const tag = i.command({ cdb: cdb10(WRITE, 0, 128), write: 65_536 });
    const ttt = targetTransferTag(i.one().header, 0);
    // The first half comes; the target has lent the place for the rest, and a kernel may write there whenever it likes.
    const whole: Uint8Array[] = [];
    const { stream } = i;
    const real = stream.send.bind(stream);
    stream.send = (bytes) => whole.push(bytes);
    i.dataOut(tag, ttt, 0, 0, some(128, 1), true);
    stream.send = real;
    stream.send(whole[0]!.subarray(0, 20_000));
    bench.settle();
    o.manage(LOGICAL_UNIT_RESET);
    expect(o.heard()).toEqual(['managed 0']);
    bench.calm();
    // Now a write of the other initiator's takes staging, and the rest of the first one's data arrives before it is done.
    const mine = o.command({ cdb: cdb10(WRITE, 128, 128), write: 65_536 });
    const r2t = o.one();
    o.dataOut(mine, targetTransferTag(r2t.header, 0), 0, 0, some(64, 2), false);
    bench.settle();
    stream.send(whole[0]!.subarray(20_000));
    bench.settle();
    o.dataOut(mine, targetTransferTag(r2t.header, 0), 1, 32_768, some(128, 2).subarray(32_768), true);
    expect(o.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 128, 64), some(64, 2))).toBe(true);
    expect(same(stored(bench, 192, 64), some(128, 2).subarray(32_768))).toBe(true);
    i.nop('in step');
    expect(i.heard()).toEqual(['pong in step']);
  });

  it('of the target, warm: every unit', () => {
    const [bench, i] = start();
    i.command(waiting);
    i.command({ ...waiting, lun: 1 });
    expect(i.heard()).toHaveLength(2);
    i.manage(TARGET_WARM_RESET);
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.units.map((unit) => unit.tasks.size)).toEqual([0, 0]);
    i.nop('x');
    expect(i.heard()).toEqual(['pong x']);
  });

  it('of the target, cold: and every session ends, after the answer', () => {
    const [bench, i] = start();
    const o = other(bench);
    o.command(waiting);
    expect(o.heard()).toEqual(['R2T 0 0+8192']);
    i.manage(TARGET_COLD_RESET);
    expect(i.heard()).toEqual(['managed 0']);
    expect([i.stream.closed, o.stream.closed, bench.service.sessions().length]).toEqual([true, true, 0]);
  });
});

describe('what is answered without doing anything', () => {
  it.each([
    ['CLEAR ACA', CLEAR_ACA, 0, 5],
    ['TASK REASSIGN', TASK_REASSIGN, 0, 4],
    ['a function nobody knows', 77, 0, 5],
    ['a LUN that is not there', ABORT_TASK_SET, 9, 2],
    ['a reset of a LUN that is not there', LOGICAL_UNIT_RESET, 9, 2],
  ])('%s', (_, code, lun, response) => {
    const [, i] = start();
    i.command(waiting);
    i.manage(code, { lun });
    expect(i.heard()).toEqual(['R2T 0 0+8192', `managed ${response}`]);
  });

  it('and in its turn, where it is not immediate', () => {
    const [, i] = start();
    const number = i.numbers.commandSequenceNumber;
    i.numbers.commandSequenceNumber += 1;
    i.manage(LOGICAL_UNIT_RESET, { immediate: false });
    expect(i.heard()).toEqual([]);
    i.command({ ...waiting, commandSequenceNumber: number });
    expect(i.heard()).toEqual(['R2T 0 0+8192', 'managed 0']);
  });
});

describe('data in flight when its command is aborted', () => {
  it('leaves the staging empty, whatever way it came', () => {
    const [bench, i] = start();
    const [a, b, c] = [0, 1, 2].map((n) => ({ cdb: cdb10(WRITE, n * 256, 256), write: 131_072 }));
    const tags = [i.command({ ...a!, data: some(16), final: false }), i.command({ ...b!, final: false }), i.command({ ...c! })];
    i.dataOut(tags[0]!, RESERVED_TAG, 0, 8192, some(16), false);
    i.dataOut(tags[1]!, RESERVED_TAG, 0, 0, some(100), true);
    expect(i.heard()).toEqual(['R2T 0 0+131072', 'R2T 0 51200+79872']);
    expect(bench.service.staging.reservedBytes).toBeGreaterThan(0);
    i.manage(ABORT_TASK_SET);
    expect(i.heard()).toEqual(['managed 0']);
    expect(bench.service.staging.reservedBytes).toBe(0);
    i.dataOut(tags[0]!, RESERVED_TAG, 1, 16_384, some(1), true);
    i.nop('x');
    expect(i.heard()).toEqual(['pong x']);
  });
});

it('other requests: SNACK is rejected at recovery level 0, and so is what has no place here', () => {
  const [, i] = start();
  i.raw(0x10);
  i.raw(0x43);
  i.raw(0x1c);
  i.raw(0x3f);
  expect(i.heard()).toEqual(['reject 3', 'reject 5', 'reject 5', 'reject 5']);
});
