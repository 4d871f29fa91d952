import { describe, expect, it } from 'vitest';
import { formatRate, parseRate } from './rate.ts';

describe('parseRate', () => {
  it.each([
    ['10G', 10e9],
    ['2.5G', 2.5e9],
    ['25 Gb/s', 25e9],
    ['100Mbps', 100e6],
    ['100mbit/s', 100e6],
    ['1.6T', 1.6e12],
    ['1k', 1000],
    [1_000_000, 1e6],
  ])('%s', (written, value) => {
    expect(parseRate(written)).toEqual({ value });
  });

  it.each(['10', '', 'fast', '10 Q', '-1G', '10GB', '1e9', '10G extra'])('%s is no rate', (written) => {
    expect(parseRate(written)).toHaveProperty('wrong');
  });

  it.each([0, 999, '1.7T', 'NaN', Number.NaN, Number.POSITIVE_INFINITY, -1])('%s is out of range, or none', (written) => {
    expect(parseRate(written)).toHaveProperty('wrong');
  });
});

describe('formatRate', () => {
  it.each([
    [10e9, '10 Gb/s'],
    [2.5e9, '2.5 Gb/s'],
    [100e6, '100 Mb/s'],
    [64e3, '64 kb/s'],
    [1e3, '1 kb/s'],
    [1.6e12, '1600 Gb/s'],
  ])('%s', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
    expect(parseRate(text)).toEqual({ value: rate });
  });
});
