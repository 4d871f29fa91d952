import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/clock.ts';
import { seededRng } from '../../base/rng.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { address } from '../../wire/ip/address.ts';
import { tcpOptions } from '../../wire/ip/tcp.ts';
import { DELAYED_ACK, Deadlines, RETRANSMISSION } from './deadlines.ts';
import { type FlowEntry, FlowTable } from './flow-table.ts';
import { RangeSet } from './range-set.ts';
import { Scoreboard } from './scoreboard.ts';
import { SendQueue } from './send-queue.ts';
import { optionsOfStamp, stampWithOptions, SynCookies } from './syn-cookies.ts';

describe('ranges', () => {
  it('are what a set of numbers would be', () => {
    const step = fc.record({ start: fc.nat(60), length: fc.integer({ min: 1, max: 12 }), drops: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ranges = new RangeSet(64);
        const model = new Set<number>();
        for (const { start, length, drops } of steps) {
          if (drops) {
            ranges.dropBelow(start);
            for (const one of model) if (one < start) model.delete(one);
          } else {
            ranges.add(start, start + length);
            for (let one = start; one < start + length; one += 1) model.add(one);
          }
          const said = new Set<number>();
          for (let index = 0; index < ranges.count; index += 1) {
            // Apart from each other, and in order.
            if (index > 0) expect(ranges.starts[index]!).toBeGreaterThan(ranges.ends[index - 1]!);
            for (let one = ranges.starts[index]!; one < ranges.ends[index]!; one += 1) said.add(one);
          }
          expect(said).toEqual(model);
          expect(ranges.covers(start, start + length)).toBe(Array.from({ length }, (_, at) => model.has(start + at)).every(Boolean));
        }
      }),
    );
  });

  it('refuse what would be one too many, and still grow', () => {
    const ranges = new RangeSet(2);
    expect(ranges.add(0, 1) && ranges.add(10, 11)).toBe(true);
    expect(ranges.add(5, 6)).toBe(false);
    expect(ranges.add(1, 6)).toBe(true);
    expect([ranges.count, ranges.ends[0]]).toEqual([2, 6]);
  });
});

describe('a send queue', () => {
  it('gives back any bytes not acknowledged, and tells of each batch once', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(50), { maxLength: 4 }), { maxLength: 60 }), fc.nat(), (batches, seed) => {
        const rng = seededRng(seed);
        const queue = new SendQueue(1);
        const all: number[] = [0];
        const ends: number[] = [];
        let told = 0;
        let acknowledged = 1;
        for (const batch of batches) {
          const views = batch.map((bytes) => Uint8Array.from({ length: bytes }, () => rng.uint32() & 255));
          for (const view of views) all.push(...view);
          queue.write(views, () => (told += 1));
          ends.push(all.length);
          const from = acknowledged + (rng.uint32() % (all.length - acknowledged + 1));
          const count = rng.uint32() % (all.length - from + 1);
          const out = new Uint8Array(count);
          queue.copy(from, count, out, 0);
          expect([...out]).toEqual(all.slice(from, from + count));
          acknowledged += rng.uint32() % (all.length - acknowledged + 1);
          queue.release(acknowledged);
          queue.tell();
          expect(told).toBe(ends.filter((end) => end <= acknowledged).length);
        }
      }),
    );
  });
});

describe('a scoreboard', () => {
  it('counts what is held and lost, and keeps the order of sending, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(1000)), { maxLength: 200 }), (steps) => {
        const board = new Scoreboard();
        let now = 0;
        let position = 1;
        const flags = new Map<number, { start: number; end: number; state: 'flying' | 'sacked' | 'lost'; sentAt: number }>();
        for (const [what, value] of steps) {
          now += 1;
          const segment = board.first + (value % Math.max(1, board.next - board.first));
          const known = flags.get(segment);
          if (what <= 1) {
            flags.set(board.next, { start: position, end: position + 1 + value, state: 'flying', sentAt: now });
            board.push(position, position + 1 + value, now);
            position += 1 + value;
          } else if (known === undefined) continue;
          else if (what === 2 && known.state !== 'sacked') {
            board.markSacked(segment);
            known.state = 'sacked';
          } else if (what === 3) {
            board.markLost(segment);
            if (known.state === 'flying') known.state = 'lost';
          } else if (what === 4 && known.state === 'lost') {
            board.markResent(segment, now);
            known.state = 'flying';
            known.sentAt = now;
          } else if (what === 5) {
            flags.delete(board.first);
            board.shift();
          }
          const bytes = (state: string): number =>
            [...flags.values()].reduce((sum, one) => sum + (one.state === state ? one.end - one.start : 0), 0);
          expect([board.sackedBytes, board.lostBytes]).toEqual([bytes('sacked'), bytes('lost')]);
          const lost = [...flags].filter(([, one]) => one.state === 'lost').map(([number]) => number);
          expect(board.nextLost()).toBe(lost.length === 0 ? -1 : Math.min(...lost));
          const order: number[] = [];
          for (let at = board.oldest; at !== -1; at = board.after(at)) order.push(at);
          const flying = [...flags].filter(([, one]) => one.state === 'flying');
          expect(order).toEqual(flying.sort(([, a], [, b]) => a.sentAt - b.sentAt).map(([number]) => number));
        }
      }),
    );
  });
});

