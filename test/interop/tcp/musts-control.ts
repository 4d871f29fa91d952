/** RFC 9293 §3.1, §3.8.4, §3.8.5, §3.9.2 and §3.10.7.4: options and checksums, resets, strangers, urgent data, keep-alives, ICMP. */
import { expect } from 'vitest';
import { pattern } from '../../../src/inet/tcp/testing/tcp-pair.ts';
import { OUR_MAC, OURS, THEIR_MAC, THEIRS } from '../../../src/inet/tcp/testing/notation.ts';
import { putEthernet, TYPE_IPV4 } from '../../../src/wire/ethernet/frame.ts';
import { encodeIcmp, ICMP_PARAMETER_PROBLEM, ICMP_TIME_EXCEEDED, ICMP_UNREACHABLE } from '../../../src/wire/ip/icmp.ts';
import { encodeIpv4, PROTOCOL_ICMP } from '../../../src/wire/ip/ipv4.ts';
import type { Heard } from './conversation.ts';
import { isLinux, type MustScript } from './musts.ts';

const SOURCE_QUENCH = 4;

/** An ICMP error about a segment that came. */
function icmpError(type: number, code: number, about: Heard): Uint8Array {
  const quote = about.frame.subarray(14, 14 + 28);
  const frame = new Uint8Array(14 + 20 + 8 + quote.length);
  encodeIcmp(type, code, 0, quote, frame, 34);
  encodeIpv4({ timeToLive: 64, protocol: PROTOCOL_ICMP, source: THEIRS, destination: OURS }, 8 + quote.length, frame, 14);
  putEthernet(frame, 0, OUR_MAC, THEIR_MAC, TYPE_IPV4);
  return frame;
}

