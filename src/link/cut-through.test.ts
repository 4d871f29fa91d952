/** How long frames take through switches: whole frames at every hop, or their headers only. */
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../base/clock.ts';
import { seededRng } from '../base/rng.ts';
import { defaultLinkSettings, Link } from '../runtime/link.ts';
import { TestPort } from '../runtime/testing/test-port.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { putEthernet } from '../wire/ethernet/frame.ts';
import { BROADCAST_MAC } from '../wire/ethernet/mac.ts';
import { Bridge } from './bridge.ts';
import type { PortVlanSettings } from './port-vlans.ts';

type Forwarding = 'store-and-forward' | 'cut-through';

const A = 0x0200_0000_0a01;
const B = 0x0200_0000_0b02;
const DELAY = 500;
const ACCESS: PortVlanSettings = { mode: 'access', vlan: 10 };
const TRUNK: PortVlanSettings = { mode: 'trunk', native: 1, allowed: [{ first: 10, last: 10 }] };

/** `bytes` with the check sequence, as frame sizes are told. */
function frame(bytes: number, destination = B, source = A): Uint8Array {
  const out = new Uint8Array(bytes - 4).fill(0x5a);
  putEthernet(out, 0, destination, source, 0x88b5);
  return out;
}

interface Chain {
  readonly clock: VirtualClock;
  readonly links: readonly Link[];
  readonly bridges: readonly Bridge[];
  readonly from: TestPort;
  readonly to: TestPort;
  /** Sends frames at once; gives back when each arrived, from then. */
  latencies(...frames: readonly Uint8Array[]): number[];
}

/** A port, a switch between any two links, a port. */
function chain(forwarding: Forwarding, rates: readonly number[], between: PortVlanSettings = ACCESS): Chain {
  const clock = new VirtualClock();
  const [from, to] = [new TestPort('from', clock), new TestPort('to', clock)];
  const bridges = rates.slice(1).map((_, index) => {
    const ports = [index === 0 ? ACCESS : between, index === rates.length - 2 ? ACCESS : between].map((vlans, port) => ({
      name: `${port}`,
      vlans,
      frameBytesMax: 9216,
      defaultPriority: 0,
    }));
    const settings = { name: `bridge${index}`, ports, addressesMax: 100, ageingNanos: 300 * SECOND, forwarding };
    return new Bridge(settings, { clock, events: () => {} });
  });
  const links = rates.map((rateBitsPerSecond, index) => {
    const ends = [bridges[index - 1]?.ports[1] ?? from, bridges[index]?.ports[0] ?? to] as const;
    return new Link(...ends, { ...defaultLinkSettings, rateBitsPerSecond, delayNanos: DELAY }, { clock, rng: seededRng(1) });
  });
  for (const link of links) link.setUp(true);
  // The switches learn where both live.
  to.wire!.transmit(frame(64, BROADCAST_MAC, B));
  clock.run(MILLISECOND);
  return {
    clock,
    links,
    bridges,
    from,
    to,
    latencies(...frames) {
      const start = clock.now();
      to.arrivals.length = 0;
      for (const one of frames) from.wire!.transmit(one);
      clock.run(start + MILLISECOND);
      return to.arrivals.map(({ at }) => at - start);
    },
  };
}

/** Nanoseconds for so many bytes, as a clock of whole ones sees them. */
const nanos = (bytes: number, rate: number): number => Math.floor((bytes * 8 * 1e9) / rate);
const PREAMBLE = 8;
/** Preamble, addresses, tag and type. */
const HEAD = PREAMBLE + 12 + 4 + 2;

const RATES = [10e9, 100e9];
const SIZES = [64, 1500, 9000];
const cases = RATES.flatMap((rate) => SIZES.flatMap((bytes) => [1, 2, 5].map((switches) => ({ rate, bytes, switches }))));

