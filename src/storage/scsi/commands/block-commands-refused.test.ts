/** What the block commands refuse, and with which sense data; and what they do at the edges. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../base/bytes.ts';
import type { StoreError } from '../../block/backing-store.ts';
import { MEMORY_CHUNK_BYTES, MemoryStore } from '../../block/memory.ts';
import { cdb10, cdb12, cdb16, compareAndWriteCdb, getLbaStatusCdb, unmapCdb, unmapList, writeAtomicCdb } from '../testing/block-cdbs.ts';
import { makeTestUnit, makeUnit, run, type UnitOptions } from '../testing/test-command.ts';
import { unitOver } from '../testing/unit-over.ts';

const BLOCKS = 2048;
const filled = (value: number, blocks = 1): Uint8Array => new Uint8Array(512 * blocks).fill(value);
const outcome = (cdb: Uint8Array, dataOut?: Uint8Array, options: UnitOptions = {}): string =>
  run(makeUnit(options), cdb, dataOut === undefined ? {} : { dataOut }).outcome;

const OUT_OF_RANGE = 'logical block address out of range';
const INVALID_CDB = 'ILLEGAL REQUEST: invalid field in CDB';
const INVALID_UNIT = 'ILLEGAL REQUEST: invalid field in command information unit (0eh/03h)';

const unmap = (list: Uint8Array, options: UnitOptions = { thin: true }): string => outcome(unmapCdb(list.length), list, options);

/** What a GET LBA STATUS answer tells: first block, count, provisioning status. */
const descriptors = (bytes: Uint8Array): number[][] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  expect(view.getUint32(0)).toBe(bytes.length - 4);
  return Array.from({ length: (bytes.length - 8) / 16 }, (_, index) => [
    Number(view.getBigUint64(8 + index * 16)),
    view.getUint32(16 + index * 16),
    bytes[20 + index * 16]!,
  ]);
};

describe('addresses', () => {
  const ranged: readonly [name: string, cdb: (lba: number, blocks: number) => Uint8Array][] = [
    ['VERIFY(10)', (lba, blocks) => cdb10(0x2f, lba, blocks)],
    ['VERIFY(12)', (lba, blocks) => cdb12(0xaf, lba, blocks)],
    ['VERIFY(16)', (lba, blocks) => cdb16(0x8f, lba, blocks, 2)],
    ['WRITE AND VERIFY(10)', (lba, blocks) => cdb10(0x2e, lba, blocks)],
    ['WRITE AND VERIFY(12)', (lba, blocks) => cdb12(0xae, lba, blocks)],
    ['WRITE AND VERIFY(16)', (lba, blocks) => cdb16(0x8e, lba, blocks)],
    ['WRITE SAME(10)', (lba, blocks) => cdb10(0x41, lba, blocks)],
    ['WRITE SAME(16)', (lba, blocks) => cdb16(0x93, lba, blocks)],
    ['ORWRITE(16)', (lba, blocks) => cdb16(0x8b, lba, blocks)],
    ['WRITE ATOMIC(16)', writeAtomicCdb],
    ['COMPARE AND WRITE', compareAndWriteCdb],
    ['PRE-FETCH(10)', (lba, blocks) => cdb10(0x34, lba, blocks)],
    ['PRE-FETCH(16)', (lba, blocks) => cdb16(0x90, lba, blocks)],
    ['SYNCHRONIZE CACHE(10)', (lba, blocks) => cdb10(0x35, lba, blocks)],
    ['SYNCHRONIZE CACHE(16)', (lba, blocks) => cdb16(0x91, lba, blocks)],
  ];

  it.each(ranged)('%s refuses what is not on the medium, also with no blocks', (_, cdb) => {
    expect(outcome(cdb(BLOCKS - 1, 2), filled(1, 2))).toContain(OUT_OF_RANGE);
    expect(outcome(cdb(BLOCKS, 1), filled(1))).toContain(OUT_OF_RANGE);
    expect(outcome(cdb(BLOCKS + 1, 0))).toContain(OUT_OF_RANGE);
    expect(outcome(cdb(0xffff_ffff, 1), filled(1))).toContain(OUT_OF_RANGE);
  });

  it.each(['8000000000000000', 'ffffffffffffffff'])('beyond what a number holds exactly: %s', (address) => {
    for (const code of [0x8f, 0x8e, 0x93, 0x8b, 0x9c, 0x90, 0x91, 0x89]) {
      const cdb = Uint8Array.from([code, 0, ...Buffer.from(address, 'hex'), 0, 0, 0, 1, 0, 0]);
      expect(outcome(cdb, filled(1))).toContain(OUT_OF_RANGE);
    }
    const status = Uint8Array.from([0x9e, 0x12, ...Buffer.from(address, 'hex'), 0, 0, 0, 24, 0, 0]);
    expect(outcome(status)).toContain(OUT_OF_RANGE);
  });

  it('protection information is refused everywhere', () => {
    for (const cdb of [cdb10(0x2f, 0, 1, 0x20), cdb16(0x8e, 0, 1, 0xe0), cdb10(0x41, 0, 1, 0x40), cdb16(0x8b, 0, 1, 0x20)]) {
      expect(outcome(cdb, filled(0))).toContain(INVALID_CDB);
    }
  });
});

