import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { bytesEqual } from '../../base/bytes.ts';
import { ADDRESS_B, ADDRESS_B6, Collector, join, pattern, tcpPair } from './testing/tcp-pair.ts';

describe('two TCPs', () => {
  it('shake hands, exchange data and end in order', () => {
    const pair = tcpPair();
    const { client, server } = join(pair);
    pair.clock.run(pair.clock.now() + SECOND);
    expect(client.stream!.state).toBe('established');
    expect(server.stream!.remote).toBe(client.stream!.local);
    let sent = 0;
    client.stream!.write([pattern(100), pattern(200, 1)], () => (sent += 1));
    pair.clock.run(pair.clock.now() + SECOND);
    expect(sent).toBe(1);
    expect(server.all()).toEqual(new Uint8Array([...pattern(100), ...pattern(200, 1)]));
    client.stream!.end();
    pair.clock.run(pair.clock.now() + SECOND);
    expect(client.closed).toEqual({ reason: undefined });
    expect(server.closed).toEqual({ reason: undefined });
    expect(pair.tcpA.timeWaits).toBe(1);
    expect(pair.tcpB.timeWaits).toBe(0);
    pair.clock.run(pair.clock.now() + 61 * SECOND);
    expect(pair.tcpA.timeWaits).toBe(0);
    expect(pair.clock.pending).toBe(0);
    expect(pair.take().filter((line) => line.includes('malformed'))).toEqual([]);
  });

  it('are traced: who opened a connection, and how it ended', () => {
    const pair = tcpPair();
    const { client, server } = join(pair);
    pair.clock.run(pair.clock.now() + SECOND);
    const { local, remote } = client.stream!;
    expect(pair.events.splice(0).map(({ source, message }) => `${source}: ${message}`)).toEqual([
      `a: ${local} is connected to ${remote}`,
      `b: ${remote} has accepted a connection from ${local}`,
    ]);
    client.stream!.write([pattern(100)], undefined);
    pair.clock.run(pair.clock.now() + SECOND);
    server.stream!.destroy();
    pair.clock.run(pair.clock.now() + SECOND);
    expect(pair.events.map(({ source, message }) => `${source}: ${message}`)).toEqual([
      `b: the connection from ${remote} to ${local} is over: it was given up on this side (100 bytes in, 0 out)`,
      `a: the connection from ${local} to ${remote} is over: ${client.closed!.reason} (0 bytes in, 100 out)`,
    ]);
    expect(new Set(pair.events.map(({ severity }) => severity))).toEqual(new Set(['debug']));
  });

  it('are traced to an end that both sides wanted, once', () => {
    const pair = tcpPair();
    const { client } = join(pair);
    pair.clock.run(pair.clock.now() + SECOND);
    client.stream!.end();
    pair.clock.run(pair.clock.now() + 61 * SECOND);
    client.stream!.destroy();
    pair.clock.run(pair.clock.now() + SECOND);
    const ends = pair.events.filter(({ name }) => name === 'tcp-connection-closed');
    expect(ends.map(({ source, data }) => [source, data['reason']]).toSorted()).toEqual([
      ['a', 'both sides have ended it'],
      ['b', 'both sides have ended it'],
    ]);
  });

  it('move a lot both ways, without a segment sent twice', () => {
    for (const to of [ADDRESS_B, ADDRESS_B6]) {
      const pair = tcpPair({ link: { delayNanos: 50_000, queueBytes: 16 * 1024 * 1024 } });
      const { client, server } = join(pair, {}, true, to);
      const data = pattern(3_000_000);
      const back = pattern(2_000_000, 3);
      pair.clock.run(pair.clock.now() + 10 * MILLISECOND);
      client.stream!.write([data], undefined);
      server.stream!.write([back], undefined);
      pair.clock.run(pair.clock.now() + 2 * SECOND);
      expect(bytesEqual(server.all(), data)).toBe(true);
      expect(bytesEqual(client.all(), back)).toBe(true);
      const { queueDrops } = pair.link.counters(0);
      expect([queueDrops, pair.tcpA.counters.retransmittedSegments, pair.tcpB.counters.retransmittedSegments]).toEqual([0, 0, 0]);
    }
  });

  it('send little in vain over a link that loses some and holds others up', () => {
    for (const seed of [5, 10]) {
      const pair = tcpPair({ seed, link: { rateBitsPerSecond: 1e9, delayNanos: 10 * MILLISECOND, queueBytes: 8_000_000 } });
      pair.link.setFaults({ loss: 0.005, reordering: 0.05, reorderingNanos: MILLISECOND, duplication: 0.02, corruption: 0 });
      const { client, server } = join(pair, {}, false);
      client.stream!.write([new Uint8Array(4 << 20)], undefined);
      pair.clock.run(pair.clock.now() + 10 * SECOND);
      expect(server.bytes).toBe(4 << 20);
      // A recovery that is taken back must not measure a round trip of nothing by what it had thought lost: hundreds came of that.
      expect(pair.tcpA.counters.retransmittedSegments, `seed ${seed}`).toBeLessThan(3 * pair.link.counters(0).lost);
    }
  });

  it('says why there is no connection', () => {
    const pair = tcpPair();
    const receiver = new Collector();
    pair.tcpA.connect(ADDRESS_B, 81, { receiver });
    pair.clock.run(pair.clock.now() + SECOND);
    expect(receiver.closed).toEqual({ reason: 'the peer refused the connection (ECONNREFUSED)' });
  });
});
