/** Recovery within a connection (RFC 7143 §7.1.4.1-2), against a target that loses what the test says. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../../base/clock.ts';
import {
  DATA_OUT,
  expectedStatusSequenceNumber,
  NOP_OUT,
  RESERVED_TAG,
  SNACK_REQUEST,
  TASK_MANAGEMENT_REQUEST,
} from '../../../../wire/iscsi/basic-header.ts';
import {
  beginRun,
  FUNCTION_COMPLETE,
  FUNCTION_REJECTED,
  putNopIn,
  putReject,
  putTaskManagementResponse,
  REJECT_PROTOCOL_ERROR,
  SNACK_DATA_ACK,
  SNACK_DATA_OR_R2T,
  SNACK_STATUS,
} from '../../../../wire/iscsi/control.ts';
import { askAcknowledgement, bufferOffset, putDataIn, putReadyToTransfer, targetTransferTag } from '../../../../wire/iscsi/data.ts';
import { getLun } from '../../../../wire/iscsi/lun.ts';
import type { SeenPdu } from '../../testing/pdu-bytes.ts';
import { initiatorError } from '../errors.ts';
import { tagOf } from '../testing/provocations.ts';
import { nothing, made, DATA, read, write, requests, snacks, sendData, respond, takeStatus } from '../testing/lossy.ts';

describe('data that is lost', () => {
  it('is asked for by its numbers, placed by its offset, and its status waits for it (§7.9)', () => {
    const session = made();
    const task = session.submit(read);
    session.settle();
    const { target1 } = session;
    const tag = task.initiatorTaskTag;
    const status = takeStatus(target1);
    sendData(target1, tag, 0);
    sendData(target1, tag, 3, status);
    session.settle();
    expect(snacks(target1)).toEqual([[SNACK_DATA_OR_R2T, tag, 1, 2]]);
    const [snack] = requests(target1, SNACK_REQUEST);
    // RFC 7143 §4.2.2.2: the status is not acknowledged, or the target might forget the data.
    expect([getLun(snack!.header, 8), targetTransferTag(snack!.header, 0), expectedStatusSequenceNumber(snack!.header, 0)]).toEqual([
      3,
      RESERVED_TAG,
      status,
    ]);
    sendData(target1, tag, 2);
    session.settle();
    expect(task.state).toBe('sent');
    sendData(target1, tag, 1);
    session.settle();
    expect([task.state, task.status, Buffer.compare(task.data, DATA)]).toEqual(['done', 0, 0]);
    expect(session.session.counters).toMatchObject({ snacks: 1, resentData: 2, connectionsLost: 0 });
    expect(session.session.state).toBe('logged-in');
  });

  it('at the end shows by the ExpDataSN of the response (§11.4.8)', () => {
    const session = made();
    const task = session.submit(read);
    session.settle();
    const { target1 } = session;
    for (const sequence of [0, 1]) sendData(target1, task.initiatorTaskTag, sequence);
    respond(target1, task.initiatorTaskTag, takeStatus(target1), 4);
    session.settle();
    expect(snacks(target1)).toEqual([[SNACK_DATA_OR_R2T, task.initiatorTaskTag, 2, 2]]);
    for (const sequence of [2, 3]) sendData(target1, task.initiatorTaskTag, sequence);
    session.settle();
    expect([task.status, Buffer.compare(task.data, DATA)]).toEqual([0, 0]);
  });

  it('is acknowledged only when all of it has come, where the target wants that (§11.7.2)', () => {
    const session = made();
    const task = session.submit(read);
    session.settle();
    const { target1 } = session;
    const tag = task.initiatorTaskTag;
    const asking = (sequence: number, transferTag: number): void =>
      target1.send(
        (out) => {
          putDataIn(out, 0, tag, 1024, sequence, sequence * 1024, true, target1.numbers(false));
          askAcknowledgement(out, 0, 3, transferTag);
        },
        DATA.subarray(sequence * 1024, (sequence + 1) * 1024),
      );
    asking(0, 77);
    session.settle();
    expect(snacks(target1)).toEqual([[SNACK_DATA_ACK, RESERVED_TAG, 1, 0]]);
    const { header } = requests(target1, SNACK_REQUEST)[0]!;
    expect([targetTransferTag(header, 0), getLun(header, 8)]).toEqual([77, 3]);
    asking(2, 78);
    session.settle();
    expect(snacks(target1).slice(1)).toEqual([[SNACK_DATA_OR_R2T, tag, 1, 1]]);
    sendData(target1, tag, 1);
    session.settle();
    expect(snacks(target1).slice(2)).toEqual([[SNACK_DATA_ACK, RESERVED_TAG, 3, 0]]);
    expect(session.session.counters.dataAcknowledgements).toBe(2);
  });

  it('that comes twice is dropped, before and after its command has ended', () => {
    const session = made();
    const task = session.submit(read);
    session.settle();
    const { target1 } = session;
    const tag = task.initiatorTaskTag;
    const status = takeStatus(target1);
    for (const sequence of [0, 0, 2, 2, 1, 3]) sendData(target1, tag, sequence, sequence === 3 ? status : undefined);
    session.settle();
    expect([task.status, Buffer.compare(task.data, DATA)]).toEqual([0, 0]);
    sendData(target1, tag, 1);
    sendData(target1, tag, 3, status);
    session.settle();
    expect([session.session.counters.duplicates, session.session.state]).toEqual([4, 'logged-in']);
  });

  it('that does not fit is no recovery: the connection ends', () => {
    const session = made();
    const task = session.submit(read);
    session.settle();
    const { target1 } = session;
    sendData(target1, task.initiatorTaskTag, 1);
    // It is asked for, and comes with another offset.
    target1.send((out) => putDataIn(out, 0, task.initiatorTaskTag, 1024, 0, 512, false, target1.numbers(false)), DATA.subarray(0, 1024));
    session.settle();
    expect(session.session.state).toBe('recovering');
    expect(session.news()).toContain('initiator-data-sequence');
    session.session.destroy();
  });
});

describe('a Ready To Transfer that is lost', () => {
  it('is asked for, and those after it wait: data goes out in order', () => {
    const session = made();
    const task = session.submit(write);
    session.settle();
    const { target1 } = session;
    const ready = (sequence: number): void =>
      target1.send((out) =>
        putReadyToTransfer(out, 0, 3, task.initiatorTaskTag, 50 + sequence, sequence, sequence * 1024, 1024, target1.numbers(false)),
      );
    ready(0);
    ready(2);
    session.settle();
    expect(snacks(target1)).toEqual([[SNACK_DATA_OR_R2T, task.initiatorTaskTag, 1, 1]]);
    expect(requests(target1, DATA_OUT).map(({ header }) => bufferOffset(header, 0))).toEqual([0]);
    ready(1);
    ready(1);
    ready(3);
    session.settle();
    expect(requests(target1, DATA_OUT).map(({ header }) => [bufferOffset(header, 0), targetTransferTag(header, 0)])).toEqual([
      [0, 50],
      [1024, 51],
      [2048, 52],
      [3072, 53],
    ]);
    respond(target1, task.initiatorTaskTag, takeStatus(target1), 4);
    session.settle();
    expect([task.status, session.session.counters.duplicates]).toEqual([0, 1]);
  });
});

describe('a status that is lost', () => {
  it('is asked for, and those after it wait their turn', () => {
    const session = made();
    const tasks = [session.submit(write), session.submit(write), session.submit(write)];
    session.settle();
    const { target1 } = session;
    const numbers = tasks.map(() => takeStatus(target1));
    respond(target1, tasks[2]!.initiatorTaskTag, numbers[2]!, 0);
    session.settle();
    expect(snacks(target1)).toEqual([[SNACK_STATUS, RESERVED_TAG, numbers[0], 2]]);
    expect(tasks.map((task) => task.state)).toEqual(['sent', 'sent', 'sent']);
    respond(target1, tasks[0]!.initiatorTaskTag, numbers[0]!, 0);
    session.settle();
    expect(tasks.map((task) => task.state)).toEqual(['done', 'sent', 'sent']);
    respond(target1, tasks[1]!.initiatorTaskTag, numbers[1]!, 0);
    respond(target1, tasks[1]!.initiatorTaskTag, numbers[1]!, 0);
    session.settle();
    expect(tasks.map((task) => task.status)).toEqual([0, 0, 0]);
    expect(session.session.counters).toMatchObject({ snacks: 1, resentStatuses: 2, duplicates: 1 });
  });

  it('shows by a NOP-In that asks for life, which is answered', () => {
    const session = made();
    const task = session.submit(write);
    session.settle();
    const { target1 } = session;
    const lost = takeStatus(target1);
    target1.send((out) => putNopIn(out, 0, RESERVED_TAG, 9, 0, target1.numbers(false)));
    session.settle();
    expect(snacks(target1)).toEqual([[SNACK_STATUS, RESERVED_TAG, lost, 1]]);
    expect(requests(target1, NOP_OUT).map(({ header }) => targetTransferTag(header, 0))).toEqual([9]);
    respond(target1, task.initiatorTaskTag, lost, 0);
    session.settle();
    expect(task.status).toBe(0);
  });

  it('shows by the answer to a ping, which silence brings about', () => {
    const session = made({
      [NOP_OUT]: (target, request) => target.send((out) => putNopIn(out, 0, tagOf(request), RESERVED_TAG, 0, target.numbers())),
      [SNACK_REQUEST]: (target, { header }) => respond(target, task.initiatorTaskTag, beginRun(header, 0), 0),
    });
    const task = session.submit(write);
    session.settle();
    takeStatus(session.target1);
    session.run(() => task.state === 'done');
    expect([task.status, session.session.counters.resentStatuses]).toEqual([0, 1]);
    expect(session.target.clock.now()).toBeLessThan(5 * SECOND);
  });

  it('comes before the answer to the abort of its command, which ends as it did', () => {
    const session = made({ [TASK_MANAGEMENT_REQUEST]: nothing });
    const task = session.submit(write);
    session.settle();
    const { target1 } = session;
    const lost = takeStatus(target1);
    session.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
    session.settle();
    const request = requests(target1, TASK_MANAGEMENT_REQUEST)[0]!;
    target1.send((out) => putTaskManagementResponse(out, 0, tagOf(request), 1, target1.numbers()));
    session.settle();
    expect(task.state).toBe('aborting');
    respond(target1, task.initiatorTaskTag, lost, 0);
    session.settle();
    expect([task.state, task.status, task.error]).toEqual(['done', 0, undefined]);
  });
});

describe('a task management request that is not answered in time', () => {
  it('is sent again under another tag; whichever answer comes first is the one', () => {
    const session = made({ [TASK_MANAGEMENT_REQUEST]: nothing }, { initiator: { requestTimeoutNanos: 9 * SECOND } });
    const task = session.submit(write);
    session.settle();
    const { target1 } = session;
    session.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
    session.run(() => requests(target1, TASK_MANAGEMENT_REQUEST).length === 2);
    const [first, second] = requests(target1, TASK_MANAGEMENT_REQUEST).map(tagOf);
    expect(first).not.toBe(second);
    // Late, and after the second was sent: that it was carried out is no contradiction to what the second one meets.
    for (const [tag, response] of [
      [first!, FUNCTION_COMPLETE],
      [second!, FUNCTION_REJECTED],
    ] as const)
      target1.send((out) => putTaskManagementResponse(out, 0, tag, response, target1.numbers()));
    session.settle();
    expect([task.error?.reason, session.session.state]).toEqual(['aborted', 'logged-in']);
    session.session.destroy();
  });
});

describe('what does not come again', () => {
  it('is asked for again and again, and then the connection ends', () => {
    const session = made({}, { initiator: { resends: 3, recoveryNanos: 0 } });
    const task = session.submit(read);
    session.settle();
    sendData(session.target1, task.initiatorTaskTag, 1);
    session.run(() => task.state === 'done');
    expect(snacks(session.target1).filter(([type]) => type === SNACK_DATA_OR_R2T)).toEqual(
      [0, 1, 2, 3].map(() => [SNACK_DATA_OR_R2T, task.initiatorTaskTag, 0, 1]),
    );
    expect(task.error?.reason).toBe('resend-failed');
    expect(session.news()).toContain('initiator-resend-failed');
  });

  it('because the target says so, ends the connection at once; what has come meanwhile does not', () => {
    const rejected: SeenPdu[] = [];
    const session = made({ [SNACK_REQUEST]: (_, request) => void rejected.push(request) }, { initiator: { recoveryNanos: 0 } });
    const task = session.submit(read);
    session.settle();
    const { target1 } = session;
    const reject = (): void =>
      target1.send((out) => putReject(out, 0, REJECT_PROTOCOL_ERROR, 48, target1.numbers()), rejected.at(-1)!.header);
    sendData(target1, task.initiatorTaskTag, 1);
    session.settle();
    sendData(target1, task.initiatorTaskTag, 0);
    session.settle();
    reject();
    session.settle();
    expect([task.state, session.session.state]).toEqual(['sent', 'logged-in']);
    sendData(target1, task.initiatorTaskTag, 3);
    session.settle();
    reject();
    session.settle();
    expect([task.error?.reason, session.session.state]).toEqual(['resend-failed', 'closed']);
  });

  it('is bounded: statuses and data far beyond what is due end the connection', () => {
    for (const far of ['status', 'data'] as const) {
      const session = made({}, { initiator: { recoveryNanos: 0 } });
      const task = session.submit(read);
      session.settle();
      const { target1 } = session;
      if (far === 'status') respond(target1, task.initiatorTaskTag, (takeStatus(target1) + 5000) >>> 0, 0);
      else
        target1.send((out) => putDataIn(out, 0, task.initiatorTaskTag, 512, 40_000, 0, false, target1.numbers(false)), new Uint8Array(512));
      session.settle();
      expect(session.session.state).toBe('closed');
      expect(snacks(target1)).toEqual([]);
    }
  });
});
