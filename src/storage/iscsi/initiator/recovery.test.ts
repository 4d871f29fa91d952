import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../base/clock.ts';
import { below, seededRng } from '../../../base/rng.ts';
import * as cdbs from '../../../wire/scsi/cdb.ts';
import { slowStore, stored } from '../testing/blocks.ts';
import { backOff } from './back-off.ts';
import { initiatorError } from './errors.ts';
import { defaultInitiatorLimits } from './limits.ts';
import { Recovery } from './recovery.ts';
import type { CommandRequest, InitiatorTask } from './task.ts';
import { SessionBench } from './testing/bench.ts';

const random = (bytes: number, seed = 1): Uint8Array => seededRng(seed).fill(new Uint8Array(bytes));
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const read = (lba: number, blocks: number): CommandRequest => ({
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

describe('a lost connection', () => {
  it('is made again, and what was not answered is sent again', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const data = Array.from({ length: 40 }, (_, index) => random(4096, index));
    const tasks = data.map((bytes, index) => bench.submit(write(index * 8, bytes)));
    bench.settle();
    bench.pairs[0]!.cut();
    bench.run(ended(tasks));
    expect(tasks.map((task) => task.status)).toEqual(tasks.map(() => 0));
    expect(bench.states).toEqual(['logged-in', 'recovering', 'logged-in']);
    expect(data.every((bytes, index) => same(stored(bench.target, index * 8, 8), bytes))).toBe(true);
    expect(bench.news().filter((name) => name !== 'initiator-unit-attention')).toEqual([
      'initiator-logged-in',
      'initiator-connection-lost',
      'initiator-session-recovered',
    ]);
    // RFC 7143 §6.3.5: the same initiator port, so that the target ends the old session first.
    expect(bench.target.service.sessions().length).toBe(1);
    expect(bench.target.service.sessions()[0]!.isid).toBe(bench.session.isid);
  });

  it('fails what must not be done twice', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const swap = bench.submit({ lun: 0, cdb: cdbs.compareAndWrite(0, 1), dataOut: [new Uint8Array(1024)] });
    const told = bench.submit({ ...write(8, random(512)), replay: false });
    const fine = bench.submit(read(0, 1));
    bench.settle();
    bench.pairs[0]!.cut();
    bench.run(ended([swap, told, fine]));
    expect([swap.error?.reason, told.error?.reason, fine.status]).toEqual(['connection-lost', 'connection-lost', 0]);
    expect(swap.error?.message).toContain('not known whether it was carried out');
  });

  it('keeps the order of commands, and those that wait behind them', () => {
    const bench = new SessionBench({ store: slowStore, initiator: { commandsInFlight: 2 } }).opened();
    const order: number[] = [];
    const tasks = Array.from({ length: 8 }, (_, index) => bench.submit(read(index, 1)));
    bench.settle();
    bench.pairs[0]!.cut();
    bench.run(() => {
      for (const [index, task] of tasks.entries()) if (task.state === 'done' && !order.includes(index)) order.push(index);
      return order.length === 8;
    });
    // The first one meets the unit attention of the new nexus, and is sent once more.
    expect(order).toEqual([1, 0, 2, 3, 4, 5, 6, 7]);
  });

  it('is given up when its time is over, and says so', () => {
    const bench = new SessionBench({ store: slowStore, initiator: { recoveryNanos: 30 * SECOND } }).opened();
    const tasks = [bench.submit(read(0, 1)), bench.submit(write(0, random(512)))];
    bench.settle();
    const before = bench.target.clock.now();
    bench.refuses = 'connect ECONNREFUSED 192.0.2.1:3260';
    bench.pairs[0]!.cut();
    bench.run(ended(tasks));
    expect(new Set(tasks.map((task) => task.error?.reason))).toEqual(new Set(['recovery-failed']));
    expect(bench.session.state).toBe('closed');
    const took = (bench.target.clock.now() - before) / SECOND;
    expect(took).toBeGreaterThan(10);
    expect(took).toBeLessThanOrEqual(30);
    // Each wait is longer than the one before, on the whole: not a flood of attempts.
    expect(bench.dialed.length).toBeGreaterThan(4);
    expect(bench.dialed.length).toBeLessThan(12);
    expect(bench.news()).toContain('initiator-recovery-failed');
    expect(bench.submit(read(0, 1)).error?.reason).toBe('recovery-failed');
  });

  it('is not made again where that is not wanted', () => {
    const bench = new SessionBench({ store: slowStore, initiator: { recoveryNanos: 0 } }).opened();
    const task = bench.submit(read(0, 1));
    bench.settle();
    bench.pairs[0]!.cut();
    bench.run(ended([task]));
    expect([task.error?.reason, bench.session.state, bench.dialed.length]).toEqual(['connection-lost', 'closed', 1]);
  });

  it('waits as long as was agreed on (§13.15)', () => {
    const bench = new SessionBench({ initiator: { time2WaitSeconds: 3 } }).opened();
    const lost = bench.target.clock.now();
    bench.pairs[0]!.cut();
    bench.run(() => bench.dialed.length === 2);
    expect(bench.dialed[1]!.nanos - lost).toBe(3 * SECOND);
  });

  it('tries its portals in turn', () => {
    const portals = [1, 2, 3].map((last) => ({ host: `192.0.2.${last}`, port: 3260 }));
    const bench = new SessionBench({ plan: { portals } });
    bench.refuses = 'connect EHOSTUNREACH';
    const error = bench.open();
    expect(error?.reason).toBe('connect-failed');
    expect(bench.dialed.map(({ host }) => host)).toEqual(portals.map(({ host }) => host));
    expect(bench.news()).toEqual(['initiator-connect-failed', 'initiator-connect-failed', 'initiator-connect-failed']);
  });

  it('that gives no sign of life is one (§11.18)', () => {
    const bench = new SessionBench({ initiator: { pingAfterNanos: 5 * SECOND, pingTimeoutNanos: 5 * SECOND } }).opened();
    bench.pairs[0]!.initiator.held = true;
    bench.run(() => bench.states.at(-1) === 'recovering');
    bench.run(() => bench.states.at(-1) === 'logged-in');
    expect(bench.events.find((event) => event.id === 2108)?.data).toMatchObject({ number: 8, dump: '00h NOP-Out' });
    expect(bench.command(read(0, 1)).status).toBe(0);
  });

  it('through damage to data is made again: the data that arrives is right', () => {
    let damaged = 0;
    const bench = new SessionBench({
      initiator: { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] },
      onPair: (pair) => {
        pair.initiator.onArrival = (bytes) => {
          // The last byte of data before its digest, in the first two long arrivals.
          if (bytes.length < 4000 || damaged === 2) return bytes;
          damaged += 1;
          const copy = bytes.slice();
          copy[2000]! ^= 0x10;
          return copy;
        };
      },
    }).opened();
    const data = random(4096);
    bench.command(write(0, data));
    const task = bench.command(read(0, 8));
    expect([damaged, task.status, same(task.data, data)]).toEqual([2, 0, true]);
    expect(bench.news()).toContain('initiator-data-digest-error');
  });

  it('through damage to a header too', () => {
    let damaged = false;
    const bench = new SessionBench({
      initiator: { headerDigest: ['CRC32C'] },
      onPair: (pair, index) => {
        pair.initiator.onArrival = (bytes) => {
          if (index !== 0 || bytes.length < 4000) return bytes;
          damaged = true;
          const copy = bytes.slice();
          copy[20]! ^= 0x01;
          return copy;
        };
      },
    }).opened();
    expect(bench.command(read(0, 8)).status).toBe(0);
    expect(damaged).toBe(true);
    expect(bench.news()).toContain('initiator-header-digest-error');
  });

  it('that breaks again and again is not tried with one command for ever', () => {
    const bench = new SessionBench({
      initiator: { dataDigest: ['CRC32C'], replays: 3 },
      onPair: (pair) => {
        pair.initiator.onArrival = (bytes) => {
          if (bytes.length < 4000) return bytes;
          const copy = bytes.slice();
          copy[2000]! ^= 0x10;
          return copy;
        };
      },
    }).opened();
    const task = bench.command(read(0, 8));
    expect([task.error?.reason, bench.pairs.length]).toEqual(['connection-lost', 4]);
    expect(task.error?.message).toContain('data digest');
    bench.run(() => bench.session.state === 'logged-in');
    expect(bench.command(read(0, 1)).status).toBe(0);
  });

  it('while it is aborted, a command is aborted', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const task = bench.submit(write(0, random(512)));
    bench.settle();
    bench.pairs[0]!.target.held = true;
    bench.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
    bench.pairs[0]!.cut();
    bench.run(ended([task]));
    expect([task.error?.reason, bench.session.state]).toEqual(['aborted', 'recovering']);
  });

  it('can be closed while it is not there', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const task = bench.submit(write(0, random(512)));
    bench.settle();
    bench.refuses = 'connect ECONNREFUSED';
    bench.pairs[0]!.cut();
    bench.settle();
    bench.close();
    expect([task.error?.reason, bench.session.state]).toEqual(['closed', 'closed']);
    const dialed = bench.dialed.length;
    while (bench.target.clock.step());
    expect(bench.dialed.length).toBe(dialed);
  });
});

