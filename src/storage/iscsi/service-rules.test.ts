/** What a whole target does with commands and data that break the rules (RFC 7143 §7, §11.3, §11.7), and with digests, right and wrong. */
import { afterEach, describe, expect, it } from 'vitest';
import { concat, fromHex } from '../../base/bytes.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import { cdb10, cdb16 } from '../scsi/testing/block-cdbs.ts';
import { READ, WRITE, dataOf, same, slowStore, some, stored } from './testing/blocks.ts';
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

/** Sends the PDU with a byte of its data changed behind the digest's back. */
function corrupted(i: ScriptedInitiator, send: () => void, at: number): void {
  const { stream } = i;
  const real = stream.send.bind(stream);
  stream.send = (bytes) => {
    bytes[at]! ^= 0x40;
    real(bytes);
  };
  send();
  stream.send = real;
}

const stores = [
  ['memory', {}],
  ['a slow store', { store: slowStore }],
] as const;

describe('flags of a command (§11.3.1)', () => {
  it.each([
    ['F missing without W', { cdb: cdb10(READ, 0, 1), read: 512, final: false }, 'reject 9'],
    ['immediate data without W', { cdb: cdb10(READ, 0, 1), read: 512, data: some(1) }, 'reject 9'],
    ['more immediate data than expected', { cdb: cdb10(WRITE, 0, 1), write: 512, data: some(2) }, 'reject 9'],
    ['the reserved task tag', { cdb: cdb10(READ, 0, 1), read: 512, taskTag: RESERVED_TAG }, 'reject 9'],
    ['an additional header that is none', { cdb: cdb10(READ, 0, 1), read: 512, additionalHeaders: fromHex('00000100') }, 'reject 9'],
  ])('%s', (_, words, heard) => {
    const [, i] = start();
    i.command(words);
    expect(i.heard()).toEqual([heard]);
    i.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('a reserved task attribute', () => {
    const [, i] = start();
    i.raw(0x01, (header) => header.set([0x87, 0, 0], 1));
    expect(i.heard()).toEqual(['reject 9']);
  });

  it('immediate data that was not agreed on', () => {
    const [, i] = start({ ImmediateData: 'No' });
    i.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    expect(i.heard()).toEqual(['reject 4']);
  });

  it('unsolicited data that was not agreed on', () => {
    const [, i] = start({ InitialR2T: 'Yes' });
    i.command({ cdb: cdb10(WRITE, 0, 1), write: 512, final: false });
    expect(i.heard()).toEqual(['reject 4']);
  });

  it('more immediate data than FirstBurstLength, short or long', () => {
    const [, i] = start({ FirstBurstLength: '512' });
    i.command({ cdb: cdb10(WRITE, 0, 2), write: 1024, data: some(2) });
    expect(i.heard()).toEqual(['reject 4']);
    i.stream.pieceBytes = 3000;
    i.command({ cdb: cdb10(WRITE, 0, 64), write: 32_768, data: some(64) });
    expect(i.heard()).toEqual(['reject 4']);
  });

  it('a longer CDB by an additional header', () => {
    const [, i] = start();
    i.command({
      cdb: concat([Uint8Array.of(0x7f), new Uint8Array(15)]),
      additionalHeaders: fromHex('0011 01 00 000102030405060708090a0b0c0d0e0f'),
    });
    expect(i.heard()[0]).toMatch(/^CHECK CONDITION ILLEGAL REQUEST/);
  });

  it('a task tag in use', () => {
    const [bench, i] = start({}, { store: slowStore });
    i.command({ cdb: cdb10(READ, 0, 1), read: 512, taskTag: 77 });
    i.command({ cdb: cdb10(READ, 0, 1), read: 512, taskTag: 77 });
    expect(i.heard()).toEqual(['reject 7']);
    bench.step();
    expect(i.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('a LUN that is not there', () => {
    const [, i] = start();
    i.command({ cdb: cdb10(READ, 0, 1), lun: 9, read: 512 });
    expect(i.heard()).toEqual(['CHECK CONDITION under 512 ILLEGAL REQUEST: logical unit not supported (25h/00h)']);
    i.command({ cdb: cdb10(WRITE, 0, 8), lun: 9, write: 4096, data: some(8) });
    expect(i.heard()).toEqual(['CHECK CONDITION under 4096 ILLEGAL REQUEST: logical unit not supported (25h/00h)']);
  });
});

describe('data-out that breaks the rules', () => {
  const broken = 'CHECK CONDITION ABORTED COMMAND: data phase error (4bh/00h)';
  type Break = (i: ScriptedInitiator, tag: number, transferTag: number) => void;
  const breaks: readonly (readonly [string, Break])[] = [
    ['another DataSN', (i, tag, ttt) => i.dataOut(tag, ttt, 1, 0, some(16), true)],
    ['another offset', (i, tag, ttt) => i.dataOut(tag, ttt, 0, 512, some(15), true)],
    ['another transfer tag', (i, tag, ttt) => i.dataOut(tag, ttt + 1, 0, 0, some(16), true)],
    ['more than was asked for', (i, tag, ttt) => i.dataOut(tag, ttt, 0, 0, some(17), true)],
    ['an end too early', (i, tag, ttt) => i.dataOut(tag, ttt, 0, 0, some(8), true)],
    ['no end', (i, tag, ttt) => i.dataOut(tag, ttt, 0, 0, some(16), false)],
    ['unsolicited data that was not announced', (i, tag) => i.dataOut(tag, RESERVED_TAG, 0, 0, some(16), true)],
  ];
  it.each(breaks)('%s', (_, go) => {
    const [bench, i] = start({ InitialR2T: 'Yes', ImmediateData: 'No' });
    const tag = i.command({ cdb: cdb10(WRITE, 0, 16), write: 8192 });
    go(i, tag, targetTransferTag(i.one().header, 0));
    expect(i.heard()).toEqual([broken]);
    // What still comes of it is dropped, and the session goes on.
    i.dataOut(tag, RESERVED_TAG, 0, 0, some(16), true);
    i.command({ cdb: cdb10(WRITE, 0, 1), write: 512 });
    i.fulfil(i.one(), some(1));
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), concat([some(1), new Uint8Array(15 * 512)]))).toBe(true);
  });

  it('to a command that has all it needs changes nothing', () => {
    const [bench, i] = start({}, { store: slowStore });
    const write = i.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    const read = i.command({ cdb: cdb10(READ, 50, 1), read: 512 });
    for (const tag of [write, read]) i.dataOut(tag, RESERVED_TAG, 0, 0, some(1, 9), true);
    expect(i.heard()).toEqual([]);
    bench.step();
    bench.step();
    expect(i.heard().sort()).toEqual(['GOOD', 'data 0+512 F GOOD']);
  });

  it('to a command that waits for its turn is told when its turn comes', () => {
    const [bench, i] = start({}, { store: slowStore });
    i.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    const tag = i.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, final: false, attribute: 'ordered' });
    i.dataOut(tag, RESERVED_TAG, 7, 0, some(16), true);
    expect(i.heard()).toEqual([]);
    bench.step();
    expect(i.heard().sort()).toEqual([broken, 'data 0+512 F GOOD']);
  });

  it('to nobody is dropped', () => {
    const [, i] = start();
    i.dataOut(4711, 3, 0, 0, some(100), true);
    i.nop('still there');
    expect(i.heard()).toEqual(['pong still there']);
  });
});

