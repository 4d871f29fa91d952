/** Connection recovery at error recovery level 2 (RFC 7143 §7.1.4.3, §7.2.2). */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../../base/clock.ts';
import { seededRng } from '../../../../base/rng.ts';
import {
  expectedStatusSequenceNumber,
  LOGIN_REQUEST,
  LOGOUT_REQUEST,
  opcodeOf,
  SCSI_COMMAND,
  TASK_MANAGEMENT_REQUEST,
} from '../../../../wire/iscsi/basic-header.ts';
import {
  ABORT_TASK,
  LOGOUT_CLEANUP_FAILED,
  logoutConnectionId,
  logoutReason,
  managementFunction,
  putLogoutResponse,
  putTaskManagementResponse,
  reassignedDataSequenceNumber,
  referencedTaskTag,
  REMOVE_FOR_RECOVERY,
  TASK_DOES_NOT_EXIST,
  TASK_REASSIGN,
  TASK_STILL_ALLEGIANT,
} from '../../../../wire/iscsi/control.ts';
import { addStatus, putDataIn } from '../../../../wire/iscsi/data.ts';
import { decodeLoginRequest } from '../../../../wire/iscsi/login.ts';
import * as cdbs from '../../../../wire/scsi/cdb.ts';
import { slowStore, stored } from '../../testing/blocks.ts';
import type { SeenPdu } from '../../testing/pdu-bytes.ts';
import { initiatorError } from '../errors.ts';
import type { CommandRequest, InitiatorTask } from '../task.ts';
import { SessionBench, type SessionBenchOptions } from '../testing/bench.ts';
import { bench as scripted, tagOf } from '../testing/provocations.ts';
import type { Answering, ScriptedTarget } from '../testing/scripted-target.ts';

const random = (bytes: number, seed: number): Uint8Array => seededRng(seed).fill(new Uint8Array(bytes));
const read = (lba: number, blocks = 1): CommandRequest => ({
  lun: 0,
  cdb: cdbs.read(lba, blocks),
  dataInBytes: blocks * 512,
  attentionRetries: 8,
});
const write = (lba: number, data: Uint8Array): CommandRequest => ({
  lun: 0,
  cdb: cdbs.write(lba, data.length / 512),
  dataOut: [data],
  attentionRetries: 8,
});
const ended = (tasks: readonly InitiatorTask[]) => (): boolean => tasks.every((task) => task.state === 'done');
const LEVEL2 = { errorRecoveryLevel: 2, time2RetainSeconds: 20 };

function opened(connections: number, options: SessionBenchOptions = {}): SessionBench {
  const initiator = { ...LEVEL2, maxConnections: connections, ...options.initiator };
  const bench = new SessionBench({ store: slowStore, ...options, initiator }).opened();
  bench.run(() => bench.session.connections.length === connections);
  return bench;
}

/** Commands of which none may be carried out twice: that would miscompare. */
function exchanges(bench: SessionBench, count: number): InitiatorTask[] {
  return Array.from({ length: count }, (_, index) =>
    bench.submit({
      lun: 0,
      cdb: cdbs.compareAndWrite(index, 1),
      dataOut: [new Uint8Array(512), random(512, index)],
      attentionRetries: 8,
    }),
  );
}

