import { describe, expect, it } from 'vitest';
import { client, established, server } from './testing/served.ts';
import { pattern } from './testing/tcp-pair.ts';

describe('the beginning (RFC 9293 §3.5)', () => {
  it('active, with every option there is', () => {
    const { script, end } = client({ tcp: { ecn: true, timestamps: true, sack: true, windowScaling: true } });
    script.run(`
      > SEW 0:0(0) win 65535 <mss 1460,sackOK,TS,wscale 7>
      < S.E 0:0(0) ack 1 win 1000 <mss 1400,sackOK,TS 7,wscale 2>
      > . 1:1(0) ack 1 win 32768 <TS>
    `);
    expect(end.stream!.info()).toMatchObject({ sack: true, timestamps: true, ecn: true, sendWindowShift: 2, segmentBytes: 1388 });
    // RFC 7323 §2.2: the SYN's window is not scaled.
    expect(end.stream!.info().peerWindowBytes).toBe(1000);
  });

  it('passive; options are answered only where they were offered', () => {
    const { script, ends } = server({ tcp: { timestamps: true, sack: true, windowScaling: true } });
    script.run(`
      < S 0:0(0) win 1000 <mss 1000>
      > S. 0:0(0) ack 1 win 65535 <mss 1460>
      < . 1:1(0) ack 1 win 1000
    `);
    expect(ends[0]!.stream!.info().segmentBytes).toBe(1000);
  });

  it('sends 536 bytes at most to who says nothing (MUST-15)', () => {
    const { script, ends } = server();
    script.run(`
      < S 0:0(0) win 10000
      > S. 0:0(0) ack 1
      < . 1:1(0) ack 1 win 10000
    `);
    ends[0]!.stream!.write([pattern(600)], undefined);
    script.run(`
      > . 1:537(536) ack 1
      > P. 537:601(64) ack 1
    `);
  });

  it('of both at once (MUST-10)', () => {
    const { script, end } = client();
    script.run(`
      > S 0:0(0)
      < S 0:0(0) win 1000 <mss 1000>
      > S. 0:0(0) ack 1
      < S. 0:0(0) ack 1 win 1000 <mss 1000>
    `);
    expect(end.stream!.state).toBe('established');
  });

  it('is tried again, ever more seldom, and given up after three minutes (MUST-23)', () => {
    const { script, end } = client();
    script.run(`
      > S 0:0(0)
      +0.99
      > nothing
      +0.02
      > S 0:0(0)
      +2
      > S 0:0(0)
      +4
      > S 0:0(0)
      +170
    `);
    expect(end.closed).toBeUndefined();
    script.run('+70');
    expect(end.closed).toEqual({ reason: 'the peer does not answer (ETIMEDOUT)' });
  });

  it('refuses what acknowledges something else (§3.10.7.3)', () => {
    const { script } = client();
    script.run(`
      > S 0:0(0)
      < S. 0:0(0) ack 77 win 1000
      > R 77:77(0)
      < R. 0:0(0) ack 77
      > nothing
    `);
  });

  it('answers the same SYN with the same answer, when it was lost', () => {
    const { script } = server();
    script.run(`
      < S 0:0(0) win 1000 <mss 1000>
      > S. 0:0(0) ack 1
      < S 0:0(0) win 1000 <mss 1000>
      > S. 0:0(0) ack 1
      +1
      > S. 0:0(0) ack 1
    `);
  });

  it('resets what belongs to nothing (§3.10.7.1)', () => {
    const { script } = server();
    script.ourPort = 81;
    script.run(`
      < S 0:0(0) win 1000
      > R. 0:0(0) ack 1 win 0
      < . 5:5(0) ack 9
      > R 9:9(0) win 0
      < R 5:5(0)
      > nothing
    `);
  });
});

