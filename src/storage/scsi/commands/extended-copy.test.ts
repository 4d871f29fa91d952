import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { be16, be32, bytesEqual, concat, putBe16, putBe24, putBe32, putBe64 } from '../../../base/bytes.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { ArrayStore } from '../testing/array-store.ts';
import { ACTIONS, nexusOf, reserveOut, takeAttentions } from '../testing/persistent-reserve.ts';
import { linkOf, makeTestUnit, run, type TestCommand, type TestUnit, type UnitOptions } from '../testing/test-command.ts';
import type { UnitNexus } from '../unit-nexus.ts';

interface TargetFields {
  readonly type?: number;
  readonly byte1?: number;
  readonly pad?: boolean;
  readonly blockBytes?: number;
  readonly naa?: Uint8Array;
}

function target(unit: LogicalUnit, fields: TargetFields = {}): Uint8Array {
  const out = new Uint8Array(32);
  const naa = fields.naa ?? unit.config.identity.naa;
  out[0] = fields.type ?? 0xe4;
  out[1] = fields.byte1 ?? 0;
  out[4] = 1;
  out[5] = 3;
  out[7] = naa.length;
  out.set(naa, 8);
  out[28] = fields.pad ? 0x04 : 0;
  putBe24(out, 29, fields.blockBytes ?? unit.config.blockBytes);
  return out;
}

interface SegmentFields {
  readonly from?: number;
  readonly to?: number;
  /** DC 02h, CAT 01h. */
  readonly flags?: number;
}

function blocks(count: number, sourceLba: number, destinationLba: number, fields: SegmentFields = {}): Uint8Array {
  const out = new Uint8Array(28);
  out[0] = 0x02;
  out[1] = fields.flags ?? 0;
  putBe16(out, 2, 24);
  putBe16(out, 4, fields.from ?? 0);
  putBe16(out, 6, fields.to ?? 0);
  putBe16(out, 10, count);
  putBe64(out, 12, sourceLba);
  putBe64(out, 20, destinationLba);
  return out;
}

interface BytesFields extends SegmentFields {
  readonly sourceOffset?: number;
  readonly destinationOffset?: number;
}

function bytes(count: number, sourceLba: number, destinationLba: number, fields: BytesFields = {}): Uint8Array {
  const out = new Uint8Array(32);
  out[0] = 0x0a;
  putBe16(out, 2, 28);
  putBe16(out, 4, fields.from ?? 0);
  putBe16(out, 6, fields.to ?? 0);
  putBe32(out, 8, count);
  putBe64(out, 12, sourceLba);
  putBe64(out, 20, destinationLba);
  putBe16(out, 28, fields.sourceOffset ?? 0);
  putBe16(out, 30, fields.destinationOffset ?? 0);
  return out;
}

interface ListFields {
  readonly listId?: number;
  readonly usage?: number;
  readonly inline?: number;
}

function list(targets: readonly Uint8Array[], segments: readonly Uint8Array[], fields: ListFields = {}): Uint8Array {
  const header = new Uint8Array(16);
  header[0] = fields.listId ?? 1;
  header[1] = (fields.usage ?? 0) << 3;
  putBe16(header, 2, targets.length * 32);
  putBe32(
    header,
    8,
    segments.reduce((sum, segment) => sum + segment.length, 0),
  );
  putBe32(header, 12, fields.inline ?? 0);
  return concat([header, ...targets, ...segments]);
}

function copy(unit: LogicalUnit, parameters: Uint8Array, link: UnitNexus = linkOf(unit), listBytes = parameters.length): TestCommand {
  const cdb = new Uint8Array(16);
  cdb[0] = 0x83;
  putBe32(cdb, 10, listBytes);
  return run(unit, cdb, { link, dataOut: parameters.subarray(0, listBytes) });
}

function results(unit: LogicalUnit, action: number, listId: number, link: UnitNexus = linkOf(unit)): TestCommand {
  return run(unit, [0x84, action, listId, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0], { link });
}

