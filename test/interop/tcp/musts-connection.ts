/** RFC 9293 §3.5 and §3.6: how connections begin and end. */
import { expect } from 'vitest';
import { address } from '../../../src/wire/ip/address.ts';
import { pattern } from '../../../src/inet/tcp/testing/tcp-pair.ts';
import { isLinux, type MustScript } from './musts.ts';

export const CONNECTION_SCRIPTS: readonly MustScript[] = [
  {
    names: 'MUST-14, MUST-65, MUST-67',
    title: 'an active open says how large segments it takes, in its SYN and nowhere else',
    async run(talk) {
      const socket = talk.subject.connect(talk.end.theirPort, talk.end.ourPort)!;
      await talk.run(`
        > S 0:0(0) <mss 1460>
        < S. 0:0(0) ack 1 win 10000 <mss 1000>
        > . 1:1(0) ack 1
      `);
      socket.write(pattern(10));
      const heard = await talk.next();
      expect([...heard.options.keys()]).toEqual([]);
      expect(socket.state).toBe('established');
    },
  },
  {
    names: '§3.10.7.1',
    title: 'what belongs to nothing is reset, but for resets',
    async run(talk) {
      await talk.run(`
        < S 0:0(0) win 1000
        > R. 0:0(0) ack 1 win 0
        < . 5:5(0) ack 9
        > R 9:9(0) win 0
        < FP. 5:15(10) ack 9
        > R 9:9(0) win 0
        < R 5:5(0)
        < R. 5:5(0) ack 9
        > nothing
      `);
    },
  },
  {
    names: 'MUST-10',
    title: 'both sides may open at once',
    async run(talk) {
      const socket = await talk.connecting();
      await talk.run(`
        < S 0:0(0) win 10000 <mss 1000>
        > S. 0:0(0) ack 1
      `);
      expect(socket.state).toBe('syn-received');
      talk.send('S. 0:0(0) ack 1 win 10000 <mss 1000>');
      await talk.until('established', () => socket.state === 'established');
      await talk.rest();
      talk.send('. 1:11(10) ack 1');
      expect((await talk.next()).ack).toBe(11);
      expect(socket.read()).toEqual(pattern(11).subarray(1));
    },
  },
  {
    names: 'MUST-11',
    title: 'who came from listening goes back to it when reset, who opened is told',
    linux: 'what it tells is ECONNRESET instead of refused (§3.10.7.4, second)',
    async run(talk) {
      const listener = talk.subject.listen(talk.end.ourPort)!;
      await talk.run(`
        < S 0:0(0) win 1000 <mss 1000>
        > S. 0:0(0) ack 1
        < R 1:1(0)
        > nothing
      `);
      const port = talk.end.ourPort;
      talk.again(talk.end.theirPort + 1);
      await talk.run(`
        < S 0:0(0) win 1000 <mss 1000>
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 1
      `);
      await talk.rest();
      expect(listener.accept()?.state).toBe('established');
      expect(listener.accept()).toBeUndefined();
      talk.again(talk.end.theirPort + 1);
      const socket = talk.subject.connect(talk.end.theirPort, port + 1)!;
      await talk.run(`
        > S 0:0(0)
        < S 0:0(0) win 1000 <mss 1000>
        > S. 0:0(0) ack 1
        < R 1:1(0)
      `);
      await talk.until('told', () => socket.error !== undefined);
      expect(socket.error).toBe(isLinux(talk) ? 'ECONNRESET' : 'ECONNREFUSED');
    },
  },
  {
    names: '§3.10.7.3',
    title: 'an opener refuses what acknowledges something else, also from a half-open peer (§3.5.1, figure 9)',
    async run(talk) {
      const socket = await talk.connecting();
      await talk.run(`
        < S. 0:0(0) ack 77 win 1000
        > R 77:77(0)
        < R. 0:0(0) ack 77
      `);
      // Linux says its SYN again at once, as the figure has it.
      for (const { line } of await talk.rest()) expect(line).toMatch(/^S /);
      expect(socket.state).toBe('syn-sent');
      talk.send('R. 0:0(0) ack 1');
      await talk.until('refused', () => socket.error !== undefined);
      expect(socket.error).toBe('ECONNREFUSED');
    },
  },
  {
    names: '§3.4, §3.10.7.2',
    title: 'data in a SYN may come again, and counts once',
    async run(talk) {
      const listener = talk.subject.listen(talk.end.ourPort)!;
      talk.send('S 0:11(11) win 1000 <mss 1000>');
      // Neither keeps it: a SYN may be anybody's.
      await talk.run(`
        > S. 0:0(0) ack 1
        < . 1:11(10) ack 1
        > . 1:1(0) ack 11
      `);
      const socket = listener.accept()!;
      expect(socket.read()).toEqual(pattern(11).subarray(1));
    },
  },
  {
    names: 'MUST-19, MUST-22',
    title: 'a SYN is sent again, ever more seldom; so is its answer',
    linux: 'the first four times a second apart (tcp_syn_linear_timeouts), and only then ever more seldom',
    async run(talk) {
      const socket = talk.subject.connect(talk.end.theirPort, talk.end.ourPort)!;
      const [first, second, third] = [await talk.next(), await talk.next(), await talk.next(3)];
      expect([first.line, second.line, third.line]).toEqual([first.line, first.line, first.line]);
      expect(second.at - first.at).toBeGreaterThan(0.9e9);
      expect((third.at - second.at) / (second.at - first.at)).toBeGreaterThan(isLinux(talk) ? 0.9 : 1.9);
      socket.abort();
      talk.subject.listen(talk.end.ourPort + 1);
      talk.again(talk.end.theirPort + 1);
      talk.end.ourPort += 1;
      await talk.run(`
        < S 0:0(0) win 1000 <mss 1000>
        > S. 0:0(0) ack 1
        < S 0:0(0) win 1000 <mss 1000>
        > S. 0:0(0) ack 1
        > S. 0:0(0) ack 1
      `);
    },
  },
  {
    names: 'MUST-57, MUST-63',
    title: 'SYNs to everybody, or from what is nobody, are not answered',
    linux: 'it answers one from the broadcast address of its own network',
    async run(talk) {
      talk.subject.listen(talk.end.ourPort);
      const line = 'S 0:0(0) win 1000 <mss 1000>';
      for (const destination of ['192.0.2.255', '255.255.255.255', '224.0.0.1']) talk.send(line, { destination: address(destination) });
      const sources = ['224.0.0.1', '255.255.255.255', ...(isLinux(talk) ? [] : ['192.0.2.255'])];
      for (const source of sources) talk.send(line, { source: address(source) });
      await talk.nothing();
      await talk.run(`
        < ${line}
        > S. 0:0(0) ack 1
      `);
    },
  },
  {
    names: 'MUST-46',
    title: 'nobody opens a connection to everybody, or to a group',
    run(talk) {
      for (const to of ['255.255.255.255', '192.0.2.255', '224.0.0.1'])
        expect(talk.subject.connect(talk.end.theirPort, 0, {}, to), to).toBeUndefined();
      return Promise.resolve();
    },
  },
  {
    names: 'MUST-41, MUST-42',
    title: 'connections of one port stand beside its listener and each other',
    async run(talk) {
      const port = talk.end.theirPort;
      // One that is under way from there already is in nobody's way.
      const opener = talk.subject.connect(port + 2, talk.end.ourPort)!;
      expect(opener.state).toBe('syn-sent');
      const listener = talk.subject.listen(talk.end.ourPort)!;
      const initial: number[] = [];
      for (const theirPort of [port, port + 1]) {
        talk.again(theirPort);
        await talk.run(`
          < S 0:0(0) win 1000 <mss 1000>
          > S. 0:0(0) ack 1
          < . 1:1(0) ack 1
          < P. 1:11(10) ack 1
          > . 1:1(0) ack 11
        `);
        initial.push(talk.end.ourInitial);
      }
      for (const _ of initial) expect(listener.accept()!.read().length).toBe(10);
      // SHLD-1: numbers that nobody guesses begin each.
      expect(initial[0]).not.toBe(initial[1]);
      expect(talk.subject.listen(talk.end.ourPort)).toBeUndefined();
      expect(opener.state).toBe('syn-sent');
    },
  },
  {
    names: '§3.6, case 2; MAY-1',
    title: 'the end of one half leaves the other open',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < FP. 1:101(100) ack 1
        > . 1:1(0) ack 102
      `);
      expect(socket.read().length).toBe(100);
      socket.read();
      expect([socket.ended, socket.state]).toEqual([true, 'close-wait']);
      socket.write(pattern(10));
      await talk.expect('P. 1:11(10) ack 102');
      socket.end();
      await talk.expect('F. 11:11(0) ack 102');
      expect(socket.state).toBe('last-ack');
      talk.send('. 102:102(0) ack 12');
      await talk.until('closed', () => socket.state === 'closed');
      expect(socket.error).toBeUndefined();
    },
  },
  {
    names: '§3.6, case 1; MUST-13',
    title: 'who ends first takes data until the other ends, and answers its FIN again for a while',
    async run(talk) {
      const socket = await talk.established();
      socket.end();
      await talk.expect('F. 1:1(0) ack 1');
      expect(socket.state).toBe('fin-wait-1');
      talk.send('. 1:1(0) ack 2');
      await talk.until('its FIN is acknowledged', () => socket.state === 'fin-wait-2');
      await talk.run(`
        < P. 1:101(100) ack 2
        > . 2:2(0) ack 101
      `);
      expect(socket.read()).toEqual(pattern(101).subarray(1));
      await talk.run(`
        < F. 101:101(0) ack 2
        > . 2:2(0) ack 102
        < F. 101:101(0) ack 2
        > . 2:2(0) ack 102
        +1.5
        < F. 101:101(0) ack 2
        > . 2:2(0) ack 102
      `);
    },
  },
  {
    names: '§3.6, case 3',
    title: 'both may end at once',
    async run(talk) {
      const socket = await talk.established();
      socket.end();
      await talk.run(`
        > F. 1:1(0) ack 1
        < F. 1:1(0) ack 1
        > . 2:2(0) ack 2
      `);
      expect(socket.state).toBe('closing');
      talk.send('. 2:2(0) ack 2');
      await talk.until('closed', () => socket.state === 'closed');
      await talk.run(`
        < F. 1:1(0) ack 2
        > . 2:2(0) ack 2
      `);
      expect(socket.error).toBeUndefined();
    },
  },
  {
    names: '§3.10.5',
    title: 'an abort is a reset, and what was not sent is forgotten',
    async run(talk) {
      const socket = await talk.established({ window: 0 });
      socket.write(pattern(500));
      socket.abort();
      await talk.run(`
        > R. 1:1(0) ack 1
        < . 1:1(0) ack 1
        > R 1:1(0)
      `);
    },
  },
  {
    names: 'MUST-12',
    title: 'a user is told when the peer resets, and of what came before',
    async run(talk) {
      const socket = await talk.established();
      await talk.run(`
        < P. 1:11(10) ack 1
        > . 1:1(0) ack 11
        < R 11:11(0)
      `);
      await talk.until('told', () => socket.error !== undefined);
      expect([socket.error, socket.state]).toEqual(['ECONNRESET', 'closed']);
      await talk.run(`
        < . 11:11(0) ack 1
        > R 1:1(0)
      `);
    },
  },
];