describe('data (RFC 9293 §3.8, RFC 5681)', () => {
  it('is handed over in order, whatever order it comes in, and told of as it is (RFC 2018 §4, RFC 2883)', () => {
    const { script, ends } = server({ tcp: { sack: true } });
    script.run(`
      < S 0:0(0) win 10000 <mss 1000,sackOK>
      > S. 0:0(0) ack 1
      < . 1:1(0) ack 1 win 10000
      < . 1001:2001(1000) ack 1
      > . 1:1(0) ack 1 <sack 1001:2001>
      < . 3001:4001(1000) ack 1
      > . 1:1(0) ack 1 <sack 3001:4001,sack 1001:2001>
      < . 1:1001(1000) ack 1
      > . 1:1(0) ack 2001 <sack 3001:4001>
      < . 1:1001(1000) ack 1
      > . 1:1(0) ack 2001 <sack 1:1001,sack 3001:4001>
      < . 2001:3001(1000) ack 1
      > . 1:1(0) ack 4001
    `);
    expect(ends[0]!.all()).toEqual(pattern(4001).subarray(1));
  });

  it('is acknowledged every second segment, or after 40 ms (RFC 9293 §3.8.6.3, MUST-40)', () => {
    const { script } = established();
    // The first ones are acknowledged at once: the peer's window is small.
    for (let at = 1; at < 16_001; at += 1000) script.run(`< . ${at}:${at + 1000}(1000) ack 1\n> . 1:1(0) ack ${at + 1000}`);
    script.run(`
      < . 16001:17001(1000) ack 1
      > nothing
      < . 17001:18001(1000) ack 1
      > . 1:1(0) ack 18001
      < . 18001:19001(1000) ack 1
      +0.039
      > nothing
      +0.002
      > . 1:1(0) ack 19001
    `);
  });

  it('that is lost is sent again after three duplicates, without SACK (RFC 5681 §3.2, RFC 6582)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(8000)], undefined);
    script.take();
    script.run(`
      < . 1:1(0) ack 1001
      < . 1:1(0) ack 1001
      < . 1:1(0) ack 1001
      > nothing
      < . 1:1(0) ack 1001
      > . 1001:2001(1000) ack 1
      < . 1:1(0) ack 4001
      > . 4001:5001(1000) ack 1
      < . 1:1(0) ack 8001
      > nothing
    `);
    expect(ends[0]!.stream!.queuedBytes).toBe(0);
  });

  it('that is lost is sent again, with SACK, and nothing else (RFC 6675, RFC 8985)', () => {
    const { script, ends } = server({ tcp: { sack: true } });
    script.run(`
      < S 0:0(0) win 65535 <mss 1000,sackOK>
      > S. 0:0(0) ack 1
      +0.01
      < . 1:1(0) ack 1
    `);
    ends[0]!.stream!.write([pattern(10_000)], undefined);
    script.take();
    script.run(`
      +0.01
      < . 1:1(0) ack 1 <sack 1001:2001>
      < . 1:1(0) ack 1 <sack 1001:3001>
      > nothing
      < . 1:1(0) ack 1 <sack 1001:4001>
      > . 1:1001(1000) ack 1
      < . 1:1(0) ack 1 <sack 1001:4001,sack 5001:8001>
      > . 4001:5001(1000) ack 1
      +0.01
      < . 1:1(0) ack 10001
      > nothing
    `);
    expect(ends[0]!.stream!.queuedBytes).toBe(0);
  });

  it('sent again by the recovery before does not show that this one is in vain (RFC 3522 §3.2)', () => {
    const { script, ends } = server({ tcp: { sack: true, timestamps: true } });
    script.run(`
      < S 0:0(0) win 65535 <mss 1012,sackOK,TS 1>
      > S. 0:0(0) ack 1
      +0.02
      < . 1:1(0) ack 1 <TS 2>
    `);
    ends[0]!.stream!.write([pattern(40_000)], undefined);
    script.take();
    script.run(`
      +0.02
      # The first is lost.
      < . 1:1(0) ack 1 <TS 3,sack 1001:10001>
      > . 1:1001(1000) ack 1
    `);
    script.take();
    script.run(`
      +0.02
      # And once more, and so is one of those that left beside it: they go together.
      < . 1:1(0) ack 1 <TS 4,sack 11001:13001>
      > . 1:1001(1000) ack 1
      > . 10001:11001(1000) ack 1
    `);
    script.take();
    const together = script.stamp;
    script.run(`
      +0.01
      # The end of the first recovery, and another loss: the second one.
      < . 1:1(0) ack 10001 <TS 5 ${together},sack 14001:16001,sack 11001:13001>
      > . 13001:14001(1000) ack 1
    `);
    const { congestionWindowBytes } = ends[0]!.stream!.info();
    script.take();
    // The second of the two comes with a stamp from before what the second recovery sent again.
    script.run(`< . 1:1(0) ack 13001 <TS 6 ${together},sack 14001:16001>`);
    expect(script.stack.counters).toMatchObject({ fastRecoveries: 2, undone: 0 });
    expect(ends[0]!.stream!.info().congestionWindowBytes).toBeLessThanOrEqual(congestionWindowBytes);
  });

  it('at the tail is probed for before a timeout (RFC 8985 §7)', () => {
    const { script, ends } = server({ tcp: { sack: true } });
    script.run(`
      < S 0:0(0) win 65535 <mss 1000,sackOK>
      > S. 0:0(0) ack 1
      +0.01
      < . 1:1(0) ack 1
    `);
    const end = ends[0]!;
    end.stream!.write([pattern(2000)], undefined);
    script.run(`
      > . 1:1001(1000) ack 1
      > P. 1001:2001(1000) ack 1
      +0.01
      < . 1:1(0) ack 2001
    `);
    end.stream!.write([pattern(3000)], undefined);
    script.take();
    script.run(`
      +0.028
      > P. 4001:5001(1000) ack 1
    `);
  });

  it('nobody acknowledges is tried ever more seldom, and the connection given up in time (RFC 6298 §5.5, R2)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(10)], undefined);
    script.run(`
      > P. 1:11(10) ack 1
      +0.21
      > P. 1:11(10) ack 1
      +0.38
      > nothing
      +0.03
      > P. 1:11(10) ack 1
      +115
    `);
    expect(script.take().length).toBeGreaterThan(2);
    expect(ends[0]!.closed).toBeUndefined();
    script.run('+70');
    expect(ends[0]!.closed!.reason).toMatch(/does not answer any more/);
    expect(script.clock.pending).toBe(0);
  });

  it('in small pieces waits for acknowledgments where Nagle is on (SHLD-7), and does not where it is off (MUST-17)', () => {
    const { script, ends } = established({}, { noDelay: false });
    ends[0]!.stream!.write([pattern(10)], undefined);
    ends[0]!.stream!.write([pattern(10)], undefined);
    script.run(`
      > P. 1:11(10) ack 1
      > nothing
      < . 1:1(0) ack 11
      > P. 11:21(10) ack 1
    `);
    const other = established({}, { noDelay: true });
    other.ends[0]!.stream!.write([pattern(10)], undefined);
    other.ends[0]!.stream!.write([pattern(10)], undefined);
    other.script.run(`
      > P. 1:11(10) ack 1
      > P. 11:21(10) ack 1
    `);
  });
});

