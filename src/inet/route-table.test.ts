import { expect, it } from 'vitest';
import { address, ANY_IPV4, ANY_IPV6 } from '../wire/ip/address.ts';
import { describeRoute, RouteTable } from './route-table.ts';

it('takes the longest prefix, the lowest metric, the oldest', () => {
  const table = new RouteTable<string>();
  const add = (prefix: string, bits: number, out: string, metric = 0): void =>
    table.add({ prefix: address(prefix), bits, via: undefined, out, metric });
  table.add({ prefix: ANY_IPV4, bits: 0, via: address('192.0.2.254'), out: 'default', metric: 0 });
  table.add({ prefix: ANY_IPV6, bits: 0, via: address('fe80::1'), out: 'default6', metric: 0 });
  add('192.0.2.77', 24, 'lan', 10);
  add('192.0.2.0', 24, 'other', 20);
  add('192.0.2.0', 24, 'late', 10);
  add('192.0.2.128', 25, 'upper');
  add('2001:db8::', 32, 'six');
  const out = (text: string): string | undefined => table.lookup(address(text))?.out;
  expect(['192.0.2.1', '192.0.2.200', '198.51.100.1', '2001:db8::5', '2001:db9::'].map(out)).toEqual([
    'lan',
    'upper',
    'default',
    'six',
    'default6',
  ]);
  const { generation } = table;
  table.remove((route) => route.out === 'lan' || route.bits === 0);
  expect(['192.0.2.1', '198.51.100.1', '2001:db9::'].map(out)).toEqual(['late', undefined, undefined]);
  expect(table.generation).toBeGreaterThan(generation);
  expect(table.list().map(describeRoute)).toEqual([
    '2001:db8::/32 metric 0',
    '192.0.2.128/25 metric 0',
    '192.0.2.0/24 metric 10',
    '192.0.2.0/24 metric 20',
  ]);
});