describe('a lost connection at level 2', () => {
  it('is replaced by a login with its CID, and its tasks go on: nothing is done twice, nothing fails', () => {
    const bench = opened(1);
    const tasks = exchanges(bench, 40);
    bench.settle();
    bench.pairs[0]!.cut();
    bench.run(ended(tasks));
    expect(tasks.map((task) => [task.status, task.error, task.replays])).toEqual(tasks.map(() => [0, undefined, 0]));
    for (const index of tasks.keys()) expect(Buffer.compare(stored(bench.target, index, 1), random(512, index))).toBe(0);
    expect(bench.states).toEqual(['logged-in', 'recovering', 'logged-in']);
    expect(bench.session.counters).toMatchObject({
      connectionsLost: 1,
      connectionsRecovered: 1,
      sessionsReinstated: 0,
      commandsReplayed: 0,
    });
    expect(bench.session.counters.tasksReassigned).toBe(40);
    expect(bench.news()).toContain('initiator-connection-recovered');
    expect(bench.target.service.sessions().length).toBe(1);
  });

  it('with others alive is logged out on one of them, and the session goes on all the time', () => {
    const bench = opened(3);
    const data = Array.from({ length: 30 }, (_, index) => random(40_960, index));
    const tasks = data.map((bytes, index) => bench.submit({ ...write(index * 80, bytes), replay: false }));
    bench.settle();
    bench.pairs[2]!.cut();
    const late = bench.submit(read(5000));
    bench.run(ended([...tasks, late]));
    expect(tasks.map((task) => [task.status, task.error])).toEqual(tasks.map(() => [0, undefined]));
    for (const [index, bytes] of data.entries()) expect(Buffer.compare(stored(bench.target, index * 80, 80), bytes)).toBe(0);
    expect(bench.states).toEqual(['logged-in']);
    expect(bench.session.counters.tasksReassigned + bench.session.counters.commandRetries).toBeGreaterThan(3);
    // And there are three again.
    bench.run(() => bench.session.connections.length === 3);
    expect(bench.target.service.sessions()[0]!.connections.size).toBe(3);
  });

  it('with all others lost as well', () => {
    const bench = opened(4);
    const tasks = exchanges(bench, 40);
    bench.settle();
    for (const pair of bench.pairs) pair.cut();
    bench.run(ended(tasks));
    expect(tasks.map((task) => task.status)).toEqual(tasks.map(() => 0));
    expect(bench.session.counters).toMatchObject({ connectionsLost: 4, connectionsRecovered: 4, sessionsReinstated: 0 });
    bench.run(() => bench.session.connections.length === 4);
  });

  it('waits for Time2Wait, and is given up for a new session after Time2Retain (§13.15-16)', () => {
    const bench = opened(1, { initiator: { time2WaitSeconds: 3 } });
    const lost = bench.target.clock.now();
    const tasks = [bench.submit({ ...write(0, random(512, 1)), replay: false }), bench.submit(write(8, random(512, 2)))];
    bench.settle();
    bench.refuses = 'connect ECONNREFUSED';
    bench.pairs[0]!.cut();
    bench.run(() => bench.dialed.length === 2);
    expect(bench.dialed[1]!.nanos - lost).toBeGreaterThanOrEqual(3 * SECOND);
    bench.run(() => bench.target.clock.now() - lost > 30 * SECOND);
    bench.refuses = undefined;
    bench.run(ended(tasks));
    expect(tasks.map((task) => [task.status, task.error?.reason])).toEqual([
      [-1, 'connection-lost'],
      [0, undefined],
    ]);
    expect(bench.session.counters).toMatchObject({ sessionsReinstated: 1, commandsReplayed: 1, tasksReassigned: 0 });
  });

  it('while the target has forgotten the session leads to a new one at once', () => {
    const bench = opened(1);
    const task = bench.submit(write(0, random(512, 1)));
    bench.settle();
    bench.target.service.sessions()[0]!.end('the array lost its power', undefined);
    bench.run(ended([task]));
    expect([task.status, task.replays]).toEqual([0, 1]);
    expect(bench.session.counters).toMatchObject({ sessionsReinstated: 1, connectionsRecovered: 0 });
  });

  it('is not recovered where recovery is not wanted', () => {
    const bench = opened(1, { initiator: { recoveryNanos: 0 } });
    const task = bench.submit(read(0));
    bench.settle();
    bench.pairs[0]!.cut();
    bench.run(ended([task]));
    expect([task.error?.reason, bench.session.state, bench.dialed.length]).toEqual(['connection-lost', 'closed', 1]);
  });

  it('takes the abort of a task with it, which is sent on another one (§11.5.1)', () => {
    const bench = opened(2);
    const task = bench.submit(write(0, random(512, 1)));
    bench.settle();
    const at = bench.session.connections.findIndex(({ taskCount }) => taskCount === 1);
    bench.pairs[at]!.target.held = true;
    bench.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
    bench.pairs[at]!.cut();
    bench.run(ended([task]));
    expect(task.status === 0 || task.error?.reason === 'aborted').toBe(true);
    expect(bench.session.state).toBe('logged-in');
    expect(bench.command(read(0)).status).toBe(0);
  });
});

