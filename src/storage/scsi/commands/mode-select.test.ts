import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSenseFor } from '../sense-format.ts';
import { linkOf, makeTestUnit, makeUnit, run } from '../testing/test-command.ts';
import type { LogicalUnit } from '../logical-unit.ts';

const LIST_LENGTH_ERROR = 'CHECK CONDITION ILLEGAL REQUEST: parameter list length error (1ah/00h)';

const page = (unit: LogicalUnit, code: number): number[] => [...run(unit, [0x1a, 8, code, 0, 255, 0]).bytes.subarray(4)];
const select6 = (unit: LogicalUnit, list: readonly number[], length = list.length) =>
  run(unit, [0x15, 0x10, 0, 0, length, 0], { dataOut: list });
const select10 = (unit: LogicalUnit, list: readonly number[]) =>
  run(unit, [0x55, 0x10, 0, 0, 0, 0, 0, list.length >>> 8, list.length & 0xff, 0], { dataOut: list });

/** The page with some bytes changed. */
const edited = (bytes: readonly number[], changes: Record<number, number>): number[] => bytes.map((byte, at) => changes[at] ?? byte);

const SWP_ON = { 4: 0x08 };
const WCE_OFF = { 2: 0x00 };
const WRITE = [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0];
const FAIL = [0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0];

