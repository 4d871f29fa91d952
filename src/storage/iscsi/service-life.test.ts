/** What keeps a target alive among peers that are silent, slow, gone, or too many (RFC 7143 §7.12, §11.9, §11.18-11.19), and its own end. */
import { afterEach, describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import type { BackingStore } from '../block/backing-store.ts';
import { MemoryStore } from '../block/memory.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { hear, put, READ, same, slowStore, some, stored, WRITE } from './testing/blocks.ts';
import type { ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, MEBIBYTE, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

const keys = { InitialR2T: 'No', MaxRecvDataSegmentLength: '262144', MaxBurstLength: '1048576', MaxConnections: '4' };

function start(options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench(options);
  benches.push(bench);
  return [bench, bench.session({ keys })];
}

const read = (blocks: number, lba = 0) => ({ cdb: cdb10(READ, lba, blocks), read: blocks * 512 });
const write = (blocks: number, lba = 0) => ({ cdb: cdb10(WRITE, lba, blocks), write: blocks * 512 });

describe('NOP-Out', () => {
  it('is echoed, immediate or in its turn', () => {
    const [, i] = start();
    i.nop('in its turn');
    i.nop('at once', { immediate: true });
    i.nop('');
    expect(i.heard()).toEqual(['pong in its turn', 'pong at once', 'pong ']);
  });

  it('is echoed as far as the initiator takes it in one segment', () => {
    const [, i] = start();
    i.text('MaxRecvDataSegmentLength=512\0');
    i.heard();
    i.nop('x'.repeat(600));
    expect(i.one().data).toHaveLength(512);
  });

  it('without a tag is not answered', () => {
    const [, i] = start();
    i.nop('just so', { immediate: true, taskTag: RESERVED_TAG });
    expect(i.heard()).toEqual([]);
  });

  it('long enough to be placed past the receive buffer, were it a write', () => {
    const [, i] = start();
    i.stream.pieceBytes = 5000;
    i.nop('y'.repeat(100_000));
    expect(i.one().data).toHaveLength(100_000);
  });
});

describe('a silent peer', () => {
  const limits = { pingAfterNanos: 5 * SECOND, pingTimeoutNanos: 3 * SECOND };

  it('is asked, and stays if it answers', () => {
    const [bench, i] = start({ limits });
    let pings = 0;
    for (let seconds = 0; seconds < 60; seconds += 1) {
      bench.elapse(SECOND);
      for (const ping of i.pdus()) {
        pings += 1;
        i.nop('', { immediate: true, taskTag: RESERVED_TAG, transferTag: targetTransferTag(ping.header, 0) });
      }
    }
    expect(i.stream.closed).toBe(false);
    expect(pings).toBeGreaterThan(4);
  });

  it('is closed if it does not', () => {
    const [bench, i] = start({ limits });
    bench.news();
    bench.elapse(11 * SECOND);
    expect(i.heard()).toEqual(['ping']);
    bench.elapse(3 * SECOND);
    expect(i.stream.closed).toBe(true);
    expect(bench.news()).toEqual(['peer-silent', 'session-closed']);
  });

  it('that says anything at all is not asked', () => {
    const [bench, i] = start({ limits });
    for (let round = 0; round < 5; round += 1) {
      bench.elapse(4 * SECOND);
      i.command(read(1));
      expect(i.heard()).toEqual(['data 0+512 F GOOD']);
    }
  });

  it('whose commands wait for a slow store is not taken for dead because we do not read', () => {
    const [bench, i] = start({ limits: { ...limits, sendBacklogBytes: 1000 }, store: stuckStore });
    for (let n = 0; n < 4; n += 1) i.command(read(1));
    bench.settle();
    expect(i.stream.paused).toBe(true);
    // It answers our ping, but behind what we don't read.
    for (let n = 0; n < 4; n += 1) {
      bench.elapse(5 * SECOND);
      i.nop('', { immediate: true, taskTag: RESERVED_TAG, transferTag: 1 });
    }
    expect(i.stream.closed).toBe(false);
    bench.elapse(60 * SECOND);
    expect(i.heard().filter((line) => line !== 'ping')).toHaveLength(4);
  });

  it('is left alone where pings are switched off', () => {
    const [bench, i] = start();
    bench.elapse(100 * SECOND);
    expect([i.heard(), i.stream.closed]).toEqual([[], false]);
  });
});

/** Reads take half a minute. */
const stuckStore = (clock: { after(delay: number, action: () => void): unknown }): BackingStore => {
  const store = new MemoryStore({ sizeBytes: 32 * MEBIBYTE, thin: true });
  return Object.assign(Object.create(store) as MemoryStore, {
    completesAtOnce: false,
    sizeBytes: store.sizeBytes,
    unmapGranularityBytes: store.unmapGranularityBytes,
    adopt: undefined,
    read: (offset: number, length: number, done: Parameters<BackingStore['read']>[2]) => {
      clock.after(30 * SECOND, () => store.read(offset, length, done));
    },
    write: (...all: Parameters<BackingStore['write']>) => store.write(...all),
    close: (done: Parameters<BackingStore['close']>[0]) => store.close(done),
  });
};

describe('a peer that does not read', () => {
  it('bounds what waits for it, and goes on where it stopped', () => {
    const [bench, i] = start({ limits: { sendBacklogBytes: MEBIBYTE } });
    put(bench, 0, some(512));
    i.stream.reads = false;
    for (let n = 0; n < 40; n += 1) i.command(read(512));
    bench.settle();
    expect(i.stream.paused).toBe(true);
    expect(i.stream.queuedBytes).toBeLessThan(MEBIBYTE + 2 * 262_144 + 4096);
    i.stream.reads = true;
    const pdus = i.pdus();
    expect(i.stream.paused).toBe(false);
    expect(pdus).toHaveLength(40);
    for (const pdu of pdus) expect(same(pdu.data, some(512))).toBe(true);
  });

  it('counts what a slow store was asked for on its behalf', () => {
    const [bench, i] = start({ limits: { sendBacklogBytes: MEBIBYTE }, store: slowStore });
    for (let n = 0; n < 40; n += 1) i.command(read(512));
    bench.settle();
    expect(i.stream.paused).toBe(true);
    expect(bench.units[0]!.tasks.size).toBeLessThan(7);
    const heard: string[] = [];
    while (heard.length < 40) heard.push(...hear(bench, i));
    expect(i.stream.paused).toBe(false);
  });

  it('and writes: its data-out is taken, for what was promised may wait behind it', () => {
    const [bench, i] = start({ limits: { sendBacklogBytes: MEBIBYTE }, store: slowStore });
    i.command(write(16));
    const r2t = i.one();
    for (let n = 0; n < 8; n += 1) i.command({ ...read(512), attribute: 'ordered' });
    bench.settle();
    i.fulfil(r2t, some(16));
    const heard: string[] = [];
    while (heard.length < 9) heard.push(...hear(bench, i));
    expect(heard[0]).toBe('GOOD');
  });

  it('and goes away: nothing of it stays', () => {
    const holds = { now: 0 };
    const [bench, i] = start({ limits: { sendBacklogBytes: MEBIBYTE }, store: () => countingStore(holds) });
    i.stream.reads = false;
    for (let n = 0; n < 40; n += 1) i.command(read(512));
    bench.settle();
    expect(holds.now).toBeGreaterThan(0);
    i.stream.close('cable pulled');
    bench.settle();
    expect(holds.now).toBe(0);
  });

  it('nor of one that breaks the protocol in the same breath as it reads', () => {
    const holds = { now: 0 };
    const [bench, i] = start({ store: () => countingStore(holds) });
    i.command(read(512));
    i.nop('x'.repeat(300_000)); // longer than we take
    bench.settle();
    expect(i.stream.closed).toBe(true);
    expect(holds.now).toBe(0);
  });
});

/** Counts what is held of its memory. */
function countingStore(holds: { now: number }): BackingStore {
  const store = new MemoryStore({ sizeBytes: 32 * MEBIBYTE, thin: false });
  const inner = store.read.bind(store);
  store.read = (offset, length, done) =>
    inner(offset, length, (error, data) => {
      if (data === undefined) return done(error, undefined);
      const hold = (): (() => void) => {
        const release = data.hold();
        holds.now += 1;
        return () => {
          holds.now -= 1;
          release();
        };
      };
      done(error, { views: data.views, hold });
    });
  return store;
}

describe('memory for data-out', () => {
  const small = { stagingBytes: 16 * MEBIBYTE };

  it('is set aside before it is asked for: a second large write waits for the first', () => {
    const [bench, i] = start({ limits: small });
    i.command(write(32_768));
    expect(i.heard()).toEqual(['R2T 0 0+1048576']);
    i.command(write(32_768));
    i.command(write(8));
    expect(i.heard()).toEqual([]);
    expect(bench.service.staging.reservedBytes).toBe(16 * MEBIBYTE);
    i.manage(2);
    expect(i.heard().at(-1)).toBe('managed 0');
    expect(bench.service.staging.reservedBytes).toBe(0);
  });

  it('goes to whoever waited first when it is given back', () => {
    const [bench, i] = start({ limits: small });
    const other = bench.session({ initiator: 'iqn.2026-01.net.example:other', keys });
    const large = i.command(write(32_768));
    expect(i.heard()).toEqual(['R2T 0 0+1048576']);
    other.command(write(20_000));
    expect(other.heard()).toEqual([]);
    i.command(write(20_000));
    expect(i.heard()).toEqual([]);
    i.manage(1, { reference: [large, 1] });
    expect(i.heard()).toEqual(['managed 0']);
    expect(other.heard()).toEqual(['R2T 0 0+1048576']);
  });

  it('comes to all even if what came unasked has used it up', () => {
    const limits = { ...small, firstBurstBytes: MEBIBYTE, maxReceiveDataSegmentBytes: MEBIBYTE, sendBacklogBytes: 64 * MEBIBYTE };
    const [bench] = start({ limits, store: slowStore });
    const i = bench.session({ isid: '00023d000002', keys: { ...keys, FirstBurstLength: String(MEBIBYTE) } });
    // Behind one that the others have to wait for, each brings its first mebibyte with it: twenty of them hold more than there is.
    i.command({ ...read(1), attribute: 'ordered' });
    for (let n = 0; n < 20; n += 1) i.command({ ...write(3000, n * 3000), data: some(2048, n) });
    bench.settle();
    expect(bench.service.staging.reservedBytes).toBe(20 * MEBIBYTE);
    let ended = 0;
    for (let steps = 0; steps < 1000 && ended < 21; steps += 1) {
      bench.step();
      for (const pdu of i.pdus()) {
        if (pdu.header[0] === 0x31) i.fulfil(pdu, some(3000), 262_144);
        else ended += 1;
      }
      expect(bench.service.staging.reservedBytes).toBeLessThanOrEqual(21 * MEBIBYTE);
    }
    expect(ended).toBe(21);
  });
});

/** Stops the service; what comes back tells whether it has. */
const stopping = (bench: TargetBench): (() => boolean) => {
  let done = false;
  bench.service.stop(() => {
    done = true;
  });
  bench.settle();
  return () => done;
};

describe('the end', () => {
  it('is there at once where nobody is', () => {
    const bench = new TargetBench();
    benches.push(bench);
    expect(stopping(bench)()).toBe(true);
  });

  it('asks everybody to log out, and waits for it', () => {
    const [bench, i] = start();
    const done = stopping(bench);
    expect(i.heard()).toEqual(['async 1']);
    expect(done()).toBe(false);
    // What is sent meanwhile is still done.
    i.command({ ...write(1), data: some(1) });
    expect(i.heard()).toEqual(['GOOD']);
    i.logout();
    expect(i.heard()).toEqual(['logout 0']);
    bench.elapse(100 * MILLISECOND);
    expect(done()).toBe(true);
    expect(same(stored(bench, 0, 1), some(1))).toBe(true);
  });

  it('does not wait for ever', () => {
    const [bench, i] = start();
    i.command(write(16));
    const done = stopping(bench);
    bench.elapse(2 * SECOND);
    expect(done()).toBe(false);
    bench.elapse(2 * SECOND);
    expect([done(), i.stream.closed]).toEqual([true, true]);
  });

  it('comes after the commands that a store still works on', () => {
    const [bench, i] = start({ store: stuckStore });
    i.command(read(1));
    bench.settle();
    const done = stopping(bench);
    bench.elapse(10 * SECOND);
    expect(i.stream.closed).toBe(true);
    expect(done()).toBe(false);
    bench.elapse(25 * SECOND);
    expect(done()).toBe(true);
  });

  it('lets nobody in', () => {
    const [bench, i] = start();
    const begun = bench.connect();
    const done = stopping(bench);
    expect(begun.stream.closed).toBe(true);
    expect(bench.connect().stream.closed).toBe(false);
    bench.settle();
    expect(bench.streams.at(-1)!.closed).toBe(true);
    i.logout();
    bench.elapse(SECOND);
    expect(done()).toBe(true);
  });
});

/** Reads nothing. */
const failing = (): BackingStore => {
  const store = new MemoryStore({ sizeBytes: 32 * MEBIBYTE, thin: true });
  store.read = (_offset, _length, done) => done({ fault: 'read', message: 'no' }, undefined);
  return store;
};

it('what a failing store means is told as sense data, and the session goes on', () => {
  const [, i] = start({ store: failing });
  i.command(read(1));
  expect(i.heard()).toEqual(['CHECK CONDITION under 512 MEDIUM ERROR: unrecovered read error (11h/00h)']);
  i.command({ ...write(1), data: some(1) });
  expect(i.heard()).toEqual(['GOOD']);
});
