import { describe, expect, it } from 'vitest';
import { bitRateText, byteRateText, bytesText, countText, durationText, latencyText, nanosText, shareText, shortName } from './format.ts';

/** As it is written here: with an ordinary space. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('figures', () => {
  it('have three digits and a unit', () => {
    expect([0, 1, 9.5, 42, 999, 1000, 12_345, 999_499, 999_600, 1.5e9].map((value) => plain(countText(value)))).toEqual([
      '0',
      '1',
      '9.5',
      '42',
      '999',
      '1 k',
      '12.3 k',
      '999 k',
      '1.00 M',
      '1.50 G',
    ]);
  });

  it('of rates and sizes', () => {
    expect(plain(bitRateText(24_300_000_000))).toBe('24.3 Gb/s');
    expect(plain(byteRateText(0))).toBe('0 B/s');
    expect(plain(byteRateText(103_400_000))).toBe('103 MB/s');
    expect(plain(bytesText(64 * 1024 * 1024))).toBe('64 MiB');
    expect(plain(bytesText(1023.9))).toBe('1.00 KiB');
  });

  it('of times', () => {
    expect([15, 84_200, 1_500_000, 10e9].map((value) => plain(nanosText(value)))).toEqual(['15 ns', '84.2 µs', '1.50 ms', '10 s']);
    expect(latencyText(0)).toBe('–');
    expect([3000, 65_000, 3_725_000, 90_000_000].map((value) => plain(durationText(value)))).toEqual([
      '3 s',
      '1 min 5 s',
      '1 h 2 min',
      '1 d 1 h',
    ]);
  });

  it('of shares', () => {
    expect([0, 0.00001, 0.0123, 0.15, 1].map((value) => plain(shareText(value)))).toEqual(['0 %', '< 0.01 %', '1.23 %', '15 %', '100 %']);
  });

  it('leave names that are not of the form alone', () => {
    expect(shortName('iqn.2026-01.net.samewire:rack')).toBe('rack');
    expect(shortName('eui.02004567A425678D')).toBe('eui.02004567A425678D');
  });
});
