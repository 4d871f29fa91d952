import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { address, formatIp } from '../wire/ip/address.ts';
import { defaultNeighborSettings, NeighborCache, type NeighborSettings } from './neighbor-cache.ts';

const B = address('192.0.2.2');
const MAC_B = 0x0200_0000_0b02;
const MAC_C = 0x0200_0000_0c03;
const SOLICITED = { solicited: true, override: true };

const packet = (mark: number): Uint8Array => Uint8Array.of(mark);

function bench(settings: Partial<NeighborSettings> = {}) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const cache = new NeighborCache(
    {
      solicit: (target, mac) =>
        log.push(`${clock.now() / SECOND}: who has ${formatIp(target)}${mac === undefined ? '' : ' (asked directly)'}`),
      deliver: (frame, mac) => log.push(`${clock.now() / SECOND}: ${frame[0]} to ${mac.toString(16)}`),
      undeliverable: (target, frame) => log.push(`${clock.now() / SECOND}: ${frame[0]} not to ${formatIp(target)}`),
      full: (entries) => log.push(`full with ${entries}`),
    },
    clock,
    { ...defaultNeighborSettings, ...settings },
  );
  const take = (): string[] => log.splice(0);
  return { clock, cache, take };
}

describe('NeighborCache', () => {
  it('asks, keeps what waits, and delivers it in order when the answer comes', () => {
    const { cache, take } = bench();
    cache.send(B, packet(1));
    cache.send(B, packet(2));
    expect(take()).toEqual(['0: who has 192.0.2.2']);
    cache.handleAnswer(B, MAC_B, SOLICITED);
    cache.send(B, packet(3));
    expect(take()).toEqual(['0: 1 to 20000000b02', '0: 2 to 20000000b02', '0: 3 to 20000000b02']);
    expect(cache.lookup(B)).toBe(MAC_B);
  });

  it('asks three times, a second apart, and gives up (RFC 4861 §7.2.2)', () => {
    const { clock, cache, take } = bench();
    cache.send(B, packet(1));
    clock.run(10 * SECOND);
    expect(take()).toEqual(['0: who has 192.0.2.2', '1: who has 192.0.2.2', '2: who has 192.0.2.2', '3: 1 not to 192.0.2.2']);
    expect([cache.list(), cache.counters.failed, clock.pending]).toEqual([[], 1, 0]);
  });

  it('asks one that was silent for long directly, while packets go on, and forgets it if it stays silent (RFC 4861 §7.3.3)', () => {
    const { clock, cache, take } = bench();
    cache.send(B, packet(1));
    cache.handleAnswer(B, MAC_B, SOLICITED);
    clock.run(31 * SECOND);
    take();
    cache.send(B, packet(2));
    clock.run(40 * SECOND);
    expect(take()).toEqual([
      '31: 2 to 20000000b02',
      '36: who has 192.0.2.2 (asked directly)',
      '37: who has 192.0.2.2 (asked directly)',
      '38: who has 192.0.2.2 (asked directly)',
    ]);
    expect(cache.list()).toEqual([]);
  });

  it('asks nobody whose packets arrive, as others say', () => {
    const { clock, cache, take } = bench();
    cache.send(B, packet(1));
    cache.handleAnswer(B, MAC_B, SOLICITED);
    for (let second = 10; second <= 100; second += 10) {
      clock.run(second * SECOND);
      cache.confirm(B);
      cache.send(B, packet(2));
    }
    expect(take().filter((line) => line.includes('who has'))).toEqual(['0: who has 192.0.2.2']);
  });

  it('believes another address where it insists, and doubts its own where it does not (RFC 4861 §7.2.5)', () => {
    const { cache, take } = bench();
    cache.send(B, packet(1));
    cache.handleAnswer(B, MAC_B, SOLICITED);
    cache.handleAnswer(B, MAC_C, { solicited: false, override: false });
    expect(cache.list()).toEqual([{ address: '192.0.2.2', mac: '02:00:00:00:0b:02', state: 'stale' }]);
    cache.handleAnswer(B, MAC_C, { solicited: false, override: true });
    expect(cache.list()[0]).toMatchObject({ mac: '02:00:00:00:0c:03', state: 'stale' });
    take();
    cache.send(B, packet(2));
    expect(take()).toEqual(['0: 2 to 20000000c03']);
    // An answer to nobody's question makes no entry.
    cache.handleAnswer(address('192.0.2.9'), MAC_C, SOLICITED);
    expect([cache.lookup(address('192.0.2.9')), cache.counters.ignored]).toEqual([undefined, 1]);
  });

  it('learns from questions of others where it is asked to, or knows them', () => {
    const { cache, take } = bench();
    cache.handleHint(B, MAC_B, false);
    expect(cache.lookup(B)).toBeUndefined();
    cache.send(B, packet(1));
    cache.handleHint(B, MAC_B, false);
    expect(take().at(-1)).toBe('0: 1 to 20000000b02');
    cache.handleHint(address('192.0.2.3'), MAC_C, true);
    expect(cache.list().map(({ state }) => state)).toEqual(['stale', 'stale']);
  });

  it('keeps what was set by hand', () => {
    const { clock, cache, take } = bench();
    cache.send(B, packet(1));
    cache.setPermanent(B, MAC_B);
    cache.handleAnswer(B, MAC_C, SOLICITED);
    cache.clear();
    clock.run(1000 * SECOND);
    cache.send(B, packet(2));
    expect(take()).toEqual(['0: who has 192.0.2.2', '0: 1 to 20000000b02', '1000: 2 to 20000000b02']);
  });

  it('has bounds: packets that wait, the oldest of which give way, and entries, of which those in use stay', () => {
    const { cache, take } = bench({ packetsMax: 2, entriesMax: 20 });
    for (const mark of [1, 2, 3]) cache.send(B, packet(mark));
    cache.handleAnswer(B, MAC_B, SOLICITED);
    expect([take().slice(1), cache.counters.packetsDropped]).toEqual([['0: 2 to 20000000b02', '0: 3 to 20000000b02'], 1]);
    for (let host = 10; host < 200; host += 1) cache.send(address(`192.0.2.${host}`), packet(host));
    expect([cache.list().length, cache.lookup(B)]).toEqual([20, MAC_B]);
  });
});
