import { assert, array, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../../base/clock.ts';
import { fromHex } from '../../../base/bytes.ts';
import * as cdbs from '../../../wire/scsi/cdb.ts';
import { STATUS_BUSY, STATUS_CHECK_CONDITION, STATUS_GOOD, STATUS_TASK_SET_FULL } from '../../../wire/scsi/status.ts';
import { StepClock } from '../../block/testing/step-clock.ts';
import { CommandQueue } from './command-queue.ts';
import type { Connection } from './connection-types.ts';
import { initiatorError } from './errors.ts';
import { defaultInitiatorLimits, type InitiatorLimits } from './limits.ts';
import { Scheduler } from './scheduler.ts';
import { type CommandRequest, InitiatorTask } from './task.ts';
import { nextRequestTag, TaskTable } from './task-table.ts';

const READ: CommandRequest = { lun: 0, cdb: cdbs.read(0, 1), dataInBytes: 512 };

const make = (): InitiatorTask => new InitiatorTask(READ, () => {});

/** A scheduler whose connection does nothing but remember. */
function bench(limits: Partial<InitiatorLimits> = {}, window = 100) {
  const clock = new StepClock();
  const sent: InitiatorTask[] = [];
  const done: InitiatorTask[] = [];
  const aborts: InitiatorTask[] = [];
  const rooms: number[] = [];
  const connection = { issue: (task: InitiatorTask) => void sent.push(task) } as unknown as Connection;
  const scheduler: Scheduler = new Scheduler(
    {
      pick: () => connection,
      sendAbort: (task) => void aborts.push(task),
      handleAttention: () => {},
      handleIdle: () => {},
      handleWindowShut: () => undefined,
      handleRoom: () => void rooms.push(scheduler.queued),
    },
    {
      clock,
      events: () => {},
      source: 'test',
      limits: { ...defaultInitiatorLimits, ...limits },
      allocate: (bytes) => new Uint8Array(bytes),
    },
  );
  scheduler.begin(0xffff_fffe, 0xffff_fffe, (0xffff_fffe + window - 1) >>> 0);
  const submit = (request: Partial<CommandRequest> = {}): InitiatorTask => {
    const task = new InitiatorTask({ ...READ, ...request }, (ended) => void done.push(ended));
    scheduler.submit(task);
    return task;
  };
  const answer = (task: InitiatorTask, status: number, sense = ''): void => {
    task.status = status;
    task.sense = fromHex(sense);
    scheduler.handleAnswer(task);
    scheduler.pump();
  };
  return { clock, sent, done, aborts, rooms, scheduler, submit, answer };
}

describe('the scheduler', () => {
  it('numbers commands in order, over the end of the numbers', () => {
    const { submit } = bench();
    expect([submit(), submit(), submit()].map((task) => task.commandSequenceNumber)).toEqual([0xffff_fffe, 0xffff_ffff, 0]);
  });

  it('keeps to the window, and to what the target says of it later (§11.4.10)', () => {
    const { submit, sent, scheduler } = bench({}, 2);
    for (let index = 0; index < 5; index += 1) submit();
    expect(sent.length).toBe(2);
    scheduler.handleNumbers(0, 1); // two more
    scheduler.pump();
    expect(sent.length).toBe(4);
    scheduler.handleNumbers(0xffff_ffff, 0xffff_ffff); // never back
    scheduler.handleNumbers(10, 2); // ends before it begins
    scheduler.pump();
    expect(sent.length).toBe(4);
    scheduler.handleNumbers(2, 2);
    scheduler.pump();
    expect(sent.length).toBe(5);
  });

  it.each([
    ['BUSY', STATUS_BUSY],
    ['TASK SET FULL', STATUS_TASK_SET_FULL],
  ])('sends again after %s, each time later, and not for ever', (_, status) => {
    const { submit, sent, done, answer, clock } = bench({ busyRetries: 3, busyDelayNanos: MILLISECOND, commandTimeoutNanos: 0 });
    const task = submit();
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      answer(task, status);
      expect(done).toEqual([]);
      clock.step();
      times.push(clock.now() / MILLISECOND);
    }
    expect([times, sent.length]).toEqual([[1, 3, 7], 4]);
    answer(task, status);
    expect([done, task.status]).toEqual([[task], status]);
  });

  it('gives up a command that waits to be sent again, when it is told to', () => {
    const { submit, sent, done, answer, clock, scheduler } = bench();
    const task = submit();
    answer(task, STATUS_BUSY);
    scheduler.abort(task, initiatorError('aborted', 'enough'));
    expect([done, task.error?.reason]).toEqual([[task], 'aborted']);
    while (clock.step());
    expect(sent.length).toBe(1);
    expect(scheduler.isIdle).toBe(true);
  });

  it('sends again after a unit attention of either format, no more often than it may, and before all others', () => {
    const { submit, sent, done, answer } = bench({ commandsInFlight: 1 });
    const task = submit({ attentionRetries: 2 });
    const behind = submit();
    answer(task, STATUS_CHECK_CONDITION, '700006000000000a00000000290000000000');
    answer(task, STATUS_CHECK_CONDITION, '7206290000000000');
    expect([sent, done]).toEqual([[task, task, task], []]);
    answer(task, STATUS_CHECK_CONDITION, '7206290000000000');
    expect([sent.at(-1), done]).toEqual([behind, [task]]);
  });

  it('does not send again what failed for any other reason', () => {
    const { submit, sent, done, answer } = bench();
    const task = submit({ attentionRetries: 2 });
    answer(task, STATUS_CHECK_CONDITION, '700005000000000a00000000240000000000');
    expect([sent.length, done, task.senseKey]).toEqual([1, [task], 5]);
  });

  it('takes an answer that asks to try again for none, where the command is being aborted', () => {
    const attention = '700006000000000a00000000290000000000';
    for (const [status, sense, retries] of [
      [STATUS_CHECK_CONDITION, attention, 1],
      [STATUS_BUSY, '', 0],
      [STATUS_TASK_SET_FULL, '', 0],
    ] as const) {
      const { submit, scheduler, answer, done } = bench();
      const task = submit({ attentionRetries: retries });
      scheduler.abort(task, initiatorError('aborted', 'enough'));
      answer(task, status, sense);
      expect([done, task.status, task.error?.reason]).toEqual([[task], -1, 'aborted']);
    }
    // Who did not want it to be tried again gets what there is.
    const { submit, scheduler, answer } = bench();
    const task = submit();
    scheduler.abort(task, initiatorError('aborted', 'enough'));
    answer(task, STATUS_CHECK_CONDITION, attention);
    expect([task.status, task.error]).toEqual([STATUS_CHECK_CONDITION, undefined]);
  });

  it('lets an answer that overtakes the abort stand', () => {
    const { submit, done, aborts, answer, scheduler } = bench();
    const task = submit();
    scheduler.abort(task, initiatorError('aborted', 'enough'));
    scheduler.abort(task, initiatorError('aborted', 'enough'));
    expect([aborts, done]).toEqual([[task], []]);
    answer(task, STATUS_GOOD);
    expect([done, task.status, task.error]).toEqual([[task], STATUS_GOOD, undefined]);
  });

  it('times each command by itself', () => {
    const { submit, aborts, answer, clock } = bench({ commandTimeoutNanos: 5 * MILLISECOND });
    const slow = submit({ timeoutNanos: 9 * MILLISECOND });
    const usual = submit();
    const quick = submit({ timeoutNanos: 2 * MILLISECOND });
    const patient = submit({ timeoutNanos: 0 });
    const answered = submit({ timeoutNanos: 1 * MILLISECOND });
    answer(answered, STATUS_GOOD);
    const times: (readonly [InitiatorTask, number])[] = [];
    while (clock.step()) for (const task of aborts.splice(0)) times.push([task, clock.now() / MILLISECOND]);
    expect(times).toEqual([
      [quick, 2],
      [usual, 5],
      [slow, 9],
    ]);
    expect(patient.state).toBe('sent');
  });

  it('tells when there is room again', () => {
    const { submit, sent, answer, rooms } = bench({ commandsInFlight: 1, commandsQueued: 4 });
    const tasks = Array.from({ length: 6 }, () => submit());
    expect(tasks.filter((task) => task.error?.reason === 'queue-full').length).toBe(1);
    for (let index = 0; index < 3; index += 1) answer(sent.at(-1)!, STATUS_GOOD);
    expect(rooms).toEqual([2]);
  });
});