describe('digests', () => {
  const both = { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' };

  it.each(stores)('right on everything, to and from %s', (_, options) => {
    const [bench, i] = start(both, options);
    expect(i.digests).toEqual({ header: true, data: true });
    const data = some(128);
    i.stream.pieceBytes = 7000;
    const tag = i.command({ cdb: cdb10(WRITE, 0, 128), write: 65_536, data: data.subarray(0, 512), final: false });
    i.dataOut(tag, RESERVED_TAG, 0, 512, data.subarray(512, 40_960), true);
    i.fulfil(i.one(), data, 12_345);
    bench.step();
    expect(i.heard()).toEqual(['GOOD']);
    i.command({ cdb: cdb16(0x88, 0, 128), read: 65_536 });
    bench.settle();
    bench.step();
    expect(same(dataOf(i.pdus()), data)).toBe(true);
  });

  it('wrong on data: the PDU is rejected and the command fails (§7.8)', () => {
    for (const length of [4096, 65_536]) {
      const [bench, i] = start({ ...both, ImmediateData: 'No', InitialR2T: 'Yes' });
      i.stream.pieceBytes = 10_000;
      const tag = i.command({ cdb: cdb10(WRITE, 0, length / 512), write: length });
      const r2t = i.one();
      corrupted(i, () => i.dataOut(tag, targetTransferTag(r2t.header, 0), 0, 0, some(length / 512), true), 60);
      expect(i.heard()).toEqual(['reject 2', 'CHECK CONDITION ABORTED COMMAND: protocol service CRC error (47h/05h)']);
      expect(same(stored(bench, 0, length / 512), new Uint8Array(length))).toBe(true);
      expect(bench.news()).toContain('data-digest-error');
    }
  });

  it('wrong on immediate data: the command was never there, and its number can be sent again', () => {
    for (const length of [512, 65_536]) {
      const [bench, i] = start(both);
      i.stream.pieceBytes = 10_000;
      const number = i.numbers.commandSequenceNumber;
      const again = {
        cdb: cdb10(WRITE, 0, length / 512),
        write: length,
        data: some(length / 512),
        taskTag: 5,
        commandSequenceNumber: number,
      };
      corrupted(i, () => i.command(again), 70);
      expect(i.heard()).toEqual(['reject 2']);
      i.command(again);
      expect(i.heard()).toEqual(['GOOD']);
      expect(same(stored(bench, 0, length / 512), some(length / 512))).toBe(true);
    }
  });

  it('wrong on a retried command does not touch the one that runs', () => {
    const [bench, i] = start(both, { store: slowStore });
    const command = { cdb: cdb10(WRITE, 0, 64), write: 32_768, data: some(8), taskTag: 5 };
    i.command(command);
    const r2t = i.one();
    corrupted(i, () => i.command(command), 70);
    expect(i.heard()).toEqual(['reject 2']);
    i.fulfil(r2t, some(64));
    bench.step();
    expect(i.heard()).toEqual(['GOOD']);
  });

  it('wrong on a header ends the connection (§7.7)', () => {
    const [bench, i] = start(both);
    corrupted(i, () => i.nop('x'), 20);
    bench.settle();
    expect(i.stream.closed).toBe(true);
    expect(bench.news()).toContain('connection-failed');
  });
});

it('a data segment longer than the target declared ends the connection', () => {
  const [bench, i] = start();
  expect(i.answers['MaxRecvDataSegmentLength']).toBe('262144');
  i.nop('x'.repeat(262_145));
  bench.settle();
  expect(i.stream.closed).toBe(true);
});
