import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['1ns', 1],
    ['5us', 5000],
    ['2.5us', 2500],
    ['0.4ns', 0],
    ['500ms', 500_000_000],
    ['15s', 15_000_000_000],
    ['1.5s', 1_500_000_000],
    ['2m', 120_000_000_000],
    ['1h', 3_600_000_000_000],
  ])('%s', (written, nanos) => {
    expect(parseDuration(written)).toEqual({ value: nanos });
  });

  it.each(['15', 's', '', '-1s', '15 seconds', '25h', '1d'])('%s is refused', (written) => {
    expect(parseDuration(written)).toHaveProperty('wrong');
  });
});
