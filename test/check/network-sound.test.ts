/** What the rules let through can be planned and built; and what could not be read leads to no second finding. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { ignoreEvents } from '../../src/base/event.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { buildNetwork } from '../../src/fabric/network/build.ts';
import { planNetwork } from '../../src/fabric/network/plan.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { checkDeclaration } from '../../src/check/check-fabric.ts';

const FABRICS = 300;
const CLEAN_MIN = 40;

const pick = <T>(rng: Rng, from: readonly T[]): T => from[below(rng, from.length)]!;
const maybe = (rng: Rng, probability: number, keys: object): object => (chance(rng, probability) ? keys : {});
const some = <T>(rng: Rng, most: number, make: (index: number) => T): T[] =>
  Array.from({ length: below(rng, most + 1) }, (_, i) => make(i));

interface Machine {
  readonly nics: object;
  readonly [key: string]: unknown;
}

/** Most of it fits, so that not every fabric is refused at once. */
function randomFabric(rng: Rng): object {
  const nics = (machine: number): object =>
    Object.fromEntries(
      some(rng, 2, (index) => [
        `nic${index}`,
        {
          ...maybe(rng, 0.8, { addresses: [`10.${below(rng, 4)}.${index}.${10 + machine + (chance(rng, 0.05) ? 1 : 0)}/24`] }),
          ...maybe(rng, 0.1, { mtu: pick(rng, [1500, 9000, 9600, 65_535]) }),
          ...maybe(rng, 0.1, { speed: pick(rng, ['1G', '10G', '25G', '40G']) }),
          ...maybe(rng, 0.1, { vlans: { [pick(rng, [10, 20])]: { addresses: [`10.9.${index}.${10 + machine}/24`] } } }),
          ...maybe(rng, 0.05, { dhcp: true }),
          ...maybe(rng, 0.05, { attach: { tap: pick(rng, ['tap0', 'tap1']) } }),
          ...maybe(rng, 0.05, { dhcpServer: { first: `10.0.${index}.100`, last: `10.0.${index}.${pick(rng, [99, 199, 255])}` } }),
        },
      ]),
    );
  const machine = (index: number): Machine => ({
    nics: nics(index),
    ...maybe(rng, 0.3, {
      adapters: {
        slot1: {
          model: pick(rng, ['generic', 'chelsio-t520-cr', 'chelsio-t580-lp-cr', 'e1000', 'emulex-16gfc']),
          ports: some(rng, 2, (port) => `nic${port}`)
            .concat('nic0')
            .slice(0, 2),
        },
      },
    }),
    ...maybe(rng, 0.05, { routes: [{ to: '0.0.0.0/0', via: `10.0.${below(rng, 2)}.1` }] }),
  });
  const port = (): object =>
    pick(rng, [
      {},
      { vlan: 10 },
      { trunk: [10, 20], native: 'none' },
      { trunk: 'all' },
      { tagged: [10, 20], untagged: 30 },
      { vlan: 10, ...maybe(rng, 0.2, { trunk: [10] }) },
      { disabled: true },
      { speed: '1G' },
      { attach: { qemu: '../../src/check/vm.sock' } },
    ]);
  const hosts = some(rng, 3, (index): [string, Machine] => [
    `host${index}`,
    {
      ...machine(index),
      ...maybe(rng, 0.2, { publish: `127.0.0.1:${8080 + index} -> ${pick(rng, ['host0', 'host1', 'array0', '10.0.0.7'])}:3260` }),
    },
  ]);
  const arrays = some(rng, 1, (index): [string, Machine] => [
    `array${index}`,
    { ...machine(index + 3), portals: ['127.0.0.1:3260', '0.0.0.0:3260'].slice(below(rng, 2)), targets: {} },
  ]);
  const switches = some(rng, 3, (index) => [
    `tor${index}`,
    {
      speed: pick(rng, ['10G', '25G']),
      ports: { [pick(rng, ['1', '1-4', 'Ethernet1/1'])]: port() },
      ...maybe(rng, 0.1, { spanningTree: false }),
    },
  ]);
  const places = [
    ...[...hosts, ...arrays].flatMap(([name, { nics: all }]) => Object.keys(all).map((nic) => `${name}:${nic}`)),
    ...switches.flatMap(([name]) => ['1', '2', '5', '48'].map((port) => `${name}:${port}`)),
  ];
  // Most often one that is there and free.
  const end = (): string => {
    const place = chance(rng, 0.9)
      ? (places.splice(below(rng, places.length), 1)[0] ?? 'nobody:1')
      : `${pick(rng, ['host0', 'tor0', 'nobody'])}:1`;
    return chance(rng, 0.95) ? place : `${place}9`;
  };
  return {
    version: 1,
    name: 'random',
    hosts: Object.fromEntries(hosts),
    arrays: Object.fromEntries(arrays),
    switches: Object.fromEntries(switches),
    links: some(rng, 3, () => ({ ends: [end(), end()], ...maybe(rng, 0.1, { rate: pick(rng, ['1G', '40G']) }) })),
  };
}