describe('windows (RFC 9293 §3.8.6)', () => {
  it('that are closed are asked for, and the connection stays as long as somebody answers (MUST-35 to MUST-37)', () => {
    const { script, ends } = established({}, {}, 0);
    ends[0]!.stream!.write([pattern(2000)], undefined);
    script.run(`
      > nothing
      +0.21
      > . 1:2(1) ack 1
      < . 1:1(0) ack 1 win 0
      +0.39
      > nothing
      +0.02
      > . 1:2(1) ack 1
      < . 1:1(0) ack 1 win 0
    `);
    for (let minute = 0; minute < 10; minute += 1) {
      script.run('+60');
      expect(script.take().length).toBeGreaterThan(0);
      script.run('< . 1:1(0) ack 1 win 0');
    }
    script.run(`
      < . 1:1(0) ack 1 win 5000
      > . 1:1001(1000) ack 1
      > P. 1001:2001(1000) ack 1
    `);
  });

  it('that a probe fits into count it as sent', () => {
    const { script, ends } = established({}, {}, 0);
    ends[0]!.stream!.write([pattern(1500)], undefined);
    script.run(`
      +0.21
      > . 1:2(1) ack 1
      < . 1:1(0) ack 2 win 5000
      > . 2:1002(1000) ack 1
      > P. 1002:1501(499) ack 1
    `);
  });

  it('are not filled in small pieces (MUST-38, §3.8.6.2.1)', () => {
    const { script, ends } = established({}, {}, 4000);
    ends[0]!.stream!.write([pattern(9000)], undefined);
    script.take();
    script.run(`
      < . 1:1(0) ack 4001 win 0
      < . 1:1(0) ack 4001 win 100
      > nothing
      < . 1:1(0) ack 4001 win 999
      > nothing
      < . 1:1(0) ack 4001 win 1000
      > . 4001:5001(1000) ack 1
    `);
  });

  it('of ours open in steps worth it (MUST-39, §3.8.6.2.2)', () => {
    const { script, ends } = established({ tcp: { receiveBytesMax: 4000 } });
    const end = ends[0]!;
    end.stream!.pause();
    script.run(`
      < . 1:1001(1000) ack 1
      > . 1:1(0) ack 1001 win 3000
      < . 1001:2001(1000) ack 1
      > . 1:1(0) ack 2001 win 2000
      < . 2001:4001(2000) ack 1
      > . 1:1(0) ack 4001 win 0
      # MUST-66: a closed window takes acknowledgments and resets, not data.
      < . 4001:4002(1) ack 1
      > . 1:1(0) ack 4001 win 0
    `);
    expect(end.bytes).toBe(0);
    end.stream!.resume();
    expect(end.all()).toEqual(pattern(4001).subarray(1));
    script.run(`
      > . 1:1(0) ack 4001 win 4000
    `);
  });
});

