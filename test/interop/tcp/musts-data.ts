/** RFC 9293 §3.7 and §3.8: data, windows, timers. */
import { expect } from 'vitest';
import { pattern } from '../../../src/inet/tcp/testing/tcp-pair.ts';
import type { Conversation } from './conversation.ts';
import { isLinux, type MustScript } from './musts.ts';

/** Sends until the window that the subject shows is closed; where its next byte is expected. */
async function fillWindow(talk: Conversation): Promise<number> {
  let at = 1;
  for (let rounds = 0; rounds < 100; rounds += 1) {
    talk.send(`. ${at}:${at + 500}(500) ack 1`);
    talk.send(`. ${at + 500}:${at + 1000}(500) ack 1`);
    const { ack, win } = (await talk.rest(0.05)).at(-1)!;
    at = ack!;
    if (win === 0) return at;
    if (win! < 1000) talk.send(`. ${at}:${at + win!}(${win}) ack 1`);
  }
  throw new Error('the window does not close');
}

/** Acknowledges everything that comes, with this window. */
async function takeAll(talk: Conversation, end: number, window: number): Promise<void> {
  for (let rounds = 0; rounds < 50; rounds += 1) {
    const reached = Math.max(0, ...(await talk.rest()).map(({ start, bytes }) => start + bytes));
    if (reached > 0) talk.send(`. 1:1(0) ack ${reached} win ${window}`);
    if (reached >= end) return;
  }
  throw new Error(`not everything came up to ${end}`);
}