describe('data-out that is announced shorter than the CDB says', () => {
  it('is taken in whole blocks, and the residual counts from what the CDB says', () => {
    const unit = makeUnit();
    run(unit, cdb10(0x2a, 0, 2), { dataOut: filled(9, 2) });
    const command = run(unit, cdb10(0x2a, 0, 2), { dataOut: filled(1) });
    expect([command.outcome, command.dataOutBytes]).toEqual(['GOOD', 1024]);
    expect(run(unit, cdb10(0x28, 0, 2)).bytes).toEqual(concat([filled(1), filled(9)]));
    const none = run(unit, cdb10(0x2e, 0, 1, 2));
    expect([none.outcome, none.dataOutBytes]).toEqual(['GOOD', 512]);
  });

  it('is written by WRITE where it ends within a block, whose rest keeps its content', () => {
    const unit = makeUnit();
    const command = run(unit, cdb10(0x2a, 0, 3), { dataOut: filled(1, 3).subarray(0, 712) });
    expect([command.outcome, command.dataOutBytes]).toEqual(['GOOD', 1536]);
    const { bytes } = run(unit, cdb10(0x28, 0, 3));
    expect([bytes.subarray(0, 712).every((byte) => byte === 1), bytes.subarray(712).every((byte) => byte === 0)]).toEqual([true, true]);
  });

  it('is refused by others, and nothing written, where it ends within a block', () => {
    const unit = makeUnit();
    for (const cdb of [cdb10(0x2e, 0, 1), cdb16(0x8b, 0, 1), cdb10(0x2f, 0, 1, 2)]) {
      const command = run(unit, cdb, { dataOut: filled(1).subarray(0, 200) });
      expect([command.outcome, command.dataOutBytes]).toEqual([`CHECK CONDITION ${INVALID_UNIT}`, 512]);
    }
    expect(run(unit, cdb10(0x28, 0, 1)).bytes).toEqual(filled(0));
  });

  it('is refused by commands that need all of it, and so is more', () => {
    for (const length of [256, 1024]) {
      const dataOut = new Uint8Array(length);
      expect(outcome(cdb10(0x41, 0, 1), dataOut)).toContain(INVALID_UNIT);
      expect(outcome(cdb16(0x93, 0, 1), dataOut)).toContain(INVALID_UNIT);
      expect(outcome(writeAtomicCdb(0, 1), dataOut)).toContain(INVALID_UNIT);
      expect(outcome(cdb10(0x2f, 0, 4, 6), dataOut)).toContain(INVALID_UNIT);
    }
    for (const blocks of [1, 3]) expect(outcome(compareAndWriteCdb(0, blocks), filled(0, 4))).toContain(INVALID_UNIT);
  });
});

describe('VERIFY and WRITE AND VERIFY', () => {
  it('refuse a BYTCHK without a meaning', () => {
    expect(outcome(cdb10(0x2f, 0, 1, 0x04))).toContain(`${INVALID_CDB} (24h/00h), CDB byte 1 bit 2`);
    expect(outcome(cdb10(0x2e, 0, 1, 0x04), filled(0))).toContain(INVALID_CDB);
    expect(outcome(cdb10(0x2e, 0, 1, 0x06), filled(0))).toContain(INVALID_CDB);
  });

  it('find one wrong block among many, with BYTCHK 11b', () => {
    const unit = makeUnit();
    run(unit, cdb16(0x93, 0, 64), { dataOut: filled(7) });
    run(unit, cdb10(0x2a, 41, 1), { dataOut: filled(7).fill(8, 511) });
    expect(run(unit, cdb16(0x8f, 0, 64, 0x06), { dataOut: filled(7) }).outcome).toContain('MISCOMPARE');
    expect(run(unit, cdb16(0x8f, 0, 64, 0x06), { dataOut: filled(7) }).sense?.information).toBe(41);
  });

  it('force what they verify onto the medium', () => {
    const { unit, store } = makeTestUnit({ writeBack: true });
    run(unit, cdb10(0x2e, 0, 1, 0x02), { dataOut: filled(1) });
    expect(store.calls.forcedWrites).toBe(1);
  });

  it('stop when they are aborted', () => {
    const { unit, store } = makeTestUnit({ deferred: true, blocks: 8192 });
    const command = run(unit, cdb16(0x8f, 0, 8192));
    let ended = false;
    unit.tasks.abort([command], () => {
      ended = true;
    });
    store.completeAll();
    expect([ended, store.calls.reads, command.delivered]).toEqual([true, 1, false]);
  });
});