it('what passes the rules can be planned and built', () => {
  let clean = 0;
  for (let seed = 1; seed <= FABRICS; seed += 1) {
    const declared = randomFabric(seededRng(seed));
    const { fabric } = checkDeclaration(declared, 'random');
    if (fabric === undefined) continue;
    clean += 1;
    try {
      const plan = planNetwork(fabric, 'random.yaml');
      if (plan === undefined) continue;
      const network = buildNetwork(plan, { clock: new VirtualClock(), events: ignoreEvents, rng: seededRng(seed) });
      for (const attachment of plan.attachments) expect(network.port(attachment)).toBeDefined();
    } catch (error) {
      throw new Error(`randomFabric(seededRng(${seed})): ${(error as Error).message}\n${JSON.stringify(declared, undefined, 1)}`, {
        cause: error,
      });
    }
  }
  expect(clean).toBeGreaterThan(CLEAN_MIN);
});

type Tree = Record<string, unknown> | unknown[];
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Each value of the tree, by its path. */
const pathsOf = (tree: Tree): string[][] =>
  Object.entries(tree).flatMap(([key, value]) => [[key], ...(isTree(value) ? pathsOf(value).map((path) => [key, ...path]) : [])]);

function changed(tree: Tree, [key, ...path]: readonly string[], change: (owner: Record<string, unknown>, key: string) => void): Tree {
  const copy = structuredClone(tree);
  let owner = copy as Record<string, unknown>;
  let last = key!;
  for (const step of path) {
    owner = owner[last] as Record<string, unknown>;
    last = step;
  }
  change(owner, last);
  return copy;
}

describe('in the example of a rack', () => {
  const rack = parse(readFileSync(new URL('../../src/../fabrics/rack.yaml', import.meta.url), 'utf8')) as Tree;
  const rich = changed(rack, ['hosts', 'esx1'], (hosts) => {
    (hosts.esx1 as Record<string, unknown>).routes = [{ to: '0.0.0.0/0', via: '192.0.2.1' }];
  });
  const found = (declared: Tree): string[] =>
    checkDeclaration(declared, 'rack').problems.map(({ rule, where, message }) => `${rule} ${where}: ${message}`);
  const paths = pathsOf(rich);

  it('there is nothing to find, and enough to spoil', () => {
    expect(found(rich)).toEqual([]);
    expect(paths.length).toBeGreaterThan(120);
  });

  it('a value that nobody can read is the only thing that is told', () => {
    const follow = paths.flatMap((path) => {
      const told = found(
        changed(rich, path, (owner, key) => {
          owner[key] = [[[]]];
        }),
      );
      return told.length > 0 && told.every((one) => one.startsWith('SW-000')) ? [] : [[path.join('.'), ...told]];
    });
    expect(follow).toEqual([]);
  });

  it('so is a key that nobody knows', () => {
    const words =
      /^(ports|speed|spanningTree|vlan|trunk|native|adapters|nics|mtu|addresses|dhcpServer|routes|iscsi|discovery|publish|portals|ends|length|switches)$/;
    const named = paths.filter((path) => words.test(path.at(-1)!));
    expect(named.length).toBeGreaterThan(40);
    const follow = named.flatMap((path) => {
      const told = found(
        changed(rich, path, (owner, key) => {
          owner[`${key}s`] = owner[key];
          delete owner[key];
        }),
      );
      return told.length > 0 && told.every((one) => one.startsWith('SW-000')) ? [] : [[path.join('.'), ...told]];
    });
    expect(follow).toEqual([]);
  });
});
