import { describe, expect, it } from 'vitest';
import { fromHex, hex } from '../../../base/bytes.ts';
import type { AccessState } from '../access-states.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { TargetPort } from '../nexus.ts';
import { linkOf, makeUnit, run, testPorts } from '../testing/test-command.ts';

const report = (unit: LogicalUnit, extended = false, allocation = 255) =>
  run(unit, [0xa3, extended ? 0x2a : 0x0a, 0, 0, 0, 0, 0, 0, 0, allocation, 0, 0]);
const set = (unit: LogicalUnit, list: readonly number[], length = list.length) =>
  run(unit, [0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, length, 0, 0], { dataOut: list });
const LIST_LENGTH_ERROR = 'CHECK CONDITION ILLEGAL REQUEST: parameter list length error (1ah/00h)';

describe('REPORT TARGET PORT GROUPS', () => {
  it('has a descriptor a group and an entry a port, behind either header', () => {
    const unit = makeUnit();
    expect(report(unit).bytes).toEqual(fromHex('00000018 00cf000100000001 00000001 00cf000200000001 00000002'));
    expect(report(unit, true).bytes.subarray(0, 12)).toEqual(fromHex('0000001c 10000000 00cf0001'));
    expect(run(unit, [0xa3, 0x4a, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0]).outcome).toContain('CDB byte 1 bit 6');
  });

  it('collects the ports of a group', () => {
    const ports: readonly TargetPort[] = [1, 2, 3].map((id) => ({ relativeId: id, name: `p${id}`, groupId: id === 2 ? 7 : 5 }));
    const { bytes } = report(makeUnit({ ports }));
    expect(bytes).toEqual(fromHex('0000001c 00cf000500000002 00000001 00000003 00cf000700000001 00000002'));
  });

  it('tells which groups are preferred, and how long a transition takes', () => {
    const unit = makeUnit();
    unit.accessStates.prefer(2, true);
    unit.accessStates.prefer(1, true);
    unit.accessStates.prefer(1, false);
    unit.accessStates.transitionSeconds = 30;
    expect(hex(report(unit, true).bytes)).toBe('0000001c101e000000cf0001000000010000000180cf00020000000100000002');
    expect(hex(report(unit).bytes.subarray(0, 8))).toBe('0000001800cf0001');
  });

  it('is cut to the allocation length, its own length untouched', () => {
    expect(hex(report(makeUnit(), false, 4).bytes)).toBe('00000018');
  });
});

describe('SET TARGET PORT GROUPS', () => {
  it('sets states, says so, and tells everybody else', () => {
    const unit = makeUnit();
    const other = linkOf(unit, 'b');
    expect(set(unit, [0, 0, 0, 0, 0x02, 0, 0, 2]).outcome).toBe('GOOD');
    expect(hex(report(unit).bytes.subarray(16, 24))).toBe('02cf000200010001');
    expect(run(unit, [0, 0, 0, 0, 0, 0]).outcome).toBe('GOOD');
    expect(run(unit, [0, 0, 0, 0, 0, 0], { link: other }).outcome).toContain('asymmetric access state changed (2ah/06h)');
  });

  it('tells nobody of a state that was so before', () => {
    const unit = makeUnit();
    const other = linkOf(unit, 'b');
    expect(set(unit, [0, 0, 0, 0, 0, 0, 0, 1]).outcome).toBe('GOOD');
    expect(other.hasAttention).toBe(false);
  });

  it.each([
    ['a transitioning state', [0x0f, 0, 0, 1], 'byte 4 bit 3'],
    ['an offline state', [0x0e, 0, 0, 1], 'byte 4 bit 3'],
    ['a group there is not', [0x00, 0, 0, 9], 'byte 6'],
    ['a group named twice', [0x01, 0, 0, 1, 0x02, 0, 0, 1], 'byte 10'],
  ])('refuses %s, and changes nothing', (_name, descriptors, where) => {
    const unit = makeUnit();
    const before = report(unit).bytes;
    expect(set(unit, [0, 0, 0, 0, ...descriptors]).outcome).toContain(`parameter list ${where}`);
    expect(report(unit).bytes).toEqual(before);
  });

  it('takes an empty list, and none that ends within a descriptor', () => {
    const unit = makeUnit();
    expect(set(unit, []).outcome).toBe('GOOD');
    expect(set(unit, [0, 0, 0, 0]).outcome).toBe('GOOD');
    expect(set(unit, [0, 0, 0]).outcome).toBe(LIST_LENGTH_ERROR);
    expect(set(unit, [0, 0, 0, 0, 1, 0]).outcome).toBe(LIST_LENGTH_ERROR);
    expect(set(unit, [0, 0, 0, 0], 8).outcome).toBe(LIST_LENGTH_ERROR);
    expect(
      set(
        unit,
        Array.from({ length: 16 }, () => 0),
      ).outcome,
    ).toBe(LIST_LENGTH_ERROR);
  });
});

describe('access states', () => {
  const read = [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0];
  const always = {
    INQUIRY: [0x12, 0, 0, 0, 96, 0],
    'REPORT LUNS': [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0],
    'REQUEST SENSE': [0x03, 0, 0, 0, 18, 0],
    'REPORT TARGET PORT GROUPS': [0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0],
    'SET TARGET PORT GROUPS': [0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  };

  it.each([
    ['standby', '(04h/0bh)'],
    ['unavailable', '(04h/0ch)'],
    ['transitioning', '(04h/0ah)'],
    ['offline', '(04h/12h)'],
  ] as const)('%s lets through only what tells of the unit', (state: AccessState, code) => {
    const unit = makeUnit();
    const link = linkOf(unit);
    unit.setAccessState(1, state);
    expect(run(unit, read, { link }).outcome).toContain('asymmetric access state changed');
    expect(run(unit, read, { link }).outcome).toContain(`NOT READY`);
    expect(run(unit, read, { link }).outcome).toContain(code);
    for (const [name, cdb] of Object.entries(always)) expect([name, run(unit, cdb, { link }).outcome]).toEqual([name, 'GOOD']);
    const modeSense = run(unit, [0x1a, 0, 0x3f, 0, 255, 0], { link }).outcome;
    if (state === 'standby') expect(modeSense).toBe('GOOD');
    else expect(modeSense).toContain('NOT READY');
    expect(run(unit, read, { link: linkOf(unit, 'a', testPorts[1]) }).outcome).toBe('GOOD');
  });

  it('unavailable shows in what INQUIRY says through that port', () => {
    const unit = makeUnit();
    unit.setAccessState(1, 'unavailable');
    expect(run(unit, always.INQUIRY).bytes[0]).toBe(0x20);
    expect(run(unit, always.INQUIRY, { link: linkOf(unit, 'a', testPorts[1]) }).bytes[0]).toBe(0x00);
    unit.setAccessState(1, 'standby');
    expect(run(unit, always.INQUIRY).bytes[0]).toBe(0x00);
  });

  it('changed by the device itself are reported as implicit, to everybody', () => {
    const unit = makeUnit();
    const link = linkOf(unit);
    unit.setAccessState(2, 'active-nonoptimized');
    expect(link.hasAttention).toBe(true);
    link.takeAttention();
    expect(hex(report(unit).bytes.subarray(16, 24))).toBe('01cf000200020001');
  });
});
