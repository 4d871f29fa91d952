import { expect, it } from 'vitest';
import { describePath, describeWhere } from './positions.ts';

const words = (...path: (string | number)[]): string => describeWhere(describePath(path));

it('describes a place for a sentence', () => {
  expect(words()).toBe('the fabric');
  expect(words('seed')).toBe('`seed`');
  expect(words('hosts')).toBe('`hosts`');
  expect(words('hosts', 'esx1')).toBe('host `esx1`');
  expect(words('hosts', '1st-host', 'nics', 'nic0', 'mtu')).toBe('`nics.nic0.mtu` of host `1st-host`');
  expect(words('switches', 'tor1', 'ports', '1-8')).toBe('`ports["1-8"]` of switch `tor1`');
  expect(words('arrays', 'array1', 'portals', 0)).toBe('`portals[0]` of array `array1`');
  expect(words('arrays', 'array1', 'targets', 'iqn.2026-01.net.example:disk1', 'luns', 0)).toBe(
    '`targets["iqn.2026-01.net.example:disk1"].luns[0]` of array `array1`',
  );
  expect(words('links', 2)).toBe('link 3');
  expect(words('links', 2, 'rate')).toBe('`rate` of link 3');
  expect(words('links', 2, 'ends', 0)).toBe('`ends[0]` of link 3');
});
