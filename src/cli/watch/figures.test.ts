import { array, assert, double, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countText, decimalText, gigabitsText, latencyText, loadText, megabytesText, sparkline, styleOf } from './figures.ts';
import { fit, fitEnd, widthOf } from './fit.ts';

const RICH = { unicode: true };
const PLAIN = { unicode: false };

describe('figures', () => {
  it('have the digits that matter', () => {
    expect([0, 0.4, 12_345, 99_999.6, 123_456, 1_254_000, 999_999].map(countText)).toEqual([
      '0',
      '0',
      '12345',
      '100k',
      '123k',
      '1.25M',
      '1M',
    ]);
    expect([0, 0.01, 0.44, 12.34, 99.94, 99.96, 1234].map(decimalText)).toEqual(['0', '0.0', '0.4', '12.3', '99.9', '100', '1234']);
    expect([0, 3e6, 4.567e9, 41.2e9, 412e9].map(gigabitsText)).toEqual(['0', '0.00', '4.57', '41.2', '412']);
    expect(megabytesText(101_230_000)).toBe('101');
    expect([0, 0.0004, 0.034, 0.571, 1].map(loadText)).toEqual(['0%', '<0.1%', '3.4%', '57%', '100%']);
    expect([latencyText(0, RICH), latencyText(87_340, RICH), latencyText(87_340, PLAIN), latencyText(1.25e6, RICH)]).toEqual([
      '-',
      '87.3µs',
      '87.3us',
      '1.25ms',
    ]);
  });

  it('never take more than six columns', () => {
    assert(
      property(double({ min: 0, max: 1e14, noNaN: true }), (value) => {
        for (const text of [countText(value), decimalText(value), megabytesText(value), gigabitsText(value)])
          expect(text.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('sparkline', () => {
  it('has the latest on the right, and what is not nothing is seen', () => {
    expect(sparkline([0, 1, 50, 100], 6, RICH)).toBe('   ▁▄█');
    expect(sparkline([0, 1, 50, 100], 6, PLAIN)).toBe('   .=#');
    expect(sparkline([], 3, RICH)).toBe('   ');
    expect(sparkline([0, 0], 3, RICH)).toBe('   ');
  });

  it('keeps peaks where there are more values than columns', () => {
    expect(sparkline([0, 0, 8, 0, 4, 0], 3, RICH)).toBe(' █▄');
  });

  it('is as wide as it is told', () => {
    assert(
      property(array(double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 80 }), integer({ min: 0, max: 70 }), (values, columns) => {
        expect(sparkline(values, columns, RICH)).toHaveLength(columns);
      }),
    );
  });
});

describe('text that is made to fit', () => {
  it('is cut at the end, or at the front', () => {
    expect(fit('abcdef', 4, RICH)).toBe('abc…');
    expect(fit('abcdef', 4, PLAIN)).toBe('abc~');
    expect(fitEnd('abcdef', 4, RICH)).toBe('…def');
    expect(fit('ab', 4, RICH)).toBe('ab  ');
  });

  it('counts columns, not characters', () => {
    expect([widthOf('日本'), widthOf('e\u0301'), widthOf('👍'), widthOf('µs')]).toEqual([4, 1, 2, 2]);
    expect(fit('日本語', 4, RICH)).toBe('日… ');
    expect(fitEnd('日本語', 4, RICH)).toBe('…語 ');
  });

  it('takes exactly its columns, and moves no cursor', () => {
    assert(
      property(string({ unit: 'binary' }), integer({ min: 0, max: 30 }), (text, columns) => {
        for (const cut of [fit(text, columns, RICH), fitEnd(text, columns, RICH)]) {
          expect(widthOf(cut)).toBe(columns);
          expect(cut).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/); // oxlint-disable-line no-control-regex
        }
      }),
    );
  });
});

it('what a terminal shows is told by its locale', () => {
  expect(styleOf({ LANG: 'en_US.UTF-8' }).unicode).toBe(true);
  expect(styleOf({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }).unicode).toBe(false);
  expect(styleOf({ LC_ALL: '', LC_CTYPE: 'C.utf8' }).unicode).toBe(true);
  expect(styleOf({}).unicode).toBe(false);
});
