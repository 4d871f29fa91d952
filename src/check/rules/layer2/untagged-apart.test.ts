import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';

const found = (second: number, trunk: readonly [string, string], mode = 'active-backup'): string[] =>
  checkText(
    `version: 1
name: example
hosts:
  lin1:
    nics: { p1: {}, p2: {} }
    teams: { bond0: { nics: [p1, p2], mode: ${mode}, addresses: [192.0.2.1/24] } }
switches:
  tor1: { ports: { 1: { vlan: 10 }, 48: { ${trunk[0]} } } }
  tor2: { ports: { 1: { vlan: ${second} }, 48: { ${trunk[1]} } } }
links:
  - [lin1:p1, tor1:1]
  - [lin1:p2, tor2:1]
  - [tor1:48, tor2:48]
`,
    'x.yaml',
  )
    .problems.filter(({ rule }) => rule === 'SW-1233')
    .map(({ message }) => message);

describe('frames without a tag', () => {
  it('of a team come out in one VLAN', () => {
    expect(found(10, ['trunk: [10, 20]', 'trunk: [10, 20]'])).toEqual([]);
    expect(found(20, ['trunk: [10, 20]', 'trunk: [10, 20]'])).toEqual([
      'Interface `lin1:bond0` sends frames without a tag, which are of VLAN 10 at `tor1:1` and of VLAN 20 at `tor2:1`.',
    ]);
  });

  it('may be of two VLANs that a cable joins to one network', () => {
    expect(found(20, ['vlan: 10', 'vlan: 20'])).toEqual([]);
  });
});
