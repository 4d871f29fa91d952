import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { makeUnit } from '../scsi/testing/test-command.ts';
import { compareCommand, readCommand, UnitBench, writeCommand } from './testing/unit-bench.ts';

const CHECK_CONDITION = 2;
const twoSame = { groups: [1, 1] };

describe('a unit over two paths', () => {
  it('takes turns where both are equal', () => {
    const bench = new UnitBench(twoSame);
    expect(bench.paths).toEqual(['a up active-optimized *', 'b up active-optimized *']);
    expect(['abab', 'baba']).toContain(bench.route(4));
    expect(bench.news()).toEqual(['path-up', 'path-up']);
  });

  it('takes turns of as many commands as it is told', () => {
    const bench = new UnitBench({ ...twoSame, limits: { commandsPerTurn: 2 } });
    expect(['aabbaabb', 'bbaabbaa']).toContain(bench.route(8));
  });

  it('goes by the less busy one', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'least-queue-depth' } });
    bench.links[0]!.isHeld = true;
    bench.links[1]!.isHeld = true;
    const route = bench.route(6);
    expect([...route].toSorted().join('')).toBe('aaabbb');
    bench.links[1]!.release();
    expect(bench.route(3)).toBe('bbb');
  });

  it('goes by the first, and by the second only when that is gone', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    expect(bench.route(3)).toBe('aaa');
    bench.news();
    bench.links[0]!.down();
    expect(bench.route(3)).toBe('bbb');
    expect(bench.news()).toEqual(['path-down', 'failed-over']);
    bench.links[0]!.up();
    expect(bench.route(3)).toBe('aaa');
    expect(bench.news()).toEqual(['path-up', 'failed-back']);
  });

  it('takes no path to another unit, and says to which', () => {
    const bench = new UnitBench({ ...twoSame, unplugged: [1] });
    bench.links[1]!.unit = makeUnit({ lun: 7 });
    bench.links[1]!.up();
    expect(bench.paths).toEqual(['a up active-optimized *', 'b down ']);
    expect(bench.unit.mismatches.map(({ name }) => name)).toEqual(['b']);
    expect(bench.unit.paths()[1]!.reason).toMatch(/^it leads to naa\.6.*08, and the other paths to naa\.6.*01$/);
    expect(bench.news()).toEqual(['path-up', 'path-mismatch', 'path-down']);
    expect(bench.route(2)).toBe('aa');
    // The cable is moved to the right place.
    bench.links[1]!.unit = bench.disk;
    bench.elapse(5 * SECOND);
    expect(bench.paths[1]).toBe('b up active-optimized *');
    expect(bench.unit.mismatches).toEqual([]);
  });

  it('looks again at what is behind a path when the device says that its units changed', () => {
    const bench = new UnitBench(twoSame);
    const other = makeUnit({ lun: 7 });
    bench.links[1]!.unit = other;
    // The old unit would have been told as well: its LUN now belongs to another.
    other.link({ ...linkNexus('b'), targetPort: bench.links[1]!.port });
    for (const link of other.links.values()) while (link.hasAttention) link.takeAttention();
    other.attention({ key: 'UNIT ATTENTION', code: 0x3f0e });
    bench.links.forEach((link) => (link.seen.length = 0));
    for (let index = 0; index < 4; index += 1) expect(bench.outcome({ ...writeCommand(0, 9), attentionRetries: 1 })).toBe(0);
    expect(bench.paths).toEqual(['a up active-optimized *', 'b down active-optimized']);
    // Nothing was written to the wrong unit: what went there was told of the change instead.
    expect(bench.links[1]!.asked.filter((code) => code === 0x2a).length).toBe(1);
    expect(other.counters.writeCommands).toBe(0);
  });
});

const linkNexus = (name: string): { initiatorPort: string; initiatorName: string; transportId: Uint8Array } => ({
  initiatorPort: `iqn.2026-01.net.example:${name},i,0x000000000001`,
  initiatorName: `iqn.2026-01.net.example:${name}`,
  transportId: Uint8Array.from([0x05, 0, 0, 4, 0x69, 0x71, 0x6e, 0]),
});

