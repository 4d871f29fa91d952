import { describe, expect, it } from 'vitest';
import type { Problem } from '../fabric/problem.ts';
import { groupProblems, ownerOf } from './groups.ts';

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
    group.cause?.where,
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
    const own = problem(9, 'D', { where: 'switches.tor1.mtu', rule: 'SW-1046' });
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
    const many = Array.from({ length: 12 }, (_, index) => problem(index + 1, `\`esx${index}\`.`, cause(50, `switches.tor${index % 2}`)));
    expect(shape(many)).toEqual([
      ['switches.tor0', [[1], [3], [5, 7, 9, 11]]],
      ['switches.tor1', [[2], [4], [6, 8, 10, 12]]],
    ]);
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
