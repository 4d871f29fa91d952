/** What the rules say of switches, links, adapters and addresses, beyond the example of each. */
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { fabricExample, machineExample, uplinkExample } from './example.ts';

const problemsOf = (keys: string) => checkText(fabricExample(keys), 'x.yaml').problems;
const told = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const found = (keys: string): string[] => told(fabricExample(keys));

const HOST = 'hosts:\n  esx1:\n    nics: { nic0: {}, nic1: {} }\n';
const TOR = 'switches:\n  tor1:\n    portCount: 8\n    ports: { Ethernet1/1: {}, 1-4: {} }\n';

const end = (written: string): string => `${HOST}${TOR}links:\n  - [${written}, tor1:1]\n`;

describe('ends of links', () => {
  it.each([
    ['exs1:nic0', 'There is no host, array or switch `exs1`.', 'Did you mean `esx1:nic0`?'],
    ['router:1', 'There is no host, array or switch `router`.', 'Declare it, or write the name of one that is declared.'],
    ['esx1:nic2', '`esx1` has no port `nic2`.', 'Did you mean `esx1:nic0`?'],
    ['esx1:eth7', '`esx1` has no port `eth7`.', 'Its ports are `nic0`, `nic1`.'],
    ['tor1:9', '`tor1` has no port `9`.', 'Write a number from 1 to 8, or give it `portCount: 9`.'],
    ['tor1:2000', '`tor1` has no port `2000`.', 'Write a number from 1 to 8.'],
    ['tor1:Ethernet1/2', '`tor1` has no port `Ethernet1/2`.', 'Did you mean `tor1:Ethernet1/1`?'],
    ['tor1:uplink', '`tor1` has no port `uplink`.', 'Write a number from 1 to 8, or declare `uplink` in `ports`.'],
    ['tor1:01', '`tor1` has no port `01`.', 'Write a number from 1 to 8, or declare `01` in `ports`.'],
  ])('%s', (written, message, remedy) => {
    const [problem, ...more] = problemsOf(end(written)).filter(({ rule }) => rule !== 'SW-1041');
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      rule: 'SW-1039',
      message,
      remedy,
      where: 'links[0][0]',
      line: 11,
      column: 6,
      endColumn: 6 + written.length,
    });
  });

  it('show the node, a long one by its name', () =>
    expect(problemsOf(end('tor1:9'))[0]!.related).toEqual([
      { line: 7, column: 3, endLine: 7, endColumn: 7, message: 'the switch', where: 'switches.tor1' },
    ]));

  it('are all looked at', () =>
    expect(found(`${HOST}${TOR}links: [[esx1:a, tor1:b], { ends: [esx1:nic0, nobody:1] }]`)).toEqual([
      'SW-1039 `esx1` has no port `a`.',
      'SW-1039 `tor1` has no port `b`.',
      'SW-1039 There is no host, array or switch `nobody`.',
    ]));

  it('may be ports with a number that nobody lists', () => expect(found(end('esx1:nic0').replace('tor1:1', 'tor1:8'))).toEqual([]));
});

const attach = (...plugs: string[]): string[] =>
  found(`switches:\n  tor1:\n    ports:\n${plugs.map((plug, index) => `      ${index + 1}: { attach: { ${plug} } }\n`).join('')}`);

const tunnel = (rest: string): string => `tunnel: { remote: 192.0.2.7, ${rest} }`;