describe('deadlines', () => {
  it('run when they are due, with one timer however often they move', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const deadlines = new Deadlines(clock, (kind) => ran.push(`${kind} at ${clock.now()}`));
    for (let at = 0; at < 100; at += 1) {
      deadlines.set(RETRANSMISSION, 1000);
      expect(clock.pending).toBe(1);
      clock.run(clock.now() + 10);
    }
    deadlines.set(DELAYED_ACK, 5);
    clock.run(5000);
    expect(ran).toEqual([`${DELAYED_ACK} at 1005`, `${RETRANSMISSION} at 1990`]);
    expect(clock.pending).toBe(0);
  });
});

describe('a table of flows', () => {
  it('finds each of many, and none that has left', () => {
    const table = new FlowTable(seededRng(1));
    const local = address('192.0.2.1');
    const entries: FlowEntry[] = Array.from({ length: 3000 }, (_, index) => ({
      localAddress: local,
      localPort: 80,
      remoteAddress: index % 2 === 0 ? address(`198.51.100.${index % 200}`) : address(`2001:db8::${(index % 200).toString(16)}`),
      remotePort: 1000 + index,
      chained: undefined,
      handleSegment() {},
    }));
    for (const entry of entries) table.add(entry);
    for (const [index, entry] of entries.entries()) if (index % 3 === 0) expect(table.remove(entry)).toBe(true);
    for (const [index, entry] of entries.entries())
      expect(table.find(local, 80, entry.remoteAddress, entry.remotePort)).toBe(index % 3 === 0 ? undefined : entry);
    expect(table.size).toBe(2000);
  });
});

describe('cookies', () => {
  const flow = { localAddress: address('192.0.2.1'), localPort: 80, remoteAddress: address('192.0.2.2'), remotePort: 5000 };

  it('come back with the segment size, for two minutes at most, and to nobody else', () => {
    const cookies = new SynCookies(seededRng(3));
    const now = 1000 * SECOND;
    for (const [offered, kept] of [
      [100, 256],
      [1460, 1460],
      [1400, 1300],
      [8960, 8940],
    ] as const) {
      const cookie = cookies.make(flow, 77, offered, now);
      expect(cookies.check(flow, 77, cookie, now + 60 * SECOND)).toBe(kept);
      expect(cookies.check(flow, 77, cookie, now + 130 * SECOND)).toBeUndefined();
      expect(cookies.check(flow, 78, cookie, now)).toBeUndefined();
      expect(cookies.check({ ...flow, remotePort: 5001 }, 77, cookie, now)).toBeUndefined();
    }
  });

  it('tell in their timestamps what was agreed on, and never run ahead of time', () => {
    for (let stamp = 1000; stamp < 1200; stamp += 1) {
      const options = { ...tcpOptions(), windowScale: 7, sackPermitted: true };
      const told = stampWithOptions(stamp, options, true);
      expect(told).toBeLessThanOrEqual(stamp);
      expect(stamp - told).toBeLessThan(64);
      expect(optionsOfStamp(told)).toEqual({ windowScale: 7, sack: true, ecn: true });
    }
    expect(optionsOfStamp(stampWithOptions(5000, tcpOptions(), false))).toEqual({ windowScale: -1, sack: false, ecn: false });
    expect(optionsOfStamp(undefined).windowScale).toBe(-1);
  });
});
