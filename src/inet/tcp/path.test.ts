import { describe, expect, it } from 'vitest';
import { below, seededRng } from '../../base/rng.ts';
import { client, established } from './testing/served.ts';
import { pattern } from './testing/tcp-pair.ts';

describe('the path', () => {
  it('takes less, says a router: what is under way goes again in smaller segments (RFC 1191 §5)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(3000)], undefined);
    const frames = script.takeFrames();
    script.host.handleError({ kind: 'too-big', mtuBytes: 600 }, frames[0]!, 14, frames[0]!.length);
    script.run(`
      > . 1:561(560) ack 1
      > . 561:1001(440) ack 1
    `);
    expect(ends[0]!.stream!.info()).toMatchObject({ segmentBytes: 560, pathMtuBytes: 600 });
    expect(script.stack.counters.pathMtuReductions).toBe(1);
  });

  it('says who was not asked: nothing comes of errors about what is not under way (RFC 5927 §4.1)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(500)], undefined);
    const [frame] = script.takeFrames();
    script.run('< . 1:1(0) ack 501');
    script.host.handleError({ kind: 'too-big', mtuBytes: 600 }, frame!, 14, frame!.length);
    expect(ends[0]!.stream!.info().segmentBytes).toBe(1000);
    expect(script.stack.counters.icmpIgnored).toBe(1);
  });

  it('swallows large segments and nobody says so: smaller ones get through (RFC 4821 §7.7)', () => {
    const { script, end } = client();
    script.run(`
      > S 0:0(0)
      < S. 0:0(0) ack 1 win 65535 <mss 1460>
      > . 1:1(0) ack 1
    `);
    end.stream!.write([pattern(2920)], undefined);
    let acknowledged = 1;
    for (let round = 0; round < 200 && acknowledged < 2921; round += 1) {
      script.run('+0.5');
      // Nothing above 1100 bytes gets through.
      for (const line of script.take()) {
        const [, start, stop] = /(\d+):(\d+)\(/.exec(line)!.map(Number);
        if (start === acknowledged && stop! - start! <= 1100) acknowledged = stop!;
      }
      script.run(`< . 1:1(0) ack ${acknowledged}`);
    }
    expect(acknowledged).toBe(2921);
    expect(script.events.map(({ name }) => name)).toContain('tcp-path-black-hole');
  });

  it('is no reason to give up an established connection, nor a beginning one by what may pass (MUST-56)', () => {
    const { script, ends } = established();
    ends[0]!.stream!.write([pattern(10)], undefined);
    const [frame] = script.takeFrames();
    script.host.handleError({ kind: 'unreachable', code: 'port' }, frame!, 14, frame!.length);
    expect(ends[0]!.closed).toBeUndefined();
    const beginning = client();
    beginning.script.clock.run(1000);
    const [syn] = beginning.script.takeFrames();
    beginning.script.host.handleError({ kind: 'unreachable', code: 'host' }, syn!, 14, syn!.length);
    expect(beginning.end.closed).toBeUndefined();
    beginning.script.host.handleError({ kind: 'unreachable', code: 'port' }, syn!, 14, syn!.length);
    expect(beginning.end.closed!.reason).toMatch(/refused.*port unreachable/);
  });
});

describe('any segments', () => {
  it('crash nothing, and a connection beside them goes on', () => {
    const rng = seededRng(11);
    const flags = ['.', 'S', 'S.', 'F.', 'R', 'R.', 'P.', '.U', 'SF', 'SEW', '.E', '.W', 'FSRP.UEW'];
    const options = ['', ' <mss 1>', ' <sackOK,TS 4 0,wscale 14>', ' <sack 1:2,sack 5:3>', ' <sack -9:9,sack 1:900000>', ' <TS 1 1>'];
    for (let round = 0; round < 40; round += 1) {
      const tcp = { sack: round % 2 === 0, timestamps: round % 3 === 0, ecn: true, windowScaling: true };
      const { script, ends } = established({ tcp });
      ends[0]!.stream?.write([pattern(5000)], undefined);
      for (let count = 0; count < 200; count += 1) {
        const near = (): number => (below(rng, 3) === 0 ? below(rng, 3) : below(rng, 200_000) - 50_000);
        const bytes = below(rng, 2) === 0 ? 0 : below(rng, 1400);
        const start = near();
        const line = `${flags[below(rng, flags.length)]} ${start}:${start + bytes}(${bytes}) ack ${near()} win ${below(rng, 65_536)} urg ${below(rng, 65_536)}`;
        if (below(rng, 20) === 0) script.run(`+${below(rng, 50) / 10}`);
        if (below(rng, 30) === 0) script.forget(5000 + below(rng, 3));
        script.send(line + options[below(rng, options.length)]!);
      }
      script.run('+4000');
      script.take();
      // What came out of order waits for what is missing, as long as the connection stands: within its bound.
      expect(script.stack.budget.usedBytes).toBeLessThanOrEqual(5 * 4 * 1024 * 1024);
      expect(script.stack.connections.length).toBeLessThan(5);
      script.forget(9999);
      script.run(`
        < S 0:0(0) win 1000 <mss 1000>
        > S. 0:0(0) ack 1
        < P. 1:11(10) ack 1
      `);
      expect(ends.at(-1)!.bytes).toBe(10);
      script.stack.shutDown();
      script.run('+1');
      expect([script.stack.budget.usedBytes, script.stack.connections.length, ends.every(({ closed }) => closed !== undefined)]).toEqual([
        0,
        0,
        true,
      ]);
    }
  });
});
