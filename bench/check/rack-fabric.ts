/**
 * A data centre as a fabric file, of any size: racks of hosts that have two ports each, bonded, at a pair of switches (MLAG), and an array
 * with a target for each host of its rack; the pairs are at spines. RoCE has a priority without loss. 1,000 hosts are at 100 switches.
 */

const HOSTS_A_RACK = 21;
const SPINES_MAX = 4;
/** A pair for each rack of four spines' worth: what 1,000 hosts need. */
const RACKS_A_SPINE = 12;

export interface RackFabric {
  readonly text: string;
  readonly hosts: number;
  readonly arrays: number;
  readonly switches: number;
  readonly links: number;
}

/** Nothing is wrong with it. */
export function rackFabric(hosts: number): RackFabric {
  const racks = Math.ceil(hosts / HOSTS_A_RACK);
  const spines = Math.min(SPINES_MAX, Math.ceil(racks / RACKS_A_SPINE));
  const rackOf = (host: number): number => Math.floor((host - 1) / HOSTS_A_RACK) + 1;
  const hostsOf = (rack: number): number[] => numbers(hosts).filter((host) => rackOf(host) === rack);
  const links = [
    ...numbers(hosts).flatMap((host) => {
      const port = ((host - 1) % HOSTS_A_RACK) + 1;
      return ['a', 'b'].map((side, index) => `[${hostName(host)}:p${index + 1}, tor${rackOf(host)}${side}:${port}]`);
    }),
    ...numbers(racks).flatMap((rack) => [
      ...['a', 'b'].map((side, index) => `[array${rack}:p${index + 1}, tor${rack}${side}:40]`),
      `[tor${rack}a:41, tor${rack}b:41]`,
      ...numbers(spines).flatMap((spine) =>
        ['a', 'b'].map((side, index) => `[tor${rack}${side}:${44 + spine}, spine${spine}:${2 * rack - 1 + index}]`),
      ),
    ]),
  ];
  const text = [
    'version: 1',
    `name: racks-${hosts}`,
    'hosts:',
    ...numbers(hosts).map((host) => hostText(host, rackOf(host))),
    'arrays:',
    ...numbers(racks).map((rack) => arrayText(rack, hostsOf(rack))),
    'switches:',
    ...numbers(racks).flatMap((rack) => [torText(rack, 'a', 'b', hostsOf(rack).length), torText(rack, 'b', 'a', hostsOf(rack).length)]),
    ...numbers(spines).map((spine) => spineText(spine, 2 * racks)),
    'links:',
    ...links.map((link) => `  - ${link}`),
    '',
  ].join('\n');
  return { text, hosts, arrays: racks, switches: 2 * racks + spines, links: links.length };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const hostName = (host: number): string => `host${host}`;

const iqn = (host: number): string => `iqn.1994-05.com.redhat:${hostName(host)}`;

/** The n-th address of a network of 16 bits; the first and the last are nobody's. */
const address = (network: string, number: number): string => `${network}.${(number >> 8) & 255}.${number & 255}`;

const dcbText = (willing: boolean): string => `    dcb:
      dcbx: ieee
      willing: ${willing}
      trust: pcp
      pfc: [3]
      classes:
        0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 50 }
        3: { priorities: [3], bandwidth: 50 }`;

const portsText = `${dcbText(true)}
    nics:
      p1: { mtu: 9000, speed: 25G, rdma: { kind: roce-v2, priority: 3 } }
      p2: { mtu: 9000, speed: 25G, rdma: { kind: roce-v2, priority: 3 } }`;

const bondText = (number: number): string => `    teams:
      bond0:
        nics: [p1, p2]
        mode: lacp
        hash: layer3+4
        vlans:
          10: { mtu: 1500, addresses: [${address('10.10', number)}/16] }
          20: { addresses: [${address('10.20', number)}/16] }`;

const hostText = (host: number, rack: number): string => `  ${hostName(host)}:
    os: linux
${portsText}
${bondText(host)}
    iscsi:
      iface0: { initiator: ${iqn(host)}, discovery: [array${rack}] }`;

/** Arrays have the upper half of the addresses. */
const arrayText = (rack: number, hosts: readonly number[]): string => `  array${rack}:
${portsText}
${bondText(0x8000 + rack)}
    portals: ["${address('10.20', 0x8000 + rack)}:3260"]
    targets:
${hosts
  .map(
    (host) => `      iqn.2026-01.net.example:${hostName(host)}:
        access: [${iqn(host)}]
        luns: [{ store: memory, size: 64MiB }]`,
  )
  .join('\n')}`;

const torText = (rack: number, side: string, peer: string, hosts: number): string => `  tor${rack}${side}:
    speed: 25G
    peer: tor${rack}${peer}
    losslessClasses: 2
${dcbText(false)}
    ports:
      1-${hosts}: { trunk: [10, 20], native: none }
      40-41: { trunk: [10, 20], native: none }
      45-48: { trunk: [10, 20], native: none, speed: 100G }
    aggregations:
${numbers(hosts)
  .concat(40)
  .map((port) => `      ${port}: { ports: [${port}], peerGroup: ${port}, trunk: [10, 20], native: none }`)
  .join('\n')}`;

const spineText = (spine: number, ports: number): string => `  spine${spine}:
    portCount: 128
    speed: 100G
    losslessClasses: 2
${dcbText(false)}
    ports:
      1-${ports}: { trunk: [10, 20], native: none }`;
