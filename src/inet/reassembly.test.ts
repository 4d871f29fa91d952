import { array, assert, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { below, seededRng } from '../base/rng.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { defaultReassemblyLimits, type Fragment, Reassembly, type ReassemblyLimits } from './reassembly.ts';

const bench = (limits: Partial<ReassemblyLimits> = {}) => {
  const clock = new VirtualClock();
  const late: Uint8Array[] = [];
  const reassembly = new Reassembly(clock, { timedOut: (first) => late.push(first), full() {} }, { ...defaultReassemblyLimits, ...limits });
  return { clock, late, reassembly };
};

/** `bytes` of a packet from `offset` on, each with the value of its place. */
const piece = (offset: number, bytes: number, more: boolean): Fragment => ({
  frame: Uint8Array.from({ length: bytes + 2 }, (_, index) => (offset + index - 2) & 0xff),
  packetAt: 0,
  at: 2,
  end: bytes + 2,
  offset,
  more,
});

describe('Reassembly', () => {
  it('puts fragments together in whatever order they come, once', () => {
    assert(
      property(array(integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 20 }), integer({ min: 1, max: 1e6 }), (units, seed) => {
        const { reassembly } = bench();
        const rng = seededRng(seed);
        let offset = 0;
        const pieces = units.map((unit, index) => {
          const last = index === units.length - 1;
          const fragment = piece(offset, unit * 8 - (last ? 3 : 0), !last);
          offset += unit * 8 - (last ? 3 : 0);
          return fragment;
        });
        for (let index = pieces.length - 1; index > 0; index -= 1) {
          const other = below(rng, index + 1);
          [pieces[index], pieces[other]] = [pieces[other]!, pieces[index]!];
        }
        // Some come twice.
        const sent = pieces.flatMap((one, index) => (index !== pieces.length - 1 && index % 3 === 0 ? [one, one] : [one]));
        const results = sent.map((one) => reassembly.handleFragment('a', one)).filter((one) => one !== undefined);
        expect(results).toEqual([Uint8Array.from({ length: offset }, (_, index) => index & 0xff)]);
        expect([reassembly.waitingBytes, reassembly.counters.ipReasmOKs]).toEqual([0, 1]);
      }),
    );
  });

  it.each([
    ['a piece that overlaps the one before', [piece(0, 16, true), piece(8, 16, true)]],
    ['a piece that overlaps the one behind', [piece(16, 16, true), piece(8, 16, true)]],
    ['a piece beyond the end', [piece(16, 8, false), piece(24, 8, true)]],
    ['a second end', [piece(16, 8, false), piece(8, 8, false)]],
    ['an end before what has come', [piece(24, 8, true), piece(8, 8, false)]],
    ['a piece that is no whole number of units', [piece(0, 8, true), piece(8, 12, true)]],
    ['a piece beyond the largest packet', [piece(0, 8, true), piece(65528, 16, false)]],
    ['an empty piece', [piece(0, 8, true), piece(8, 0, false)]],
  ] as const)('gives the packet up for %s', (_what, pieces) => {
    const { reassembly } = bench();
    for (const one of pieces) expect(reassembly.handleFragment('a', one)).toBeUndefined();
    expect([reassembly.waitingBytes, reassembly.counters.ipReasmFails]).toEqual([0, 1]);
  });

  it('gives packets up that stay incomplete, and says so where their first fragment came', () => {
    const { clock, late, reassembly } = bench();
    const first = piece(0, 8, true);
    reassembly.handleFragment('a', first);
    clock.run(30 * SECOND);
    reassembly.handleFragment('b', piece(8, 8, true));
    clock.run(60 * SECOND);
    expect([late, reassembly.waitingBytes]).toEqual([[first.frame], 8]);
    clock.run(91 * SECOND);
    expect([late.length, reassembly.waitingBytes, clock.pending]).toEqual([1, 0, 0]);
  });

  it('stays within its bounds under any flood, and still puts new packets together', () => {
    const flood = record({ key: integer({ min: 0, max: 200 }), unit: integer({ min: 0, max: 40 }), units: integer({ min: 1, max: 4 }) });
    assert(
      property(array(flood, { maxLength: 400, size: 'max' }), (fragments) => {
        const { reassembly } = bench({ packetsMax: 10, bytesMax: 500, fragmentsMax: 4 });
        for (const { key, unit, units } of fragments) {
          reassembly.handleFragment(`${key}`, piece(unit * 8, units * 8, true));
          expect(reassembly.waitingBytes).toBeLessThanOrEqual(500);
        }
        reassembly.handleFragment('mine', piece(0, 8, true));
        expect(reassembly.handleFragment('mine', piece(8, 8, false))).toHaveLength(16);
      }),
      { numRuns: 50 },
    );
  });
});