describe('the end (RFC 9293 §3.6)', () => {
  it('of one half leaves the other open', () => {
    const { script, ends, told } = established({}, { halfOpen: true });
    script.run(`
      < F. 1:1(0) ack 1
      > . 1:1(0) ack 2
    `);
    expect(told).toEqual(['ended']);
    ends[0]!.stream!.write([pattern(10)], undefined);
    ends[0]!.stream!.end();
    script.run(`
      > P. 1:11(10) ack 2
      > F. 11:11(0) ack 2
      < . 2:2(0) ack 12
    `);
    expect(ends[0]!.closed).toEqual({ reason: undefined });
    expect(script.stack.timeWaits).toBe(0);
  });

  it('of both at once', () => {
    const { script, ends } = established();
    ends[0]!.stream!.end();
    script.run(`
      > F. 1:1(0) ack 1
      < F. 1:1(0) ack 1
      > . 2:2(0) ack 2
      < . 2:2(0) ack 2
    `);
    expect(ends[0]!.closed).toEqual({ reason: undefined });
    expect(script.stack.timeWaits).toBe(1);
  });

  it('takes data until the peer has ended too, and answers its FIN again (MUST-13)', () => {
    const { script, ends } = established({}, { halfOpen: true });
    ends[0]!.stream!.end();
    script.run(`
      > F. 1:1(0) ack 1
      < . 1:1(0) ack 2
      < P. 1:101(100) ack 2
      > . 2:2(0) ack 101
      < F. 101:101(0) ack 2
      > . 2:2(0) ack 102
      < F. 101:101(0) ack 2
      > . 2:2(0) ack 102
      # RFC 1337: a reset does not end the wait.
      < R 102:102(0)
      > nothing
    `);
    expect(ends[0]!.bytes).toBe(100);
    expect(script.stack.timeWaits).toBe(1);
    script.run('+61');
    expect(script.stack.timeWaits).toBe(0);
  });

  it('waiting gives way to a new connection that begins behind the old one (MAY-2, RFC 6191)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.end();
    script.run(`
      > F. 1:1(0) ack 1
      < F. 1:1(0) ack 2
      > . 2:2(0) ack 2
      < S 0:0(0) win 1000
      > . 2:2(0) ack 2
      < S 9000:9000(0) win 1000 <mss 1000>
    `);
    expect(script.take()).toEqual(['S. 0:0(0) ack 9001 win 65535 <mss 1460>']);
    expect(script.stack.timeWaits).toBe(0);
  });

  it('by force is a reset, and what was written is given back', () => {
    const { script, ends } = established();
    let sent = 0;
    ends[0]!.stream!.write([pattern(10)], () => (sent += 1));
    ends[0]!.stream!.destroy();
    script.run(`
      > P. 1:11(10) ack 1
      > R. 11:11(0) ack 1
    `);
    expect(ends[0]!.closed).toEqual({ reason: undefined });
    expect(sent).toBe(1);
  });
});