export const DATA_SCRIPTS: readonly MustScript[] = [
  {
    names: 'MUST-15',
    title: '536 bytes at most go to who does not say more',
    async run(talk) {
      const listener = talk.subject.listen(talk.end.ourPort)!;
      await talk.run(`
        < S 0:0(0) win 10000
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 1 win 10000
      `);
      await talk.rest();
      listener.accept()!.write(pattern(1000));
      await talk.run(`
        > . 1:537(536) ack 1
        > P. 537:1001(464) ack 1
      `);
    },
  },
  {
    names: 'MUST-16',
    title: 'no segment is larger than the link carries, whatever the peer takes',
    async run(talk) {
      const socket = await talk.established({ mss: 9000 });
      socket.write(pattern(3000));
      await talk.run(`
        > . 1:1461(1460) ack 1
        > . 1461:2921(1460) ack 1
        > P. 2921:3001(80) ack 1
      `);
    },
  },
  {
    names: 'MUST-60, MUST-61',
    title: 'what was written leaves at once, and its last segment is pushed',
    async run(talk) {
      const socket = await talk.established();
      socket.write(pattern(10));
      await talk.expect('P. 1:11(10) ack 1', 0.1);
    },
  },
  {
    names: 'MUST-17, SHLD-7',
    title: 'Nagle’s algorithm holds small segments back where it is on, and can be switched off',
    async run(talk) {
      for (const nagle of [true, false]) {
        const socket = await talk.established({ nagle });
        for (let count = 0; count < 3; count += 1) socket.write(pattern(10));
        await talk.expect('P. 1:11(10) ack 1');
        if (nagle) {
          await talk.run(`
            > nothing
            < . 1:1(0) ack 11
            > P. 11:31(20) ack 1
          `);
        } else {
          await talk.run(`
            > P. 11:21(10) ack 1
            > P. 21:31(10) ack 1
          `);
        }
        const port = talk.end.ourPort + 1;
        talk.again(talk.end.theirPort + 1);
        talk.end.ourPort = port;
      }
    },
  },
  {
    names: 'MUST-59, SHLD-31',
    title: 'what comes out of order is kept, told of at once, and handed over with what fills the gap',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < . 1001:2001(1000) ack 1
        > . 1:1(0) ack 1
        < . 3001:4001(1000) ack 1
        > . 1:1(0) ack 1
        < . 1:1001(1000) ack 1
        > . 1:1(0) ack 2001
        # Partly old, partly new, and over what is there.
        < . 1501:2901(1400) ack 1
        > . 1:1(0) ack 2901
        < . 2801:3101(300) ack 1
        > . 1:1(0) ack 4001
        < . 1:1001(1000) ack 1
        > . 1:1(0) ack 4001
      `);
      expect(socket.read()).toEqual(pattern(4001).subarray(1));
    },
  },
  {
    names: 'MUST-40, MUST-58, SHLD-18, SHLD-19',
    title: 'an acknowledgment waits half a second at most, and two full segments do not wait',
    async run(talk) {
      const socket = await talk.established();
      // At first both acknowledge everything at once: the window of who sends is small.
      let at = 1;
      for (; at < 30_001; at += 1000) {
        talk.send(`. ${at}:${at + 1000}(1000) ack 1`);
        expect((await talk.next(0.5)).ack).toBe(at + 1000);
        socket.read();
      }
      await talk.rest(0.1);
      talk.send(`. ${at}:${at + 1000}(1000) ack 1`);
      talk.send(`. ${at + 1000}:${at + 2000}(1000) ack 1`);
      // Linux leaves it to the next read.
      await talk.subject.pass(5e6);
      socket.read();
      const heard = await talk.rest();
      expect(heard.at(-1)?.ack).toBe(at + 2000);
      expect(heard.length).toBeLessThanOrEqual(2);
    },
  },
  {
    names: 'MUST-19, SHLD-10',
    title: 'what nobody acknowledges is sent again, ever more seldom, and one segment of it',
    async run(talk) {
      const socket = await talk.established();
      socket.write(pattern(8000));
      expect((await talk.rest()).length).toBe(8);
      const times: number[] = [];
      for (let count = 0; count < 3; count += 1) times.push((await talk.expect('. 1:1001(1000) ack 1')).at);
      const ratio = (times[2]! - times[1]!) / (times[1]! - times[0]!);
      expect(ratio).toBeGreaterThan(1.7);
      expect(ratio).toBeLessThan(2.3);
      // Slow start, from one segment on: not all of the others go at once.
      talk.send('. 1:1(0) ack 1001');
      const others = await talk.rest();
      expect(others[0]!.start).toBe(1001);
      expect(others.length).toBeLessThan(5);
    },
  },
  {
    names: 'MUST-18',
    title: 'a timeout stays long until a segment that was sent once is acknowledged (Karn)',
    async run(talk) {
      const socket = await talk.established();
      socket.write(pattern(10));
      await talk.run(`
        > P. 1:11(10) ack 1
        > P. 1:11(10) ack 1
        > P. 1:11(10) ack 1
        < . 1:1(0) ack 11
      `);
      await talk.rest();
      socket.write(pattern(10));
      const first = await talk.expect('P. 11:21(10) ack 1');
      const again = await talk.expect('P. 11:21(10) ack 1', 3);
      // 200 ms, doubled twice: what was acknowledged says nothing of round trips.
      expect(again.at - first.at).toBeGreaterThan(0.6e9);
    },
  },
  {
    names: 'RFC 5681 §3.2',
    title: 'three duplicate acknowledgments bring what is missing',
    async run(talk) {
      const socket = await talk.established();
      socket.write(pattern(8000));
      expect((await talk.rest()).length).toBe(8);
      await talk.run(`
        < . 1:1(0) ack 1
        < . 1:1(0) ack 1
        > nothing
        < . 1:1(0) ack 1
        > . 1:1001(1000) ack 1
        < . 1:1(0) ack 8001
        > nothing
      `);
    },
  },
  {
    names: 'MUST-1, MUST-19',
    title: 'a window has no sign; slow start fills it from ten segments on, and never more than it',
    async run(talk) {
      const socket = await talk.established({ window: 60_000 });
      socket.write(pattern(400_000));
      const bursts: number[] = [];
      for (let round = 0; round < 12 && (bursts.at(-1) ?? 0) < 0x8000; round += 1) {
        const heard = await talk.rest();
        bursts.push(heard.reduce((sum, { bytes }) => sum + bytes, 0));
        for (const { start, bytes } of heard) talk.send(`. 1:1(0) ack ${start + bytes} win 60000`);
      }
      expect(bursts[0]).toBe(10_000);
      expect(bursts[1]).toBeGreaterThan(10_000);
      expect(bursts[1]).toBeLessThanOrEqual(20_000);
      expect(bursts.at(-1)).toBeGreaterThanOrEqual(0x8000);
      expect(bursts.at(-1)).toBeLessThanOrEqual(60_000);
    },
  },
  {
    names: 'MUST-34, SHLD-14 to SHLD-16',
    title: 'a window that shrinks stops new data, not what is under way',
    async run(talk) {
      const socket = await talk.established({ window: 5000 });
      socket.write(pattern(9000));
      expect((await talk.rest()).length).toBe(5);
      await talk.run(`
        < . 1:1(0) ack 2001 win 1000
        > nothing
      `);
      const again = await talk.next();
      expect(again.start).toBeLessThanOrEqual(2001);
      await talk.rest();
      talk.send('. 1:1(0) ack 5001 win 6000');
      await takeAll(talk, 9001, 6000);
      expect(socket.state).toBe('established');
    },
  },
  {
    names: 'MUST-35, MUST-36, MUST-37, SHLD-29, SHLD-30',
    title: 'a closed window is asked for, ever more seldom, for as long as somebody answers',
    linux: 'it asks with a segment without data, from before what is acknowledged (§3.8.6.1: at least one octet of new data)',
    async run(talk) {
      const socket = await talk.established({ window: 0 });
      socket.write(pattern(3000));
      await talk.nothing(0.1);
      const times: number[] = [];
      for (let probe = 0; probe < 4; probe += 1) {
        times.push((await talk.expect(isLinux(talk) ? '. 0:0(0) ack 1' : '. 1:2(1) ack 1', 3)).at);
        talk.send('. 1:1(0) ack 1 win 0');
      }
      const gaps = times.slice(1).map((time, index) => time - times[index]!);
      expect(gaps[1]! / gaps[0]!).toBeGreaterThan(1.7);
      expect(gaps[2]! / gaps[1]!).toBeGreaterThan(1.7);
      expect(socket.state).toBe('established');
      talk.send('. 1:1(0) ack 1 win 10000');
      await takeAll(talk, 3001, 10_000);
    },
  },
  {
    names: 'MUST-38',
    title: 'a window is not filled in small pieces',
    async run(talk) {
      const socket = await talk.established({ window: 4000 });
      socket.write(pattern(9000));
      expect((await talk.rest()).length).toBe(4);
      await talk.run(`
        < . 1:1(0) ack 4001 win 0
        < . 1:1(0) ack 4001 win 100
        > nothing
        < . 1:1(0) ack 4001 win 999
        > nothing
        < . 1:1(0) ack 4001 win 1000
        > . 4001:5001(1000) ack 1
      `);
    },
  },
  {
    names: 'MUST-39, MAY-8',
    title: 'a window of theirs closes, stays closed, takes nothing, and opens by what is worth it',
    async run(talk) {
      const socket = await talk.established({ receiveBytes: 8192 });
      const at = await fillWindow(talk);
      talk.send(`. ${at}:${at + 1}(1) ack 1`);
      expect(await talk.next()).toMatchObject({ ack: at, win: 0 });
      const arrived = socket.read();
      expect(arrived).toEqual(pattern(at).subarray(1));
      const opened = await talk.next();
      expect(opened.ack).toBe(at);
      expect(opened.win).toBeGreaterThanOrEqual(1000);
      talk.send(`. ${at}:${at + 100}(100) ack 1`);
      expect((await talk.next()).ack).toBe(at + 100);
    },
  },
  {
    names: 'MUST-66',
    title: 'a closed window still takes acknowledgments, urgent pointers and resets',
    async run(talk) {
      const socket = await talk.established({ receiveBytes: 8192 });
      const at = await fillWindow(talk);
      socket.write(pattern(500));
      await talk.expect(`P. 1:501(500) ack ${at}`);
      talk.send(`. ${at}:${at}(0) ack 501`);
      await talk.nothing(0.4);
      talk.send(`R ${at}:${at}(0)`);
      await talk.until('reset', () => socket.state === 'closed');
      expect(socket.error).toBe('ECONNRESET');
    },
  },
  {
    names: 'MUST-20, MUST-21',
    title: 'a connection is given up, and its user told, after a time that the user sets',
    async run(talk) {
      const socket = await talk.established({ userTimeoutSeconds: 1 });
      socket.write(pattern(10));
      await talk.run(`
        > P. 1:11(10) ack 1
        > P. 1:11(10) ack 1
        > P. 1:11(10) ack 1
      `);
      expect(socket.error).toBeUndefined();
      // Ours tries five times, whatever the time.
      await talk.subject.pass(16e9, () => socket.error !== undefined);
      expect(socket.error).toBe('ETIMEDOUT');
      expect(socket.state).toBe('closed');
    },
  },
];
