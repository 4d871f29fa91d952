import { describe, expect, it } from 'vitest';
import { formatVlans, holdsVlan, parseVlanKey, parseVlanRange } from './vlan-list.ts';

describe('parseVlanRange', () => {
  it.each([
    [10, 10, 10],
    ['10', 10, 10],
    ['20-29', 20, 29],
    ['4094', 4094, 4094],
    ['all', 1, 4094],
  ])('%s', (written, first, last) => {
    expect(parseVlanRange(written)).toEqual({ value: { first, last } });
  });

  it.each([0, 4095, -1, 1.5, '29-20', '0-5', '1-4095', 'ten', '', '1-2-3', 'ALL'])('%s is none', (written) => {
    expect(parseVlanRange(written)).toHaveProperty('wrong');
  });
});

describe('parseVlanKey', () => {
  it.each([
    ['1', 1],
    ['4094', 4094],
  ])('%s', (key, value) => {
    expect(parseVlanKey(key)).toEqual({ value });
  });

  it.each(['0', '010', '4095', '20-29', 'all', ' 10', ''])('`%s` is none', (key) => {
    expect(parseVlanKey(key)).toHaveProperty('wrong');
  });
});

describe('lists of ranges', () => {
  const ranges = [
    { first: 10, last: 10 },
    { first: 20, last: 29 },
  ];

  it('hold what lies in one of them', () => {
    expect([9, 10, 11, 19, 20, 29, 30].filter((vlan) => holdsVlan(ranges, vlan))).toEqual([10, 20, 29]);
    expect(holdsVlan([], 1)).toBe(false);
  });

  it('are written as they are read', () => expect(formatVlans(ranges)).toBe('10, 20-29'));
});
