/** Data through a whole target (RFC 7143 §4.2.5, §11.3-11.8): reads, writes in every way they may come, residuals, digests, small segments. */
import { afterEach, describe, expect, it } from 'vitest';
import { concat } from '../../base/bytes.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { READ, WRITE, dataOf, hear, put, same, slowStore, some, stored } from './testing/blocks.ts';
import type { LoginWords, ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

function start(keys: Record<string, string> = {}, options: BenchOptions = {}, words: LoginWords = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench(options);
  benches.push(bench);
  return [
    bench,
    bench.session({ ...words, keys: { InitialR2T: 'No', MaxRecvDataSegmentLength: '262144', MaxOutstandingR2T: '8', ...keys } }),
  ];
}

const stores = [
  ['memory', {}],
  ['a slow store', { store: slowStore }],
] as const;

describe.each(stores)('reads from %s', (_, options) => {
  it('short: one PDU with the data and the status', () => {
    const [bench, i] = start({}, options);
    put(bench, 5, some(2));
    i.command({ cdb: cdb10(READ, 5, 2), read: 1024 });
    bench.settle();
    bench.step();
    const pdu = i.one();
    expect(same(pdu.data, some(2))).toBe(true);
  });

  it('long: as many PDUs as the initiator wants, F at the end of each burst', () => {
    const [bench, i] = start({ MaxRecvDataSegmentLength: '65536', MaxBurstLength: '131072' }, options);
    put(bench, 0, some(600));
    i.command({ cdb: cdb10(READ, 0, 600), read: 307_200 });
    bench.settle();
    bench.step();
    const pdus = i.pdus();
    expect(same(dataOf(pdus), some(600))).toBe(true);
    expect(pdus.map(({ header }) => header[1])).toEqual([0, 0x80, 0, 0x80, 0x81]);
    expect(pdus.map(({ header }) => header[39])).toEqual([0, 1, 2, 3, 4]);
  });

  it.each(['512', '1024', '4096', '16777215'])('with MaxRecvDataSegmentLength=%s', (length) => {
    const [bench, i] = start({ MaxRecvDataSegmentLength: length }, options);
    put(bench, 100, some(40));
    i.command({ cdb: cdb10(READ, 100, 40), read: 20_480 });
    bench.settle();
    bench.step();
    const pdus = i.pdus();
    expect(pdus).toHaveLength(Math.ceil(20_480 / Number(length)));
    expect(same(dataOf(pdus), some(40))).toBe(true);
  });
});

describe('the data of a read', () => {
  it('is what was there when it was read, also if it leaves late and is written over meanwhile', () => {
    const [bench, i] = start();
    put(bench, 0, some(256, 1));
    i.stream.reads = false;
    i.command({ cdb: cdb10(READ, 0, 256), read: 131_072 });
    bench.settle();
    put(bench, 0, some(256, 2));
    i.stream.reads = true;
    expect(same(dataOf(i.pdus()), some(256, 1))).toBe(true);
    expect(same(stored(bench, 0, 256), some(256, 2))).toBe(true);
  });

  it('may be declared smaller while the session runs (§13.12)', () => {
    const [bench, i] = start();
    put(bench, 0, some(4));
    i.text('MaxRecvDataSegmentLength=1024\0');
    expect(i.heard()).toEqual(['text F ']);
    i.command({ cdb: cdb10(READ, 0, 4), read: 2048 });
    expect(i.heard()).toEqual(['data 0+1024', 'data 1024+1024 F GOOD']);
    i.text('MaxRecvDataSegmentLength=1\0');
    expect(i.heard()).toEqual(['text F MaxRecvDataSegmentLength=Reject;']);
  });
});

describe.each(stores)('writes to %s', (_, options) => {
  it('immediate data alone', () => {
    const [bench, i] = start({}, options);
    i.command({ cdb: cdb10(WRITE, 3, 2), write: 1024, data: some(2) });
    expect(hear(bench, i)).toEqual(['GOOD']);
    expect(same(stored(bench, 3, 2), some(2))).toBe(true);
  });

  it('long immediate data, past the receive buffer', () => {
    const [bench, i] = start({}, options);
    i.stream.pieceBytes = 5000;
    i.command({ cdb: cdb10(WRITE, 128, 128), write: 65_536, data: some(128) });
    expect(hear(bench, i)).toEqual(['GOOD']);
    expect(same(stored(bench, 128, 128), some(128))).toBe(true);
  });

  it('immediate data, the rest asked for', () => {
    const [bench, i] = start({}, options);
    const data = some(64);
    i.command({ cdb: cdb10(WRITE, 0, 64), write: 32_768, data: data.subarray(0, 8192) });
    const [r2t] = i.pdus();
    expect(targetTransferTag(r2t!.header, 0)).not.toBe(RESERVED_TAG);
    i.fulfil(r2t!, data);
    expect(hear(bench, i)).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 64), data)).toBe(true);
  });

  it('unsolicited data, with and without immediate data, up to FirstBurstLength, the rest asked for', () => {
    const [bench, i] = start({ FirstBurstLength: '16384' }, options);
    const data = some(64);
    for (const immediate of [0, 4096]) {
      const tag = i.command({ cdb: cdb10(WRITE, 0, 64), write: 32_768, data: data.subarray(0, immediate), final: false });
      expect(i.heard()).toEqual([]);
      i.dataOut(tag, RESERVED_TAG, 0, immediate, data.subarray(immediate, 8192), false);
      expect(i.heard()).toEqual([]);
      i.dataOut(tag, RESERVED_TAG, 1, 8192, data.subarray(8192, 16_384), true);
      const r2t = i.one();
      i.fulfil(r2t, data);
      expect(hear(bench, i)).toEqual(['GOOD']);
      expect(same(stored(bench, 0, 64), data)).toBe(true);
      put(bench, 0, new Uint8Array(32_768));
    }
  });

  it('everything asked for, several R2Ts at a time (§13.17), each as long as MaxBurstLength', () => {
    const [bench, i] = start({ InitialR2T: 'Yes', ImmediateData: 'No', MaxBurstLength: '8192', MaxOutstandingR2T: '3' }, options);
    const data = some(90);
    i.command({ cdb: cdb10(WRITE, 7, 90), write: 46_080 });
    const first = i.pdus();
    expect(first.map(({ header }) => [header[39], header[43]! | (header[42]! << 8)])).toEqual([
      [0, 0],
      [1, 8192],
      [2, 16_384],
    ]);
    i.fulfil(first[0]!, data, 1000);
    const fourth = i.one();
    i.fulfil(first[1]!, data);
    const fifth = i.one();
    i.fulfil(first[2]!, data);
    const sixth = i.one(); // the last one: 5120 bytes
    for (const r2t of [fourth, fifth]) i.fulfil(r2t, data);
    expect(i.heard()).toEqual([]);
    i.fulfil(sixth, data);
    expect(hear(bench, i)).toEqual(['GOOD']);
    expect(same(stored(bench, 7, 90), data)).toBe(true);
  });

  it('byte by byte', () => {
    const [bench, i] = start({}, options);
    i.stream.pieceBytes = 1;
    const data = some(70);
    const tag = i.command({ cdb: cdb10(WRITE, 9, 70), write: 35_840, data: data.subarray(0, 512), final: false });
    i.dataOut(tag, RESERVED_TAG, 0, 512, data.subarray(512), true);
    expect(hear(bench, i)).toEqual(['GOOD']);
    expect(same(stored(bench, 9, 70), data)).toBe(true);
  });

  it('many at once, mixed with reads', () => {
    const [bench, i] = start({}, options);
    for (let n = 0; n < 20; n += 1) {
      i.command({ cdb: cdb10(WRITE, n * 8, 8), write: 4096, data: some(8, n) });
      i.command({ cdb: cdb10(READ, 4000 + n, 1), read: 512 });
    }
    bench.settle();
    while (bench.units[0]!.tasks.size !== 0) bench.step();
    const heard = i.heard();
    expect(heard.filter((line) => line === 'GOOD')).toHaveLength(20);
    expect(heard.filter((line) => line === 'data 0+512 F GOOD')).toHaveLength(20);
    for (let n = 0; n < 20; n += 1) expect(same(stored(bench, n * 8, 8), some(8, n))).toBe(true);
  });
});