describe.each(cases)('$switches switches at $rate b/s, frames of $bytes bytes', ({ rate, bytes, switches }) => {
  const rates = Array.from({ length: switches + 1 }, () => rate);

  it('store-and-forward: the whole frame at every hop', () => {
    expect(chain('store-and-forward', rates).latencies(frame(bytes))).toEqual([(switches + 1) * (nanos(PREAMBLE + bytes, rate) + DELAY)]);
  });

  it('cut-through: the head at every hop, and the frame once', () => {
    expect(chain('cut-through', rates).latencies(frame(bytes))).toEqual([
      switches * (nanos(HEAD, rate) + DELAY) + nanos(PREAMBLE + bytes, rate) + DELAY,
    ]);
  });
});

describe('cut-through', () => {
  it.each(SIZES)('from 100 to 10 Gb/s the head is enough; from 10 to 100 the frame is stored: %i bytes', (bytes) => {
    const whole = PREAMBLE + bytes;
    const down = nanos(HEAD, 100e9) + DELAY + nanos(whole, 10e9) + DELAY;
    expect(chain('cut-through', [100e9, 10e9]).latencies(frame(bytes))).toEqual([down]);
    const up = nanos(whole, 10e9) + DELAY + nanos(whole, 100e9) + DELAY;
    expect(chain('cut-through', [10e9, 100e9]).latencies(frame(bytes))).toEqual([up]);
    expect(chain('store-and-forward', [10e9, 100e9]).latencies(frame(bytes))).toEqual([up]);
  });

  it('goes at line rate, frame behind frame, as storing does', () => {
    const frames = Array.from({ length: 50 }, () => frame(1500));
    for (const forwarding of ['store-and-forward', 'cut-through'] as const) {
      const arrivals = chain(forwarding, [10e9, 10e9, 10e9]).latencies(...frames);
      const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!);
      // 1520 bytes with preamble and gap.
      expect([gaps.length, new Set(gaps)]).toEqual([49, new Set([nanos(1520, 10e9)])]);
    }
  });

  it('stores what finds the way out busy, in order', () => {
    const { clock, bridges, to, latencies } = chain('cut-through', [10e9, 10e9]);
    bridges[0]!.ports[1]!.send(frame(9000, 0x0180_c200_000e));
    const [first, second] = latencies(frame(64));
    // The bridge's own frame is on the wire for 9020 bytes' time; the one behind it starts when that is over.
    expect([first, second]).toEqual([nanos(9008, 10e9) + DELAY, nanos(9020 + 72, 10e9) + DELAY]);
    expect(to.arrivals.map((one) => one.frame.length)).toEqual([8996, 60]);
    expect(clock.pending).toBe(0);
  });

  it('adds and takes tags on the way: a frame that grows or shrinks by one never runs dry', () => {
    const rates = [10e9, 10e9, 10e9];
    const { to, latencies } = chain('cut-through', rates, TRUNK);
    expect(latencies(frame(1500))).toEqual([2 * (nanos(HEAD, 10e9) + DELAY) + nanos(PREAMBLE + 1500, 10e9) + DELAY]);
    expect(to.arrivals[0]!.frame).toEqual(frame(1500));
  });

  it('passes on what is damaged, as storing does: no check sequence tells here', () => {
    const [cut, stored] = (['cut-through', 'store-and-forward'] as const).map((forwarding) => {
      const { links, to, latencies } = chain(forwarding, [10e9, 10e9]);
      links[0]!.setFaults({ loss: 0, corruption: 1, duplication: 0, reordering: 0, reorderingNanos: 0 });
      latencies(...Array.from({ length: 20 }, () => frame(1500)));
      expect(links[0]!.counters(0).corrupted).toBe(20);
      return to.arrivals.map((one) => one.frame);
    });
    expect(cut).toEqual(stored);
    expect([cut!.length, cut!.some((one) => one.every((byte, at) => byte === frame(1500)[at]))]).toEqual([20, false]);
  });

  it('a frame that is cut in the middle ends at the first end that has all of it to look at', () => {
    const { clock, links, bridges, from, to } = chain('cut-through', [10e9, 10e9, 10e9]);
    from.wire!.transmit(frame(9000));
    // Its head has passed both switches, its end is still at the sender.
    clock.run(clock.now() + 2 * DELAY + 2 * nanos(HEAD, 10e9) + 10);
    expect(bridges[1]!.ports[1]!.counters.ifOutUcastPkts).toBe(1);
    links[0]!.setUp(false);
    to.arrivals.length = 0;
    clock.run(clock.now() + MILLISECOND);
    expect(to.arrivals).toEqual([]);
    expect([links[0]!.counters(0).carrierDrops, links[1]!.counters(0).cutShort, links[2]!.counters(0).cutShort]).toEqual([1, 0, 1]);
    links[0]!.setUp(true);
    from.wire!.transmit(frame(9000));
    clock.run(clock.now() + MILLISECOND);
    expect(to.arrivals).toHaveLength(1);
  });

  it('a frame cut in the middle is not sent on from where it was stored', () => {
    const { clock, links, from, to } = chain('cut-through', [1e9, 10e9]);
    from.wire!.transmit(frame(9000));
    clock.run(clock.now() + DELAY + nanos(HEAD, 1e9) + 10);
    links[0]!.setUp(false);
    clock.run(clock.now() + MILLISECOND);
    expect([to.arrivals.length, links[1]!.counters(0)]).toEqual([0, expect.objectContaining({ frames: 0, cutShort: 1 })]);
  });

  it('acts on frames for the bridge itself only when all of them are there', () => {
    const { clock, links, bridges, from } = chain('cut-through', [1e9, 1e9]);
    const start = clock.now();
    const seen: number[] = [];
    bridges[0]!.addLocalHandler(() => seen.push(clock.now() - start) > 0);
    from.wire!.transmit(frame(64, 0x0180_c200_0000));
    clock.run(start + 100_000);
    expect(seen).toEqual([nanos(PREAMBLE + 64, 1e9) + DELAY]);
    from.wire!.transmit(frame(1500, 0x0180_c200_0000));
    clock.run(clock.now() + DELAY + nanos(HEAD, 1e9) + 10);
    links[0]!.setUp(false);
    clock.run(clock.now() + MILLISECOND);
    expect([seen.length, bridges[0]!.ports[0]!.counters.ifInErrors]).toEqual([1, 1]);
  });

  it('whatever the rates, sizes and gaps: no frame leaves a switch faster than it comes in, nor arrives later than if it were stored', () => {
    const traffic = array(record({ bytes: integer({ min: 64, max: 9000 }), gap: integer({ min: 0, max: 3000 }) }), {
      minLength: 1,
      maxLength: 20,
    });
    const rates = array(constantFrom(1e9, 10e9, 25e9, 100e9), { minLength: 2, maxLength: 5 });
    assert(
      property(rates, traffic, (speeds, frames) => {
        const [stored, cut] = (['store-and-forward', 'cut-through'] as const).map((forwarding) => {
          const { clock, links, from, to } = chain(forwarding, speeds);
          /** By link: when each frame's last bit was sent. */
          const sent: number[][] = links.map(() => []);
          for (const [index, link] of links.entries())
            link.setTap({
              handleSent: (_, one) => sent[index]!.push(clock.now() + ((one.length + 12) * 8e9) / speeds[index]!),
              handleDropped() {},
            });
          for (const { bytes, gap } of frames) {
            from.wire!.transmit(frame(bytes));
            clock.run(clock.now() + gap);
          }
          clock.run(clock.now() + 10 * MILLISECOND);
          // A clock of whole nanoseconds may cut off nearly one of them.
          for (const [index, ends] of sent.entries())
            for (const [count, end] of ends.entries()) if (index > 0) expect(end - sent[index - 1]![count]! - DELAY).toBeGreaterThan(-1);
          return to.arrivals.slice(0);
        });
        expect(cut!.map((one) => one.frame.length)).toEqual(frames.map(({ bytes }) => bytes - 4));
        for (const [index, { at }] of cut!.entries()) expect(at).toBeLessThanOrEqual(stored![index]!.at + speeds.length);
      }),
    );
  });
});
