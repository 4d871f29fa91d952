import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../block/memory.ts';
import { cdb10, getLbaStatusCdb, sanitizeCdb } from '../testing/block-cdbs.ts';
import { makeTestUnit, makeUnit, run } from '../testing/test-command.ts';
import { unitOver } from '../testing/unit-over.ts';

const [OVERWRITE, BLOCK_ERASE, CRYPTOGRAPHIC_ERASE, EXIT] = [1, 2, 3, 0x1f];
const [IMMED, AUSE] = [0x80, 0x20];
const IN_PROGRESS = 'NOT READY: logical unit not ready, sanitize in progress';

/** Parameter list of OVERWRITE: flags and count, and the pattern. */
const pattern = (first: number, bytes: readonly number[] | Uint8Array): Uint8Array =>
  Uint8Array.from([first, 0, bytes.length >>> 8, bytes.length & 0xff, ...bytes]);

const overwriteCdb = (list: Uint8Array, flags = 0): Uint8Array => sanitizeCdb(OVERWRITE!, list.length, flags);
const outcome = (list: Uint8Array, length = list.length): string =>
  run(makeUnit(), sanitizeCdb(OVERWRITE!, length), { dataOut: list.subarray(0, length) }).outcome;
const block = (unit: ReturnType<typeof makeUnit>, lba: number): Uint8Array => run(unit, cdb10(0x28, lba, 1)).bytes;
const filled = (value: number): Uint8Array => new Uint8Array(512).fill(value);

/** A unit whose long commands take their turns only when told to. */
function slow(thin: boolean, mebibytes = 4) {
  const turns: (() => void)[] = [];
  const store = new MemoryStore({ sizeBytes: mebibytes * 1024 * 1024, thin });
  const unit = unitOver(store, { pause: (action) => turns.push(action) });
  return { unit, store, turns, turn: (): void => turns.shift()!() };
}

describe('SANITIZE OVERWRITE', () => {
  it('repeats the pattern within each block, and starts it anew in the next', () => {
    const unit = makeUnit();
    const list = pattern(1, [1, 2, 3]);
    expect(run(unit, overwriteCdb(list), { dataOut: list }).outcome).toBe('GOOD');
    for (const lba of [0, 1, 2047]) expect([...block(unit, lba).subarray(0, 7), block(unit, lba)[511]]).toEqual([1, 2, 3, 1, 2, 3, 1, 2]);
  });

  it('takes as many passes as asked for, inverted in turn, each flushed', () => {
    const { unit, store } = makeTestUnit({ writeBack: true });
    const list = pattern(0x80 | 4, filled(0x0f));
    expect(run(unit, overwriteCdb(list), { dataOut: list }).outcome).toBe('GOOD');
    expect([store.bytes[0], store.calls.flushes]).toEqual([0xf0, 4]);
  });

  it('refuses lists that make no sense', () => {
    for (const length of [0, 1, 4]) expect(outcome(pattern(1, filled(1)), length)).toContain('CDB byte 7');
    expect(outcome(new Uint8Array(517).fill(1))).toContain('CDB byte 7');
    expect(outcome(pattern(0, filled(1)))).toContain('parameter list byte 0 bit 4');
    expect(outcome(pattern(0x21, filled(1)))).toContain('parameter list byte 0 bit 6');
    const without = pattern(1, filled(1));
    without[2] = 0;
    expect(outcome(without)).toContain('parameter list byte 2');
    const beyond = pattern(1, filled(1));
    beyond[3] = 4;
    expect(outcome(beyond)).toContain('parameter list byte 2');
  });
});

describe('the erases', () => {
  it.each([BLOCK_ERASE!, CRYPTOGRAPHIC_ERASE!])('service action %i leaves nothing mapped and zeros to read', (action) => {
    const { unit } = makeTestUnit({ thin: true, blocks: 2048 });
    run(unit, cdb10(0x2a, 0, 1), { dataOut: filled(1) });
    run(unit, cdb10(0x2a, 2047, 1), { dataOut: filled(1) });
    expect(run(unit, sanitizeCdb(action)).outcome).toBe('GOOD');
    expect([block(unit, 0), block(unit, 2047)]).toEqual([filled(0), filled(0)]);
    const status = run(unit, getLbaStatusCdb(0, 256)).bytes;
    expect([status.length, status[20]]).toEqual([24, 1]);
  });

  it('free all memory of a thin store, also of one that ends within a chunk', () => {
    const store = new MemoryStore({ sizeBytes: 65536 + 512, thin: true });
    const unit = unitOver(store);
    run(unit, cdb10(0x2a, 0, 129), { dataOut: new Uint8Array(129 * 512).fill(1) });
    run(unit, sanitizeCdb(BLOCK_ERASE!));
    expect(store.allocatedBytes).toBe(0);
  });

  it('take no parameter list, and are not there on a thick unit', () => {
    for (const action of [BLOCK_ERASE!, CRYPTOGRAPHIC_ERASE!]) {
      expect(run(makeUnit({ thin: true }), sanitizeCdb(action, 8), { dataOut: new Uint8Array(8) }).outcome).toContain('CDB byte 7');
      expect(run(makeUnit(), sanitizeCdb(action)).outcome).toContain('invalid field in CDB');
    }
  });
});

