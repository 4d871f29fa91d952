import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../../base/clock.ts';
import { below, seededRng } from '../../../base/rng.ts';
import { LOGICAL_UNIT_RESET } from '../../../wire/iscsi/control.ts';
import * as cdbs from '../../../wire/scsi/cdb.ts';
import { decodeSense, describeSense } from '../../../wire/scsi/sense.ts';
import { put, slowStore, stored } from '../testing/blocks.ts';
import { NOTHING_LEFT } from '../testing/target-bench.ts';
import { initiatorError } from './errors.ts';
import { SessionBench, type SessionBenchOptions } from './testing/bench.ts';

const random = (bytes: number, seed = 1): Uint8Array => seededRng(seed).fill(new Uint8Array(bytes));
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const read = (lba: number, blocks: number): { lun: number; cdb: Uint8Array; dataInBytes: number } => ({
  lun: 0,
  cdb: cdbs.read(lba, blocks),
  dataInBytes: blocks * 512,
});
const write = (lba: number, data: Uint8Array): { lun: number; cdb: Uint8Array; dataOut: Uint8Array[] } => ({
  lun: 0,
  cdb: cdbs.write(lba, data.length / 512),
  dataOut: [data],
});

describe('a session', () => {
  it('logs in, writes, reads back, logs out', () => {
    const bench = new SessionBench().opened();
    const data = random(4096);
    const written = bench.command(write(8, data));
    expect([written.status, written.error]).toEqual([0, undefined]);
    const got = bench.command(read(8, 8));
    expect(got.status).toBe(0);
    expect(same(got.data, data)).toBe(true);
    bench.close();
    expect(bench.states).toEqual(['logged-in', 'closing', 'closed']);
    expect(bench.target.service.sessions()).toEqual([]);
    expect(bench.news()).toEqual(['initiator-logged-in', 'initiator-logged-out']);
  });

  it('pings: what was sent comes back, cut to one segment, and a ping ends with its connection', () => {
    const bench = new SessionBench({ limits: { maxReceiveDataSegmentBytes: 8192 } }).opened();
    const data = random(300_000);
    const echoes: (Uint8Array | undefined)[] = [];
    const ping = (bytes: Uint8Array): void => bench.session.pick()!.ping(bytes, (echo) => void echoes.push(echo?.slice()));
    ping(new Uint8Array(0));
    ping(data.subarray(0, 100));
    ping(data);
    bench.run(() => echoes.length === 3);
    expect(echoes.map((echo) => echo?.length)).toEqual([0, 100, bench.session.connections[0]!.parameters.sendSegmentBytesMax]);
    for (const echo of echoes) expect(same(echo!, data.subarray(0, echo!.length))).toBe(true);
    ping(data);
    bench.session.destroy();
    expect(echoes[3]).toBeUndefined();
    expect(echoes.length).toBe(4);
  });

  it('takes what is submitted before it is logged in', () => {
    const bench = new SessionBench();
    const early = bench.submit({ ...read(0, 1), attentionRetries: 1 });
    expect(bench.open()).toBeUndefined();
    bench.run(() => early.state === 'done');
    expect(early.status).toBe(0);
  });

  it('finishes what is under way before it logs out', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const tasks = Array.from({ length: 300 }, (_, index) => bench.submit(read(index, 1)));
    bench.close();
    expect(tasks.map((task) => task.status)).toEqual(tasks.map(() => 0));
    const late = bench.submit(read(0, 1));
    expect([late.state, late.error?.reason]).toEqual(['done', 'closed']);
  });

  it('ends at once where it is told to, and nothing is left unsaid', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const tasks = Array.from({ length: 300 }, (_, index) => bench.submit(read(index, 1)));
    bench.settle();
    bench.session.destroy();
    expect(new Set(tasks.map((task) => task.error?.reason))).toEqual(new Set(['closed']));
    bench.settle();
    expect(bench.target.service.sessions().every((session) => session.connections.size === 0)).toBe(true);
  });

  it('tells of a unit attention, and sends the command again where it may', () => {
    const bench = new SessionBench();
    bench.open();
    const seen = bench.command(read(0, 1));
    expect([seen.status, describeSense(decodeSense(seen.sense))]).toEqual([2, expect.stringContaining('power on')]);
    const other = bench.command({ ...read(0, 1), lun: 1, attentionRetries: 3 });
    expect(other.status).toBe(0);
    expect(bench.attentions.map(([lun]) => lun)).toEqual([0, 1]);
    expect(bench.news()).toEqual(['initiator-logged-in', 'initiator-unit-attention', 'initiator-unit-attention']);
  });

  it('hears the target ask for life, and asks itself', () => {
    const bench = new SessionBench({
      limits: { pingAfterNanos: 5 * SECOND, pingTimeoutNanos: 5 * SECOND },
      initiator: { pingAfterNanos: 7 * SECOND, pingTimeoutNanos: 5 * SECOND },
    }).opened();
    const end = bench.target.clock.now() + 100 * SECOND;
    bench.run(() => bench.target.clock.now() > end);
    expect([bench.pairs.length, bench.session.state]).toEqual([1, 'logged-in']);
  });
});