describe('a target that asks for a logout (§11.9.1)', () => {
  it('gets it when what is under way has ended; then we come back', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const tasks = Array.from({ length: 10 }, (_, index) => bench.submit(read(index, 1)));
    bench.settle();
    const session = [...bench.target.service.sessions()][0]!;
    const connection = [...session.connections.values()][0]! as unknown as { requestLogout(seconds: number): void };
    connection.requestLogout(3);
    bench.settle();
    const late = bench.submit(read(0, 1));
    bench.run(ended([...tasks, late]));
    expect([...tasks, late].map((task) => [task.status, task.replays])).toEqual([...tasks, late].map(() => [0, 0]));
    expect(bench.states).toEqual(['logged-in', 'recovering', 'logged-in']);
    expect(bench.news()).toContain('initiator-logout-requested');
    expect(bench.pairs.length).toBe(2);
  });

  it('gets it in time, whatever is under way', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const tasks = Array.from({ length: 10 }, (_, index) => bench.submit(read(index, 1)));
    bench.settle();
    let stopped = false;
    bench.target.service.stop(() => (stopped = true));
    bench.refuses = 'connect ECONNREFUSED';
    bench.run(() => stopped);
    bench.run(ended(tasks));
    expect(tasks.every((task) => task.status === 0)).toBe(true);
    bench.session.destroy();
  });
});

