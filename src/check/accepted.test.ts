import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';

const found = (accept: string, native = ''): string[] =>
  checkText(
    `version: 1
name: example
switches:
  tor1: { ports: { 1: { trunk: [10]${native} }, 2: { trunk: [10] } } }
accept: { ${accept} }
`,
    'x.yaml',
  ).problems.map(({ rule, where, message }) => `${rule} ${where ?? ''} ${message}`);

describe('accepted warnings', () => {
  it('are not told, everywhere or at one place and in what it holds', () => {
    expect(found('').map((one) => one.slice(0, 7))).toEqual(['SW-1055', 'SW-1055']);
    expect(found('SW-1055: all have tags')).toEqual([]);
    expect(found('SW-1055 switches.tor1: all have tags')).toEqual([]);
    expect(found(`'SW-1055 switches.tor1.ports["1"]': all have tags`).map((one) => one.slice(0, 7))).toEqual(['SW-1055']);
  });

  it('begin at a name, not within one', () => {
    expect(found('SW-1055 switches.tor: all have tags').some((one) => one.startsWith('SW-0009'))).toBe(true);
  });

  it('have to be there', () => {
    expect(found('SW-1057: not here, SW-1055: all have tags')).toEqual([
      'SW-0009 accept["SW-1057"] No `SW-1057` is found: there is nothing to accept.',
    ]);
  });

  it('are no errors', () => {
    const problems = found('SW-1055: all have tags, SW-1054: let it be', ', vlan: 20');
    expect(problems).toEqual([
      expect.stringMatching(/^SW-1054/),
      expect.stringMatching(/^SW-0009 .* is an error, which can not be accepted/),
    ]);
  });

  it('are named by their numbers', () => expect(found('native-vlan: all have tags')).toContainEqual(expect.stringMatching(/^SW-0006/)));
});