export const CONTROL_SCRIPTS: readonly MustScript[] = [
  {
    names: 'MUST-2, MUST-3',
    title: 'a segment with a wrong checksum is nobody’s',
    async run(talk) {
      const socket = await talk.established();
      const spoilt = talk.end.frame('P. 1:101(100) ack 1');
      spoilt[60] = spoilt[60]! ^ 1;
      talk.subject.deliver(spoilt);
      const reset = talk.end.frame('R 1:1(0)');
      reset[50] = reset[50]! ^ 1;
      talk.subject.deliver(reset);
      await talk.run(`
        > nothing
        < P. 1:101(100) ack 1
        > . 1:1(0) ack 101
      `);
      expect(socket.read()).toEqual(pattern(101).subarray(1));
    },
  },
  {
    names: 'MUST-4, MUST-5, MUST-6, MUST-64, MUST-68',
    title: 'options may stand in any segment, at any place, and those that nobody knows are passed over',
    async run(talk) {
      const listener = talk.subject.listen(talk.end.ourPort)!;
      // Nothing, one unknown of 5 bytes, the largest segment at an odd place, the end and what is behind it.
      const options = Uint8Array.of(1, 253, 5, 9, 9, 9, 2, 4, 0x03, 0xe8, 0, 0xff);
      talk.send('S 0:0(0) win 10000', { options });
      await talk.run(`
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 1 win 10000
      `);
      await talk.rest();
      const socket = listener.accept()!;
      talk.send('P. 1:101(100) ack 1', { options: Uint8Array.of(254, 4, 0, 0, 1, 1, 1, 0) });
      expect((await talk.next()).ack).toBe(101);
      expect(socket.read().length).toBe(100);
      socket.write(pattern(1500));
      await talk.expect('. 1:1001(1000) ack 101');
    },
  },
  {
    names: 'MUST-7, MUST-69',
    title: 'options with lengths that can’t be hurt nobody',
    async run(talk) {
      const socket = await talk.established();
      const broken = [
        [253, 0, 0, 0],
        [253, 1, 0, 0],
        [1, 1, 1, 253],
        [2, 40, 0, 0],
        [5, 3, 1, 8],
        [0, 0, 0, 0],
      ];
      for (const [index, bytes] of broken.entries()) {
        const at = 1 + index * 10;
        talk.send(`P. ${at}:${at + 10}(10) ack 1`, { options: Uint8Array.from(bytes) });
        expect((await talk.next()).ack).toBe(at + 10);
      }
      expect(socket.read()).toEqual(pattern(61).subarray(1));
    },
  },
  {
    names: '§3.10.7.4, first; RFC 5961 §3.2',
    title: 'a reset counts where it is expected, is asked about within the window, and means nothing elsewhere',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < R 100000:100000(0)
        < R 0:0(0)
        > nothing
        < R 2:2(0)
        > . 1:1(0) ack 1
      `);
      expect([socket.state, socket.error]).toEqual(['established', undefined]);
      talk.send('R 1:1(0)');
      await talk.until('reset', () => socket.state === 'closed');
      expect(socket.error).toBe('ECONNRESET');
    },
  },
  {
    names: 'SHLD-2',
    title: 'a reset may say something',
    async run(talk) {
      const socket = await talk.established();
      talk.send('R 1:11(10)');
      await talk.until('reset', () => socket.state === 'closed');
      expect([socket.error, socket.read().length]).toEqual(['ECONNRESET', 0]);
    },
  },
  {
    names: '§3.10.7.4, fourth; RFC 5961 §4.2',
    title: 'a SYN on a connection is asked about, and changes nothing',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < S 2:2(0) win 1000
        > . 1:1(0) ack 1
      `);
      expect(socket.state).toBe('established');
    },
  },
  {
    names: '§3.10.7.4, first',
    title: 'what lies outside the window is answered with what is expected',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < P. -99:1(100) ack 1
        > . 1:1(0) ack 1
        < P. 200001:200101(100) ack 1
        > . 1:1(0) ack 1
      `);
      expect(socket.read().length).toBe(0);
    },
  },
  {
    names: '§3.10.7.4, fifth',
    title: 'data that acknowledges nothing, or what was never sent, is dropped; the latter is answered',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < P 1:101(100)
        > nothing
        < P. 1:101(100) ack 90000
        > . 1:1(0) ack 1
      `);
      expect(socket.read().length).toBe(0);
      await talk.run(`
        < P. 1:101(100) ack 1
        > . 1:1(0) ack 101
      `);
    },
  },
  {
    names: 'MUST-30, MUST-31, MUST-32, MUST-33',
    title: 'urgent data is told of, stays in line, and its end can be found',
    linux: 'a signal aside, it is told of when its last byte has come, not when its pointer has',
    async run(talk) {
      const socket = await talk.established();
      expect(socket.hasUrgent).toBe(false);
      await talk.run(`
        < .U 1:1001(1000) ack 1 urg 1500
        > . 1:1(0) ack 1001
      `);
      expect(socket.hasUrgent).toBe(!isLinux(talk));
      await talk.run(`
        < .U 1001:2001(1000) ack 1 urg 500
        > . 1:1(0) ack 2001
      `);
      expect(socket.hasUrgent).toBe(true);
      expect(socket.read()).toEqual(pattern(2001).subarray(1));
      expect(socket.hasUrgent).toBe(false);
      await talk.run(`
        < P.U 2001:2101(100) ack 1 urg 100
        > . 1:1(0) ack 2101
      `);
      expect(socket.hasUrgent).toBe(true);
    },
  },
  {
    names: 'MUST-31, MUST-62',
    title: 'urgent data is sent with a pointer to what stands behind it',
    async run(talk) {
      const socket = await talk.established();
      socket.write(pattern(10));
      await talk.expect('P. 1:11(10) ack 1');
      socket.writeUrgent(pattern(1500));
      const urgent = await talk.rest();
      expect(urgent.length).toBe(2);
      for (const { flags, start, urgent: pointer } of urgent) {
        expect(flags).toContain('U');
        expect(start + pointer!).toBe(1511);
      }
      talk.send('. 1:1(0) ack 1511');
      socket.write(pattern(10));
      expect((await talk.next()).flags).not.toContain('U');
    },
  },
  {
    names: 'MUST-24, MUST-26, MUST-27, MUST-29, SHLD-12',
    title: 'keep-alives are sent where asked for, without data, and one answer lost is no death',
    async run(talk) {
      const socket = await talk.established({ keepAliveSeconds: { idle: 1, interval: 1, probes: 2 } });
      await talk.run(`
        +0.8
        > nothing
        > . 0:0(0) ack 1
        < . 1:1(0) ack 1
        > . 0:0(0) ack 1
        > . 0:0(0) ack 1
      `);
      expect(socket.error).toBeUndefined();
      // MUST-26: heard of, it is asked for later again.
      talk.send('. 1:1(0) ack 1');
      await talk.nothing(0.8);
      await talk.run(`
        > . 0:0(0) ack 1
        > . 0:0(0) ack 1
      `);
      await talk.until('given up', () => socket.error !== undefined);
      expect(socket.error).toBe('ETIMEDOUT');
    },
  },
  {
    names: 'MUST-25',
    title: 'nobody asks for a quiet connection unless told to',
    async run(talk) {
      const socket = await talk.established();
      await talk.nothing(3);
      expect(socket.state).toBe('established');
    },
  },
  {
    names: 'MUST-54, MUST-55, MUST-56, SHLD-25',
    title: 'no word of a router ends a connection',
    async run(talk) {
      const socket = await talk.established();
      socket.write(pattern(100));
      const sent = await talk.expect('P. 1:101(100) ack 1');
      for (const code of [0, 1, 5]) talk.subject.deliver(icmpError(ICMP_UNREACHABLE, code, sent));
      talk.subject.deliver(icmpError(SOURCE_QUENCH, 0, sent));
      talk.subject.deliver(icmpError(ICMP_TIME_EXCEEDED, 0, sent));
      talk.subject.deliver(icmpError(ICMP_PARAMETER_PROBLEM, 0, sent));
      await talk.rest();
      expect(socket.state).toBe('established');
      talk.send('. 1:1(0) ack 101');
      socket.write(pattern(100));
      await talk.expect('P. 101:201(100) ack 1');
    },
  },
  {
    names: 'SHLD-26',
    title: 'an opener is refused by who says that nobody is there, if it is its SYN that was refused',
    async run(talk) {
      const socket = talk.subject.connect(talk.end.theirPort, talk.end.ourPort)!;
      const sent = await talk.expect('S 0:0(0)');
      // RFC 5927 §4.1: it quotes what was never sent.
      const strange = { ...sent, frame: sent.frame.slice() };
      strange.frame[14 + 20 + 4] = strange.frame[14 + 20 + 4]! ^ 0x40;
      talk.subject.deliver(icmpError(ICMP_UNREACHABLE, 3, strange));
      await talk.nothing();
      expect(socket.state).toBe('syn-sent');
      talk.subject.deliver(icmpError(ICMP_UNREACHABLE, 3, sent));
      await talk.until('refused', () => socket.error !== undefined);
      expect(socket.error).toBe('ECONNREFUSED');
    },
  },
];
