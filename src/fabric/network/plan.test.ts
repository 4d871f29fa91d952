import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/clock.ts';
import { ignoreEvents } from '../../base/event.ts';
import { seededRng } from '../../base/rng.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { address, formatIp } from '../../wire/ip/address.ts';
import { buildNetwork } from './build.ts';
import { parseFabric } from '../load.ts';
import { type NetworkPlan, planNetwork, publishedAddress } from './plan.ts';

const fabricOf = (text: string) => parseFabric(`version: 1\nname: x\n${text}`, 'x.yaml');
const planOf = (text: string, fileName = 'fabrics/x.yaml'): NetworkPlan => planNetwork(fabricOf(text), fileName)!;

const TEXT = `hosts:
  real: {}
  a:
    adapters: { s: { model: chelsio-t580-lp-cr, ports: [fast] } }
    nics:
      fast: { addresses: [192.0.2.1/24], vlans: { 20: { mtu: 9000, addresses: [198.51.100.1/24] } }, mtu: 1500 }
      any: { attach: { qemu: "127.0.0.1:9001" } }
    publish: ["127.0.0.1:3260 -> array1:3261", "127.0.0.1:22 -> 192.0.2.77:22"]
arrays:
  array1:
    nics: { e0: { addresses: [192.0.2.8/24] }, e1: { addresses: [192.0.2.9/24] } }
    portals: ["192.0.2.9:3261", "192.0.2.8:3260"]
    targets: {}
switches:
  s:
    speed: 25G
    mtu: 1500
    mac: 02:00:00:00:10:00
    ports:
      2: { disabled: true }
      3-4: { attach: { qemu: { local: ./l.sock, remote: /run/r.sock } } }
      uplink: { spanningTree: { edge: true } }
  t: { spanningTree: { priority: 4096 }, forwarding: cut-through }
links:
  - [a:fast, s:1]
  - [array1:e0, s:2]
  - { ends: [s:uplink, t:1], down: true }
  - { ends: [array1:e1, t:2], rate: 1G, length: 10km, mtu: 1400, queue: 100KB, ecn: { min: 10KB, max: 20KB } }
  - { ends: [s:5, t:5], delay: 50us }
`;

describe('planNetwork', () => {
  const plan = planOf(TEXT);
  const at = (node: string, port: string) => plan.switches.find(({ name }) => name === node)!.ports.find(({ name }) => name === port)!;

  it('has the machines with a network of their own', () => {
    expect(plan.machines.map(({ name }) => name)).toEqual(['a', 'array1']);
    expect(
      plan.machines[0]!.nics.map(({ name, mtuBytes, interfaces }) => [
        name,
        mtuBytes,
        interfaces.map(({ vlan, mtuBytes: own }) => [vlan, own]),
      ]),
    ).toEqual([
      [
        'fast',
        1500,
        [
          [undefined, 1500],
          [20, 9000],
        ],
      ],
      ['any', 1500, [[undefined, 1500]]],
    ]);
  });

  it('settles what links run at, and whether they are up', () => {
    expect(plan.links.map(({ rateBitsPerSecond, delayNanos, up }) => [rateBitsPerSecond / 1e9, delayNanos, up])).toEqual([
      // 10 and 40 Gb/s at a port of 25: the highest speed that both know.
      [10, 15, true],
      [25, 15, false],
      [10, 15, false],
      [1, 50_000, true],
      [10, 50_000, true],
    ]);
    expect(plan.links[3]).toMatchObject({
      mtuBytes: 1400,
      queueBytes: 100_000,
      ecn: { minBytes: 10_000, maxBytes: 20_000, probability: 1 },
    });
    expect(planOf('hosts:\n  a: { nics: { n: {} } }\n  b: { nics: { n: {} } }\nlinks: [[a:n, b:n]]').links[0]!.rateBitsPerSecond).toBe(
      10e9,
    );
  });

  it('has all ports of switches, with addresses of their own after the switch', () => {
    expect(
      plan.switches.map(({ name, ports, cutThrough, mtuBytes }) => [name, ports.map((port) => port.name), cutThrough, mtuBytes]),
    ).toEqual([
      ['s', ['2', '3', '4', 'uplink', '1', '5'], false, 1500],
      ['t', ['1', '2', '5'], true, 9216],
    ]);
    expect(plan.switches[0]!.ports.map(({ mac }) => mac - 0x0200_0000_1000)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes ports for edges of the tree unless a switch is behind them, or it is said', () => {
    expect(['1', '2', '3', '5', 'uplink'].map((port) => at('s', port).edge)).toEqual([true, true, true, false, true]);
    expect(at('t', '1').edge).toBe(false);
  });

  it('finds where publications lead: the portal of that port, or the address that is written', () =>
    expect(plan.machines[0]!.publications.map(({ to, port }) => [formatIp(to), port])).toEqual([
      ['192.0.2.9', 3261],
      ['192.0.2.77', 22],
    ]));

  it('makes paths of sockets relative to where the program runs', () =>
    expect(plan.attachments).toEqual([
      { node: 'a', port: 'any', to: { kind: 'qemu', address: { host: '127.0.0.1', port: 9001 } } },
      ...['3', '4'].map((port) => ({
        node: 's',
        port,
        to: { kind: 'qemu-datagrams', local: { path: 'fabrics/l.sock' }, remote: { path: '/run/r.sock' } },
      })),
    ]));

  it('is none where nothing has a wire', () => {
    expect(planNetwork(fabricOf('hosts: { a: {} }'), 'x.yaml')).toBeUndefined();
    expect(planOf('switches: { s: {} }').switches).toHaveLength(1);
  });

  it('is only for what the rules have let through', () => {
    expect(() => planOf('switches: { s: {} }\nlinks: [[s:1, nobody:1]]')).toThrow('assertion failed');
    expect(() => planOf('hosts:\n  a: { nics: { n: { speed: 1G } } }\n  b: { nics: { n: { speed: 10G } } }\nlinks: [[a:n, b:n]]')).toThrow(
      'assertion failed',
    );
  });
});

it('an array without a portal of that port is published at its first address', () => {
  const fabric = fabricOf(TEXT);
  expect(formatIp(publishedAddress(fabric, 'array1', 3260)!)).toBe('192.0.2.8');
  expect(formatIp(publishedAddress(fabric, 'array1', 80)!)).toBe('192.0.2.8');
  expect(publishedAddress(fabric, 'real', 80)).toBeUndefined();
});

it('the example of a rack comes up in virtual time: each host reaches each portal with jumbo frames', () => {
  const text = readFileSync(new URL('../../../fabrics/rack.yaml', import.meta.url), 'utf8');
  const plan = planNetwork(parseFabric(text, 'fabrics/rack.yaml'), 'fabrics/rack.yaml')!;
  const clock = new VirtualClock();
  const network = buildNetwork(plan, { clock, events: ignoreEvents, rng: seededRng(1) });
  for (const { plan: link, link: built } of network.links) built.setUp(link.up);
  clock.run(5 * SECOND);
  const answers: string[] = [];
  for (const { name, pinger } of network.machines.slice(0, 2)) {
    for (const to of ['192.0.2.20', '192.0.2.148'])
      pinger.ping(address(to), { dataBytes: 8900 }, ({ kind }) => answers.push(`${name} ${to} ${kind}`));
  }
  clock.run(6 * SECOND);
  expect(answers.toSorted()).toEqual([
    'esx1 192.0.2.148 reply',
    'esx1 192.0.2.20 reply',
    'esx2 192.0.2.148 reply',
    'esx2 192.0.2.20 reply',
  ]);
});
