/** docs/validate-dcb.md: every test of Validate-DCB is accounted for once, and every rule that it names is there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkText } from '../../src/check/check-fabric.ts';
import { STORIES } from '../../src/check/rules.ts';

const page = readFileSync('docs/validate-dcb.md', 'utf8');
const known = new Set(STORIES.flatMap(({ rules }) => rules).map(({ id }) => id));
const groups = page
  .split(/^## /m)
  .slice(1)
  .filter((group) => group.includes('| tests |'));

interface Row {
  readonly tests: readonly string[];
  readonly count: number;
  readonly here: string;
}

const numbersOf = (written: string): string[] =>
  written.split(', ').flatMap((part) => {
    const [, letter, first, last] = /^([GM])(\d{3})(?:-[GM](\d{3}))?$/.exec(part)!;
    const from = Number(first);
    return Array.from({ length: Number(last ?? first) - from + 1 }, (_, index) => `${letter!}${String(from + index).padStart(3, '0')}`);
  });

const rowsOf = (group: string): Row[] =>
  [...group.matchAll(/^\| ([GM]\d{3}[^|]*) \| [^|]+ \| (\d+) \| ([^|]+) \|$/gm)].map((match) => ({
    tests: numbersOf(match[1]!),
    count: Number(match[2]),
    here: match[3]!,
  }));

describe('the comparison with Validate-DCB', () => {
  it('has each of its 70 and 113 tests once', () => {
    const tests = groups.flatMap(rowsOf).flatMap((row) => row.tests);
    const all = [
      ...Array.from({ length: 70 }, (_, index) => `G${String(index + 1).padStart(3, '0')}`),
      ...Array.from({ length: 113 }, (_, index) => `M${String(index + 1).padStart(3, '0')}`),
    ];
    expect(tests.toSorted()).toEqual(all);
  });

  it.each(groups.map((group) => [group.split('\n')[0]!, group] as const))('%s: the rows add up', (title, group) => {
    const rows = rowsOf(group);
    for (const { tests, count } of rows) expect([tests, tests.length]).toEqual([tests, count]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(Number(/: (\d+)$/.exec(title)![1]));
  });

  it('names rules that there are, or says why there is none', () => {
    for (const { here } of groups.flatMap(rowsOf)) expect(here).toMatch(/SW-\d{4}|^none needed|^needs the host/);
    const named = [...page.matchAll(/SW-\d{4}/g)].map(([id]) => id);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
    expect(new Set(named).size).toBeGreaterThan(70);
  });

  it('has a rule of these families for nothing that is not named', () => {
    const named = new Set(
      [...page.matchAll(/(SW-\d{4})(?: to (SW-\d{4}))?/g)].flatMap(([, first, last]) => idsBetween(first!, last ?? first!)),
    );
    const own = STORIES.filter(({ name }) => name === 'lossless' || name === 'rdma').flatMap(({ rules }) => rules);
    expect(own.map(({ id }) => id).filter((id) => id >= 'SW-1110' && id <= 'SW-1169' && !named.has(id))).toEqual([]);
  });
});

const idsBetween = (first: string, last: string): string[] =>
  Array.from({ length: Number(last.slice(3)) - Number(first.slice(3)) + 1 }, (_, index) => `SW-${Number(first.slice(3)) + index}`);

const S2D = 'fabrics/lossless/s2d.yaml';
const fabric = readFileSync(S2D, 'utf8');

describe('Storage Spaces Direct as Validate-DCB wants it', () => {
  it('has no finding', () => expect(checkText(fabric, S2D).problems).toEqual([]));

  it.each([
    // What Validate-DCB finds on a host.
    ['a key that is none', 'multichannel: true', 'multiChannel: true', 'SW-0003'],
    ['RDMA on both sides of the VLAN', 'p1: { mtu: 9000,', 'p1: { vlans: { 9: { addresses: [192.0.2.201/30] } }, mtu: 9000,', 'SW-1081'],
    ['no policy for RDMA', 'SMB: { match: "net-direct:445", priority: 3 }', 'Web: { match: "tcp:80", priority: 0 }', 'SW-1159'],
    ['no policy for the cluster', 'Cluster: { match: cluster, priority: 7 }', 'Web: { match: "tcp:80", priority: 0 }', 'SW-1162'],
    [
      'too much for the cluster',
      'bandwidth: 48 }\n        1: { name: SMB, priorities: [3], bandwidth: 50 }\n        2: { name: Cluster, priorities: [7], bandwidth: 2',
      'bandwidth: 40 }\n        1: { name: SMB, priorities: [3], bandwidth: 50 }\n        2: { name: Cluster, priorities: [7], bandwidth: 10',
      'SW-1162',
    ],
    ['shares of 101 percent', 'bandwidth: 48', 'bandwidth: 49', 'SW-1116'],
    [
      'RDMA that is off',
      'rdma: roce-v2 }\n      p2: { mtu: 9000, speed: 25G, flowControl: none, rdma: roce-v2 }',
      'rdma: { kind: roce-v2, enabled: false } }\n      p2: { mtu: 9000, speed: 25G, flowControl: none, rdma: { kind: roce-v2, enabled: false } }',
      'SW-1155',
    ],
    [
      'iWARP on a ConnectX',
      'p2: { mtu: 9000, speed: 25G, flowControl: none, rdma: roce-v2 }',
      'p2: { mtu: 9000, speed: 25G, flowControl: none, rdma: iwarp }',
      'SW-1151',
    ],
    ['another priority than PFC has', 'match: "net-direct:445", priority: 3', 'match: "net-direct:445", priority: 5', 'SW-1134'],
    [
      'another priority than the class of its name',
      'match: "net-direct:445", priority: 3',
      'match: "net-direct:445", priority: 5',
      'SW-1163',
    ],
    ['everything in the priority of storage', 'match: default, priority: 0', 'match: default, priority: 3', 'SW-1161'],
    ['a host that is willing', 'dcb: &host-dcb { dcbx: ieee, willing: false', 'dcb: &host-dcb { dcbx: ieee, willing: true', 'SW-1130'],
    ['a team that the switch has no part in', 'teaming: { mode: port-id }', 'teaming: { mode: lacp }', 'SW-1086'],
    ['an uplink that is not there', 'uplinks: [p1, p2], mtu', 'uplinks: [p1, p3], mtu', 'SW-1080'],
    [
      'an interface at no switch',
      'SMB1: { virtualSwitch: S2DSwitch, vlan: 711, uplink: p1, mtu: 9000, rdma: true, priorityTag: true, services: [smb-direct], addresses: [192.0.2.75/26] }',
      'SMB1: { virtualSwitch: S2E, vlan: 711, uplink: p1, mtu: 9000, rdma: true, priorityTag: true, services: [smb-direct], addresses: [192.0.2.75/26] }',
      'SW-1093',
    ],
    [
      'an interface without RDMA',
      'rdma: true, priorityTag: true, services: [smb-direct], addresses: [192.0.2.75/26]',
      'rdma: false, priorityTag: true, services: [smb-direct], addresses: [192.0.2.75/26]',
      'SW-1155',
    ],
    [
      'priorities that are dropped',
      'priorityTag: true, services: [smb-direct], addresses: [192.0.2.75/26]',
      'priorityTag: false, services: [smb-direct], addresses: [192.0.2.75/26]',
      'SW-1166',
    ],
    [
      'two interfaces at one port',
      'vlan: 712, uplink: p2, mtu: 9000, rdma: true, priorityTag: true, services: [smb-direct, live-migration], addresses: [192.0.2.139/26]',
      'vlan: 712, uplink: p1, mtu: 9000, rdma: true, priorityTag: true, services: [smb-direct, live-migration], addresses: [192.0.2.139/26]',
      'SW-1167',
    ],
    ['jumbo at the interface alone', 'uplinks: [p1, p2], mtu: 9000', 'uplinks: [p1, p2], mtu: 1500', 'SW-1078'],
    ['no multichannel', 'multichannel: true', 'multichannel: false', 'SW-1164'],
    ['signing', 'signing: false', 'signing: true', 'SW-1164'],
    ['a limit of live migration above its part', 'liveMigrationLimit: 750', 'liveMigrationLimit: 1250', 'SW-1165'],
    // What it does not look at.
    ['another priority at the switch', '      pfc: [3]\n', '      pfc: [4]\n', 'SW-1125'],
    [
      'PFC off between the switches',
      'native: none, flowControl: none, speed: 100G }',
      'native: none, flowControl: none, speed: 100G, dcb: { pfc: false } }',
      'SW-1113',
    ],
    [
      'pause frames for everything at the switch',
      '1-2: { trunk: [7, 711, 712], native: none, flowControl: none }',
      '1-2: { trunk: [7, 711, 712], native: none, flowControl: both }',
      'SW-1112',
    ],
    [
      'pause frames for everything at a host',
      'p1: { mtu: 9000, speed: 25G, flowControl: none',
      'p1: { mtu: 9000, speed: 25G, flowControl: both',
      'SW-1112',
    ],
    ['a VLAN that the switch does not carry', '1-2: { trunk: [7, 711, 712]', '1-2: { trunk: [7, 711]', 'SW-1067'],
    ['small frames at the switch', 'mtu: 9216', 'mtu: 1500', 'SW-1058'],
  ] as const)('finds %s', (_, before, after, rule) => {
    expect(fabric).toContain(before);
    expect(checkText(fabric.replace(before, after), S2D).problems.map((problem) => problem.rule)).toContain(rule);
  });
});
