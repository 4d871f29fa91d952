import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { DeclaredNode } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { generateHost } from '../testing/generate-host.ts';
import { commandList } from './commands.ts';
import { linux } from './index.ts';

const node = (text: string): DeclaredNode =>
  declaredNode(parseFabric(`version: 1\nname: example\nhosts:\n  lin1:\n    os: linux\n${text}`, 'example.yaml'), 'lin1')!;
const commands = (one: DeclaredNode): string[] => linux.emit(one).commands.map(({ text }) => text);
const read = (text: string) => commandList.read(text, { file: 'setup.sh', port: undefined });
const told = (text: string): string[] => read(text).settings.map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);
const unsaid = (one: DeclaredNode): string[] => linux.emit(one).unsaid.map(({ setting }) => keyText(setting.key));

const EGRESS = Array.from({ length: 16 }, (_, priority) => `${priority}: 3`).join(', ');
/** A server of the Demartek RoCE Deployment Guide: ConnectX-4, VLAN 2, RoCE v2 in priority 3. */
const GUIDE = `    dcb: { pfc: [3] }
    adapters: { cx4: { model: mellanox-connectx-4-lx-en, ports: [p9p1] } }
    nics:
      p9p1: { rdma: { kind: roce-v2 }, vlans: { 2: { addresses: [192.0.2.2/24], egress: { ${EGRESS} } } } }
`;