/** As `toEqual`, which takes seconds for a mebibyte. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect([actual.length, bytesEqual(actual, expected)]).toEqual([expected.length, true]);
}

/** Content in which every byte of the first 64 KiB differs from its neighbours of the same place in other blocks. */
function fill(store: ArrayStore, seed: number): void {
  for (let at = 0; at < store.bytes.length; at += 1) store.bytes[at] = (at * 31 + (at >>> 9) * 7 + seed) & 0xff;
}

/** Two units of one device; the second has other content. */
function pair(first: UnitOptions = {}, second: UnitOptions = {}): { one: TestUnit; two: TestUnit } {
  const one = makeTestUnit(first);
  const two = makeTestUnit({ ...second, device: one.device });
  fill(one.store, 1);
  fill(two.store, 101);
  for (const link of one.unit.links.values()) takeAttentions(link);
  return { one, two };
}

const nine = <Value>(value: Value): Value[] => Array.from({ length: 9 }, () => value);

describe('EXTENDED COPY', () => {
  it('copies within a unit', () => {
    const { one } = pair();
    const before = one.store.bytes.slice();
    expect(copy(one.unit, list([target(one.unit)], [blocks(300, 0, 1000)])).outcome).toBe('GOOD');
    expectSame(one.store.bytes.subarray(1000 * 512, 1300 * 512), before.subarray(0, 300 * 512));
    expectSame(one.store.bytes.subarray(0, 1000 * 512), before.subarray(0, 1000 * 512));
    expectSame(one.store.bytes.subarray(1300 * 512), before.subarray(1300 * 512));
  });

  it('copies between units, asked through either', () => {
    const { one, two } = pair();
    const targets = [target(one.unit), target(two.unit)];
    expect(copy(one.unit, list(targets, [blocks(8, 4, 100, { from: 0, to: 1 })])).outcome).toBe('GOOD');
    expectSame(two.store.bytes.subarray(100 * 512, 108 * 512), one.store.bytes.subarray(4 * 512, 12 * 512));
    const link = linkOf(two.unit);
    takeAttentions(link);
    expect(copy(two.unit, list(targets, [blocks(8, 100, 200, { from: 1, to: 1 }), blocks(1, 0, 0, { from: 1, to: 0 })])).outcome).toBe(
      'GOOD',
    );
    expectSame(two.store.bytes.subarray(200 * 512, 208 * 512), two.store.bytes.subarray(100 * 512, 108 * 512));
    expectSame(one.store.bytes.subarray(0, 512), two.store.bytes.subarray(0, 512));
  });

  it('goes in pieces of a mebibyte', () => {
    const { one } = pair({ blocks: 16384 });
    expect(copy(one.unit, list([target(one.unit)], [blocks(8000, 0, 8192)])).outcome).toBe('GOOD');
    expect(one.store.calls).toMatchObject({ reads: 4, writes: 4 });
    expectSame(one.store.bytes.subarray(8192 * 512, 16192 * 512), one.store.bytes.subarray(0, 8000 * 512));
  });

  it('is GOOD without parameters, segments or blocks', () => {
    const { one } = pair();
    expect(copy(one.unit, new Uint8Array(0)).outcome).toBe('GOOD');
    expect(copy(one.unit, list([target(one.unit)], [])).outcome).toBe('GOOD');
    expect(copy(one.unit, list([target(one.unit)], [blocks(0, 0, 0)])).outcome).toBe('GOOD');
    expect(one.store.calls.writes).toBe(0);
  });

  it('reads all of a piece before it writes over it', () => {
    const { one } = pair();
    const before = one.store.bytes.slice(0, 100 * 512);
    expect(copy(one.unit, list([target(one.unit)], [blocks(100, 0, 1)])).outcome).toBe('GOOD');
    expectSame(one.store.bytes.subarray(512, 101 * 512), before);
  });

  it('ignores LU ID TYPE, which SPC-4 took from this descriptor', () => {
    const { one } = pair();
    expect(copy(one.unit, list([target(one.unit, { byte1: 0xc0 })], [blocks(1, 0, 9)])).outcome).toBe('GOOD');
  });

  describe('between block sizes', () => {
    it('counts source or destination blocks (DC)', () => {
      const { one, two } = pair({}, { blockBytes: 4096, blocks: 256 });
      const targets = [target(one.unit), target(two.unit)];
      expect(copy(one.unit, list(targets, [blocks(16, 0, 3, { to: 1 })])).outcome).toBe('GOOD');
      expectSame(two.store.bytes.subarray(3 * 4096, 5 * 4096), one.store.bytes.subarray(0, 2 * 4096));
      expect(copy(one.unit, list(targets, [blocks(2, 64, 7, { to: 1, flags: 0x02 })])).outcome).toBe('GOOD');
      expectSame(two.store.bytes.subarray(7 * 4096, 9 * 4096), one.store.bytes.subarray(64 * 512, 80 * 512));
    });

    it('pads, cuts or refuses what does not fill blocks', () => {
      const { one, two } = pair({}, { blockBytes: 4096, blocks: 256 });
      const [small, large] = [target(one.unit), target(two.unit)];
      const before = two.store.bytes.slice();
      expect(copy(one.unit, list([small, large], [blocks(9, 0, 3, { to: 1 })])).outcome).toContain(
        'COPY ABORTED: unexpected inexact segment',
      );
      expectSame(two.store.bytes, before);
      expect(copy(one.unit, list([small, target(two.unit, { pad: true })], [blocks(9, 0, 3, { to: 1 })])).outcome).toBe('GOOD');
      expectSame(two.store.bytes.subarray(3 * 4096, 3 * 4096 + 9 * 512), one.store.bytes.subarray(0, 9 * 512));
      expectSame(two.store.bytes.subarray(3 * 4096 + 9 * 512, 5 * 4096), new Uint8Array(7 * 512));
      expectSame(two.store.bytes.subarray(5 * 4096), before.subarray(5 * 4096));
      // Three small blocks from one large: the rest of the source block is dropped.
      const back = [blocks(3, 20, 500, { from: 1, to: 0, flags: 0x02 })];
      expect(copy(one.unit, list([small, large], back)).outcome).toContain('unexpected inexact segment');
      expect(copy(one.unit, list([small, target(two.unit, { pad: true })], back)).outcome).toBe('GOOD');
      expectSame(one.store.bytes.subarray(500 * 512, 503 * 512), two.store.bytes.subarray(20 * 4096, 20 * 4096 + 3 * 512));
    });

    it('carries the rest into the next segment (CAT)', () => {
      const { one, two } = pair({}, { blockBytes: 4096, blocks: 256 });
      const targets = [target(one.unit), target(two.unit)];
      const segments = [blocks(5, 0, 3, { to: 1, flags: 0x01 }), blocks(4, 100, 3, { to: 1, flags: 0x01 }), blocks(7, 200, 4, { to: 1 })];
      expect(copy(one.unit, list(targets, segments)).outcome).toBe('GOOD');
      const source = one.store.bytes;
      const stream = concat([source.slice(0, 5 * 512), source.slice(100 * 512, 104 * 512), source.slice(200 * 512, 207 * 512)]);
      expectSame(two.store.bytes.subarray(3 * 4096, 5 * 4096), stream);
    });
  });

  it('copies any bytes with segment 0Ah, as a plain copy of arrays does', () => {
    const cases = fc.record({
      large: fc.tuple(fc.boolean(), fc.boolean()),
      deferred: fc.boolean(),
      count: fc.integer({ min: 0, max: 3 * 4096 + 5 }),
      from: fc.record({ lba: fc.nat({ max: 10 }), offset: fc.nat({ max: 511 }) }),
      to: fc.record({ lba: fc.nat({ max: 10 }), offset: fc.nat({ max: 511 }) }),
    });
    fc.assert(
      fc.property(cases, ({ large, deferred, count, from, to }) => {
        const [first, second] = large.map((is) => ({ blockBytes: is ? 4096 : 512, blocks: is ? 32 : 256, deferred }) as const);
        const { one, two } = pair(first, second);
        const expected = two.store.bytes.slice();
        const sourceAt = from.lba * one.unit.config.blockBytes + from.offset;
        expected.set(one.store.bytes.subarray(sourceAt, sourceAt + count), to.lba * two.unit.config.blockBytes + to.offset);
        const fields = { to: 1, sourceOffset: from.offset, destinationOffset: to.offset };
        const command = copy(one.unit, list([target(one.unit), target(two.unit)], [bytes(count, from.lba, to.lba, fields)]));
        while (one.store.pending + two.store.pending !== 0) {
          one.store.completeAll();
          two.store.completeAll();
        }
        expect(command.outcome).toBe('GOOD');
        expectSame(two.store.bytes, expected);
      }),
      { numRuns: 200 },
    );
  });

  it('copies large byte ranges in pieces that end on blocks', () => {
    const { one, two } = pair({ blocks: 8192 }, { blocks: 8192 });
    const expected = two.store.bytes.slice();
    expected.set(one.store.bytes.subarray(3 * 512 + 100, 3 * 512 + 100 + 3_000_000), 512 + 7);
    const fields = { to: 1, sourceOffset: 100, destinationOffset: 7 };
    expect(copy(one.unit, list([target(one.unit), target(two.unit)], [bytes(3_000_000, 3, 1, fields)])).outcome).toBe('GOOD');
    expectSame(two.store.bytes, expected);
    expect(two.store.calls.writes).toBe(3);
  });

  describe('refuses', () => {
    const { one, two } = pair();
    const readOnly = makeTestUnit({ device: one.device, readOnly: true });
    for (const link of one.unit.links.values()) takeAttentions(link);
    const own = target(one.unit);
    const segment = blocks(8, 0, 8);
    const good = list([own], [segment]);

    it.each([
      ['a list that cuts a target', good.subarray(0, 16 + 31), 'parameter list length error'],
      ['a list that cuts a segment', good.subarray(0, good.length - 1), 'parameter list length error'],
      ['a list without its header', good.subarray(0, 15), 'parameter list length error'],
      ['more targets than there may be', list(nine(own), [segment]), 'ILLEGAL REQUEST: too many target descriptors'],
      ['more segments than there may be', list([own], nine(segment)), 'ILLEGAL REQUEST: too many segment descriptors'],
      ['more than the longest list', list(nine(own), nine(segment).concat(nine(segment), nine(segment))), 'parameter list length error'],
      ['another kind of target', list([target(one.unit, { type: 0xe0 })], [segment]), 'ILLEGAL REQUEST: unsupported target descriptor'],
      [
        'another kind of segment',
        list([own], [Uint8Array.from(segment, (byte, at) => (at === 0 ? 3 : byte))]),
        'unsupported segment descriptor',
      ],
      [
        'another length of segment',
        list([own], [Uint8Array.from(segment, (byte, at) => (at === 3 ? 20 : byte))]),
        'parameter list byte 50',
      ],
      ['a tape drive', list([target(one.unit, { byte1: 1 })], [segment]), 'parameter list byte 17'],
      [
        'another block length',
        list([target(one.unit, { blockBytes: 4096 })], [segment]),
        'ILLEGAL REQUEST: invalid field in parameter list',
      ],
      ['inline data', list([own], [segment], { inline: 4 }), 'ILLEGAL REQUEST: inline data length exceeded'],
      ['a reserved list id usage', list([own], [segment], { usage: 1 }), 'parameter list byte 1'],
      ['a list id that is not to be there', list([own], [segment], { usage: 3 }), 'parameter list byte 0'],
      ['a source index behind the last', list([own], [blocks(8, 0, 8, { from: 1 })]), 'COPY ABORTED: unreachable copy target'],
      ['a destination index behind the last', list([own], [blocks(8, 0, 8, { to: 1 })]), 'COPY ABORTED: unreachable copy target'],
      ['a unit that is not here', list([target(one.unit, { naa: new Uint8Array(16) })], [segment]), 'COPY ABORTED: copy target device not'],
      ['a source behind the end', list([own], [blocks(8, 2041, 8)]), 'COPY ABORTED: no additional sense'],
      ['a destination behind the end', list([own], [blocks(8, 0, 2041)]), 'COPY ABORTED: no additional sense'],
      ['an address beyond all numbers', list([own], [blocks(8, 0, 2 ** 53)]), 'COPY ABORTED: no additional sense'],
      ['a longer segment than it moves', list([own], [bytes(16 * 1024 * 1024 + 1, 0, 0)]), 'invalid field in parameter list'],
      ['an offset behind the block', list([own], [bytes(1, 0, 0, { sourceOffset: 512 })]), 'invalid field in parameter list'],
      ['a write-protected destination', list([own, target(readOnly.unit)], [blocks(8, 0, 8, { to: 1 })]), 'COPY ABORTED: write protected'],
    ])('%s', (_, parameters, why) => {
      const before = one.store.bytes.slice();
      expect(copy(one.unit, parameters).outcome).toContain(`CHECK CONDITION`);
      expect(copy(one.unit, parameters).outcome).toContain(why);
      expectSame(one.store.bytes, before);
    });

    it('lists longer than it would ever take, before they are sent', () => {
      expect(copy(one.unit, good, linkOf(one.unit), 0xffff_ffff).outcome).toContain('parameter list length error');
    });

    it('what a reservation keeps the nexus from, at either end', () => {
      const holder = nexusOf(two.unit, 'holder');
      reserveOut(two.unit, holder, ACTIONS.register, { newKey: 1 });
      reserveOut(two.unit, holder, ACTIONS.reserve, { key: 1, type: 1 });
      const targets = [own, target(two.unit)];
      const link = linkOf(one.unit);
      expect(copy(one.unit, list(targets, [blocks(1, 0, 0, { to: 1 })]), link).outcome).toContain('COPY ABORTED');
      expect(copy(one.unit, list(targets, [blocks(1, 0, 0, { from: 1 })]), link).outcome).toBe('GOOD');
      reserveOut(two.unit, holder, ACTIONS.preempt, { key: 1, newKey: 1, type: 3 });
      expect(copy(one.unit, list(targets, [blocks(1, 0, 0, { from: 1 })]), link).outcome).toContain('COPY ABORTED');
      expect(copy(two.unit, list(targets, [blocks(1, 0, 0, { from: 1 })]), nexusOf(two.unit, 'stranger')).outcome).toBe(
        'RESERVATION CONFLICT',
      );
    });
  });

  it('reports what the store could not do', () => {
    const { one, two } = pair();
    const parameters = list([target(one.unit), target(two.unit)], [blocks(1, 0, 0, { to: 1 })]);
    one.store.failNext = { fault: 'read', message: 'bad sector' };
    expect(copy(one.unit, parameters).outcome).toContain('COPY ABORTED: unrecovered read error');
    two.store.failNext = { fault: 'no-space', message: 'full' };
    expect(copy(one.unit, parameters).outcome).toContain('COPY ABORTED: space allocation failed');
    two.store.failNext = { fault: 'write', message: 'bad sector' };
    expect(copy(one.unit, parameters).outcome).toContain('COPY ABORTED: write error');
  });

  it('keeps writers of the same blocks apart, and stops when aborted', () => {
    const { one } = pair({ deferred: true, blocks: 8192 });
    const command = copy(one.unit, list([target(one.unit)], [blocks(4096, 0, 4096)]));
    one.store.completeNext();
    const writer = run(one.unit, [0x2a, 0, 0, 0, 0x10, 0, 0, 0, 1, 0], { dataOut: new Uint8Array(512) });
    // The copy's write of the first piece is under way, and the writer waits for it.
    expect(one.store.pending).toBe(1);
    let ended = false;
    one.unit.tasks.abort([command], () => {
      ended = true;
    });
    expect(ended).toBe(false);
    one.store.completeAll();
    expect([command.outcome, ended, writer.outcome]).toEqual(['aborted', true, 'GOOD']);
    expect(one.store.calls).toMatchObject({ reads: 1, writes: 2 });
    expect(one.unit.copies.running).toBe(0);
  });
});