describe('WRITE SAME', () => {
  it('goes to the last block where no number is given', () => {
    const unit = makeUnit();
    expect(run(unit, cdb10(0x41, BLOCKS - 3, 0), { dataOut: filled(5) }).outcome).toBe('GOOD');
    expect(run(unit, cdb10(0x28, BLOCKS - 4, 4)).bytes).toEqual(concat([filled(0), filled(5, 3)]));
    expect(run(unit, cdb10(0x41, BLOCKS, 0), { dataOut: filled(5) }).outcome).toBe('GOOD');
  });

  it('is held to the maximum write same length', () => {
    const unit = makeUnit({ blocks: 0x8002 });
    expect(run(unit, cdb16(0x93, 1, 0x8001), { dataOut: filled(5) }).outcome).toContain(`${INVALID_CDB} (24h/00h), CDB byte 10`);
    expect(run(unit, cdb10(0x41, 0, 0), { dataOut: filled(5) }).outcome).toContain(INVALID_CDB);
    expect(run(unit, cdb16(0x93, 2, 0x8000), { dataOut: filled(5) }).outcome).toBe('GOOD');
    expect(Buffer.compare(run(unit, cdb16(0x88, 2, 0x8000)).bytes, filled(5, 0x8000))).toBe(0);
  });

  it('refuses to anchor, and to unmap a thick unit', () => {
    expect(outcome(cdb10(0x41, 0, 1, 0x18), filled(0), { thin: true })).toContain(INVALID_CDB);
    expect(outcome(cdb16(0x93, 0, 1, 0x10), filled(0), { thin: true })).toContain(INVALID_CDB);
    expect(outcome(cdb16(0x93, 0, 1, 0x08), filled(0))).toContain(`${INVALID_CDB} (24h/00h), CDB byte 1 bit 3`);
  });

  it('unmaps where UNMAP is set, whatever the data-out holds', () => {
    const { unit, store } = makeTestUnit({ thin: true });
    run(unit, cdb10(0x2a, 0, 16), { dataOut: filled(3, 16) });
    for (const [cdb, dataOut] of [
      [cdb16(0x93, 0, 16, 0x08), filled(0)],
      [cdb10(0x41, 0, 16, 0x08), filled(3)],
      [cdb16(0x93, 0, 16, 0x09), filled(0).subarray(0, 0)],
    ] as const) {
      expect(run(unit, cdb, { dataOut }).outcome).toBe('GOOD');
      expect(store.bytes[0]).toBe(0);
    }
    expect([store.calls.unmaps, store.calls.writes]).toEqual([3, 1]);
  });
});

describe('UNMAP', () => {
  it('takes lists of nothing', () => {
    expect(outcome(unmapCdb(0), undefined, { thin: true })).toBe('GOOD');
    expect(unmap(unmapList([]))).toBe('GOOD');
    expect(unmap(unmapList([[BLOCKS, 0]]))).toBe('GOOD');
    expect(unmap(unmapList(Array.from({ length: 256 }, (_, index) => [index >> 1, 0] as const)))).toBe('GOOD');
  });

  it('refuses lists without a header, and too many or too long descriptors', () => {
    expect(unmap(new Uint8Array(4))).toContain('parameter list length error');
    expect(unmap(unmapList(Array.from({ length: 257 }, () => [0, 0] as const)))).toContain(INVALID_CDB);
    expect(unmap(unmapList([[0, 0x10_0001]]), { thin: true, blocks: 0x10_0002 })).toContain('invalid field in parameter list');
  });

  it('carries out none of a list one of whose ranges is wrong', () => {
    const { unit, store } = makeTestUnit({ thin: true });
    run(unit, cdb10(0x2a, 0, 8), { dataOut: filled(1, 8) });
    const list = unmapList([
      [0, 8],
      [BLOCKS - 1, 2],
    ]);
    expect(run(unit, unmapCdb(list.length), { dataOut: list }).outcome).toContain(OUT_OF_RANGE);
    expect([store.calls.unmaps, store.bytes[0]]).toEqual([0, 1]);
  });

  it('ignores a descriptor that is cut short', () => {
    const { unit, store } = makeTestUnit({ thin: true });
    const list = unmapList([
      [0, 8],
      [8, 8],
    ]).subarray(0, 32);
    expect(run(unit, unmapCdb(list.length), { dataOut: list }).outcome).toBe('GOOD');
    expect(store.calls.unmaps).toBe(1);
  });

  it('is not there on a thick unit', () => expect(unmap(unmapList([]), {})).toContain('invalid command operation code'));
});