const ways: readonly (readonly [string, SessionBenchOptions])[] = [
  ['as both like it best', {}],
  ['with digests', { initiator: { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] } }],
  ['everything asked for', { initiator: { initialR2T: true, immediateData: false, maxBurstBytes: 4096 } }],
  ['immediate data alone', { initiator: { initialR2T: true, firstBurstBytes: 1024 } }],
  ['unsolicited data after a little immediate data', { limits: { maxReceiveDataSegmentBytes: 512 } }],
  ['unsolicited data alone', { initiator: { immediateData: false, firstBurstBytes: 8192 } }],
  ['small segments both ways', { limits: { maxReceiveDataSegmentBytes: 1024 }, initiator: { maxReceiveDataSegmentBytes: 512 } }],
  ['one request at a time', { initiator: { maxOutstandingR2T: 1, maxBurstBytes: 1536, firstBurstBytes: 512 } }],
];

describe('data', () => {
  it.each(ways)('%s', (_, options) => {
    for (const pieceBytes of [Number.MAX_SAFE_INTEGER, 1000, 61]) {
      const bench = new SessionBench({
        ...options,
        onPair: (pair) => (pair.initiator.pieceBytes = pair.target.pieceBytes = pieceBytes),
      }).opened();
      for (const bytes of [512, 1024, 4096, 66_048, 300_032]) {
        if (pieceBytes === 61 && bytes > 100_000) continue;
        const data = random(bytes, bytes);
        const cut = [data.subarray(0, 100), data.subarray(100, 101), data.subarray(101)];
        expect(bench.command({ ...write(3, data), dataOut: cut }).status).toBe(0);
        expect(same(stored(bench.target, 3, bytes / 512), data)).toBe(true);
        const into = new Uint8Array(bytes);
        const got = bench.command({ ...read(3, bytes / 512), dataIn: into });
        expect([got.status, got.data === into || got.data.buffer === into.buffer]).toEqual([0, true]);
        expect(same(into, data)).toBe(true);
      }
      bench.close();
      expect(bench.target.leftovers()).toEqual(NOTHING_LEFT);
    }
  });

  it('less than there is room for: the residual tells, and the data ends there', () => {
    const bench = new SessionBench().opened();
    const inquiry = bench.command({ lun: 0, cdb: cdbs.inquiry(undefined, 255), dataInBytes: 255 });
    expect([inquiry.status, inquiry.data.length, inquiry.residual]).toEqual([0, 96, 159]);
  });

  it('more than there is room for: what fits comes', () => {
    const bench = new SessionBench().opened();
    const short = bench.command({ ...read(0, 8), dataInBytes: 512 });
    expect([short.status, short.data.length, short.residual]).toEqual([0, 512, -3584]);
  });

  it('nobody touches a buffer after its command has ended', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    put(bench.target, 0, random(65_536));
    const into = new Uint8Array(65_536);
    const task = bench.submit({ ...read(0, 128), dataIn: into });
    bench.settle();
    bench.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
    bench.run(() => task.state === 'done');
    into.fill(0xee);
    bench.command(read(128, 128));
    expect(into.every((byte) => byte === 0xee)).toBe(true);
  });
});