describe('plugs', () => {
  it('are one a port: two links, a link and the world, both ends of a link', () => {
    const text = `${HOST.replace('nic1: {}', 'nic1: { attach: { tap: sw0 } }')}${TOR}links:
  - [esx1:nic0, tor1:1]
  - [tor1:1, esx1:nic1]
  - [tor1:2, tor1:2]
`;
    const problems = problemsOf(text);
    expect(problems.map(({ rule, where, message }) => `${rule} ${where} ${message}`)).toEqual([
      'SW-1040 links[1][0] There is a plug in `tor1:1` already.',
      'SW-1040 links[1][1] There is a plug in `esx1:nic1` already.',
      'SW-1040 links[2][1] Both ends of this link are in `tor1:2`.',
    ]);
    expect(problems.map(({ related }) => related!.map(({ line, column, message }) => [line, column, message]))).toEqual([
      [[11, 17, 'the other plug']],
      [[5, 39, 'it is attached to the world here']],
      [[13, 6, 'the other plug']],
    ]);
  });

  it('of the world are one a socket, however it is written', () => {
    expect(attach('qemu: a/./vm.sock', 'qemu: { local: a/vm.sock, remote: b.sock }', 'qemu: ./b.sock')).toEqual([
      'SW-1063 `a/vm.sock` is in use by `tor1:1` already.',
    ]);
    expect(attach('tap: sw0', 'interface: sw0', 'interface: sw1')).toEqual(['SW-1063 `sw0` is in use by `tor1:1` already.']);
    expect(attach(tunnel('network: 1'), tunnel('network: 2'), tunnel('network: 3, port: 4790'))).toEqual([
      'SW-1063 `0.0.0.0:4789` is in use by `tor1:1` already.',
    ]);
    expect(attach(tunnel('network: 1, local: 192.0.2.1'), tunnel('network: 2, local: 192.0.2.2'))).toEqual([]);
    expect(attach('qemu: "127.0.0.1:9001"', 'qemu: "127.0.0.1:9001"')).toEqual([
      'SW-1002 `127.0.0.1:9001` is taken by another port for QEMU.',
    ]);
  });

  it('of a range are as many as its ports', () =>
    expect(found('switches:\n  tor1:\n    ports:\n      1-2: { attach: { tap: sw0 } }')).toEqual([
      'SW-1063 `sw0` is in use by `tor1:1` already.',
    ]));
});

it('names are those of one node, of whatever kind', () => {
  const text = `arrays:\n  a: { portals: ["127.0.0.1:0"], targets: { iqn.2026-01.net.example:x: { luns: [{ store: memory, size: 1MiB }] } } }
hosts:\n  a: { nics: { nic0: {} } }\nswitches:\n  a: {}\n`;
  expect(problemsOf(text).map(({ rule, line, column, message }) => [rule, line, column, message])).toEqual([
    ['SW-1042', 6, 3, '`a` is the name of an array already.'],
    ['SW-1042', 8, 3, '`a` is the name of an array already.'],
  ]);
});

const adapter = (model: string, ports: string, nics = 'nic0: {}, nic1: {}'): string[] =>
  told(machineExample(`adapters: { slot1: { model: ${model}, ports: [${ports}] } }\nnics: { ${nics} }`));

describe('adapters', () => {
  it('have the ports of their model, as Ethernet', () => {
    expect(adapter('e1000', 'nic0, nic1')).toEqual(['SW-1043 `e1000` has one port, and `nic1` would be number 2.']);
    expect(adapter('emulex-16gfc', 'nic0')).toEqual(['SW-1043 This port of `emulex-16gfc` is Fibre Channel, not Ethernet.']);
    expect(adapter('mellanox-infinihost-iii-ex', 'nic0')).toEqual([
      'SW-1043 This port of `mellanox-infinihost-iii-ex` is InfiniBand, not Ethernet.',
    ]);
    expect(adapter('chelsio-t540-cr', 'nic0, nic1')).toEqual([]);
  });

  it('list ports that there are, once', () =>
    expect(adapter('generic', 'nic0, nci1, nic0')).toEqual([
      'SW-1044 There is no `nci1` in `nics`.',
      'SW-1044 `nic0` is a port of an adapter already.',
    ]));

  it('have speeds and frame sizes, also in VLANs', () => {
    expect(adapter('e1000', 'nic0', 'nic0: { speed: 10G, mtu: 16110, vlans: { 10: { mtu: 20000 }, 20: {} } }')).toEqual([
      'SW-1045 `e1000` has no speed of 10 Gb/s.',
      'SW-1045 `e1000` sends packets of 16110 bytes at the most, not of 20000.',
      'SW-1077 VLAN 10 has an MTU of 20000, and its port `esx1:nic0` of 16110.',
    ]);
    expect(adapter('e1000', 'nic0', 'nic0: { mtu: 16111, vlans: { 20: {} } }')).toEqual([
      'SW-1045 `e1000` sends packets of 16110 bytes at the most, not of 16111.',
    ]);
    expect(adapter('generic', 'nic0', 'nic0: { speed: 7G, mtu: 65535 }')).toEqual([]);
  });
});

