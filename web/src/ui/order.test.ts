import { describe, expect, it } from 'vitest';
import { filtered, ordered } from './order.ts';

describe('rows', () => {
  it('are put in order as people count', () => {
    const ports = ['tor1:10', 'tor1:9', 'Tor1:1'];
    expect(ordered(ports, (port) => port, false)).toEqual(['Tor1:1', 'tor1:9', 'tor1:10']);
    expect(ordered([3, 20, 100], (value) => value, true)).toEqual([100, 20, 3]);
  });

  it('stay in their order where they are equal, and the list given stays as it is', () => {
    const rows = [
      { name: 'b', value: 1 },
      { name: 'a', value: 1 },
    ];
    expect(ordered(rows, ({ value }) => value, true).map(({ name }) => name)).toEqual(['b', 'a']);
    expect(rows[0]!.name).toBe('b');
  });

  it('are found by all of the words, in any order and case', () => {
    const rows = ['esx1 array1 CHAP', 'esx2 array1 none'];
    expect(filtered(rows, ' chap ESX1 ', (row) => row)).toEqual([rows[0]]);
    expect(filtered(rows, '  ', (row) => row)).toBe(rows);
    expect(filtered(rows, 'esx1 none', (row) => row)).toEqual([]);
  });
});