describe('residuals (§11.4.5)', () => {
  const cases: readonly (readonly [string, cdb: Uint8Array, words: { read?: number; write?: number }, heard: string[]])[] = [
    ['a read that is less than expected', cdb10(READ, 0, 1), { read: 1024 }, ['data 0+512 F GOOD under 512']],
    ['a read that is more than expected', cdb10(READ, 0, 4), { read: 1000 }, ['data 0+1000 F GOOD over 1048']],
    ['a read nobody expects', cdb10(READ, 0, 1), {}, ['GOOD over 512']],
    ['a read of nothing', cdb10(READ, 0, 0), { read: 512 }, ['GOOD under 512']],
    ['no data at all', cdb10(0x00, 0, 0).subarray(0, 6), {}, ['GOOD']],
    ['no data, though some was expected', cdb10(0x00, 0, 0).subarray(0, 6), { read: 100 }, ['GOOD under 100']],
    [
      'an error',
      cdb10(0xff, 0, 0),
      { read: 512 },
      ['CHECK CONDITION under 512 ILLEGAL REQUEST: invalid command operation code (20h/00h), CDB byte 0'],
    ],
  ];
  it.each(cases)('%s', (_, cdb, words, heard) => {
    const [, i] = start();
    i.command({ cdb, ...words });
    expect(i.heard()).toEqual(heard);
  });

  it('a write of more than is expected stops there', () => {
    const [bench, i] = start();
    i.command({ cdb: cdb10(WRITE, 0, 4), write: 1024, data: some(2) });
    expect(i.heard()).toEqual(['GOOD over 1024']);
    expect(same(stored(bench, 0, 4), concat([some(2), new Uint8Array(1024)]))).toBe(true);
  });

  it('a write of less than is expected takes no more than it needs', () => {
    const [bench, i] = start();
    i.command({ cdb: cdb10(WRITE, 0, 1), write: 2048, data: some(4) });
    expect(i.heard()).toEqual(['GOOD under 1536']);
    expect(same(stored(bench, 0, 2), concat([some(4).subarray(0, 512), new Uint8Array(512)]))).toBe(true);
    i.command({ cdb: cdb10(WRITE, 0, 1), write: 2048 });
    const r2t = i.one();
    i.fulfil(r2t, some(4, 2));
    expect(i.heard()).toEqual(['GOOD under 1536']);
  });
});