describe('RECEIVE COPY RESULTS', () => {
  it('tells the operating parameters', () => {
    const { one } = pair();
    const { bytes: data } = results(one.unit, 3, 0);
    expect(be32(data, 0)).toBe(data.length - 4);
    expect([be16(data, 8), be16(data, 10), be32(data, 12), be32(data, 16)]).toEqual([8, 8, 1024, 16 * 1024 * 1024]);
    expect([...data.subarray(36)]).toEqual([16, 9, 0, 0, 0, 0, 0, 3, 0x02, 0x0a, 0xe4]);
  });

  it('tells how a copy goes and how it ended, to the nexus that asked for it', () => {
    const { one } = pair({ deferred: true, blocks: 8192 });
    expect(results(one.unit, 0, 1).outcome).toContain('invalid field in CDB (24h/00h), CDB byte 2');
    const command = copy(one.unit, list([target(one.unit)], [blocks(1, 0, 9), blocks(1, 1, 10)]));
    expect([...results(one.unit, 0, 1).bytes]).toEqual([0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(results(one.unit, 4, 1).outcome).toContain('invalid field in CDB');
    one.store.completeNext();
    one.store.completeNext();
    expect([...results(one.unit, 0, 1).bytes]).toEqual([0, 0, 0, 8, 0, 0, 1, 0, 0, 0, 2, 0]);
    expect(copy(one.unit, list([target(one.unit)], [blocks(1, 0, 9)])).outcome).toContain('ILLEGAL REQUEST: operation in progress');
    one.store.completeAll();
    expect(command.outcome).toBe('GOOD');
    expect([...results(one.unit, 0, 1).bytes]).toEqual([0, 0, 0, 8, 1, 0, 2, 0, 0, 0, 4, 0]);
    expect([...results(one.unit, 4, 1).bytes]).toEqual([0, 0, 0, 0]);
    expect(results(one.unit, 0, 1, linkOf(one.unit, 'other')).outcome).toContain('invalid field in CDB');
    one.unit.nexusLost(linkOf(one.unit));
    takeAttentions(linkOf(one.unit));
    expect(results(one.unit, 0, 1).outcome).toContain('invalid field in CDB');
  });

  it('gives the details of a failure once', () => {
    const { one } = pair();
    copy(one.unit, list([target(one.unit)], [blocks(1, 0, 9), blocks(1, 0, 5000)]));
    expect([...results(one.unit, 0, 1).bytes]).toEqual([0, 0, 0, 8, 2, 0, 1, 0, 0, 0, 2, 0]);
    const { bytes: data } = results(one.unit, 4, 1);
    expect([data.length, be32(data, 0), data[56], be16(data, 58)]).toEqual([78, 74, 2, 18]);
    // COPY ABORTED, and the segment pointer to byte 76 of the parameter list.
    expect([data[60]! & 0x7f, data[62], ...data.subarray(75, 78)]).toEqual([0x70, 0x0a, 0x80, 0, 76]);
    expect(results(one.unit, 4, 1).outcome).toContain('invalid field in CDB');
  });

  it('holds nothing where nothing is to be held', () => {
    const { one } = pair();
    expect(copy(one.unit, list([target(one.unit)], [blocks(1, 0, 9)], { usage: 2 })).outcome).toBe('GOOD');
    expect(results(one.unit, 0, 1).outcome).toContain('invalid field in CDB');
    expect(copy(one.unit, list([target(one.unit)], [blocks(1, 0, 9)], { usage: 3, listId: 0 })).outcome).toBe('GOOD');
    expect(results(one.unit, 0, 0).outcome).toContain('invalid field in CDB');
  });

  it('takes so many copies at a time and no more', () => {
    const { one } = pair({ deferred: true });
    const parameters = (listId: number): Uint8Array => list([target(one.unit)], [blocks(1, 0, 9)], { listId });
    const commands = Array.from({ length: 17 }, (_, listId) => copy(one.unit, parameters(listId)));
    expect(commands.map(({ outcome }) => outcome)).toEqual([...Array<string>(16).fill('pending'), 'BUSY']);
    one.store.completeAll();
    expect(copy(one.unit, parameters(17)).outcome).toBe('pending');
  });
});
