import { describe, expect, it } from 'vitest';
import { linkOf, makeTestUnit, makeUnit, run, testNexus } from './test-command.ts';

describe('the test device server', () => {
  it('writes and reads a block', () => {
    const unit = makeUnit();
    expect(run(unit, [0x0a, 0, 0, 5, 1, 0], { dataOut: new Uint8Array(512).fill(7) }).outcome).toBe('GOOD');
    const read = run(unit, [0x08, 0, 0, 5, 1, 0]);
    expect(read.outcome).toBe('GOOD');
    expect(read.bytes).toEqual(new Uint8Array(512).fill(7));
  });

  it('leaves the power-on attention to a nexus made by hand', () => {
    const unit = makeUnit();
    const link = unit.link(testNexus('b'));
    expect(run(unit, [0x08, 0, 0, 5, 1, 0], { link }).outcome).toContain('UNIT ATTENTION: power on');
    expect(run(unit, [0x08, 0, 0, 5, 1, 0], { link: linkOf(unit, 'b') }).outcome).toBe('GOOD');
  });

  it('completes a deferred store when told', () => {
    const { unit, store } = makeTestUnit({ deferred: true });
    const read = run(unit, [0x08, 0, 0, 5, 1, 0]);
    expect(read.outcome).toBe('pending');
    store.completeAll();
    expect(read.outcome).toBe('GOOD');
  });

  it('tells mapped from unmapped', () => {
    const { store } = makeTestUnit({ thin: true });
    store.write(4096, [new Uint8Array(100)], { fua: false, stable: true }, () => {});
    store.allocation(0, 16384, 8, (_, runs) =>
      expect(runs).toEqual([
        { lengthBytes: 4096, mapped: false },
        { lengthBytes: 4096, mapped: true },
        { lengthBytes: 8192, mapped: false },
      ]),
    );
    expect.assertions(1);
  });
});