describe('what is under way', () => {
  it("is no more than the target's window", () => {
    const bench = new SessionBench({ store: slowStore, limits: { commandWindow: 4 } }).opened();
    const tasks = Array.from({ length: 50 }, (_, index) => bench.submit(read(index, 1)));
    let most = 0;
    bench.run(() => {
      most = Math.max(most, bench.session.scheduler.inFlight);
      return tasks.every((task) => task.state === 'done');
    });
    expect(most).toBe(4);
    expect(tasks.every((task) => task.status === 0)).toBe(true);
  });

  it('is no more than we want, in commands and in bytes; one alone may be larger', () => {
    const bench = new SessionBench({ store: slowStore, initiator: { commandsInFlight: 5, bytesInFlight: 2048 } }).opened();
    const large = bench.submit(read(0, 100));
    const tasks = [large, ...Array.from({ length: 20 }, (_, index) => bench.submit(read(index, 1)))];
    const seen = new Set<string>();
    bench.run(() => {
      const { inFlight, bytesInFlight } = bench.session.scheduler;
      seen.add(`${inFlight} ${bytesInFlight}`);
      return tasks.every((task) => task.state === 'done');
    });
    expect(seen).toContain('1 51200');
    expect(seen).toContain('4 2048');
    expect([...seen].every((text) => Number(text.split(' ')[0]) <= 4)).toBe(true);
  });

  it('what waits is bounded too: what is too much is refused at once', () => {
    const bench = new SessionBench({ store: slowStore, initiator: { commandsInFlight: 1, commandsQueued: 3, bytesQueued: 2048 } }).opened();
    const tasks = Array.from({ length: 6 }, (_, index) => bench.submit(read(index, 1)));
    expect(tasks.map((task) => task.error?.reason)).toEqual([undefined, undefined, undefined, undefined, 'queue-full', 'queue-full']);
    expect(bench.session.scheduler.hasRoom).toBe(false);
    bench.run(() => tasks.every((task) => task.state === 'done'));
    expect(bench.session.scheduler.hasRoom).toBe(true);
  });

  it('ends when it is aborted, at the target too', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const task = bench.submit(read(0, 1));
    const other = bench.submit(read(1, 1));
    bench.settle();
    bench.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
    bench.run(() => task.state === 'done' && other.state === 'done');
    expect([task.status, task.error?.reason, other.status]).toEqual([-1, 'aborted', 0]);
    expect(bench.news()).toContain('initiator-task-aborted');
    expect(bench.session.scheduler.inFlight).toBe(0);
    expect(bench.command(read(0, 1)).status).toBe(0);
  });

  it('ends when its time is over, and the event has the CDB', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const cdb = cdbs.read(7, 1);
    const task = bench.submit({ ...read(7, 1), cdb, timeoutNanos: MILLISECOND / 2 });
    const patient = bench.submit(read(8, 1));
    bench.run(() => task.state === 'done' && patient.state === 'done');
    expect([task.error?.reason, patient.status]).toEqual(['command-timed-out', 0]);
    expect(bench.events.find((event) => event.id === 2109)).toMatchObject({
      severity: 'error',
      data: { number: 9, dump: Buffer.from(cdb).toString('hex') },
    });
    expect(bench.session.state).toBe('logged-in');
  });

  it('ends with the reset of its unit', () => {
    const bench = new SessionBench({ store: slowStore }).opened();
    const tasks = [bench.submit(read(0, 1)), bench.submit({ ...read(0, 1), lun: 1, attentionRetries: 1 })];
    bench.settle();
    let response = -2;
    bench.session.manage(LOGICAL_UNIT_RESET, 0, (value) => (response = value));
    bench.run(() => tasks.every((task) => task.state === 'done'));
    expect(response).toBe(0);
    expect([tasks[0]!.error?.reason, tasks[1]!.status]).toEqual(['aborted', 0]);
  });

  it("is not sent where it can't be", () => {
    const bench = new SessionBench().opened();
    const reasons = [
      bench.submit({ lun: 0, cdb: new Uint8Array(32) }),
      bench.submit({ lun: 0, cdb: cdbs.read(0, 1), dataInBytes: 512, dataOut: [new Uint8Array(512)] }),
      bench.submit({ ...read(0, 2), dataIn: new Uint8Array(512) }),
    ].map((task) => task.error?.reason);
    expect(reasons).toEqual(['unsupported', 'unsupported', 'unsupported']);
  });
});

describe('against an array', () => {
  it.each([1, 2, 3])('a thousand commands in any order, seed %i', (seed) => {
    const rng = seededRng(seed);
    const bench = new SessionBench({ store: slowStore, initiator: { dataDigest: ['CRC32C'] } }).opened();
    const model = stored(bench.target, 0, 1024);
    const free = new Set(Array.from({ length: 128 }, (_, index) => index));
    let left = 1000;
    let check: (() => boolean)[] = [];
    while (left > 0 || free.size < 128) {
      for (const place of free) {
        if (left === 0 || below(rng, 3) === 0) continue;
        left -= 1;
        free.delete(place);
        const blocks = 1 + below(rng, 8);
        const at = place * 8;
        const data = random(blocks * 512, left);
        const writes = below(rng, 2) === 0;
        const task = bench.submit(writes ? write(at, data) : read(at, blocks));
        if (writes) model.set(data, at * 512);
        const expected = writes ? undefined : model.slice(at * 512, (at + blocks) * 512);
        check.push(() => {
          if (task.state !== 'done') return false;
          free.add(place);
          expect(task.status).toBe(0);
          if (expected !== undefined) expect(same(task.data, expected)).toBe(true);
          return true;
        });
      }
      bench.settle();
      bench.target.clock.step();
      bench.settle();
      check = check.filter((isOver) => !isOver());
    }
    expect(same(stored(bench.target, 0, 1024), model)).toBe(true);
  });
});
