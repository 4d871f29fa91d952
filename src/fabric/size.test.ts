import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, parseSize } from './size.ts';

describe('parseSize', () => {
  it.each([
    ['64MiB', 64 * 2 ** 20],
    ['1GiB', 2 ** 30],
    ['2TiB', 2 ** 41],
    ['1.5 KiB', 1536],
    ['1MB', 1_000_000],
    ['3kB', 3000],
    ['512', 512],
    ['512B', 512],
    [4096, 4096],
  ])('%s', (written, bytes) => {
    expect(parseSize(written)).toEqual({ value: bytes });
  });

  it.each([
    ['64M', '64MiB'],
    ['64mib', '64MiB'],
    ['1g', '1GiB'],
    ['1XiB', '64MiB'],
    ['', '64MiB'],
    ['-1MiB', '64MiB'],
    ['0', '64MiB'],
    ['0.1B', '64MiB'],
    ['5000TiB', '1024TiB'],
    [1.5, '64MiB'],
    [Number.NaN, '64MiB'],
    [Number.POSITIVE_INFINITY, '64MiB'],
  ])('%s is refused, with something better', (written, better) => {
    expect(parseSize(written)).toMatchObject({ remedy: expect.stringContaining(better) });
  });

  it('reads what formatSize writes', () => {
    assert(
      property(integer({ min: 1, max: 2 ** 50 }), (bytes) => {
        expect(parseSize(formatSize(bytes))).toEqual({ value: bytes });
      }),
    );
  });
});
