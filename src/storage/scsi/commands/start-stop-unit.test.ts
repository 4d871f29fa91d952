import { describe, expect, it } from 'vitest';
import { linkOf, makeTestUnit, makeUnit, run } from '../testing/test-command.ts';

const TEST_UNIT_READY = [0, 0, 0, 0, 0, 0];
const START = 1;
const LOEJ = 2;
const NO_FLUSH = 4;
const startStop = (flags: number, immed = 0): number[] => [0x1b, immed, 0, 0, flags, 0];
const prevent = (on: number): number[] => [0x1e, 0, 0, 0, on, 0];
const PREVENTED = 'CHECK CONDITION ILLEGAL REQUEST: medium removal prevented (53h/02h)';
const NO_MEDIUM = 'CHECK CONDITION NOT READY: medium not present - tray open (3ah/02h)';

describe('START STOP UNIT', () => {
  it.each([0, 1])('ejects and loads the medium of a removable unit, IMMED %d', (immed) => {
    const unit = makeUnit({ removable: true });
    const other = linkOf(unit, 'b');
    expect(run(unit, startStop(LOEJ, immed)).outcome).toBe('GOOD');
    for (const cdb of [TEST_UNIT_READY, [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0]]) {
      expect(run(unit, cdb).outcome).toBe(NO_MEDIUM);
    }
    expect(run(unit, [0x12, 0, 0, 0, 96, 0]).outcome).toBe('GOOD');
    expect(run(unit, startStop(LOEJ, immed)).outcome).toBe('GOOD');
    expect(other.hasAttention).toBe(false);
    expect(run(unit, startStop(LOEJ | START, immed)).outcome).toBe('GOOD');
    expect(run(unit, TEST_UNIT_READY).outcome).toBe('GOOD');
    expect(run(unit, TEST_UNIT_READY, { link: other }).outcome).toContain('medium may have changed (28h/00h)');
  });

  it('has nothing to eject from a fixed unit', () => {
    expect(run(makeUnit(), startStop(LOEJ)).outcome).toContain('CDB byte 4 bit 1');
    expect(run(makeUnit(), startStop(LOEJ | START)).outcome).toContain('CDB byte 4 bit 1');
  });

  it('keeps the unit ready without LOEJ, and with any power condition', () => {
    const unit = makeUnit({ removable: true });
    for (const cdb of [0, START, NO_FLUSH, NO_FLUSH | START].flatMap((flags) => [startStop(flags), startStop(flags, 1)])) {
      expect(run(unit, cdb).outcome).toBe('GOOD');
      expect(run(unit, TEST_UNIT_READY).outcome).toBe('GOOD');
    }
    for (let condition = 1; condition < 16; condition += 1) {
      expect(run(unit, startStop((condition << 4) | LOEJ)).outcome).toBe('GOOD');
      expect(run(unit, TEST_UNIT_READY).outcome).toBe('GOOD');
    }
  });

  it('flushes before it stops or ejects, unless told not to, and not before it starts', () => {
    const { unit, store } = makeTestUnit({ removable: true, writeBack: true });
    const flushes = (flags: number): number => {
      const before = store.calls.flushes;
      expect(run(unit, startStop(flags)).outcome).toBe('GOOD');
      return store.calls.flushes - before;
    };
    expect([flushes(0), flushes(NO_FLUSH), flushes(START), flushes(0x30), flushes(LOEJ)]).toEqual([1, 0, 0, 1, 1]);
  });

  it('waits for the flush unless IMMED, and puts the medium back when it fails', () => {
    const { unit, store } = makeTestUnit({ removable: true, writeBack: true, deferred: true });
    store.failNext = { fault: 'flush', message: 'no' };
    const eject = run(unit, startStop(LOEJ));
    expect(eject.outcome).toBe('pending');
    expect(run(unit, TEST_UNIT_READY).outcome).toBe(NO_MEDIUM);
    store.completeAll();
    expect(eject.outcome).toContain('MEDIUM ERROR');
    expect(run(unit, TEST_UNIT_READY).outcome).toBe('GOOD');
    expect(run(unit, startStop(LOEJ, 1)).outcome).toBe('GOOD');
    store.completeAll();
    expect(run(unit, TEST_UNIT_READY).outcome).toBe(NO_MEDIUM);
  });
});

describe('PREVENT ALLOW MEDIUM REMOVAL', () => {
  it('holds the medium for every nexus, in both directions, until all allow', () => {
    const unit = makeUnit({ removable: true });
    const other = linkOf(unit, 'b');
    expect(run(unit, prevent(1)).outcome).toBe('GOOD');
    expect(run(unit, startStop(LOEJ)).outcome).toBe(PREVENTED);
    expect(run(unit, startStop(LOEJ), { link: other }).outcome).toBe(PREVENTED);
    expect(run(unit, prevent(1), { link: other }).outcome).toBe('GOOD');
    run(unit, prevent(0));
    expect(run(unit, startStop(LOEJ)).outcome).toBe(PREVENTED);
    run(unit, prevent(0), { link: other });
    expect(run(unit, startStop(LOEJ)).outcome).toBe('GOOD');
    run(unit, prevent(1));
    expect(run(unit, startStop(LOEJ | START)).outcome).toBe(PREVENTED);
  });

  it('ends with a reset and with the loss of its nexus', () => {
    const unit = makeUnit({ removable: true });
    const link = linkOf(unit);
    run(unit, prevent(1));
    unit.reset();
    expect(link.preventsRemoval).toBe(false);
    while (link.hasAttention) link.takeAttention();
    run(unit, prevent(1));
    expect(link.preventsRemoval).toBe(true);
    unit.nexusLost(link);
    expect(link.preventsRemoval).toBe(false);
  });

  it('is unknown to a fixed unit, and takes no obsolete values', () => {
    expect(run(makeUnit(), prevent(1)).outcome).toContain('invalid command operation code');
    expect(run(makeUnit({ removable: true }), prevent(2)).outcome).toContain('CDB byte 4 bit 1');
  });
});