const between = (one: string, other: string, rate = ''): string[] =>
  told(
    fabricExample(`hosts:
  a: { adapters: { s: { model: ${one}, ports: [n] } }, nics: { n: {} } }
  b: { adapters: { s: { model: ${other}, ports: [n] } }, nics: { n: {} } }
links:
  - { ends: [a:n, b:n]${rate} }`),
  );

describe('speeds of links', () => {
  it('are those that both ends know', () => {
    expect(between('mellanox-connectx-en', 'e1000')).toEqual([
      'SW-1046 `a:n` runs at 10 Gb/s, and `b:n` at 10 Mb/s or 100 Mb/s or 1 Gb/s.',
    ]);
    // 1 and 10 Gb/s against 10 and 40.
    expect(between('chelsio-t520-cr', 'chelsio-t580-lp-cr')).toEqual([]);
    expect(between('e1000', 'generic')).toEqual([]);
  });

  it('have a rate up to what the slower end can do', () => {
    expect(between('chelsio-t520-cr', 'generic', ', rate: 25G')).toEqual(['SW-1046 `a:n` runs at 1 Gb/s or 10 Gb/s, not at 25 Gb/s.']);
    expect(between('chelsio-t520-cr', 'generic', ', rate: 3G')).toEqual([]);
    expect(found('switches:\n  a: { speed: 10G }\n  b: { speed: 100G }\nlinks:\n  - { ends: [a:1, b:1], rate: 40G }')).toEqual([
      'SW-1046 `a:1` runs at 10 Gb/s at the most, not at 40 Gb/s.',
    ]);
  });
});

const route = (nic: string, via: string): string[] =>
  told(machineExample(`nics: { a: { ${nic} } }\nroutes: [{ to: 0.0.0.0/0, via: "${via}" }]`));

