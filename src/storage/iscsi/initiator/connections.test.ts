/** Several connections a session (RFC 7143 §4.2.2), with our own target. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../base/clock.ts';
import { seededRng } from '../../../base/rng.ts';
import { initiatorTaskTag, LOGIN_REQUEST, NOP_OUT, opcodeOf } from '../../../wire/iscsi/basic-header.ts';
import { decodeLoginRequest } from '../../../wire/iscsi/login.ts';
import { LOGICAL_UNIT_RESET } from '../../../wire/iscsi/control.ts';
import * as cdbs from '../../../wire/scsi/cdb.ts';
import { slowStore, stored } from '../testing/blocks.ts';
import { SessionBench, type SessionBenchOptions } from './testing/bench.ts';
import { bench as scripted } from './testing/provocations.ts';
import type { CommandRequest, InitiatorTask } from './task.ts';

const random = (bytes: number, seed: number): Uint8Array => seededRng(seed).fill(new Uint8Array(bytes));
const read = (lba: number): CommandRequest => ({ lun: 0, cdb: cdbs.read(lba, 1), dataInBytes: 512, attentionRetries: 8 });
const write = (lba: number, data: Uint8Array): CommandRequest => ({
  lun: 0,
  cdb: cdbs.write(lba, data.length / 512),
  dataOut: [data],
  attentionRetries: 8,
});
const ended = (tasks: readonly InitiatorTask[]) => (): boolean => tasks.every((task) => task.state === 'done');

function opened(count: number, options: SessionBenchOptions = {}): SessionBench {
  const bench = new SessionBench({ store: slowStore, ...options, initiator: { maxConnections: count, ...options.initiator } }).opened();
  bench.run(() => bench.session.connections.length === count);
  return bench;
}

interface Requested {
  requestLogout(seconds: number): void;
}
const theirs = (bench: SessionBench, connectionId: number): Requested =>
  bench.target.service.sessions()[0]!.connections.get(connectionId) as unknown as Requested;

describe('several connections', () => {
  it('log in one after the other with the TSIH and numbers of their own (§6.3.1)', () => {
    const bench = scripted({ operational: ['MaxConnections=3'] }, { initiator: { maxConnections: 5 } });
    expect(bench.open()).toBeUndefined();
    bench.run(() => bench.session.connections.length === 3);
    const logins = bench.targets.map(({ requests }) =>
      requests
        .filter(({ header }) => opcodeOf(header, 0) === LOGIN_REQUEST)
        .map(({ header, data }) => [decodeLoginRequest(header, 0), data] as const),
    );
    expect(logins.map((all) => [all[0]![0].tsih, all[0]![0].connectionId])).toEqual([
      [0, 0],
      [7, 1],
      [7, 2],
    ]);
    expect(new Set(logins.map((all) => all[0]![0].isid)).size).toBe(1);
    // RFC 7143 §13: what concerns the session is not spoken of again.
    const words = new TextDecoder().decode(logins[1]!.at(-1)![1]);
    expect(words).toContain('MaxRecvDataSegmentLength');
    expect(words).not.toContain('MaxBurstLength');
    expect(bench.session.connections[1]!.parameters).toMatchObject({ maxBurstBytes: 262_144, maxConnections: 3 });
  });

  it('have task tags that are the only ones in their session (§11.2.1.8)', () => {
    const bench = scripted({ operational: ['MaxConnections=2'] }, { initiator: { maxConnections: 2 } });
    expect(bench.open()).toBeUndefined();
    bench.run(() => bench.session.connections.length === 2);
    for (const connection of [...bench.session.connections, ...bench.session.connections]) connection.ping(new Uint8Array(4), () => {});
    bench.settle();
    const tags = bench.targets.flatMap(({ requests }) =>
      requests.filter(({ header }) => opcodeOf(header, 0) === NOP_OUT).map(({ header }) => initiatorTaskTag(header, 0)),
    );
    expect([tags.length, new Set(tags).size]).toEqual([4, 4]);
  });

  it('share the commands: each goes by the one with the least to do', () => {
    const bench = opened(4);
    const data = Array.from({ length: 40 }, (_, index) => random(4096, index));
    const tasks = data.map((bytes, index) => bench.submit(write(index * 8, bytes)));
    expect(bench.session.connections.map(({ taskCount }) => taskCount)).toEqual([10, 10, 10, 10]);
    bench.run(ended(tasks));
    expect(tasks.map((task) => task.status)).toEqual(tasks.map(() => 0));
    for (const [index, bytes] of data.entries()) expect(Buffer.compare(stored(bench.target, index * 8, 8), bytes)).toBe(0);
    expect(bench.target.service.sessions()[0]!.connections.size).toBe(4);
    bench.close();
    expect(bench.target.service.sessions()).toEqual([]);
    expect(bench.states).toEqual(['logged-in', 'closing', 'closed']);
  });

  it('go over the portals in turn', () => {
    const portals = [1, 2].map((last) => ({ host: `192.0.2.${last}`, port: 3260 }));
    const bench = opened(4, { plan: { portals } });
    expect(bench.dialed.map(({ host }) => host)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2']);
    expect(bench.session.connections.map(({ address }) => address.host)).toEqual(bench.dialed.map(({ host }) => host));
  });

  it('are as many as the target agrees to', () => {
    const bench = new SessionBench({ limits: { connectionsPerSession: 2 }, initiator: { maxConnections: 4 } }).opened();
    bench.run(() => bench.session.connections.length === 2);
    expect(bench.dialed.length).toBe(2);
  });

  it('that do not come about are tried again, and the session goes on meanwhile', () => {
    const bench: SessionBench = new SessionBench({
      store: slowStore,
      initiator: { maxConnections: 3 },
      onPair: (_, index) => {
        if (index === 0) bench.refuses = 'connect EHOSTUNREACH';
      },
    });
    bench.opened();
    bench.run(() => bench.events.filter(({ name }) => name === 'initiator-connect-failed').length > 6);
    expect(bench.command(read(0)).status).toBe(0);
    expect(bench.session.state).toBe('logged-in');
    // Each wait is longer than the one before.
    const waits = bench.dialed.slice(1).map(({ nanos }) => nanos);
    expect(waits.at(-1)! - waits[0]!).toBeGreaterThan(SECOND);
    bench.refuses = undefined;
    bench.run(() => bench.session.connections.length === 3);
    bench.close();
    expect(bench.target.service.sessions()).toEqual([]);
  });

  it('below level 2 go all with one of them (§7.1.5), and come back', () => {
    for (const errorRecoveryLevel of [0, 1]) {
      const bench = opened(3, { initiator: { errorRecoveryLevel } });
      const tasks = Array.from({ length: 30 }, (_, index) => bench.submit(write(index, random(512, index))));
      bench.settle();
      bench.pairs[1]!.cut();
      bench.run(ended(tasks));
      expect(tasks.map((task) => task.status)).toEqual(tasks.map(() => 0));
      expect(bench.states).toEqual(['logged-in', 'recovering', 'logged-in']);
      expect(bench.session.counters).toMatchObject({ connectionsLost: 1, sessionsReinstated: 1, connectionsRecovered: 0 });
      bench.run(() => bench.session.connections.length === 3);
      expect(bench.target.service.sessions().length).toBe(1);
    }
  });

  it('can become fewer and more again: those too many are logged out when they have nothing to do', () => {
    for (const errorRecoveryLevel of [0, 2]) {
      const bench = opened(3, { initiator: { errorRecoveryLevel, time2RetainSeconds: 20 } });
      const tasks = Array.from({ length: 30 }, (_, index) => bench.submit(read(index)));
      bench.session.setConnections(1);
      const late = bench.submit(read(0));
      expect(bench.session.connections.map(({ taskCount }) => taskCount)).toEqual([11, 10, 10]);
      bench.run(ended([...tasks, late]));
      bench.run(() => bench.session.connections.length === 1);
      expect(tasks.map((task) => [task.status, task.replays])).toEqual(tasks.map(() => [0, 0]));
      bench.run(() => bench.target.service.sessions()[0]!.connections.size === 1);
      expect(bench.states).toEqual(['logged-in']);
      bench.session.setConnections(2);
      bench.run(() => bench.session.connections.length === 2);
      expect(bench.command(read(0)).status).toBe(0);
    }
  });

  it('of which the target wants one logged out (§11.9.1): that one alone, and then it comes back', () => {
    for (const errorRecoveryLevel of [0, 2]) {
      const bench = opened(3, { initiator: { errorRecoveryLevel, time2RetainSeconds: 20 } });
      const tasks = Array.from({ length: 30 }, (_, index) => bench.submit(read(index)));
      bench.settle();
      theirs(bench, 1).requestLogout(3);
      bench.settle();
      bench.run(ended(tasks));
      expect(tasks.map((task) => [task.status, task.replays])).toEqual(tasks.map(() => [0, 0]));
      bench.run(() => bench.session.connections.length === 3 && bench.dialed.length === 4);
      expect(bench.states).toEqual(['logged-in']);
      expect(bench.target.service.sessions().length).toBe(1);
    }
  });

  it('end their commands on a reset, wherever they went', () => {
    const bench = opened(3);
    const tasks = Array.from({ length: 12 }, (_, index) => bench.submit({ ...read(index), attentionRetries: 0 }));
    bench.settle();
    const responses: number[] = [];
    bench.session.manage(LOGICAL_UNIT_RESET, 0, (response) => responses.push(response));
    bench.run(() => responses.length === 1 && ended(tasks)());
    expect(responses).toEqual([0]);
    expect(tasks.every((task) => task.error?.reason === 'aborted' || task.status === 0)).toBe(true);
    expect(tasks.some((task) => task.error?.reason === 'aborted')).toBe(true);
    expect(bench.session.connections.map(({ taskCount }) => taskCount)).toEqual([0, 0, 0]);
    expect(bench.command(read(0)).status).toBe(0);
  });
});
