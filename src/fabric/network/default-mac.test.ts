import { expect, it } from 'vitest';
import { formatMac, isGroupMac } from '../../wire/ethernet/mac.ts';
import { defaultMac } from './default-mac.ts';

// FNV-1a as computed elsewhere.
it('is the same for the same names, from one version to the next', () =>
  expect([defaultMac('rack', 'esx1', 'nic0'), defaultMac('rack', 'esx1', 'nic1'), defaultMac('rack', 'tor1', '')].map(formatMac)).toEqual([
    '02:89:67:e6:96:7f',
    '02:d5:66:e6:94:ec',
    '02:9d:1a:de:5f:64',
  ]));

it('is locally administered, of one station, and another for other names', () => {
  const all = Array.from({ length: 5000 }, (_, index) => defaultMac('rack', `esx${index >> 2}`, `nic${index & 3}`));
  expect(new Set(all).size).toBe(5000);
  expect(all.filter((mac) => isGroupMac(mac) || !formatMac(mac).startsWith('02:'))).toEqual([]);
  expect(defaultMac('a', 'b', 'c')).not.toBe(defaultMac('other', 'b', 'c'));
});