describe('addresses', () => {
  it('are those of one port: MAC and IP', () => {
    const text = `hosts:
  a: { nics: { n: { mac: 02:00:00:00:00:01, addresses: [192.0.2.1/24, "2001:db8::1/64", "fe80::1/64", 169.254.0.1/16] } } }
  b: { nics: { n: { mac: 02-00-00-00-00-01, addresses: [192.0.2.1/25, "2001:DB8:0::1/64", "fe80::1/64", 169.254.0.1/16] } } }
switches:
  s: { mac: 0200.0000.0001 }
`;
    expect(found(text)).toEqual([
      'SW-1047 `02:00:00:00:00:01` is the address of `a:n` already.',
      'SW-1047 `192.0.2.1` is the address of `a:n` already.',
      'SW-1047 `2001:db8::1` is the address of `a:n` already.',
      'SW-1047 `02:00:00:00:00:01` is the address of `a:n` already.',
    ]);
    expect(problemsOf(text)[1]).toMatchObject({ line: 5, column: 57, related: [{ line: 4, column: 57, message: 'the other one' }] });
  });

  it('of two ports of a machine are in two networks, VLANs and IPv6 too', () => {
    expect(told(machineExample('nics: { a: { addresses: [192.0.2.1/24], vlans: { 5: { addresses: [192.0.2.200/26] } } } }'))).toEqual([
      'SW-1048 `a` is in `192.0.2.0/24` too.',
    ]);
    expect(told(machineExample('nics: { a: { addresses: ["2001:db8::1/64"] }, b: { addresses: ["2001:db8::2/64"] } }'))).toEqual([
      'SW-1048 `a` is in `2001:db8::/64` too.',
    ]);
    expect(told(machineExample('nics: { a: { addresses: [192.0.2.1/24, 192.0.2.2/24] }, b: { addresses: ["fe80::1/64"] } }'))).toEqual([]);
  });

  it('are not those of the network, but where there are no others', () => {
    expect(told(machineExample('nics: { a: { addresses: [192.0.2.0/24, 192.0.2.255/24] } }'))).toEqual([
      'SW-1049 `192.0.2.0/24` is the network itself.',
      'SW-1049 `192.0.2.255/24` is the broadcast address of its network.',
    ]);
    expect(told(machineExample('nics: { a: { addresses: [192.0.2.0/31, 198.51.100.0/32, "2001:db8::/64"] } }'))).toEqual([]);
  });

  it('of routers are next door', () => {
    expect(route('addresses: [192.0.2.1/24]', '192.0.2.1')).toEqual(['SW-1050 `192.0.2.1` is an address of `esx1` itself.']);
    expect(route('addresses: [192.0.2.1/24]', '2001:db8::1')).toEqual(['SW-1050 `2001:db8::1` is in no network of `esx1`.']);
    expect(route('dhcp: true', '198.51.100.1')).toEqual([]);
    expect(route('dhcp: true', '2001:db8::1')).toEqual(['SW-1050 `2001:db8::1` is in no network of `esx1`.']);
    expect(route('autoconfigure: true', '2001:db8::1')).toEqual([]);
    expect(route('addresses: ["2001:db8::1/64"]', 'fe80::1')).toEqual([]);
  });
});

const ports = (text: string): string[] => found(`switches:\n  tor1:\n    ports: { ${text} }`);

describe('ports of switches', () => {
  it('are listed once', () => {
    expect(ports('1-4: {}, 3-8: {}, 8: {}')).toEqual(['SW-1054 Port `3` is listed twice.', 'SW-1054 Port `8` is listed twice.']);
    const [first] = problemsOf('switches:\n  tor1:\n    ports:\n      1-8: { vlan: 10 }\n      8: { vlan: 20 }');
    expect(first).toMatchObject({ line: 6, column: 7, endColumn: 10, related: [{ line: 7, column: 10, message: 'the other time' }] });
  });

  it('have no number beyond what there is', () =>
    expect(ports('47-50: {}, Ethernet1/64: {}')).toEqual(['SW-1054 `tor1` has 48 ports with numbers, and this is 50.']));

  it('carry VLANs in one of the three ways', () => {
    expect(ports('1-4: { vlan: 10, native: 10 }')).toEqual(['SW-1054 `native` is for a trunk, and this port is none.']);
    expect(ports('1-4: { vlan: 10, trunk: [10], native: 10 }')).toEqual(['SW-1054 `vlan` does not go with `trunk`.']);
    expect(ports('1: { vlan: 10, trunk: [10], native: 10, untagged: 10 }')).toEqual([
      'SW-1054 `vlan` does not go with `tagged` or `untagged`.',
      'SW-1054 `trunk` does not go with `tagged` or `untagged`.',
      'SW-1054 `native` does not go with `tagged` or `untagged`.',
    ]);
    expect(ports('1: { untagged: 10 }, 2: { tagged: all }, 3: {}')).toEqual([]);
  });

  it('that are trunks have VLAN 1 for their native one, unless another is said', () => {
    expect(ports('1: { trunk: [10, 20-29] }')).toEqual([
      'SW-1055 Frames without a tag are of VLAN 1 here, and the trunk carries 10, 20-29 only.',
    ]);
    expect(ports('1: { trunk: all }, 2: { trunk: [10], native: 10 }, 3: { trunk: [10], native: none }')).toEqual([]);
  });
});