describe('linux', () => {
  it.each(['linux', 'arrays with linux'] as const)('reads of its commands what was declared: %s, 40 nodes', (gate) => {
    expect(broken(gate, 40)).toBeUndefined();
  });

  it('refuses nothing of what Linux has', () => {
    const keys = new Set<string>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const { node: made } = generateHost(seed, 'linux', {
        without: ['device', 'iscsi', 'openVswitch', 'buffers', 'marks', 'classNames', 'encapsulationOverhead'],
      });
      for (const { setting } of linux.emit(made).unsaid)
        keys.add(setting.key.filter((step) => !/^(?:\d+|p\d|bond0|br0)$/.test(step)).join('.'));
    }
    expect([...keys].toSorted().filter((key) => !/offloads|rdma|dcb\.(?:trust|agents|applications|dcbx)/.test(key))).toEqual(['nics.mtu']);
  });

  it('is the whole procedure of a guide, in the syntax of today', () => {
    const lines = commands(node(GUIDE));
    expect(lines).toContain('mlnx_qos -i p9p1 --pfc 0,0,0,1,0,0,0,0');
    expect(lines).toContain(
      `ip link add link p9p1 name p9p1.2 mtu 1500 type vlan id 2 egress-qos-map ${Array.from({ length: 16 }, (_, one) => `${one}:3`).join(' ')}`,
    );
    expect(lines).toContain('cma_roce_mode -d $(ls /sys/class/net/p9p1/device/infiniband) -p 1 -m 2');
    expect(lines.indexOf('ip link set dev p9p1.2 up')).toBeGreaterThan(lines.findIndex((line) => line.startsWith('ip link add')));
    const { verification } = linux.emit(node(GUIDE));
    expect(verification).toContainEqual({
      command: 'mlnx_qos -i p9p1',
      expect: ['PFC configuration:', 'enabled     0   0   0   1   0   0   0   0'],
    });
    expect(verification.find(({ command }) => command === 'cat /proc/net/vlan/p9p1.2')!.expect).toEqual([
      'VID: 2',
      'EGRESS priority mappings:',
      ...Array.from({ length: 16 }, (_, one) => `${one}:3`),
    ]);
  });

  it('reads the procedure as the guide has it, with the list for PFC without its option', () => {
    const text = `#ibdev2netdev
#mlnx_qos -i p9p1
#mlnx_qos -i p9p1 0,0,0,1,0,0,0,0
${Array.from({ length: 16 }, (_, one) => `#ip link set p9p1.2 type vlan egress ${one}:3`).join('\n')}
#cat /proc/net/vlan/p9p1.2
`;
    expect(read(text).unknown).toEqual([]);
    expect(told(text)).toEqual([
      'nics.p9p1.vlans.2.present = true',
      ...Array.from({ length: 16 }, (_, one) => `nics.p9p1.vlans.2.egress.${one} = 3`),
      'nics.p9p1.dcb.pfc = [3]',
    ]);
  });

  it('keeps it over a restart, of which the guide says that it was lost: in files of systemd-networkd, and a script for the rest', () => {
    const { files } = linux.emit(node(GUIDE));
    const text = (path: string): string => files.find((file) => file.path.endsWith(path))!.text;
    expect(text('20-p9p1.2.netdev')).toContain(
      `Kind=vlan\nMTUBytes=1500\n\n[VLAN]\nId=2\nEgressQOSMaps=${Array.from({ length: 16 }, (_, one) => `${one}-3`).join(' ')}\n`,
    );
    expect(text('30-p9p1.network')).toContain('VLAN=p9p1.2');
    expect(text('30-p9p1.2.network')).toContain('Address=192.0.2.2/24');
    expect(text('samewire-adapters')).toContain('mlnx_qos -i p9p1 --pfc 0,0,0,1,0,0,0,0\n');
    expect(text('samewire-adapters')).not.toContain('ip link add');
    expect(text('samewire-adapters.service')).toContain('ExecStart=/usr/local/sbin/samewire-adapters');
  });

  it('keeps bonds, bridges and routes in those files', () => {
    const { files } = linux.emit(
      node(`    nics: { p1: {}, p2: {}, p3: {}, p4: { addresses: [192.0.2.4/24] } }
    teams: { bond0: { nics: [p1, p2], mode: active-backup, active: [p2], standby: [p1], failback: false } }
    virtualSwitches: { br0: { kind: bridge, uplinks: [p3], portGroups: { a: { vlan: 20 } } } }
    routes: [{ to: 0.0.0.0/0, via: 192.0.2.1 }, { to: 203.0.113.0/24, via: 198.51.100.1 }]
`),
    );
    const text = (path: string): string => files.find((file) => file.path.endsWith(path))!.text;
    expect(text('20-bond0.netdev')).toContain('[Bond]\nMode=active-backup\nMIIMonitorSec=100ms\nPrimaryReselectPolicy=failure\n');
    expect(text('30-p2.network')).toContain('Bond=bond0\nPrimarySlave=yes\n');
    expect(text('30-p1.network')).not.toContain('PrimarySlave');
    expect(text('30-p3.network')).toContain('Bridge=br0\n\n[BridgeVLAN]\nVLAN=20\n');
    expect(text('30-p4.network')).toContain('[Route]\nDestination=0.0.0.0/0\nGateway=192.0.2.1\n');
    // No interface has a network with that router: the script still types it.
    expect(text('samewire-adapters')).toContain('ip route add 203.0.113.0/24 via 198.51.100.1\n');
    expect(text('samewire-adapters')).not.toContain('192.0.2.1');
  });
});

describe('DCB of Linux', () => {
  it('is told by `dcb` where the adapter is not of Mellanox', () => {
    const one = node(`    nics:
      p1:
        dcb:
          pfc: [3, 4]
          dcbx: ieee
          agents: [os]
          willing: false
          classes: { 0: { priorities: [0, 1, 2, 5, 6, 7], bandwidth: 40 }, 3: { priorities: [3, 4], bandwidth: 60 } }
          applications: [{ protocol: roce-v2, priority: 3 }, { protocol: iscsi, priority: 4 }, { protocol: 'ethertype:0x8906', priority: 3 }, { protocol: default, priority: 0 }]
          dscp: { 26: 3 }
          trust: dscp
          buffers: { 1: { priorities: [3], reserved: 90000 } }
`);
    expect(commands(one).filter((line) => line.startsWith('dcb '))).toEqual([
      'dcb dcbx set dev p1 host ieee',
      'dcb ets set dev p1 willing off',
      'dcb ets set dev p1 tc-tsa 0:ets 3:ets tc-bw all:0 0:40 3:60 prio-tc 0:0 1:0 2:0 5:0 6:0 7:0 3:3 4:3',
      'dcb pfc set dev p1 prio-pfc all:off 3:on 4:on',
      ...['dgram-port-prio 4791:3', 'stream-port-prio 3260:4', 'ethtype-prio 0x8906:3', 'default-prio 0', 'dscp-prio 26:3'].map(
        (entry) => `dcb app replace dev p1 ${entry}`,
      ),
      'dcb buffer set dev p1 prio-buffer 3:1 buffer-size 1:90000b',
    ]);
    expect(unsaid(one)).toEqual(['nics.p1.dcb.trust', 'nics.p1.dcb.buffers.1.lossless']);
  });

  it('is told by `mlnx_qos` where it is', () => {
    const one = node(`    adapters: { cx4: { model: mellanox-connectx-4-lx-en, ports: [p1] } }
    nics: { p1: { dcb: { pfc: [3], trust: dscp, agents: [firmware] }, rdma: { kind: roce-v2, dscp: 26, ecn: true, priority: 3 } } }
`);
    expect(commands(one)).toEqual(
      expect.arrayContaining([
        'mlnx_qos -i p1 -d fw',
        'mlnx_qos -i p1 --pfc 0,0,0,1,0,0,0,0',
        'mlnx_qos -i p1 --trust dscp',
        'cma_roce_tos -d $(ls /sys/class/net/p1/device/infiniband) -t 106',
        'echo 1 > /sys/class/net/p1/ecn/roce_np/enable/3',
      ]),
    );
  });
});

describe('what Linux can not have', () => {
  it('is told with why', () => {
    const one =
      node(`    nics: { 'p1': { device: 'SLOT 4 Port 1', mtu: 9000 }, p2: { mtu: 9000 }, p3: {}, p4: {}, p5: {}, p6: { vlans: { 5: { mtu: 9000 } } } }
    teams:
      t1: { nics: [p2, p3], mode: lacp, mtu: 1500, failback: true }
      t2: { nics: [p4], mode: port-id }
      a-name-that-is-too-long: { nics: [p5] }
    virtualSwitches: { v1: { uplinks: [] }, br0: { kind: bridge, ports: 8 } }
    virtualNics: { k1: { virtualSwitch: v1, addresses: [192.0.2.1/24] } }
`);
    const keys = unsaid(one);
    for (const key of [
      'nics.p1.mtu',
      'nics.p2.mtu',
      'nics.p6.vlans.5.mtu',
      'teams.t1.failback',
      'teams.t2.mode',
      'teams.a-name-that-is-too-long.nics',
      'virtualSwitches.v1.kind',
      'virtualSwitches.br0.ports',
      'virtualNics.k1.addresses',
    ])
      expect(keys).toContain(key);
    expect(linux.emit(one).unsaid.every(({ why }) => why.length > 10)).toBe(true);
    const lines = commands(one);
    expect(lines.filter((line) => /p1 |t2|k1|v1|too-long|mtu 9000/.test(line))).toEqual([]);
  });

  it('is everything, where the host has another system', () => {
    const windows = declaredNode(
      parseFabric('version: 1\nname: x\nhosts: { w1: { os: windows, nics: { p1: { mtu: 9000 } } } }\n', 'x.yaml'),
      'w1',
    )!;
    expect(linux.emit(windows)).toMatchObject({ commands: [], unsaid: [{ why: 'The node has Windows.' }] });
  });

  it('never reaches a shell as something else', () => {
    const one = node(`    nics: { p1: { device: "p1;reboot" }, p2: {} }
    drivers: { mlx5_core: { prof_sel: "2'; reboot; '" } }
    virtualSwitches: { br0: { kind: bridge, portGroups: { 'a$(b)': { vlan: 5 } } } }
    virtualNics: { n1: { portGroup: 'a$(b)' } }
`);
    expect(commands(one).filter((line) => /reboot|a\$/.test(line))).toEqual([]);
  });
});

describe('ports that the system calls otherwise', () => {
  const one = node(`    nics:
      a: { device: ens1f0np0, mtu: 9000, vlans: { 2: {}, 1234: { egress: { 0: 3 } } } }
      b: { device: enp129s0f0np0, vlans: { 1234: {} } }
      c: { device: ens2f0 }
      d: {}
    teams: { bond0: { nics: [c, d], mode: lacp } }
`);

  it('are called so in commands and files, and are found again under their own names', () => {
    const lines = commands(one);
    expect(lines).toContain('ip link add link ens1f0np0 name ens1f0np0.1234 mtu 9000 type vlan id 1234 egress-qos-map 0:3');
    // A name has 15 characters at most.
    expect(lines).toContain('ip link add link enp129s0f0np0 name vlan1234 mtu 1500 type vlan id 1234');
    expect(lines).toContain('ip link set dev ens2f0 master bond0');
    expect(differences(one, read(lines.join('\n')))).toEqual([]);
    const changed = lines.join('\n').replace('egress-qos-map 0:3', 'egress-qos-map 0:4');
    expect(differences(one, read(changed)).map(({ kind }) => kind)).toEqual(['differs']);
  });
});

describe('lists of commands', () => {
  it('are read as people write them: with prompts, short words, in any order of options', () => {
    const text = `root@lin1:~# ip l set dev p1 mtu 9000 up
[root@lin1 ~]# sudo ip addr add 192.0.2.5/24 dev p1
$ ip a add 2001:db8::5/64 dev p1
# a comment
ip link add bond0 type bond mode 4 lacp_rate 1
ip link set p2 master bond0
ip route add default via 192.0.2.1
ip -6 route add default via 2001:db8::1
ethtool --pause p1 autoneg off rx on tx on
dcb app add dev p1 dgram-port-prio 4791:3 stream-port-prio 3260:4
ip addr show; reboot
`;
    expect(told(text).toSorted()).toEqual(
      [
        'nics.p1.mtu = 9000',
        'nics.p1.addresses = [192.0.2.5/24, 2001:db8::5/64]',
        'nics.p1.flowControl = both',
        'nics.p1.dcb.applications.iscsi = 4',
        'nics.p1.dcb.applications.roce-v2 = 3',
        'teams.bond0.nics = [p2]',
        'teams.bond0.mode = lacp',
        'teams.bond0.lacpRate = fast',
        'routes = [0.0.0.0/0 via 192.0.2.1, ::/0 via 2001:db8::1]',
      ].toSorted(),
    );
  });

  it('keep what nobody knows, with its line', () => {
    const { unknown } = read(
      'ip link set p1 mtu 9000\niptables -F\nip link set p1 promisc on\nethtool -C p1 rx-usecs 5\nip link add v0 type vxlan id 5\n',
    );
    expect(unknown.map(({ line }) => line).toSorted()).toEqual([2, 3, 4, 5]);
    expect(read('\n\nhello world\n').errors).toEqual([{ line: 3, message: expect.stringContaining('None of these lines') }]);
  });

  it('tell one word that was changed', () => {
    const one = node(GUIDE);
    const text = commands(one).join('\n');
    const found = (changed: string): string[] => differences(one, read(changed)).map(({ kind, key }) => `${kind} ${key}`);
    const always = found(text);
    expect(found(text.replace(' 7:3', ' 7:2')).filter((line) => !always.includes(line))).toEqual(['differs nics.p9p1.vlans.2.egress.7']);
    expect(found(text.replace('0,0,0,1', '0,0,1,1')).filter((line) => !always.includes(line))).toEqual(['differs nics.p9p1.dcb.pfc']);
    expect(found(text.replace('id 2 ', 'id 3 ')).filter((line) => !always.includes(line))).toContain('missing nics.p9p1.vlans.2.present');
  });
});
