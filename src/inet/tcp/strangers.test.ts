import { describe, expect, it } from 'vitest';
import { established, type Served, server } from './testing/served.ts';
import { pattern } from './testing/tcp-pair.ts';

/** A connection with marks agreed on. */
function marked(congestionControl: 'cubic' | 'dctcp'): Served {
  const served = server({ tcp: { ecn: true } }, { congestionControl });
  served.script.run(`
    < SEW 0:0(0) win 65535 <mss 1000>
    > S.E 0:0(0) ack 1
    < . 1:1(0) ack 1
  `);
  return served;
}

describe('strangers (RFC 5961)', () => {
  it('can neither reset nor begin anew what they can only guess at', () => {
    const { script, ends } = established();
    script.run(`
      < R 2:2(0)
      > . 1:1(0) ack 1
      +1
      < R 70000:70000(0)
      > nothing
      < S 2:2(0) win 1000
      > . 1:1(0) ack 1
      +1
      < . 1:101(100) ack 90000
      > . 1:1(0) ack 1
      +1
      < . 1:101(100) ack -90000
      > . 1:1(0) ack 1
    `);
    expect(ends[0]!.bytes).toBe(0);
    expect(ends[0]!.closed).toBeUndefined();
    script.run('< R 1:1(0)');
    expect(ends[0]!.closed).toEqual({ reason: 'the peer reset the connection (ECONNRESET)' });
  });

  it('get few answers, however often they ask (§7)', () => {
    const { script } = established();
    for (let count = 0; count < 1000; count += 1) script.send('S 2:2(0) win 1000');
    expect(script.take().length).toBeLessThan(5);
    expect(script.stack.counters.answersWithheld).toBeGreaterThan(990);
  });

  it('lie about what they hold, and nothing comes of it', () => {
    const { script, ends } = server({ tcp: { sack: true } });
    script.run(`
      < S 0:0(0) win 65535 <mss 1000,sackOK>
      > S. 0:0(0) ack 1
      < . 1:1(0) ack 1
    `);
    const end = ends[0]!;
    end.stream!.write([pattern(5000)], undefined);
    script.take();
    script.run(`
      # Never sent, upside down, and below.
      < . 1:1(0) ack 1 <sack 90001:95001>
      < . 1:1(0) ack 1 <sack 3001:2001>
      < . 1:1(0) ack 1 <sack -5000:-4000>
      # Held, and taken back: the timeout sends it all again (RFC 2018 §8).
      < . 1:1(0) ack 1 <sack 1:5001>
      +3
    `);
    expect(script.take().some((line) => line.startsWith('. 1:1001'))).toBe(true);
    for (let ack = 1001; ack <= 5001; ack += 1000) {
      script.run(`+2\n< . 1:1(0) ack ${ack}`);
    }
    expect(end.stream!.queuedBytes).toBe(0);
  });

  it('acknowledge what was not sent, and the window does not grow', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(1_000_000)], undefined);
    const before = ends[0]!.stream!.info().congestionWindowBytes;
    for (let ack = 20_001; ack < 60_000; ack += 1000) script.send(`. 1:1(0) ack ${ack}`);
    expect(ends[0]!.stream!.info().congestionWindowBytes).toBe(before);
  });
});

describe('a flood of SYNs (RFC 4987)', () => {
  const options = { tcp: { sack: true, timestamps: true, windowScaling: true } };

  it('fills the backlog and no more; who answers a cookie is let in, with what was agreed on', () => {
    const { script, ends } = server(options, {}, 4);
    for (let port = 1000; port < 2000; port += 1) {
      script.forget(port);
      script.send('S 0:0(0) win 1000 <mss 1460>');
    }
    expect(script.stack.connections.length).toBe(4);
    expect(script.stack.counters.cookiesSent).toBe(996);
    expect(script.events.filter(({ name }) => name === 'tcp-syn-flood').length).toBe(1);
    script.forget(3000);
    script.run(`
      < S 0:0(0) win 1000 <mss 1460,sackOK,TS 5,wscale 3>
      > S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS,wscale 7>
      < P. 1:101(100) ack 1 win 1000 <TS 6>
      > . 1:1(0) ack 101 <TS>
    `);
    expect(ends.length).toBe(1);
    expect(ends[0]!.bytes).toBe(100);
    expect(ends[0]!.stream!.info()).toMatchObject({ sack: true, timestamps: true, sendWindowShift: 3, segmentBytes: 1448 });
    expect(ends[0]!.stream!.info().peerWindowBytes).toBe(8000);
  });

  it('does not let in who guesses', () => {
    const { script, ends } = server(options, {}, 0);
    script.send('S 0:0(0) win 1000 <mss 1460>');
    script.take();
    for (let guess = 2; guess < 500; guess += 1) script.send(`. 1:1(0) ack ${guess}`);
    expect(ends.length).toBe(0);
    expect(script.stack.counters.cookiesRefused).toBe(498);
  });
});