const trunk = (one: string, other: string): string[] =>
  found(`switches:\n  a: { ports: { 1: { ${one} } } }\n  b: { ports: { 1: { ${other} } } }\nlinks: [[a:1, b:1]]`);

const uplink = (nic: string, port: string): string[] => told(uplinkExample(nic, port));

const tagged = (vlan: number): string => `vlans: { ${vlan}: { addresses: [192.0.2.1/24] } }`;

describe('VLANs along a link', () => {
  it.each([
    ['vlan: 10', 'vlan: 20', 'Without a tag, `a:1` carries VLAN 10, and `b:1` VLAN 20.'],
    ['vlan: 10', 'trunk: [10], native: none', 'Without a tag, `a:1` carries VLAN 10, and `b:1` nothing.'],
    ['tagged: [10]', 'trunk: [20], native: none', 'The two ends carry no VLAN in common.'],
    ['trunk: all', 'tagged: [10], untagged: 2', 'Without a tag, `a:1` carries VLAN 1, and `b:1` VLAN 2.'],
  ])('%s and %s', (one, other, message) => expect(trunk(one, other)).toEqual([`SW-1056 ${message}`]));

  it('agree in more ways than one', () => {
    expect(trunk('vlan: 10', 'untagged: 10, tagged: [20]')).toEqual([]);
    expect(trunk('trunk: all', 'trunk: [1, 5]')).toEqual([]);
    expect(trunk('vlan: 10', 'vlan: 20, disabled: true')).toEqual([]);
  });

  it('are carried from the machine on', () => {
    expect(uplink('addresses: [192.0.2.1/24]', 'trunk: [10], native: none')).toEqual([
      'SW-1057 `esx1:nic0` sends frames without a tag, and `tor1:1` carries none.',
    ]);
    expect(uplink(tagged(30), 'trunk: [10], native: none')).toEqual([
      'SW-1057 `esx1:nic0.30` sends frames with the tag of VLAN 30, and `tor1:1` does not carry it.',
    ]);
    expect(uplink(tagged(10), 'trunk: [10, 20], native: 10')).toEqual([
      'SW-1057 `esx1:nic0.10` sends frames with the tag of VLAN 10, and `tor1:1` carries it without tags.',
    ]);
    expect(uplink(`${tagged(10)}, dhcp: true`, 'tagged: [10]')).toEqual([
      'SW-1057 `esx1:nic0` sends frames without a tag, and `tor1:1` carries none.',
    ]);
    expect(uplink(tagged(10), 'tagged: [10]')).toEqual([]);
    expect(uplink(`${tagged(10)}, dhcp: true`, 'trunk: all')).toEqual([]);
  });
});

it('long packets fit through the link and the switch', () => {
  const fits = (nic: string, link: string, tor: string): string[] =>
    found(
      `hosts:\n  a: { nics: { n: { ${nic} } } }\nswitches:\n  s: { ${tor}ports: { 1: { trunk: all } } }\nlinks: [{ ends: [s:1, a:n]${link} }]`,
    );
  expect(fits('mtu: 9000', '', '')).toEqual([]);
  expect(fits('mtu: 9000', ', mtu: 1500', '')).toEqual(['SW-1058 `a:n` sends packets of up to 9000 bytes, and the link carries 1500.']);
  expect(fits('mtu: 9000', ', mtu: 4000', 'mtu: 2000, ')).toEqual([
    'SW-1058 `a:n` sends packets of up to 9000 bytes, and `s` carries 2000.',
  ]);
  expect(fits('vlans: { 5: { mtu: 9000 } }', ', mtu: 1500', '')).toEqual([
    'SW-1058 `a:n` sends packets of up to 9000 bytes, and the link carries 1500.',
    'SW-1077 VLAN 5 has an MTU of 9000, and its port `a:n` of 1500.',
  ]);
  expect(
    found('hosts:\n  a: { nics: { n: { mtu: 9000 } } }\nswitches:\n  s: { ports: { 1: { mtu: 1500 } } }\nlinks: [[s:1, a:n]]'),
  ).toEqual(['SW-1058 `a:n` sends packets of up to 9000 bytes, and `s:1` carries 1500.']);
  expect(
    found('hosts:\n  a: { nics: { n: { mtu: 9000 } } }\n  b: { nics: { n: { mtu: 9000 } } }\nlinks: [{ ends: [a:n, b:n], mtu: 1500 }]'),
  ).toHaveLength(2);
});