describe('a path that is lost', () => {
  it('leaves what may be sent again to the other one', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    bench.links[0]!.isHeld = true;
    const write = bench.send(writeCommand(3, 7));
    bench.links[0]!.down('lost');
    expect(write.ends.map(({ answer, failure }) => [answer?.status, failure])).toEqual([[0, undefined]]);
    expect(bench.links.map(({ seen }) => seen)).toEqual([[0x2a], [0x2a]]);
    expect(bench.unit.paths()[0]!.counters).toMatchObject({ commands: 1, commandsLost: 1, commandsMoved: 1, losses: 1 });
    expect(bench.news()).toEqual(['path-up', 'path-up', 'path-down', 'failed-over', 'command-moved']);
  });

  it('fails what may not, and says that nobody knows', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    bench.links[0]!.isHeld = true;
    const compare = bench.send(compareCommand(3, 0, 7));
    const told = bench.send({ ...writeCommand(4, 1), replay: false });
    const allowed = bench.send({ ...compareCommand(5, 0, 7), replay: true });
    bench.links[0]!.down('lost');
    expect(compare.ends[0]!.failure).toEqual({
      reason: 'path-lost',
      message: 'a was lost while COMPARE AND WRITE was under way; it is not known whether it was carried out',
    });
    expect(told.ends[0]!.failure?.reason).toBe('path-lost');
    expect(allowed.ends[0]!.failure).toBeUndefined();
    expect(bench.news()).toContain('command-unknown');
  });

  it('leaves everything to the other one that had not been sent', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    bench.links[0]!.isHeld = true;
    const compare = bench.send(compareCommand(3, 0, 7));
    bench.links[0]!.down('unsent');
    expect(compare.ends.map(({ answer }) => answer?.status)).toEqual([0]);
  });

  it('is looked at before more goes by it, when a command was lost though its transport works', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    const [a] = bench.links;
    a!.isHeld = true;
    const { ends } = bench.send(readCommand());
    a!.isMute = true;
    const timedOut = a!.held.splice(0)[0]!;
    timedOut.done(timedOut.answer, 'lost');
    expect(ends.map(({ answer }) => answer?.status)).toEqual([0]);
    expect(bench.paths).toEqual(['a checking active-optimized', 'b up active-optimized *']);
    a!.release();
    expect(bench.paths[0]).toBe('a up active-optimized *');
  });

  it('is asked again less and less often while it gives no answer', () => {
    const bench = new UnitBench({ ...twoSame, limits: { checkNanos: 1000 * SECOND } });
    const [a] = bench.links;
    a!.isMute = true;
    a!.up();
    const asked: number[] = [];
    for (let elapsed = 0; elapsed < 120; elapsed += 1) {
      const question = a!.held.splice(0)[0];
      question?.done(question.answer, 'lost');
      if (question !== undefined) asked.push(elapsed);
      bench.elapse(SECOND);
    }
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(14);
    expect(asked.at(-1)! - asked.at(-2)!).toBeGreaterThan(14);
    expect(bench.unit.paths()[0]).toMatchObject({ state: 'down', reason: 'INQUIRY: the unit does not answer' });
  });

  it('is found out by its checks, without any command', () => {
    const bench = new UnitBench({ ...twoSame, limits: { checkNanos: 5 * SECOND } });
    bench.links[1]!.isMute = true;
    bench.elapse(6 * SECOND);
    const question = bench.links[1]!.held.splice(0)[0]!;
    expect(question.command.cdb[0]).toBe(0x00);
    question.done(question.answer, 'lost');
    expect(bench.paths[1]).toBe('b down active-optimized');
  });
});

const lost = (limits: ConstructorParameters<typeof UnitBench>[0]): UnitBench => {
  const bench = new UnitBench({ ...twoSame, ...limits });
  for (const link of bench.links) link.down();
  return bench;
};

describe('where no path is left', () => {
  it('commands wait for one', () => {
    const bench = lost({ limits: { noPathNanos: Number.POSITIVE_INFINITY } });
    const { ends } = bench.send(writeCommand(0, 1));
    bench.elapse(10_000 * SECOND);
    expect([ends, bench.unit.status.commandsWaiting]).toEqual([[], 1]);
    bench.links[1]!.up();
    expect(ends.map(({ answer }) => answer?.status)).toEqual([0]);
    expect(bench.unit.status).toMatchObject({ situation: 'ready', commandsWaiting: 0, commandsInFlight: 0 });
    expect(bench.news().slice(2)).toEqual(['path-down', 'path-down', 'no-path', 'path-up', 'path-found']);
  });

  it('commands wait for so long, and then fail, as those do that come later', () => {
    const bench = lost({ limits: { noPathNanos: 30 * SECOND } });
    bench.elapse(20 * SECOND);
    const { ends } = bench.send(writeCommand(0, 1));
    bench.elapse(9 * SECOND);
    expect(ends).toEqual([]);
    bench.elapse(SECOND);
    const message = 'no path to the unit is left (a: the cable was pulled; b: the cable was pulled)';
    expect(ends).toEqual([{ answer: undefined, failure: { reason: 'no-path', message } }]);
    expect(bench.outcome(readCommand())).toBe('no-path');
    bench.links[0]!.up();
    expect(bench.outcome(readCommand())).toBe(0);
    expect(bench.news()).toContain('no-path-expired');
  });

  it('commands fail at once where they were told to', () => {
    const bench = lost({ limits: { noPathNanos: 0 } });
    expect(bench.outcome(readCommand())).toBe('no-path');
    expect(bench.news().slice(2)).toEqual(['path-down', 'path-down', 'no-path']);
  });

  it('no more commands wait than there is room for', () => {
    const bench = lost({ limits: { commandsWaiting: 2 } });
    const waiting = [bench.send(readCommand()), bench.send(readCommand())];
    expect(bench.outcome(readCommand())).toBe('queue-full');
    bench.links[0]!.up();
    expect(waiting.map(({ ends }) => ends.length)).toEqual([1, 1]);
    const bytes = lost({ limits: { bytesWaiting: 1024 } });
    bytes.send(writeCommand(0, 1));
    bytes.send(writeCommand(0, 1));
    expect(bytes.outcome(writeCommand(0, 1))).toBe('queue-full');
  });

  it('a command that waits can be called off', () => {
    const bench = lost({});
    const { task, ends } = bench.send(readCommand());
    bench.unit.abort(task);
    bench.unit.abort(task);
    expect(ends.map(({ failure }) => failure?.reason)).toEqual(['aborted']);
    expect(bench.unit.status.commandsWaiting).toBe(0);
  });

  it('a command under way can be called off, and is not sent again for that', () => {
    const bench = new UnitBench(twoSame);
    for (const link of bench.links) link.isHeld = true;
    const { task, ends } = bench.send(readCommand());
    bench.unit.abort(task);
    expect(ends.map(({ failure }) => failure?.reason)).toEqual(['aborted']);
  });
});

