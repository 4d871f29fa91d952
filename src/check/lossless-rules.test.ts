/** Rules over lossless Ethernet where they are easily wrong: what DCBX makes of two ends, boundaries of buffers, ways between switches. */
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { linkExample, roceExample } from './rules/lossless/examples.ts';
import { headroomNeeded } from './rules/lossless/buffer-headroom.ts';

const found = (text: string): string[] => checkText(text, 'fabric.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const rules = (text: string): string[] => [...new Set(checkText(text, 'fabric.yaml').problems.map(({ rule }) => rule))].toSorted();

/** A host's port and a switch port, each with these settings. */
const ends = (nic: string, port: string, tor = ''): string =>
  linkExample({ nic: `dcb: { ${nic} }`, port: `vlan: 10, dcb: { ${port} }`, tor });

const taken = (priority: number): string =>
  roceExample(`priority: ${priority}`, 'dcb: { dcbx: ieee, willing: true, pfc: [5] }', {
    port: 'dcb: { dcbx: ieee, willing: false, pfc: [3] }',
  });

describe('what DCBX makes of two ends', () => {
  it.each([
    ['one decides for the other', 'dcbx: ieee, willing: true, pfc: [5]', 'dcbx: ieee, willing: false, pfc: [3]', []],
    ['auto meets any version', 'dcbx: auto, willing: true', 'dcbx: cee, willing: false, pfc: [3]', []],
    ['nothing is said of being willing', 'dcbx: ieee, pfc: [3]', 'dcbx: ieee, pfc: [3]', []],
    ['a willing end, and nothing said of the other', 'willing: true, pfc: [5]', 'pfc: [3]', []],
    ['nobody is willing, and both say the same', 'dcbx: ieee, willing: false, pfc: [3]', 'dcbx: ieee, willing: false, pfc: [3]', []],
    ['both are willing, and it makes no difference', 'dcbx: ieee, willing: true, pfc: [3]', 'dcbx: ieee, willing: true, pfc: [3]', []],
    ['both are willing, and it makes one', 'dcbx: ieee, willing: true, pfc: [3]', 'dcbx: ieee, willing: true, pfc: [4]', ['SW-1124']],
    ['the same order of priorities does not matter', 'pfc: [5, 3]', 'pfc: [3, 5]', []],
    ['no DCBX at either end', 'dcbx: none, pfc: [3]', 'dcbx: none, pfc: [4]', ['SW-1110']],
    [
      'a willing end without DCBX takes over nothing',
      'dcbx: none, willing: true, pfc: [3]',
      'dcbx: ieee, willing: false, pfc: [4]',
      ['SW-1110'],
    ],
    ['PFC unsaid at one end is no difference', 'pfc: [3]', 'trust: pcp', []],
    ['PFC off at both is none either', 'pfc: false', 'pfc: []', []],
    ['versions differ, and nobody takes over anything', 'dcbx: ieee, willing: false', 'dcbx: cee, willing: false', []],
    ['two agents without DCBX answer nothing', 'dcbx: none, agents: [firmware, os]', 'pfc: false', []],
    ['two agents, whatever else', 'dcbx: ieee, willing: true, agents: [firmware, os]', 'dcbx: cee, willing: false', ['SW-1128']],
  ] as const)('%s', (_, nic, port, expected) => {
    expect(rules(ends(nic, port))).toEqual(expected);
  });

  it('a switch without LLDP is no trouble where DCBX is wanted by nobody', () => {
    expect(rules(ends('dcbx: none, pfc: [3]', 'dcbx: none, pfc: [3]', 'lldp: false'))).toEqual([]);
    expect(rules(ends('dcbx: ieee, willing: true', 'dcbx: ieee, willing: false, pfc: [3]', 'lldp: false'))).toEqual(['SW-1131']);
  });

  it('an adapter that takes over PFC of its switch has what the switch has', () => {
    expect(rules(taken(3))).toEqual([]);
    expect(rules(taken(5))).toEqual(['SW-1134']);
  });

  it('pause frames beside PFC that comes by DCBX are found', () => {
    const text = linkExample({
      nic: 'flowControl: both, dcb: { dcbx: ieee, willing: true }',
      port: 'vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3] }',
    });
    expect(rules(text)).toEqual(['SW-1112']);
  });

  it('pause frames that may be negotiated away are not', () => {
    expect(rules(linkExample({ nic: 'flowControl: auto, dcb: { pfc: [3] }', port: 'vlan: 10, dcb: { pfc: [3] }' }))).toEqual([]);
  });
});

const withoutList = (tor: string): string => linkExample({ nic: 'dcb: { pfc: [3] }', port: 'vlan: 10, dcb: { pfc: true }', tor });

describe('PFC that is on without saying for what', () => {
  it('is that of the switch, where it says it; else that is told, and nothing else', () => {
    expect(rules(withoutList('dcb: { pfc: [3] }'))).toEqual([]);
    expect(rules(withoutList('dcb: { pfc: [4] }'))).toEqual(['SW-1110']);
    expect(rules(withoutList(''))).toEqual(['SW-1232']);
    expect(rules(withoutList('dcb: { pfc: true }'))).toEqual(['SW-1232']);
  });
});

describe('many hosts at one switch', () => {
  it('that all disagree with one value of it come under it', () => {
    const hosts = [1, 2, 3].map((n) => `  esx${n}: { nics: { nic0: { dcb: { pfc: [3] } } } }\n`).join('');
    const links = [1, 2, 3].map((n) => `  - [esx${n}:nic0, tor1:${n}]\n`).join('');
    const text = `version: 1\nname: example\nhosts:\n${hosts}switches:\n  tor1: { dcb: { pfc: [4] } }\nlinks:\n${links}`;
    const { problems } = checkText(text, 'fabric.yaml');
    expect(problems.map(({ rule, cause }) => [rule, cause?.where])).toEqual([1, 2, 3].map(() => ['SW-1110', 'switches.tor1.dcb.pfc']));
  });

  it('a port that is shut down is no end of anything', () => {
    expect(rules(linkExample({ nic: 'dcb: { pfc: [3] }', port: 'vlan: 10, disabled: true, dcb: { pfc: [4] }' }))).toEqual([]);
  });

  it('settings of a whole switch are told once', () => {
    const text = linkExample({
      nic: 'mtu: 1500',
      tor: 'dcb: { classes: { 0: { priorities: [0, 1, 2, 3, 4, 5, 6, 7], bandwidth: 90 } } }',
    }).replace('      1: { vlan: 10 }', '      1-40: { vlan: 10 }');
    expect(found(text)).toEqual(['SW-1116 The shares of `tor1` add up to 90 percent.']);
  });
});

const classed = (text: string): string => linkExample({ nic: 'mtu: 1500', port: `vlan: 10, dcb: { classes: { ${text} } }` });

describe('shares', () => {
  it.each([
    ['a class without a share gets the rest', '0: { priorities: [0, 1, 2, 4, 5, 6, 7] }, 3: { priorities: [3], bandwidth: 50 }', []],
    ['but not more than there is', '0: { priorities: [0, 1, 2, 4, 5, 6, 7] }, 3: { priorities: [3], bandwidth: 100 }', []],
    ['strict classes have none', '0: { priorities: [0, 1, 2, 3, 4, 5, 6], bandwidth: 100 }, 7: { priorities: [7], strict: true }', []],
    ['99 are not 100', '0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 49 }, 3: { priorities: [3], bandwidth: 50 }', ['SW-1116']],
    [
      'an empty class may have none',
      '0: { priorities: [0, 1, 2, 3, 4, 5, 6, 7], bandwidth: 100 }, 1: { priorities: [], bandwidth: 0 }',
      [],
    ],
    ['there is no class 8', '8: { priorities: [0, 1, 2, 3, 4, 5, 6, 7], bandwidth: 100 }', ['SW-0006']],
  ])('%s', (_, text, expected) => {
    expect(rules(classed(text))).toEqual(expected);
  });
});

const exactly = (reserved: number): string =>
  linkExample({
    nic: 'speed: 10G, dcb: { pfc: [3] }',
    port: `vlan: 10, dcb: { pfc: [3], buffers: { pg3: { priorities: [3], lossless: true, reserved: ${reserved}, xoff: 10000, xon: 10000 } } }`,
  });

const jumbo = (nic: string): string =>
  linkExample({
    nic: `${nic}, dcb: { pfc: [3] }`,
    port: 'vlan: 10, dcb: { pfc: [3], buffers: { pg3: { priorities: [3], lossless: true, reserved: 17370, xoff: 10000 } } }',
  });

const systemShares = (os: string): string =>
  linkExample({
    host: `os: ${os}`,
    nic: 'dcb: { pfc: [3], classes: { 1: { name: SMB, priorities: [3], bandwidth: 50 } } }',
    port: 'vlan: 10, dcb: { pfc: [3] }',
  });

describe('shares of Windows', () => {
  it('are those of the classes that are made: the default class has the rest', () => {
    expect(rules(systemShares('windows'))).toEqual([]);
    expect(rules(systemShares('linux'))).toEqual(['SW-1116', 'SW-1118']);
  });
});

describe('shares that come by DCBX', () => {
  it('are told as those of the switch that says them', () => {
    const text = linkExample({
      nic: 'dcb: { dcbx: ieee, willing: true }',
      port: 'vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3], classes: { 0: { priorities: [0, 1, 2, 3, 4, 5, 6, 7], bandwidth: 100 } } }',
    });
    expect(found(text)).toEqual(['SW-1120 Class 0 of `tor1:1` holds priority 3 with PFC and priorities 0, 1, 2, 4, 5, 6 and 7 without.']);
  });
});

describe('headroom', () => {
  it('is what the cable, two frames and the time to obey take (IEEE 802.3 §31B.3.7, SONiC)', () => {
    // 100 m are 500 ns: 6,250 bytes each way at 100 Gb/s; 394 quanta of 64 bytes.
    expect(headroomNeeded(100e9, 500, 1522, 1522)).toEqual({ cable: 12_500, frames: 3044, response: 25_216, total: 40_760 });
    expect(headroomNeeded(10e9, 15, 1522, 1522)).toEqual({ cable: 38, frames: 3044, response: 4288, total: 7370 });
    expect(headroomNeeded(25e9, 50, 1522, 1522).total).toBe(8477);
  });

  it('fits to the byte, or is missing one', () => {
    expect(rules(exactly(17_370))).toEqual([]);
    expect(found(exactly(17_369))).toEqual([
      'SW-1140 Buffer `pg3` of `tor1:1` has a headroom of 7369 bytes, and the link to `esx1:nic0` needs 7370: 38 on the cable (15 ns at 10 Gb/s, both ways), 3044 in two frames, 4288 until `esx1:nic0` obeys.',
    ]);
  });

  it('counts jumbo frames, and says nothing where speeds are not known', () => {
    expect(rules(jumbo('mtu: 9000'))).toEqual(['SW-1140']);
    expect(
      rules(
        linkExample({
          nic: 'dcb: { pfc: [3] }',
          port: 'vlan: 10, dcb: { pfc: [3], buffers: { pg3: { priorities: [3], lossless: true, reserved: 9000 } } }',
        }),
      ),
    ).toEqual([]);
  });
});

const roceHost = (name: string, last: number, dcb = 'pfc: [3]'): string =>
  `  ${name}:\n    nics:\n      nic0: { dcb: { ${dcb} }, rdma: { kind: roce-v2, priority: 3 }, vlans: { 2: { addresses: [192.0.2.${last}/24] } } }\n`;

const torsOf = (names: readonly string[], trunkDcb: string): string =>
  names
    .map(
      (name) =>
        `  ${name}:\n    ports:\n      1: { trunk: [2], native: none, dcb: { pfc: [3] } }\n      40-48: { trunk: [2], native: none, dcb: { ${trunkDcb} } }\n`,
    )
    .join('');

const fabricOf = (hosts: string, switches: string, links: string): string =>
  `version: 1\nname: example\nhosts:\n${hosts}switches:\n${switches}links:\n${links}`;

const beyond = (far: string): string =>
  fabricOf(
    roceHost('esx1', 11) + roceHost('esx2', 12),
    torsOf(['a', 'b', 'spine', 'stub'], far),
    '  - [esx1:nic0, a:1]\n  - [esx2:nic0, b:1]\n  - [a:48, spine:40]\n  - [b:48, spine:41]\n  - [spine:42, stub:48]\n',
  );

describe('the way between switches', () => {
  it('goes through switches without machines, and not into dead ends', () => {
    expect(found(beyond('pfc: false')).map((one) => one.replace(/.*on the way /, ''))).toEqual([
      '`a:48` and `spine:40` have PFC off.',
      '`b:48` and `spine:41` have PFC off.',
    ]);
    expect(rules(beyond('pfc: [3]'))).toEqual([]);
    expect(rules(beyond('trust: pcp'))).toEqual([]);
  });

  it('is nobody else’s business: hosts at one switch, hosts with PFC off', () => {
    const links = '  - [esx1:nic0, a:1]\n  - [esx2:nic0, b:1]\n  - [a:48, b:48]\n';
    const off = fabricOf(
      roceHost('esx1', 11, 'pfc: false') + roceHost('esx2', 12, 'pfc: false'),
      torsOf(['a', 'b'], 'pfc: false').replaceAll('pfc: [3]', 'pfc: false'),
      links,
    );
    expect(rules(off)).toEqual([]);
    const near = fabricOf(roceHost('esx1', 11), torsOf(['a', 'b'], 'pfc: false'), '  - [esx1:nic0, a:1]\n  - [a:48, b:48]\n');
    expect(rules(near)).toEqual([]);
  });

  it('names both ports, the machine and where its priority is said', () => {
    const text = fabricOf(
      roceHost('esx1', 11) + roceHost('esx2', 12),
      torsOf(['a', 'b'], 'pfc: [4]'),
      '  - [esx1:nic0, a:1]\n  - [esx2:nic0, b:1]\n  - [a:48, b:48]\n',
    );
    const [problem] = checkText(text, 'fabric.yaml').problems;
    expect(problem?.message).toBe(
      '`esx1:nic0.2` sends RoCE in priority 3, and on the way `a:48` and `b:48` keep only priority 4 from loss.',
    );
    expect(problem?.related).toHaveLength(2);
  });
});

const mapped = (map: string): string =>
  roceExample('', 'dcb: { pfc: [3] }').replace('[192.0.2.11/24]', `[192.0.2.11/24], egress: { ${map} }`);

const dscpExample = (dscp: number): string =>
  roceExample(`dscp: ${dscp}`, 'dcb: { pfc: [3] }', { port: 'dcb: { trust: dscp, pfc: [3], dscp: { 46: 5 } }' });

const untagged = (port: string): string =>
  linkExample({ nic: 'addresses: [192.0.2.11/24], rdma: roce-v2, dcb: { pfc: [3] }', port: `vlan: 2, ${port}dcb: { pfc: [3] }` });

const unprotected = (rdma: string): string => roceExample(rdma, 'flowControl: none, dcb: { pfc: false }', { port: 'dcb: { pfc: false }' });

const fcoeExample = (pfc: number): string =>
  linkExample({ nic: `fcoe: {}, mtu: 2500, dcb: { pfc: [${pfc}] }`, port: `vlan: 10, dcb: { pfc: [${pfc}] }` });

describe('the priority of FCoE', () => {
  it('is 3 where nothing else is said', () => {
    expect(found(fcoeExample(4))).toEqual(['SW-1134 `esx1:nic0` sends FCoE in priority 3, and `esx1:nic0` has it lossy.']);
    expect(rules(fcoeExample(3))).toEqual([]);
  });
});

describe('priorities of RoCE', () => {
  it('come from policies, maps of VLANs and the adapter, and each is followed', () => {
    const windows = roceExample('', 'dcb: { pfc: [3] }', {
      host: 'os: windows\npolicies: { SMB: { match: "net-direct:445", priority: 4 } }',
    });
    expect(found(windows)).toEqual(['SW-1134 `esx1:nic0.2` puts RoCE in priority 4 (policy `SMB`), and `esx1:nic0` has it lossy.']);
    expect(rules(mapped('0: 5, 1: 5'))).toEqual(['SW-1134']);
    expect(rules(mapped('0: 3, 1: 3, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3, 7: 3, 8: 3, 9: 3, 10: 3, 11: 3, 12: 3, 13: 3, 14: 3, 15: 3'))).toEqual(
      [],
    );
    // Most to 3 and some to 0: which one RoCE has, nobody knows.
    expect(rules(mapped('0: 3, 1: 0'))).toEqual(['SW-1135']);
  });

  it('of a DSCP that is not listed go by its first three bits', () => {
    expect(rules(dscpExample(26))).toEqual([]);
    expect(rules(dscpExample(46))).toEqual(['SW-1136']);
    expect(rules(dscpExample(0))).toEqual(['SW-1136']);
  });

  it('without tags are those of the port', () => {
    expect(rules(untagged(''))).toEqual(['SW-1138']);
    expect(rules(untagged('priority: 3, '))).toEqual([]);
    expect(
      rules(
        untagged('')
          .replace('vlan: 2, dcb: { pfc', 'vlan: 2, dcb: { trust: dscp, pfc')
          .replace('rdma: roce-v2', 'rdma: { kind: roce-v2, dscp: 26 }'),
      ),
    ).toEqual([]);
  });

  it('need PFC or congestion control only where somebody says that neither is there', () => {
    expect(rules(unprotected(''))).toEqual([]);
    expect(rules(unprotected('ecn: false'))).toEqual(['SW-1146']);
    expect(rules(unprotected('ecn: false').replace('flowControl: none, ', ''))).toEqual([]);
  });
});