describe('COMPARE AND WRITE', () => {
  it('does nothing with no blocks, and wants no data for them', () => {
    expect(outcome(compareAndWriteCdb(0, 0))).toBe('GOOD');
    expect(outcome(compareAndWriteCdb(0, 0), filled(0, 512))).toContain(`${INVALID_CDB} (24h/00h), CDB byte 13`);
  });

  it('forces with FUA, and with the write cache off', () => {
    const { unit, store } = makeTestUnit({ writeBack: true });
    run(unit, compareAndWriteCdb(0, 1), { dataOut: filled(0, 2) });
    expect(store.calls.forcedWrites).toBe(0);
    run(unit, compareAndWriteCdb(0, 1, 0x08), { dataOut: filled(0, 2) });
    expect(store.calls.forcedWrites).toBe(1);
  });

  it('lets only one of two through that expect the same, whatever the store does in between', () => {
    const { unit, store } = makeTestUnit({ deferred: true });
    const lock = (owner: number) => run(unit, compareAndWriteCdb(4, 1), { dataOut: concat([filled(0), filled(owner)]) });
    const [first, second] = [lock(1), lock(2)];
    store.completeAll();
    expect(first.outcome).toBe('GOOD');
    expect(second.outcome).toContain('MISCOMPARE');
    expect(second.sense?.information).toBe(0);
    expect(store.bytes[4 * 512]).toBe(1);
  });
});

describe('WRITE ATOMIC', () => {
  it('keeps to alignment, granularity and length', () => {
    const options = { exponent: 3, blocks: 8192 };
    expect(outcome(writeAtomicCdb(8, 16), filled(1, 16), options)).toBe('GOOD');
    expect(outcome(writeAtomicCdb(1, 8), filled(1, 8), options)).toContain('CDB byte 2');
    expect(outcome(writeAtomicCdb(0, 9), filled(1, 9), options)).toContain('CDB byte 12');
    expect(outcome(writeAtomicCdb(0, 2056), filled(1, 2056), options)).toContain('CDB byte 12');
    expect(outcome(writeAtomicCdb(0, 0))).toBe('GOOD');
  });

  it('knows no boundaries', () => {
    const cdb = writeAtomicCdb(0, 1);
    cdb[11] = 8;
    expect(outcome(cdb, filled(1))).toContain('CDB byte 11');
  });
});

describe('PRE-FETCH', () => {
  it('reads what the machine below can keep, and says so', () => {
    const { unit, store } = makeTestUnit({ deferred: true, blocks: 65536 });
    const command = run(unit, cdb10(0x34, 0, 4096));
    store.completeAll();
    expect([command.outcome, store.calls.reads]).toEqual(['CONDITION MET', 2]);
    const immediate = run(unit, cdb10(0x34, 0, 1, 0x02));
    expect([immediate.outcome, store.pending]).toEqual(['CONDITION MET', 1]);
    // SBC-4 §5.18: GOOD, because not all of it would stay.
    expect(run(unit, cdb10(0x34, 0, 0)).outcome).toBe('GOOD');
  });
});