const ring = (ports: (node: string, port: number) => string, links: string, without = 'c'): string[] =>
  found(
    `switches:\n${['a', 'b', 'c', 'd']
      .map(
        (name) =>
          `  ${name}: { spanningTree: ${name !== without}, ports: { ${[1, 2, 3].map((port) => `${port}: { ${ports(name, port)} }`).join(', ')} } }\n`,
      )
      .join('')}links: [${links}]`,
  );

const allVlans = (): string => 'trunk: all';

const split = (node: string, port: number): string =>
  (node === 'c' && port === 2) || (node === 'a' && port === 2) ? 'vlan: 20' : 'vlan: 10';

describe('loops', () => {
  it('need a spanning tree at every switch', () => {
    expect(ring(allVlans, '[a:1, b:1], [b:2, c:1], [c:2, a:2]')).toEqual(['SW-1059 `c` is on a loop of links and has no spanning tree.']);
    expect(ring(allVlans, '[a:1, b:1], [b:2, d:1], [d:2, a:2], [c:1, a:3]')).toEqual([]);
    expect(ring(allVlans, '[a:1, b:1], [b:2, c:1], [c:2, d:1]')).toEqual([]);
  });

  it('are none where a switch stands between two of them', () =>
    expect(
      found(`switches:\n  a: {}\n  b: {}\n  mid: { spanningTree: false }\n  c: {}\n  d: {}
links: [[a:1, b:1], [a:2, b:2], [b:3, mid:1], [mid:2, c:1], [c:2, d:2], [c:3, d:3]]`),
    ).toEqual([]));

  it('are none where a port is shut, a link is cut, or the VLANs differ', () => {
    const links = '[a:1, b:1], [b:2, c:1], [c:2, a:2]';
    expect(ring((node, port) => (node === 'c' && port === 2 ? 'trunk: all, disabled: true' : 'trunk: all'), links)).toEqual([]);
    expect(ring(allVlans, links.replace('[c:2, a:2]', '{ ends: [c:2, a:2], down: true }'))).toEqual([]);
    expect(ring(split, links)).toEqual([]);
  });

  it('of a switch with itself count', () =>
    expect(found('switches:\n  a: { spanningTree: false }\nlinks: [[a:1, a:2]]')).toEqual([
      'SW-1059 `a` is on a loop of links and has no spanning tree.',
      'SW-1041 This link leads from `a` to itself.',
    ]));

  it('show two of their links', () => {
    const [problem] = problemsOf(
      'switches:\n  a: { spanningTree: false }\n  b: {}\nlinks:\n  - [a:1, b:1]\n  - [a:2, b:2]\n  - [a:3, b:3]',
    );
    expect(problem).toMatchObject({
      where: 'switches.a.spanningTree',
      line: 4,
      related: [
        { line: 7, message: 'a:1 - b:1' },
        { line: 8, message: 'a:2 - b:2' },
      ],
    });
  });
});

const server = (settings: string, addresses = '192.0.2.1/24'): string[] =>
  told(machineExample(`nics:\n  a:\n    addresses: [${addresses}]\n    dhcpServer: { ${settings} }`));

const twoServers = (second: string): string => `hosts:
  a: { nics: { n: { addresses: [10.0.0.1/24], dhcpServer: { first: 10.0.0.100, last: 10.0.0.199 } } } }
  b: { nics: { n: { addresses: [10.0.0.2/24], dhcpServer: { ${second} } } } }
`;

