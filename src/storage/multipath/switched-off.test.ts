/** Paths that somebody switches off and on: what is under way by them moves, nothing is done twice that must not be, nothing gets lost. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/clock.ts';
import { below, seededRng } from '../../base/rng.ts';
import { compareCommand, type Ended, readCommand, UnitBench, writeCommand } from './testing/unit-bench.ts';

const twoSame = { groups: [1, 1] };

describe('a path that is switched off', () => {
  it('is neither used nor asked, until it is switched on', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    const [a] = bench.links;
    bench.news();
    expect(bench.unit.switchPath(a!, false)).toBe(true);
    expect(bench.paths).toEqual(['a off active-optimized', 'b up active-optimized *']);
    expect(bench.unit.paths()[0]!.reason).toBe('it was switched off');
    expect(bench.route(3)).toBe('bbb');
    const asked = a!.asked.length;
    bench.elapse(600 * SECOND);
    a!.down();
    a!.up();
    expect(a!.asked).toHaveLength(asked);
    expect(bench.paths[0]).toBe('a off active-optimized');
    expect(bench.news()).toEqual(['path-off', 'failed-over']);
    bench.unit.switchPath(a!, true);
    expect(bench.route(2)).toBe('aa');
    expect(bench.news()).toEqual(['path-on', 'path-up', 'failed-back']);
  });

  it('lost meanwhile, is down when it is switched on', () => {
    const bench = new UnitBench(twoSame);
    const [a] = bench.links;
    bench.unit.switchPath(a!, false);
    a!.down('lost', 'the cable was pulled');
    bench.unit.switchPath(a!, true);
    expect(bench.unit.paths()[0]).toMatchObject({ state: 'down', reason: 'the cable was pulled' });
    a!.up();
    expect(bench.unit.paths()[0]).toMatchObject({ state: 'up' });
  });

  it('gives what is under way to another, but for what may not be sent twice', () => {
    const bench = new UnitBench({ ...twoSame, limits: { policy: 'failover' } });
    const [a] = bench.links;
    a!.isHeld = true;
    const moved = bench.send(writeCommand(1, 7));
    const stays = bench.send(compareCommand(0, 0, 9));
    bench.news();
    bench.unit.switchPath(a!, false);
    expect(moved.ends.map(({ answer }) => answer?.status)).toEqual([0]);
    expect(stays.ends).toEqual([]);
    expect(bench.unit.paths()[0]!.commandsInFlight).toBe(1);
    expect(bench.news()).toEqual(['path-off', 'failed-over', 'command-moved']);
    a!.release();
    expect(stays.ends.map(({ answer }) => answer?.status)).toEqual([0]);
  });

  it('as the last one leaves commands waiting, as long as they are told to', () => {
    const bench = new UnitBench({ groups: [1], limits: { noPathNanos: 10 * SECOND } });
    const [a] = bench.links;
    bench.unit.switchPath(a!, false);
    expect(bench.unit.situation).toBe('no-path');
    const first = bench.send(readCommand());
    expect(first.ends).toEqual([]);
    bench.unit.switchPath(a!, true);
    expect(first.ends.map(({ answer }) => answer?.status)).toEqual([0]);
    bench.unit.switchPath(a!, false);
    const second = bench.send(readCommand());
    bench.elapse(11 * SECOND);
    expect(second.ends[0]!.failure).toMatchObject({ reason: 'no-path', message: 'no path to the unit is left (a: it was switched off)' });
  });

  it('is one of the unit', () => {
    const [bench, other] = [new UnitBench(twoSame), new UnitBench(twoSame)];
    expect(bench.unit.switchPath(other.links[0]!, false)).toBe(false);
    bench.unit.close(() => {});
    expect(bench.unit.switchPath(bench.links[0]!, false)).toBe(false);
  });
});

it('however paths are switched, cut and held, every command ends once, and well', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const rng = seededRng(seed);
    const bench = new UnitBench({ groups: [1, 1, 2] });
    const all: (readonly Ended[])[] = [];
    const isUp = bench.links.map(() => true);
    for (let step = 0; step < 150; step += 1) {
      const at = below(rng, bench.links.length);
      const link = bench.links[at]!;
      switch (below(rng, 6)) {
        case 0:
          bench.unit.switchPath(link, below(rng, 2) === 0);
          break;
        case 1:
          if (isUp[at]) link.down();
          else link.up();
          isUp[at] = !isUp[at];
          break;
        case 2:
          if (link.isHeld) link.release();
          else link.isHeld = true;
          break;
        default:
          all.push(bench.send(below(rng, 2) === 0 ? readCommand(below(rng, 9)) : writeCommand(below(rng, 9), step)).ends);
      }
    }
    for (const [at, link] of bench.links.entries()) {
      link.release();
      if (!isUp[at]) link.up();
      bench.unit.switchPath(link, true);
    }
    bench.elapse(SECOND);
    const ends = all.map((each) => each.map(({ failure, answer }) => failure?.reason ?? answer!.status).join());
    expect(ends, `seed ${seed}`).toEqual(all.map(() => '0'));
    expect(bench.unit.status, `seed ${seed}`).toMatchObject({ situation: 'ready', commandsInFlight: 0, commandsWaiting: 0 });
  }
});