describe('SYNCHRONIZE CACHE', () => {
  it('flushes before it answers, or after it with IMMED', () => {
    const { unit, store } = makeTestUnit({ deferred: true, writeBack: true });
    const waits = run(unit, cdb10(0x35, 0, 0));
    expect(waits.outcome).toBe('pending');
    store.completeAll();
    expect([waits.outcome, store.calls.flushes]).toEqual(['GOOD', 1]);
    // SYNC_NV of older initiators is taken and means nothing.
    expect(run(unit, cdb16(0x91, 0, 1, 0x06)).outcome).toBe('GOOD');
    expect(store.calls.flushes).toBe(2);
  });

  it('tells of a flush that failed, late if it must', () => {
    const { unit, store } = makeTestUnit({ writeBack: true });
    store.failNext = { fault: 'flush', message: 'injected' };
    expect(run(unit, cdb10(0x35, 0, 0)).outcome).toContain('MEDIUM ERROR');
    store.failNext = { fault: 'flush', message: 'injected' };
    expect(run(unit, cdb10(0x35, 0, 0, 0x02)).outcome).toBe('GOOD');
    expect(run(unit, cdb10(0x28, 0, 1)).outcome).toContain('MEDIUM ERROR: write error');
    expect(run(unit, cdb10(0x28, 0, 1)).outcome).toBe('GOOD');
  });
});

describe('GET LBA STATUS', () => {
  it('tells runs of mapped and deallocated blocks from the one asked for', () => {
    const { unit } = makeTestUnit({ thin: true });
    run(unit, cdb10(0x2a, 8, 8), { dataOut: filled(1, 8) });
    expect(descriptors(run(unit, getLbaStatusCdb(4, 256)).bytes)).toEqual([
      [4, 4, 1],
      [8, 8, 0],
      [16, BLOCKS - 16, 1],
    ]);
    expect(descriptors(run(unit, getLbaStatusCdb(9, 24)).bytes)).toEqual([[9, 7, 0]]);
  });

  it('gives as much as there is room for', () => {
    const { unit } = makeTestUnit({ thin: true });
    expect(run(unit, getLbaStatusCdb(0, 8)).bytes).toHaveLength(8);
    expect(run(unit, getLbaStatusCdb(0, 0)).outcome).toBe('GOOD');
    expect(outcome(getLbaStatusCdb(BLOCKS, 24))).toContain(OUT_OF_RANGE);
  });

  it('says that a thick unit is mapped', () => {
    expect(descriptors(run(makeUnit(), getLbaStatusCdb(0, 256)).bytes)).toEqual([[0, BLOCKS, 0]]);
  });
});

describe('a store that fails', () => {
  it.each([
    ['VERIFY', cdb10(0x2f, 3, 1), undefined, 'read', 'MEDIUM ERROR: unrecovered read error'],
    ['WRITE AND VERIFY', cdb10(0x2e, 3, 1), filled(1), 'write', 'MEDIUM ERROR: write error'],
    ['WRITE SAME', cdb10(0x41, 3, 1), filled(1), 'no-space', 'DATA PROTECT: space allocation failed write protect'],
    ['ORWRITE', cdb16(0x8b, 3, 1), filled(1), 'read', 'MEDIUM ERROR: unrecovered read error'],
    ['COMPARE AND WRITE', compareAndWriteCdb(3, 1), filled(0, 2), 'read', 'MEDIUM ERROR: unrecovered read error'],
    ['WRITE ATOMIC', writeAtomicCdb(3, 1), filled(1), 'no-space', 'DATA PROTECT: space allocation failed write protect'],
    ['UNMAP', unmapCdb(24), unmapList([[3, 1]]), 'write', 'MEDIUM ERROR: write error'],
    ['GET LBA STATUS', getLbaStatusCdb(3, 24), undefined, 'read', 'MEDIUM ERROR: unrecovered read error'],
  ] as const)('%s says what went wrong, and leaves no lock behind', (_, cdb, dataOut, fault, text) => {
    const { unit, store } = makeTestUnit({ thin: true, deferred: true });
    store.failNext = { fault, message: 'injected', offsetBytes: 3 * 512 };
    const command = run(unit, cdb, dataOut === undefined ? {} : { dataOut });
    store.completeAll();
    expect(command.outcome).toContain(text);
    expect(command.sense?.information).toBe(3);
    const after = run(unit, cdb10(0x2a, 0, 16), { dataOut: filled(1, 16) });
    store.completeAll();
    expect(after.outcome).toBe('GOOD');
  });

  it('without space for the second of two buffers handed over, the write fails', () => {
    const unit = unitOver(new MemoryStore({ sizeBytes: 8 * MEMORY_CHUNK_BYTES, thin: true, spaceBytes: MEMORY_CHUNK_BYTES }));
    const views = [1, 2].map((value) => new Uint8Array(MEMORY_CHUNK_BYTES).fill(value));
    let failure: StoreError | undefined;
    unit.writeRange(0, { views, lengthBytes: 2 * MEMORY_CHUNK_BYTES, owned: true }, false, (error) => {
      failure = error;
    });
    expect(failure?.fault).toBe('no-space');
  });
});
