import { describe, expect, it } from 'vitest';
import { parsePortKey, portNames } from './port-names.ts';

describe('port keys', () => {
  it.each([
    ['1', ['1']],
    ['1-3', ['1', '2', '3']],
    ['47-48', ['47', '48']],
    ['8-8', ['8']],
    ['Ethernet1/1', ['Ethernet1/1']],
    ['ge-0/0/1', ['ge-0/0/1']],
    ['A1-A4', ['A1-A4']],
  ])('%s', (key, names) => {
    expect(portNames(key)).toEqual(names);
  });

  it.each(['0-3', '3-1', '1-1025', '1-99999', '', 'a b', 'port:1', 'x'.repeat(65)])('`%s` is none', (key) => {
    expect(parsePortKey(key)).toHaveProperty('wrong');
    expect(portNames(key)).toEqual([]);
  });

  it('is as long as the longest switch', () => expect(portNames('1-1024')).toHaveLength(1024));
});