describe('reserved fields', () => {
  it.each([0, 4, 7, 0x1e])('service action %i does not exist', (action) => {
    expect(run(makeUnit({ thin: true }), sanitizeCdb(action)).outcome).toContain('invalid field in CDB');
  });

  it('are refused', () => {
    const unit = makeUnit({ thin: true });
    expect(run(unit, sanitizeCdb(BLOCK_ERASE!, 0, 0x40)).outcome).toContain('CDB byte 1 bit 6');
    for (let byte = 2; byte < 7; byte += 1) {
      const cdb = sanitizeCdb(BLOCK_ERASE!);
      cdb[byte] = byte;
      expect(run(unit, cdb).outcome).toContain(`CDB byte ${byte}`);
    }
  });
});

describe('while a sanitize operation runs', () => {
  const list = pattern(1, filled(0xaa));

  it('all but INQUIRY, REPORT LUNS and REQUEST SENSE is refused, with its progress', () => {
    const { unit, turn, turns } = slow(false);
    const sanitize = run(unit, overwriteCdb(list), { dataOut: list });
    expect(sanitize.outcome).toBe('pending');
    // 4 MiB go in 64 pieces; half of them are written now, and the first after them.
    for (let count = 0; count < 32; count += 1) turn();
    for (const cdb of [cdb10(0x28, 0, 1), new Uint8Array(6), sanitizeCdb(EXIT!), overwriteCdb(list)]) {
      const command = run(unit, cdb);
      expect(command.outcome).toContain(IN_PROGRESS);
      expect(command.sense?.progress).toBe(0x8000);
    }
    expect(run(unit, [0x12, 0, 0, 0, 96, 0]).outcome).toBe('GOOD');
    expect(run(unit, [0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]).outcome).toBe('GOOD');
    const polled = run(unit, [0x03, 0, 0, 0, 18, 0]);
    expect([polled.outcome, ...polled.bytes.subarray(12, 18)]).toEqual(['GOOD', 0x04, 0x1b, 0, 0x80, 0x80, 0]);
    while (turns.length !== 0) turn();
    expect(sanitize.outcome).toBe('GOOD');
    expect([...block(unit, 0), ...block(unit, 8191)].every((byte) => byte === 0xaa)).toBe(true);
  });

  it('IMMED is answered at once', () => {
    const { unit, turn, turns } = slow(false);
    expect(run(unit, overwriteCdb(list, IMMED), { dataOut: list }).outcome).toBe('GOOD');
    expect(run(unit, new Uint8Array(6)).outcome).toContain(IN_PROGRESS);
    while (turns.length !== 0) turn();
    expect(run(unit, new Uint8Array(6)).outcome).toBe('GOOD');
  });

  it('it survives an abort and a reset of the unit', () => {
    const { unit, turn, turns } = slow(false);
    const sanitize = run(unit, overwriteCdb(list), { dataOut: list });
    let aborted = false;
    unit.tasks.abort([sanitize], () => {
      aborted = true;
    });
    unit.reset();
    expect([aborted, sanitize.delivered]).toEqual([true, false]);
    while (unit.links.values().next().value!.hasAttention) unit.links.values().next().value!.takeAttention();
    expect(run(unit, new Uint8Array(6)).outcome).toContain(IN_PROGRESS);
    while (turns.length !== 0) turn();
    expect(block(unit, 8191)).toEqual(filled(0xaa));
  });

  it('what ran before it is waited for', () => {
    const { unit, store } = makeTestUnit({ deferred: true });
    const write = run(unit, cdb10(0x2a, 0, 1), { dataOut: filled(1) });
    const sanitize = run(unit, overwriteCdb(list), { dataOut: list });
    expect(store.calls.writes).toBe(1);
    store.completeAll();
    expect([write.outcome, sanitize.outcome, store.bytes[0]]).toEqual(['GOOD', 'GOOD', 0xaa]);
  });

  it('a store that completes at once does not deepen the stack, whatever the size', () => {
    const store = new MemoryStore({ sizeBytes: 2 ** 45, thin: true });
    const unit = unitOver(store);
    expect(run(unit, sanitizeCdb(BLOCK_ERASE!)).outcome).toBe('GOOD');
  });
});

/** A unit whose sanitize operation went wrong. */
const failing = (flags: number) => {
  const { unit, store } = makeTestUnit({ thin: true });
  store.failNext = { fault: 'write', message: 'injected' };
  const command = run(unit, sanitizeCdb(BLOCK_ERASE!, 0, flags));
  expect(command.outcome).toContain('MEDIUM ERROR: sanitize command failed');
  expect(run(unit, cdb10(0x28, 0, 1)).outcome).toContain('MEDIUM ERROR: sanitize command failed');
  return unit;
};

describe('a sanitize operation that failed', () => {
  it('keeps everybody out until it is repeated', () => {
    const unit = failing(0);
    expect(run(unit, sanitizeCdb(EXIT!)).outcome).toContain('invalid field in CDB');
    expect(run(unit, sanitizeCdb(CRYPTOGRAPHIC_ERASE!)).outcome).toBe('GOOD');
    expect(run(unit, cdb10(0x28, 0, 1)).outcome).toBe('GOOD');
  });

  it('can be given up where AUSE allowed it', () => {
    const unit = failing(AUSE!);
    expect(run(unit, sanitizeCdb(EXIT!, 8), { dataOut: new Uint8Array(8) }).outcome).toContain('CDB byte 7');
    expect(run(unit, sanitizeCdb(EXIT!)).outcome).toBe('GOOD');
    expect(run(unit, cdb10(0x28, 0, 1)).outcome).toBe('GOOD');
  });

  it('is nothing to leave where there is none', () => expect(run(makeUnit(), sanitizeCdb(EXIT!)).outcome).toBe('GOOD'));
});