describe('MODE SELECT', () => {
  it('write-protects the unit by SWP, until it is cleared', () => {
    const unit = makeUnit();
    expect(select6(unit, [0, 0, 0, 0, ...edited(page(unit, 0x0a), SWP_ON)]).outcome).toBe('GOOD');
    expect(page(unit, 0x0a)[4]).toBe(0x08);
    expect(run(unit, [0x1a, 8, 0x3f, 0, 255, 0]).bytes[2]).toBe(0x90);
    expect(run(unit, WRITE, { dataOut: new Uint8Array(512) }).outcome).toContain('DATA PROTECT');
    expect(run(unit, [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0]).outcome).toBe('GOOD');
    expect(select10(unit, [0, 0, 0, 0, 0, 0, 0, 0, ...edited(page(unit, 0x0a), { 4: 0 })]).outcome).toBe('GOOD');
    expect(run(unit, WRITE, { dataOut: new Uint8Array(512) }).outcome).toBe('GOOD');
  });

  it('switches the sense format by D_SENSE', () => {
    const unit = makeUnit();
    const format = (): number => encodeSenseFor(unit, run(unit, FAIL).sense!)[0]! & 0x7f;
    expect(format()).toBe(0x70);
    expect(select6(unit, [0, 0, 0, 0, ...edited(page(unit, 0x0a), { 2: 0x06 })]).outcome).toBe('GOOD');
    expect(format()).toBe(0x72);
    expect(encodeSenseFor(undefined, run(unit, FAIL).sense!)[0]! & 0x7f).toBe(0x70);
  });

  it('flushes when the write cache is switched off, and forces every write from then on', () => {
    const { unit, store } = makeTestUnit({ writeBack: true });
    run(unit, WRITE, { dataOut: new Uint8Array(512) });
    expect(store.calls.forcedWrites).toBe(0);
    expect(select6(unit, [0, 0, 0, 0, ...edited(page(unit, 0x08), WCE_OFF)]).outcome).toBe('GOOD');
    expect(store.calls.flushes).toBe(1);
    run(unit, WRITE, { dataOut: new Uint8Array(512) });
    expect(store.calls.forcedWrites).toBe(1);
  });

  it('keeps the write cache on when the flush fails', () => {
    const { unit, store } = makeTestUnit({ writeBack: true });
    const list = [0, 0, 0, 0, ...edited(page(unit, 0x08), WCE_OFF)];
    store.failNext = { fault: 'flush', message: 'no' };
    expect(select6(unit, list).outcome).toContain('MEDIUM ERROR');
    expect(unit.modes.writeCacheEnabled).toBe(true);
  });

  it('tells the others of a change, and only of a change', () => {
    const unit = makeUnit();
    const other = linkOf(unit, 'b');
    const list = [0, 0, 0, 0, ...page(unit, 0x0a)];
    expect(select6(unit, list).outcome).toBe('GOOD');
    expect(other.hasAttention).toBe(false);
    expect(select6(unit, edited(list, { 8: 0x08 })).outcome).toBe('GOOD');
    expect(run(unit, [0, 0, 0, 0, 0, 0], { link: other }).outcome).toContain('mode parameters changed (2ah/01h)');
    expect(run(unit, [0, 0, 0, 0, 0, 0]).outcome).toBe('GOOD');
  });

  it('goes back to the defaults by a reset', () => {
    const unit = makeUnit();
    select6(unit, [0, 0, 0, 0, ...edited(page(unit, 0x0a), SWP_ON)]);
    unit.reset();
    expect(unit.writeProtected).toBe(false);
  });

  it('takes nothing of a list that is wrong somewhere', () => {
    const unit = makeUnit({ writeBack: true });
    const list = [0, 0, 0, 0, ...edited(page(unit, 0x0a), SWP_ON), ...edited(page(unit, 0x08), { 3: 1 })];
    expect(select6(unit, list).outcome).toBe(
      'CHECK CONDITION ILLEGAL REQUEST: invalid field in parameter list (26h/00h), parameter list byte 19 bit 0',
    );
    expect(unit.writeProtected).toBe(false);
  });

  it.each([
    ['PS set', { 4: 0x8a }, 'byte 4 bit 7'],
    ['a subpage', { 4: 0x4a }, 'byte 4 bit 6'],
    ['an unknown page', { 4: 0x07 }, 'byte 4 bit 5'],
    ['a wrong page length', { 5: 0x0b }, 'byte 5'],
    ['a field that is not changeable', { 7: 0x10 }, 'byte 7 bit 4'],
    ['a block descriptor of no length there is', { 3: 4 }, 'byte 3'],
  ])('refuses %s', (_name, changes, where) => {
    const unit = makeUnit();
    expect(select6(unit, edited([0, 0, 0, 0, ...page(unit, 0x0a)], changes)).outcome).toContain(`parameter list ${where}`);
  });

  it('takes a block descriptor that says what is so, and no other', () => {
    const unit = makeUnit();
    const control = page(unit, 0x0a);
    const short = [0, 0, 8, 0, 0, 0, 2, 0];
    expect(select6(unit, [0, 0, 0, 8, ...short, ...control]).outcome).toBe('GOOD');
    expect(select6(unit, [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, ...control]).outcome).toBe('GOOD');
    expect(select6(unit, [0, 0, 0, 8, 0, 0, 4, 0, 0, 0, 2, 0, ...control]).outcome).toContain('parameter list byte 4');
    expect(select6(unit, [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 16, 0, ...control]).outcome).toContain('parameter list byte 9');
    const long = [0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2, 0];
    expect(select10(unit, [0, 0, 0, 0, 1, 0, 0, 16, ...long, ...control]).outcome).toBe('GOOD');
    expect(select10(unit, [0, 0, 0, 0, 0, 0, 0, 16, ...long, ...control]).outcome).toContain('parameter list byte 6');
  });

  it('refuses lists that end too early, also where the initiator sends less than the CDB says', () => {
    const unit = makeUnit();
    const list = [0, 0, 0, 0, ...page(unit, 0x0a)];
    for (const length of [1, 2, 3, 5, 6, list.length - 1]) expect(select6(unit, list.slice(0, length)).outcome).toBe(LIST_LENGTH_ERROR);
    expect(select6(unit, list.slice(0, 10), list.length).outcome).toBe(LIST_LENGTH_ERROR);
    expect(select6(unit, [0, 0, 0, 8, 0, 0]).outcome).toBe(LIST_LENGTH_ERROR);
  });

  it('takes an empty list, a bare header, and neither SP nor a list without PF', () => {
    const unit = makeUnit();
    expect(select6(unit, []).outcome).toBe('GOOD');
    expect(select6(unit, [0, 0, 0, 0]).outcome).toBe('GOOD');
    expect(run(unit, [0x15, 0x11, 0, 0, 4, 0], { dataOut: [0, 0, 0, 0] }).outcome).toContain('CDB byte 1 bit 0');
    expect(run(unit, [0x15, 0x00, 0, 0, 4, 0], { dataOut: [0, 0, 0, 0] }).outcome).toContain('CDB byte 1 bit 4');
  });

  it('answers any list at all, once', () => {
    const unit = makeUnit({ writeBack: true });
    const byte = fc.integer({ min: 0, max: 255 });
    const likely = fc.oneof(byte, fc.constantFrom(0, 8, 0x0a, 0x12, 16));
    fc.assert(
      fc.property(fc.boolean(), fc.array(likely, { maxLength: 80 }), (ten, list) => {
        const command = ten ? select10(unit, list) : select6(unit, list);
        expect(command.outcome).toMatch(/^GOOD$|ILLEGAL REQUEST: (parameter list length error|invalid field in parameter list)/);
      }),
    );
  });
});