describe('the queue', () => {
  it('is one, whatever is done to it', () => {
    const operation = integer({ min: 0, max: 9 });
    assert(
      property(array(operation, { maxLength: 4000 }), (operations) => {
        const queue = new CommandQueue();
        let model: InitiatorTask[] = [];
        for (const what of operations) {
          if (what < 5) {
            const task = make();
            queue.push(task);
            model.push(task);
          } else if (what === 5) {
            const tasks = [make(), make()];
            queue.putFirst(tasks);
            model = [...tasks, ...model];
          } else if (what === 6) {
            const task = make();
            queue.putFirst([task]);
            model = [task, ...model];
          } else if (what === 7 && model.length !== 0) {
            const [task] = model.splice(model.length >> 1, 1);
            expect(queue.remove(task!)).toBe(true);
          } else {
            expect(queue.first()).toBe(model[0]);
            queue.shift();
            model.shift();
          }
          expect([queue.size, queue.bytes]).toEqual([model.length, model.length * 512]);
        }
        expect(queue.clear()).toEqual(model);
        expect([queue.size, queue.bytes, queue.first()]).toEqual([0, 0, undefined]);
      }),
      { numRuns: 30 },
    );
  });

  it('stays small, however much goes through it', () => {
    const queue = new CommandQueue();
    for (let index = 0; index < 20_000; index += 1) {
      queue.push(new InitiatorTask(READ, () => {}));
      if (index > 10) queue.shift();
    }
    expect(queue.size).toBe(11);
    expect(queue.clear().length).toBe(11);
  });
});

describe('task tags', () => {
  it('of a task that is over find nobody, also when its slot is in use again', () => {
    const table = new TaskTable();
    const task = new InitiatorTask(READ, () => {});
    table.add(task);
    const first = task.initiatorTaskTag;
    table.remove(task);
    table.remove(task);
    expect([table.find(first), table.size]).toEqual([undefined, 0]);
    const other = new InitiatorTask(READ, () => {});
    table.add(other);
    expect([table.find(first), table.find(other.initiatorTaskTag)]).toEqual([undefined, other]);
  });

  it('of commands stay below those of other requests, and neither is ever the reserved one', () => {
    const table = new TaskTable();
    const task = new InitiatorTask(READ, () => {});
    const seen = new Set<number>();
    for (let index = 0; index < 300_000; index += 1) {
      table.add(task);
      seen.add(task.initiatorTaskTag);
      table.remove(task);
    }
    expect(seen.size).toBe(300_000);
    expect(Math.max(...[...seen].slice(0, 1000), ...[...seen].slice(-1000))).toBeLessThan(0x8000_0000);
    expect(nextRequestTag(0)).toBe(0x8000_0000);
    expect(nextRequestTag(0xffff_fffe)).toBe(0x8000_0000);
    expect(nextRequestTag(0x8000_0000)).toBe(0x8000_0001);
  });
});