describe('a storm', () => {
  it.each([1, 2, 3, 4, 5, 6])('of cuts leaves every write done once, and the data right: seed %i', (seed) => {
    const rng = seededRng(seed);
    const bench = new SessionBench({
      store: slowStore,
      initiator: { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'], replays: 1000 },
      onPair: (pair) => {
        pair.initiator.pieceBytes = 1 + below(rng, 20_000);
        pair.target.pieceBytes = 1 + below(rng, 20_000);
      },
    }).opened();
    const model = stored(bench.target, 0, 2048);
    const tasks: { readonly task: InitiatorTask; readonly expected: Uint8Array | undefined }[] = [];
    for (let index = 0; index < 256; index += 1) {
      const data = random(8 * 512, seed * 1000 + index);
      const writes = below(rng, 3) !== 0;
      const expected = writes ? undefined : model.slice(index * 4096, index * 4096 + 4096);
      if (writes) model.set(data, index * 4096);
      tasks.push({ task: bench.submit(writes ? write(index * 8, data) : read(index * 8, 8)), expected });
    }
    let cuts = 0;
    bench.run(() => {
      if (cuts < 20 && below(rng, 12) === 0) {
        const pair = bench.pairs.at(-1)!;
        if (!pair.initiator.closed) cuts += 1;
        pair.cut();
      }
      return tasks.every(({ task }) => task.state === 'done');
    });
    expect(tasks.map(({ task }) => task.status)).toEqual(tasks.map(() => 0));
    for (const { task, expected } of tasks) if (expected !== undefined) expect(same(task.data, expected)).toBe(true);
    expect(same(stored(bench.target, 0, 2048), model)).toBe(true);
    expect(cuts).toBeGreaterThan(3);
  });
});

describe('the waits between attempts', () => {
  it('double up to the limit, less a random half', () => {
    const rng = seededRng(1);
    expect(backOff(0, SECOND, 20 * SECOND, rng)).toBe(0);
    for (let attempt = 1; attempt < 50; attempt += 1) {
      const whole = Math.min(20, 2 ** (attempt - 1)) * SECOND;
      const wait = backOff(attempt, SECOND, 20 * SECOND, rng);
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThanOrEqual(whole);
    }
  });

  it('end at once where trying again is no use', () => {
    const recovery = new Recovery(defaultInitiatorLimits);
    recovery.begin(0);
    expect(recovery.next(0, seededRng(1), initiatorError('connection-lost', 'cut'))).toBe(0);
    const refused = initiatorError('login-refused', 'no', { permanent: true });
    expect(recovery.next(SECOND, seededRng(1), refused)).toMatchObject({ reason: 'recovery-failed' });
  });
});