describe('urgent data (RFC 9293 §3.8.5)', () => {
  it('is told of when it comes and when more of it comes (MUST-32), and stays in line', () => {
    const { script, ends, told } = established();
    script.run(`
      < .U 1:101(100) ack 1 urg 50
      < .U 101:201(100) ack 1 urg 300
      < .U 201:301(100) ack 1 urg 200
    `);
    expect(told).toEqual(['urgent 50', 'urgent 300']);
    expect(ends[0]!.bytes).toBe(300);
  });

  it('is sent with its pointer behind the last urgent byte (MUST-30, MUST-31)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(10)], undefined);
    ends[0]!.stream!.writeUrgent([pattern(1500)], undefined);
    ends[0]!.stream!.write([pattern(10)], undefined);
    script.run(`
      > P. 1:11(10) ack 1
      > .U 11:1011(1000) ack 1 urg 1500
      > P.U 1011:1511(500) ack 1 urg 500
      > P. 1511:1521(10) ack 1
    `);
  });
});

describe('keep-alive (RFC 9293 §3.8.4)', () => {
  it('is off (MUST-25), and on finds out who is gone, but not by one lost answer (MUST-29)', () => {
    const quiet = established();
    quiet.script.run('+100000\n> nothing');
    const { script, ends } = established({}, { keepAlive: { idleNanos: 60e9, intervalNanos: 10e9, probes: 3 } });
    script.run(`
      +60.1
      > . 0:0(0) ack 1
      < . 1:1(0) ack 1
      +60.1
      > . 0:0(0) ack 1
      +10
      > . 0:0(0) ack 1
      +10
      > . 0:0(0) ack 1
      +9
    `);
    expect(ends[0]!.closed).toBeUndefined();
    script.run('+2');
    expect(ends[0]!.closed!.reason).toMatch(/does not answer any more/);
  });
});

describe('timestamps (RFC 7323)', () => {
  it('tell old segments from new ones (PAWS), and are echoed', () => {
    const { script, ends } = server({ tcp: { timestamps: true } });
    script.run(`
      < S 0:0(0) win 10000 <mss 1000,TS 100>
      > S. 0:0(0) ack 1
      < . 1:1(0) ack 1 <TS 101>
      < . 1:101(100) ack 1 <TS 99>
      > . 1:1(0) ack 1
      # Without a timestamp: silence.
      < . 1:101(100) ack 1
      > nothing
      < . 1:101(100) ack 1 <TS 102>
      > . 1:1(0) ack 101
    `);
    expect(ends[0]!.bytes).toBe(100);
    expect(script.stack.counters.pawsDrops).toBe(1);
  });
});

describe('marks (RFC 3168)', () => {
  it('are echoed until the sender says that it has heard of them (§6.1.3)', () => {
    const { script } = marked('cubic');
    script.send('. 1:1001(1000) ack 1', 3);
    script.run(`
      > .E 1:1(0) ack 1001
      < . 1001:2001(1000) ack 1
      > .E 1:1(0) ack 2001
      < .W 2001:3001(1000) ack 1
      > . 1:1(0) ack 3001
    `);
  });

  it('are echoed one by one for DCTCP (RFC 8257 §3.2)', () => {
    const { script } = marked('dctcp');
    script.send('. 1:1001(1000) ack 1', 3);
    script.run('> .E 1:1(0) ack 1001');
    script.send('. 1001:2001(1000) ack 1', 2);
    script.run('> . 1:1(0) ack 2001');
  });

  it('halve the window once a round trip, say so, and nothing is sent again (§6.1.2)', () => {
    const { script, ends } = marked('cubic');
    ends[0]!.stream!.write([pattern(100_000)], undefined);
    const before = ends[0]!.stream!.info().congestionWindowBytes;
    script.run('> . 1:1001(1000) ack 1');
    expect(script.trafficClass).toBe(2);
    script.take();
    script.run(`
      < .E 1:1(0) ack 5001
      > .W 10001:11001(1000) ack 1
    `);
    const after = ends[0]!.stream!.info().congestionWindowBytes;
    expect(after).toBeLessThan(before * 0.75);
    script.run('< .E 1:1(0) ack 6001');
    expect(ends[0]!.stream!.info().congestionWindowBytes).toBe(after);
    expect(script.take().some((line) => /^P?\.W/.test(line))).toBe(false);
    expect(script.stack.counters.retransmittedSegments).toBe(0);
  });
});
