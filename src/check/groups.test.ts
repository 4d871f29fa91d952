import { describe, expect, it } from 'vitest';
import { below, chance, type Rng, seededRng } from '../base/rng.ts';
import type { Problem } from '../fabric/problem.ts';
import { groupProblems, ownerOf, problemsOf } from './groups.ts';

const pick = <T>(rng: Rng, from: readonly T[]): T => from[below(rng, from.length)]!;

const problem = (line: number, message: string, more: Partial<Problem> = {}): Problem => ({
  line,
  column: 1,
  endLine: line,
  endColumn: 5,
  rule: 'SW-1058',
  severity: 'error',
  message,
  remedy: 'Write another.',
  file: 'f.yaml',
  where: `hosts.esx${line}.nics.nic0`,
  ...more,
});

const cause = (line: number, where = 'switches.tor1.mtu'): { readonly cause: NonNullable<Problem['cause']> } => ({
  cause: { line, column: 3, endLine: line, endColumn: 7, description: '`mtu` of switch `tor1`', where },
});

const shape = (problems: readonly Problem[], all = false): unknown =>
  groupProblems(problems, all).map((group) => [
    group.heading?.where,
    group.members.map(({ problem: { line }, alike }) => [line, ...alike.map((one) => one.line)]),
  ]);

describe('groups of problems', () => {
  it('are one for each place, in the order of the file', () => {
    const twice = { where: 'hosts.esx1.nics.nic0' };
    expect(shape([problem(2, 'A'), problem(5, 'B', twice), problem(5, 'C', twice)])).toEqual([
      [undefined, [[2]]],
      [undefined, [[5], [5]]],
    ]);
  });

  it('are one for each cause, also with what stands at the cause itself', () => {
    const own = problem(9, 'D', { column: 3, endColumn: 7, where: 'switches.tor1.mtu', rule: 'SW-1046' });
    expect(shape([problem(2, 'A', cause(9)), problem(4, 'B'), own, problem(20, 'C', cause(9))])).toEqual([
      [undefined, [[4]]],
      ['switches.tor1.mtu', [[2], [9], [20]]],
    ]);
  });

  it('have no cause for a heading where only one problem comes from it', () => {
    expect(shape([problem(2, 'A', cause(9))])).toEqual([[undefined, [[2]]]]);
  });

  it('tell a few of those that differ only in names, and no more', () => {
    const many = Array.from({ length: 9 }, (_, index) => problem(index + 1, `\`esx${index}\` is wrong in VLAN 20.`));
    expect(shape(many)).toEqual([
      [undefined, [[1]]],
      [undefined, [[2]]],
      [undefined, [[3, 4, 5, 6, 7, 8, 9]]],
    ]);
    expect(shape(many, true)).toHaveLength(9);
    expect(shape(many.slice(0, 4))).toHaveLength(4);
    expect(shape(many.map((one, index) => ({ ...one, message: `Wrong in VLAN ${index}.` })))).toHaveLength(9);
    expect(shape(many.map((one, index) => ({ ...one, rule: `SW-${index}` })))).toHaveLength(9);
    expect(shape(many.map((one, index) => ({ ...one, file: `${index}.yaml` })))).toHaveLength(9);
  });

  it('tell those of one cause apart from those of another', () => {
    const many = Array.from({ length: 12 }, (_, index) =>
      problem(index + 1, `\`esx${index}\`.`, cause(50 + (index % 2), `switches.tor${index % 2}`)),
    );
    expect(shape(many)).toEqual([
      ['switches.tor0', [[1], [3], [5, 7, 9, 11]]],
      ['switches.tor1', [[2], [4], [6, 8, 10, 12]]],
    ]);
  });

  it('are under the place that most have to do with, whatever each takes for the cause', () => {
    const beside = { related: [{ line: 9, column: 1, endLine: 9, endColumn: 5, message: 'the switch', where: 'switches.tor1.dcb.pfc' }] };
    const problems = [
      problem(1, 'A', beside),
      problem(2, 'B', { ...beside, ...cause(20, 'switches.tor2.dcb.pfc') }),
      problem(3, 'C', { ...beside, ...cause(20, 'switches.tor2.dcb.pfc') }),
      problem(4, 'D', cause(20, 'switches.tor2.dcb.pfc')),
      problem(9, 'E', { where: 'switches.tor1.dcb.pfc' }),
    ];
    expect(shape(problems)).toEqual([
      [undefined, [[4]]],
      ['switches.tor1.dcb.pfc', [[1], [2], [3], [9]]],
    ]);
    const [, group] = groupProblems(problems);
    expect(group!.heading).toEqual({
      line: 9,
      column: 1,
      endLine: 9,
      endColumn: 5,
      where: 'switches.tor1.dcb.pfc',
      description: '`dcb.pfc` of switch `tor1`',
      isCause: false,
    });
    expect(groupProblems([problem(1, 'A', cause(9)), problem(2, 'B', cause(9))])[0]!.heading!.isCause).toBe(true);
  });

  it('take a value that aliases repeat for one, and what has no place by its path', () => {
    const two = [problem(1, 'A', cause(9, 'switches.tor1.mtu')), problem(2, 'B', cause(9, 'switches.tor2.mtu'))];
    expect(shape(two)).toEqual([['switches.tor1.mtu', [[1], [2]]]]);
    const nowhere = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    const coded = two.map((one) => ({ ...one, ...nowhere, cause: { ...one.cause!, ...nowhere } }));
    expect(shape(coded)).toEqual([
      [undefined, [[1]]],
      [undefined, [[1]]],
    ]);
  });

  it('tell a few of the groups that differ only in names', () => {
    const many = Array.from({ length: 10 }, (_, index) =>
      problem(index + 1, `\`esx${index}\`.`, cause(50 + (index >> 1), `switches.tor${index >> 1}.mtu`)),
    );
    const groups = groupProblems(many);
    expect(groups.map(({ heading, alike }) => [heading!.where, ...alike.map((one) => one.heading!.where)])).toEqual([
      ['switches.tor0.mtu'],
      ['switches.tor1.mtu'],
      ['switches.tor2.mtu', 'switches.tor3.mtu', 'switches.tor4.mtu'],
    ]);
    expect(groups.flatMap(problemsOf)).toHaveLength(10);
    expect(groupProblems(many, true)).toHaveLength(5);
  });

  it('lose nothing and tell nothing twice, whatever belongs together', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const rng = seededRng(seed);
      const number = (): number => below(rng, 6);
      const problems = Array.from({ length: below(rng, 60) }, () =>
        problem(1 + below(rng, 50), pick(rng, ['A', 'B', '`c` D']), {
          ...(chance(rng, 0.3) ? cause(90 + number(), 'x') : {}),
          ...(chance(rng, 0.5) ? { related: [{ ...cause(90 + number()).cause, message: 'x' }] } : {}),
          rule: pick(rng, ['SW-1001', 'SW-1002']),
        }),
      );
      for (const all of [true, false]) {
        const told = groupProblems(problems, all).flatMap(problemsOf);
        expect([told.length, new Set(told).size], `seed ${seed}`).toEqual([problems.length, problems.length]);
      }
    }
  });
});

it('whose problem it is', () => {
  expect(['hosts.esx1.nics', 'arrays["a b"].portals[0]', 'links[3]', ''].map((where) => ownerOf(problem(7, '', { where })))).toEqual([
    'esx1',
    'a b',
    'line 7',
    'line 7',
  ]);
});