describe('DHCP servers', () => {
  it.each([
    ['first: 198.51.100.1, last: 198.51.100.9', '`198.51.100.1` is in no network of `esx1:a`.'],
    ['first: 192.0.2.9, last: 192.0.2.8', 'The last address, `192.0.2.8`, comes before the first.'],
    ['first: 192.0.2.9, last: 192.0.3.8', '`192.0.3.8` is not in `192.0.2.0/24`, where the first is.'],
    ['first: 192.0.2.2, last: 192.0.2.255', '`192.0.2.255` is the last address of `192.0.2.0/24`: no machine can have it.'],
    ['first: 192.0.2.2, last: 192.0.2.9, router: 198.51.100.1', '`198.51.100.1` is not in `192.0.2.0/24`.'],
    ['first: 192.0.2.2, last: 192.0.2.9, reservations: { 02:00:00:00:00:01: 198.51.100.1 }', '`198.51.100.1` is not in `192.0.2.0/24`.'],
  ])('%s', (settings, message) => expect(server(settings)).toEqual([`SW-1061 ${message}`]));

  it('need an IPv4 address of their own', () =>
    expect(server('first: 192.0.2.2, last: 192.0.2.9', '"2001:db8::1/64"')).toEqual(['SW-1061 `192.0.2.2` is in no network of `esx1:a`.']));

  it('have ranges apart from one another, and from what others have', () => {
    expect(found(twoServers('first: 10.0.0.50, last: 10.0.0.150'))).toEqual(['SW-1061 `a:n` gives out addresses of this range too.']);
    expect(found(twoServers('first: 10.0.0.120, last: 10.0.0.130'))).toEqual(['SW-1061 `a:n` gives out addresses of this range too.']);
    expect(found(twoServers('first: 10.0.0.200, last: 10.0.0.250'))).toEqual([]);
    expect(found(twoServers('first: 10.0.0.1, last: 10.0.0.99'))).toEqual([
      'SW-1062 `10.0.0.1` of `a:n` is in the range that `b:n` gives out.',
      'SW-1062 `10.0.0.2` of `b:n` is in its own range.',
    ]);
    expect(found(twoServers('first: 10.0.0.2, last: 10.0.0.99, reservations: { 02:00:00:00:00:01: 10.0.0.2 }'))).toEqual([]);
  });
});

const times = (settings: string): string[] => found(`switches:\n  a: { spanningTree: { ${settings} } }`);

it('times of spanning tree go together', () => {
  expect(times('helloTime: 10')).toEqual([
    'SW-1060 These times do not go together: the max age is below twice the hello time and a second.',
  ]);
  expect(times('maxAge: 40')).toHaveLength(1);
  expect(times('maxAge: 6, forwardDelay: 4')).toEqual([]);
});

describe('marks', () => {
  it('begin before all packets have them', () => {
    const [problem, ...more] = problemsOf(
      'switches: { a: {}, b: {} }\nlinks:\n  - [a:2, b:2]\n  - { ends: [a:1, b:1], ecn: { min: 150KB, max: 100KB } }\n',
    );
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ rule: 'SW-1064', line: 6, column: 37, endColumn: 42, related: [{ line: 6, column: 49 }] });
  });
});

const tor = (keys: string, port = ''): string[] =>
  found(`switches: { tor1: { ports: { 1-2: { ${port} } }, aggregations: { Po1: { ports: [1, 2], ${keys} } } } }`);

it('VLANs of aggregations are looked at like those of ports', () => {
  expect(tor('trunk: [10, 20], native: 30')).toEqual([
    'SW-1055 Frames without a tag are of VLAN 30 here, and the trunk carries 10, 20 only.',
  ]);
  expect(tor('trunk: [10, 20], native: 10')).toEqual([]);
  expect(tor('vlan: 10, native: 10')).toEqual(['SW-1054 `native` is for a trunk, and this port is none.']);
  expect(tor('trunk: [10], native: none', 'native: 10')).toContain('SW-1054 `native` is for a trunk, and this port is none.');
});
