import { describe, expect, it } from 'vitest';
import { PcapngCount } from './pcapng-count.ts';
import { numberIn, percentText, shareIn } from './share-input.ts';

describe('what is typed', () => {
  it('is a share in percent', () => {
    expect(['1', '0.01', '100', '', ' 2,5 % '].map(shareIn)).toEqual([0.01, 0.0001, 1, 0, 0.025]);
    expect(['101', '-1', 'x', '1e3', '1.'].map(shareIn)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('is shown as it was typed', () => {
    for (const text of ['0', '1', '0.01', '12.5', '100']) expect(percentText(shareIn(text)!)).toBe(text);
  });

  it('is a number', () => {
    expect(numberIn('15')).toBe(15);
    expect(numberIn('Infinity')).toBeUndefined();
  });
});

/** A block of pcapng: type, length, body, length again. */
function block(type: number, bytes: number): Uint8Array {
  const made = new Uint8Array(bytes);
  const view = new DataView(made.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes, true);
  view.setUint32(bytes - 4, bytes, true);
  return made;
}

describe('a capture that comes in', () => {
  const blocks = [block(0x0a0d0d0a, 28), block(1, 20), block(6, 100), block(6, 36), block(5, 24)];
  const whole = new Uint8Array(blocks.flatMap((one) => [...one]));

  it.each([1, 3, 7, 64, 1000])('is counted in pieces of %i bytes', (size) => {
    const count = new PcapngCount();
    for (let at = 0; at < whole.length; at += size) count.push(whole.subarray(at, at + size));
    expect([count.frames, count.wholeBytes]).toEqual([2, whole.length]);
  });

  it('that is broken off ends with its last whole block', () => {
    const count = new PcapngCount();
    count.push(whole.subarray(0, 28 + 20 + 100 + 10));
    expect(count.wholeBytes).toBe(28 + 20 + 100);
  });
});