const nothing: Answering = () => {};
const keys = ['ErrorRecoveryLevel=2', 'MaxConnections=2', 'DefaultTime2Retain=20'];
const of = (target: ScriptedTarget, opcode: number): SeenPdu[] => target.requests.filter(({ header }) => opcodeOf(header, 0) === opcode);

const answering =
  (response: number): Answering =>
  (target, request) =>
    managementFunction(request.header, 0) === ABORT_TASK
      ? target.answer(request)
      : target.send((out) => putTaskManagementResponse(out, 0, tagOf(request), response, target.numbers()));

describe('what is said', () => {
  it('the login in its place names its CID and ExpStatSN; TASK REASSIGN names the task and what of its data has come', () => {
    const bench = scripted({ operational: keys, on: { [SCSI_COMMAND]: nothing } }, { initiator: { ...LEVEL2, maxConnections: 1 } });
    expect(bench.open()).toBeUndefined();
    const task = bench.submit(read(0, 8));
    const unseen = bench.submit(read(8, 8));
    bench.settle();
    const [first] = bench.targets;
    for (const sequence of [0, 1, 3]) {
      first!.send(
        (out) => putDataIn(out, 0, task.initiatorTaskTag, 512, sequence, sequence * 512, false, first!.numbers(false)),
        random(512, sequence),
      );
    }
    bench.settle();
    const expected = bench.session.connections[0]!.expectedStatus;
    bench.pairs[0]!.cut();
    bench.run(() => bench.targets[1] !== undefined && of(bench.targets[1], TASK_MANAGEMENT_REQUEST).length === 2);
    const [, second] = bench.targets;
    const login = decodeLoginRequest(of(second!, LOGIN_REQUEST)[0]!.header, 0);
    expect([login.tsih, login.connectionId, login.expectedStatusSequenceNumber]).toEqual([7, 0, expected]);
    const asked = of(second!, TASK_MANAGEMENT_REQUEST).map(({ header }) => [
      managementFunction(header, 0),
      referencedTaskTag(header, 0),
      reassignedDataSequenceNumber(header, 0),
    ]);
    // RFC 7143 §11.5.7: what came out of turn was not acknowledged, and comes again.
    expect(asked).toEqual([
      [TASK_REASSIGN, task.initiatorTaskTag, 2],
      [TASK_REASSIGN, unseen.initiatorTaskTag, 0],
    ]);
    // The rest of the data, and the status.
    for (const sequence of [2, 3, 4, 5, 6, 7]) {
      second!.send(
        (out) => {
          const numbers = second!.numbers(sequence === 7);
          putDataIn(out, 0, task.initiatorTaskTag, 512, sequence, sequence * 512, sequence === 7, numbers);
          if (sequence === 7) addStatus(out, 0, 0, 0, numbers.statusSequenceNumber);
        },
        random(512, sequence),
      );
    }
    bench.settle();
    expect([task.status, unseen.state]).toEqual([0, 'sent']);
    expect(Buffer.compare(task.data, Buffer.concat([0, 1, 2, 3, 4, 5, 6, 7].map((seed) => random(512, seed))))).toBe(0);
    bench.session.destroy();
  });

  it('the logout on another connection is one for recovery, with the ExpStatSN of the lost one (§11.14.4)', () => {
    const bench = scripted({ operational: keys, on: { [SCSI_COMMAND]: nothing } }, { initiator: { ...LEVEL2, maxConnections: 2 } });
    expect(bench.open()).toBeUndefined();
    bench.run(() => bench.session.connections.length === 2);
    bench.targets[0]!.send((out) => putTaskManagementResponse(out, 0, 0x9999_0000, 0, bench.targets[0]!.numbers()));
    bench.settle();
    const expected = bench.session.connections[0]!.expectedStatus;
    expect(bench.session.connections[1]!.expectedStatus).not.toBe(expected);
    bench.pairs[0]!.cut();
    bench.run(() => of(bench.targets[1]!, LOGOUT_REQUEST).length === 1);
    const { header } = of(bench.targets[1]!, LOGOUT_REQUEST)[0]!;
    expect([logoutReason(header, 0), logoutConnectionId(header, 0), expectedStatusSequenceNumber(header, 0)]).toEqual([
      REMOVE_FOR_RECOVERY,
      0,
      expected,
    ]);
    bench.run(() => bench.targets.length === 3);
    bench.session.destroy();
  });

  it('a task the target has forgotten is sent anew, or fails by name', () => {
    let silent = true;
    const bench = scripted(
      {
        operational: keys,
        on: {
          [SCSI_COMMAND]: (target, request) => (silent ? undefined : target.answer(request)),
          [TASK_MANAGEMENT_REQUEST]: answering(TASK_DOES_NOT_EXIST),
        },
      },
      { initiator: { ...LEVEL2, maxConnections: 1 } },
    );
    expect(bench.open()).toBeUndefined();
    const tasks = [bench.submit(read(0)), bench.submit({ ...write(0, random(512, 1)), replay: false })];
    // The numbers of the target's say that both have come.
    bench.settle();
    bench.targets[0]!.send((out) => putTaskManagementResponse(out, 0, 0x9999_0000, 0, bench.targets[0]!.numbers()));
    bench.settle();
    silent = false;
    bench.pairs[0]!.cut();
    bench.run(ended(tasks));
    expect(tasks.map((task) => [task.status, task.error?.reason])).toEqual([
      [0, undefined],
      [-1, 'connection-lost'],
    ]);
    expect(tasks[1]!.error?.message).toContain('not known whether it was carried out');
    expect(bench.session.counters).toMatchObject({ commandsReplayed: 1, sessionsReinstated: 0, connectionsRecovered: 1 });
  });

  it.each([
    ['a task that the target does not let go', { [TASK_MANAGEMENT_REQUEST]: answering(TASK_STILL_ALLEGIANT) }, 1],
    [
      'a connection that the target does not let go',
      {
        [LOGOUT_REQUEST]: ((target, request) =>
          target.send((out) => putLogoutResponse(out, 0, tagOf(request), LOGOUT_CLEANUP_FAILED, 0, 0, target.numbers()))) as Answering,
      },
      2,
    ],
  ] as const)('%s leads to a new session', (_, on, connections) => {
    let silent = true;
    const bench = scripted(
      { operational: keys, on: { [SCSI_COMMAND]: (target, request) => (silent ? undefined : target.answer(request)), ...on } },
      { initiator: { ...LEVEL2, maxConnections: connections } },
    );
    expect(bench.open()).toBeUndefined();
    bench.run(() => bench.session.connections.length === connections);
    const tasks = [bench.submit(read(0)), bench.submit(read(1))];
    bench.settle();
    bench.targets[0]!.send((out) => putTaskManagementResponse(out, 0, 0x9999_0000, 0, bench.targets[0]!.numbers()));
    bench.settle();
    silent = false;
    bench.pairs[0]!.cut();
    bench.run(ended(tasks));
    expect(tasks.map((task) => task.status)).toEqual([0, 0]);
    expect(bench.session.counters.sessionsReinstated).toBe(1);
  });
});