const lostAndFound = (failbackNanos: number): UnitBench => {
  const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover', failbackNanos } });
  bench.links[0]!.down();
  bench.links[0]!.up();
  return bench;
};

describe('failback', () => {
  it('waits as long as it is told to', () => {
    const bench = lostAndFound(10 * SECOND);
    expect(bench.paths).toEqual(['a up active-optimized held', 'b up active-optimized *']);
    bench.elapse(9 * SECOND);
    bench.links[0]!.down();
    bench.links[0]!.up();
    bench.elapse(9 * SECOND);
    expect(bench.route(1)).toBe('b');
    bench.elapse(SECOND);
    expect(bench.route(1)).toBe('a');
    expect(bench.news()).toContain('failed-back');
  });

  it('waits for somebody to say so', () => {
    const bench = lostAndFound(Number.POSITIVE_INFINITY);
    bench.elapse(1000 * SECOND);
    expect(bench.route(1)).toBe('b');
    bench.unit.failback();
    expect(bench.route(1)).toBe('a');
  });

  it('does not wait where there is nothing else', () => {
    const bench = lostAndFound(Number.POSITIVE_INFINITY);
    bench.links[1]!.down();
    expect(bench.paths).toEqual(['a up active-optimized *', 'b down active-optimized']);
    bench.links[1]!.up();
    expect(bench.route(2)).toBe('aa');
  });
});

describe('closing', () => {
  it('fails what waits, finishes what is under way, and takes nothing more', () => {
    const bench = new UnitBench(twoSame);
    for (const link of bench.links) link.down();
    const waiting = bench.send(readCommand());
    let closed = 0;
    bench.unit.close(() => (closed += 1));
    expect([closed, bench.links.map((link) => link.closed)]).toEqual([1, [true, true]]);
    expect(waiting.ends.map(({ failure }) => failure?.reason)).toEqual(['closed']);
    expect(bench.outcome(readCommand())).toBe('closed');
    bench.unit.close(() => (closed += 1));
    expect(closed).toBe(2);
    expect(bench.unit.situation).toBe('closed');
    bench.elapse(100 * MILLISECOND);
  });
});

describe('what the device says', () => {
  it('goes to the caller where every path would say it', () => {
    const bench = new UnitBench(twoSame);
    const beyond = { ...readCommand(), cdb: Uint8Array.of(0x28, 0, 0xff, 0, 0, 0, 0, 0, 1, 0) };
    expect(bench.outcome(beyond)).toBe(CHECK_CONDITION);
    expect(bench.links.map(({ seen }) => seen.length).toSorted()).toEqual([0, 1]);
  });

  it('is for the caller too where it tells of something else, unless the caller wants it tried again', () => {
    const bench = new UnitBench(twoSame);
    bench.disk.attention({ key: 'UNIT ATTENTION', code: 0x2a01 });
    expect(bench.outcome(readCommand())).toBe(CHECK_CONDITION);
    expect(bench.outcome({ ...readCommand(), attentionRetries: 1 })).toBe(0);
  });

  it('is given up after so many attempts', () => {
    const bench = new UnitBench({ groups: [1], limits: { attempts: 3 } });
    const [link] = bench.links;
    link!.isHeld = true;
    const { ends } = bench.send(readCommand());
    for (let time = 0; time < 3; time += 1) {
      const sent = link!.held.splice(0)[0]!;
      sent.done(sent.answer, 'lost');
    }
    expect(ends.map(({ failure }) => failure?.reason)).toEqual(['attempts']);
  });
});
