import { describe, expect, it } from 'vitest';
import { alternatives, suggest } from './suggest.ts';

const known = ['blockSize', 'physicalBlockSize', 'size', 'store', 'readOnly', 'provisioning', 'lun', 'path'];

describe('suggest', () => {
  it.each([
    ['blocksize', 'blockSize'],
    ['block_size', 'blockSize'],
    ['read-only', 'readOnly'],
    ['sise', 'size'],
    ['szie', 'size'],
    ['provision', 'provisioning'],
    ['provisoining', 'provisioning'],
    ['stor', 'store'],
  ])('%s: %s', (written, meant) => {
    expect(suggest(written, known)).toBe(meant);
  });

  it.each(['colour', '', 'x'.repeat(1000), 'vendor'])('%s: nothing near', (written) => {
    expect(suggest(written, known)).toBeUndefined();
  });

  it('knows nothing where nothing is known', () => {
    expect(suggest('size', [])).toBeUndefined();
  });
});

it('alternatives', () => {
  expect([alternatives([]), alternatives(['a']), alternatives([512, 4096]), alternatives(['a', 'b', 'c'])]).toEqual([
    '',
    '`a`',
    '`512` or `4096`',
    '`a`, `b` or `c`',
  ]);
});
