import { describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import type { Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { linux } from './index.ts';

const kindOf = (name: string) => linux.outputs.find((one) => one.name === name)!;
const read = (name: string, text: string, port?: string): Reading => kindOf(name).read(text, { file: 'lin1.txt', port });
const told = ({ settings }: Reading): string[] =>
  settings.filter(({ quiet }) => quiet !== true).map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);
const quietly = ({ settings }: Reading): string[] =>
  settings.filter(({ quiet }) => quiet === true).map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);
const unknown = ({ unknown: lines }: Reading): string[] => lines.map(({ line, text }) => `${line}: ${text.trim()}`);

const portWith = (members: string): string => `[{"ifname":"p1","flags":[],"mtu":1500,"link_type":"ether","min_mtu":68,${members}}]`;

/** Linux 6.1.0-56 of Debian 12 with iproute2 6.1, what says nothing here left out. */
const LINKS = `[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK"],"mtu":65536,"link_type":"loopback","address":"00:00:00:00:00:00","min_mtu":0,"max_mtu":0,"addr_info":[]},
{"ifindex":2,"ifname":"p1","flags":["BROADCAST","NOARP","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue","link_type":"ether","address":"82:9e:42:35:e3:1f","min_mtu":0,"max_mtu":0,"linkinfo":{"info_kind":"dummy"},"addr_info":[{"family":"inet6","local":"fe80::809e:42ff:fe35:e31f","prefixlen":64,"scope":"link","valid_life_time":4294967295}]},
{"ifindex":3,"ifname":"p2","flags":["BROADCAST","NOARP","SLAVE","UP","LOWER_UP"],"mtu":1500,"master":"bond0","link_type":"ether","address":"96:c8:da:9c:9e:ed","linkinfo":{"info_kind":"dummy","info_slave_kind":"bond","info_slave_data":{"state":"BACKUP","mii_status":"UP","link_failure_count":0,"perm_hwaddr":"96:c8:da:9c:9e:ee","queue_id":0,"prio":0}},"addr_info":[]},
{"ifindex":4,"ifname":"p3","flags":["BROADCAST","NOARP"],"mtu":1500,"master":"br0","link_type":"ether","address":"d6:d7:3a:f6:c4:41","linkinfo":{"info_kind":"dummy","info_slave_kind":"bridge","info_slave_data":{"state":"disabled","hold_timer":0.00}},"addr_info":[]},
{"ifindex":5,"link":"p1","ifname":"p1.2","flags":["BROADCAST","NOARP","UP","LOWER_UP"],"mtu":1500,"link_type":"ether","address":"82:9e:42:35:e3:1f","linkinfo":{"info_kind":"vlan","info_data":{"protocol":"802.1Q","id":2,"flags":["REORDER_HDR"],"ingress_qos":[{"from":3,"to":5}],"egress_qos":[{"from":0,"to":3},{"from":1,"to":3}]}},"addr_info":[{"family":"inet","local":"192.0.2.2","prefixlen":24,"scope":"global","label":"p1.2","valid_life_time":4294967295},{"family":"inet6","local":"fe80::809e:42ff:fe35:e31f","prefixlen":64,"scope":"link"}]},
{"ifindex":6,"ifname":"bond0","flags":["BROADCAST","MULTICAST","MASTER"],"mtu":1500,"link_type":"ether","address":"96:c8:da:9c:9e:ed","min_mtu":68,"max_mtu":65535,"linkinfo":{"info_kind":"bond","info_data":{"mode":"802.3ad","miimon":100,"arp_interval":0,"arp_validate":null,"primary_reselect":"always","fail_over_mac":"none","xmit_hash_policy":"layer3+4","num_peer_notif":1,"ad_lacp_active":"on","ad_lacp_rate":"fast"}},"addr_info":[]},
{"ifindex":7,"ifname":"br0","flags":["BROADCAST","MULTICAST"],"mtu":1500,"link_type":"ether","address":"d6:d7:3a:f6:c4:41","linkinfo":{"info_kind":"bridge","info_data":{"vlan_filtering":1,"vlan_protocol":"802.1Q","hello_timer":0.00}},"addr_info":[]}]
`;
const ROUTES = `[{"dst":"default","gateway":"192.0.2.1","dev":"p1.2","flags":[]},{"dst":"192.0.2.0/24","dev":"p1.2","protocol":"kernel","scope":"link","prefsrc":"192.0.2.2","flags":[]}]
[{"dst":"fe80::/64","dev":"p1","protocol":"kernel","metric":256,"flags":[],"pref":"medium"}]
`;
const BRIDGE = `[{"ifname":"p3","vlans":[{"vlan":1,"flags":["PVID","Egress Untagged"]},{"vlan":20},{"vlan":21},{"vlan":22}]},{"ifname":"br0","vlans":[{"vlan":1,"flags":["PVID","Egress Untagged"]}]}]
[{"ifindex":4,"ifname":"p3","flags":["BROADCAST","NOARP"],"mtu":1500,"master":"br0","state":"disabled","priority":32,"cost":100}]
`;
const QUEUES = '[{"kind":"noqueue","handle":"0:","dev":"p1","root":true,"refcnt":2,"options":{}}]\n';
const PROC_VLAN = `p1.2  VID: 2\t REORDER_HDR: 1  dev->priv_flags: 81021
         total frames received            0
          total bytes received            0
      Broadcast/Multicast Rcvd            0

      total frames transmitted            1
       total bytes transmitted           70
Device: p1
INGRESS priority mappings: 0:0  1:0  2:0  3:5  4:0  5:0  6:0 7:0
 EGRESS priority mappings: 0:3 1:3 
`;
/** As the Demartek RoCE Deployment Guide shows it: wrapped. */
const PROC_VLAN_OF_GUIDE = `#cat /proc/net/vlan/p9p1.2

p9p1.2 VID: 2
    total frames received      168
    total bytes received      9229
Broadcast/Multicast Rcvd      0

total frames transmitted      15
total bytes transmitted      942

Device: p9p1
INGRESS priority mappings: 0:0 1:0 2:0
3:0 4:0 5:0 6:0 7:0
EGRESS priority mappings: 0:3 1:3 2:3
3:3 4:3 5:3 6:3 7:3 8:3 9:3 10:3 11:3
12:3 13:3 14:3 15:3
`;

describe("the kernel's own view in JSON", () => {
  it('is what its interfaces, routes and VLANs are', () => {
    const reading = read('ip -j -d address show', LINKS + ROUTES + BRIDGE + QUEUES);
    expect(reading.errors).toEqual([]);
    expect(reading.unknown).toEqual([]);
    expect(told(reading).toSorted()).toEqual(
      [
        'nics.p1.mtu = 1500',
        'nics.p3.mtu = 1500',
        'nics.p1.vlans.2.present = true',
        'nics.p1.vlans.2.mtu = 1500',
        'nics.p1.vlans.2.addresses = [192.0.2.2/24]',
        'nics.p1.vlans.2.egress.0 = 3',
        'nics.p1.vlans.2.egress.1 = 3',
        'nics.p1.vlans.2.ingress.3 = 5',
        'teams.bond0.nics = [p2]',
        'teams.bond0.mode = lacp',
        'teams.bond0.hash = layer3+4',
        'teams.bond0.lacpRate = fast',
        'virtualSwitches.br0.kind = bridge',
        'virtualSwitches.br0.uplinks = [p3]',
        'virtualSwitches.br0.carried.p3.untagged = 1',
        'virtualSwitches.br0.carried.p3.tagged = 20-22',
        'routes = [0.0.0.0/0 via 192.0.2.1]',
      ].toSorted(),
    );
    // The address that it had before the bond gave it its own.
    expect(quietly(reading)).toEqual(expect.arrayContaining(['nics.p2.mac = 96:c8:da:9c:9e:ee', 'nics.p2.mtu = 1500']));
  });

  it('covers what is in it alone', () => {
    const covers = (text: string, key: string): boolean => read('ip -j -d address show', text).covers(key.split('.'));
    expect(covers(LINKS, 'nics.p1.addresses')).toBe(true);
    expect(covers(LINKS.replaceAll(/,"addr_info":\[[^\]]*\]/g, ''), 'nics.p1.addresses')).toBe(false);
    expect(covers(LINKS, 'routes')).toBe(false);
    expect(covers(LINKS + ROUTES, 'routes')).toBe(true);
    expect(covers(LINKS, 'nics.p1.dcb.pfc')).toBe(false);
    expect(covers(LINKS, 'nics.p1.vlans.2.egress.5')).toBe(true);
    expect(read('ip -j -d link show', LINKS).defaultOf(['nics', 'p1', 'vlans', '2', 'egress', '5'])).toBe(0);
  });

  it('is understood without `-d` as far as it goes', () => {
    const plain = LINKS.replaceAll(/,"linkinfo":\{.*?\},"addr_info"/g, ',"addr_info"')
      .replaceAll(/"m(?:in|ax)_mtu":\d+,?/g, '')
      .replaceAll(',,', ',')
      .replaceAll(',}', '}');
    const reading = read('ip -j -d address show', plain);
    expect(reading.errors).toEqual([]);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'nics.p1.vlans.2.addresses = [192.0.2.2/24]',
        'teams.bond0.nics = [p2]',
        'virtualSwitches.br0.uplinks = [p3]',
      ]),
    );
    expect(reading.covers(['teams', 'bond0', 'mode'])).toBe(false);
  });

  it('names interfaces of kinds that have no place', () => {
    // A device of the kind ifb, as Linux 6.18 prints it.
    const reading = read(
      'ip -j -d link show',
      '[\n{"ifname":"ifb7","flags":["BROADCAST","NOARP"],"mtu":1500,"link_type":"ether","address":"0e:d8:1e:32:c1:1b","min_mtu":0,"linkinfo":{"info_kind":"ifb"}}]',
    );
    expect(reading.unknown).toEqual([{ line: 2, text: 'ifb7', why: expect.stringContaining('`ifb`') }]);
    expect(
      told(
        read(
          'ip -j -d link show',
          '[{"ifname":"p1.5","link":"p1","mtu":1500,"flags":[],"link_type":"ether","linkinfo":{"info_kind":"vlan","info_data":{"protocol":"802.1ad","id":5}}}]',
        ),
      ),
    ).toEqual([]);
    expect(
      read('tc -j qdisc show', '[{"kind":"mqprio","handle":"8001:","dev":"p1","root":true,"options":{"tc":2}}]').unknown[0]!.text,
    ).toBe('mqprio at p1');
    expect(read('ip -j route show', '[{"dst":"192.0.2.9","dev":"p1","flags":[]}]').unknown[0]!.why).toContain('no router');
  });

  it('has virtual functions in both forms that iproute2 prints', () => {
    const newer =
      '"vfinfo_list":[{"vf":0,"link_type":"ether","address":"02:00:00:00:00:0a","vlan_list":[{"vlan":20,"qos":3}],"rate":{"max_tx":1000,"min_tx":0},"spoofchk":true,"link_state":"auto","trust":false},{"vf":1,"link_type":"ether","address":"00:00:00:00:00:00","vlan_list":[{}],"rate":{"max_tx":0,"min_tx":0},"spoofchk":false}]';
    const reading = read('ip -j -d link show', portWith(newer));
    expect(told(reading)).toEqual([
      'nics.p1.mtu = 1500',
      'nics.p1.sriov.functions = 2',
      ...['vlan = 20', 'priority = 3', 'maxRate = 1000000000'].map((one) => `nics.p1.sriov.each.0.${one}`),
    ]);
    expect(quietly(reading)).toEqual(
      expect.arrayContaining([
        'nics.p1.sriov.each.0.spoofCheck = true',
        'nics.p1.sriov.each.0.trust = false',
        'nics.p1.sriov.each.1.spoofCheck = false',
      ]),
    );
    expect(
      told(read('ip -j -d link show', portWith('"vfinfo_list":[{"vf":0,"mac":"aa:00:00:00:00:03","vlan":7,"qos":1,"spoofchk":true}]'))),
    ).toContain('nics.p1.sriov.each.0.vlan = 7');
  });
});

describe('/proc', () => {
  it('has the priorities of a VLAN, as the kernel writes them and as a guide wraps them', () => {
    expect(told(read('/proc/net/vlan/INTERFACE', PROC_VLAN))).toEqual([
      'nics.p1.vlans.2.present = true',
      'nics.p1.vlans.2.egress.0 = 3',
      'nics.p1.vlans.2.egress.1 = 3',
      'nics.p1.vlans.2.ingress.3 = 5',
    ]);
    const guide = read('/proc/net/vlan/INTERFACE', PROC_VLAN_OF_GUIDE);
    expect(told(guide)).toHaveLength(17);
    expect(told(guide)).toContain('nics.p9p1.vlans.2.egress.15 = 3');
    expect(unknown(guide)).toEqual(['1: #cat /proc/net/vlan/p9p1.2']);
  });

  it('has a bond, of old kernels too', () => {
    // Cumulus Linux User Guide, Bonding; and Linux 6.1.0-56.
    const old = `Ethernet Channel Bonding Driver: v3.7.1 (April 27, 2011)
Bonding Mode: load balancing (xor)
Transmit Hash Policy: layer3+4 (1)
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0


Slave Interface: swp1
MII Status: up
Speed: 1000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 44:38:39:00:00:03
Slave queue ID: 0
`;
    expect(told(read('/proc/net/bonding/INTERFACE', old, 'bond01'))).toEqual([
      'teams.bond01.nics = [swp1]',
      'teams.bond01.mode = static',
      'teams.bond01.hash = layer3+4',
    ]);
    expect(read('/proc/net/bonding/INTERFACE', old, 'bond01').unknown).toEqual([]);
    const lacp = `Ethernet Channel Bonding Driver: v6.1.0-56-amd64\n\nBonding Mode: IEEE 802.3ad Dynamic link aggregation\nTransmit Hash Policy: layer2 (0)\nMII Status: down\nMII Polling Interval (ms): 100\n\n802.3ad info\nLACP active: off\nLACP rate: fast\nMin links: 0\nbond bond0 has no active aggregator\n\nSlave Interface: p2\nAggregator ID: N/A\n`;
    expect(told(read('/proc/net/bonding/INTERFACE', lacp, 'bond0'))).toEqual([
      'teams.bond0.nics = [p2]',
      'teams.bond0.mode = lacp',
      'teams.bond0.lacpRate = fast',
      'teams.bond0.lacpActive = false',
    ]);
  });
});

/** HowTo of Mellanox, "mlnx_qos" (MLNX_OFED 4.2). */
const MLNX_QOS = `DCBX mode: OS controlled
Priority trust state: dscp
dscp2prio mapping:
prio:0 dscp:07,06,05,04,03,02,01,00,
prio:1 dscp:15,14,13,12,11,10,09,08,
prio:2 dscp:23,22,21,20,19,18,17,16,
prio:3 dscp:31,30,29,28,27,26,25,24,
prio:4 dscp:39,38,37,36,35,34,33,32,
prio:5 dscp:47,46,45,44,43,42,41,40,
prio:6 dscp:55,54,53,52,51,50,49,48,
prio:7 dscp:63,62,61,60,59,58,57,56,
Cable len: 10
PFC configuration:
priority 0 1 2 3 4 5 6 7
enabled 1 0 1 0 0 0 1 1

tc: 0 ratelimit: unlimited, tsa: ets, bw: 10%
priority: 1
tc: 1 ratelimit: unlimited, tsa: ets, bw: 10%
priority: 0
tc: 6 ratelimit: unlimited, tsa: strict
priority: 6
tc: 7 ratelimit: unlimited, tsa: ets, bw: 40%
priority: 7
`;

describe('mlnx_qos -i PORT', () => {
  it('is read: PFC, trust, classes; and what the adapter has by itself is quiet', () => {
    const reading = read('mlnx_qos -i PORT', MLNX_QOS, 'p9p1');
    expect(reading.errors).toEqual([]);
    expect(reading.unknown).toEqual([]);
    expect(told(reading)).toEqual([
      'nics.p9p1.dcb.trust = dscp',
      'nics.p9p1.dcb.pfc = [0, 2, 6, 7]',
      ...['0.priorities = [1]', '0.bandwidth = 10', '1.priorities = [0]', '1.bandwidth = 10', '7.priorities = [7]', '7.bandwidth = 40'].map(
        (one) => `nics.p9p1.dcb.classes.${one}`,
      ),
    ]);
    expect(quietly(reading)).toEqual([
      'nics.p9p1.dcb.agents = [os]',
      'nics.p9p1.dcb.classes.6.priorities = [6]',
      'nics.p9p1.dcb.classes.6.strict = true',
    ]);
  });

  it('of newer versions has buffers, too', () => {
    // A ConnectX-7 in an operator's report on GitHub; shortened.
    const text = `DCBX mode: OS controlled
Priority trust state: pcp
default priority:
Receive buffer size (bytes): 19872,220896,0,0,0,0,0,0,max_buffer_size=4151520
Cable len: 30
PFC configuration:
        priority    0   1   2   3   4   5   6   7
        enabled     0   0   0   0   0   1   0   0   
        buffer      0   0   0   0   0   1   0   0   
tc: 0 ratelimit: unlimited, tsa: ets, bw: 9%
         priority:  0
tc: 2 ratelimit: unlimited, tsa: vendor
         priority:  2
`;
    const reading = read('mlnx_qos -i PORT', text, 'ens4np0');
    expect(reading.unknown).toEqual([]);
    expect(told(reading)).toEqual(
      ['pfc = [5]', 'classes.0.priorities = [0]', 'classes.0.bandwidth = 9'].map((one) => `nics.ens4np0.dcb.${one}`),
    );
  });

  it('tells a DSCP that is somewhere else, a word that was changed, and a line that nobody knows', () => {
    const moved = MLNX_QOS.replace('26,25,24,', '25,24,').replace('prio:5 dscp:47', 'prio:5 dscp:26,47');
    expect(told(read('mlnx_qos -i PORT', moved, 'p1'))).toContain('nics.p1.dcb.dscp.26 = 5');
    expect(told(read('mlnx_qos -i PORT', MLNX_QOS.replace('enabled 1 0 1', 'enabled 0 0 1'), 'p1'))).toContain(
      'nics.p1.dcb.pfc = [2, 6, 7]',
    );
    expect(unknown(read('mlnx_qos -i PORT', `${MLNX_QOS}tc: 9 what\n`, 'p1'))).toEqual(['25: tc: 9 what']);
    expect(read('mlnx_qos -i PORT', MLNX_QOS).errors[0]!.message).toContain('name the port');
    expect(read('mlnx_qos -i PORT', 'hello', 'p1').errors).toHaveLength(1);
  });
});

describe('ethtool', () => {
  it('has pause frames, rings, queues, features and the speed', () => {
    // Of a commit message of the Linux kernel (qlge); of virtio and veth ports of Linux 6.1.
    const pause = 'Pause parameters for enp94s0f0:\nAutonegotiate:\toff\nRX:\t\ton\nTX:\t\toff\n\n';
    const rings =
      'Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t256\nRX Mini:\tn/a\nTX:\t\t256\nCurrent hardware settings:\nRX:\t\t128\nRX Mini:\tn/a\nTX:\t\t64\nRX Buf Len:\t\tn/a\n';
    const queues =
      'Channel parameters for v0:\nPre-set maximums:\nRX:\t\t2\nTX:\t\t2\nOther:\t\tn/a\nCombined:\tn/a\nCurrent hardware settings:\nRX:\t\t1\nTX:\t\t1\nOther:\t\tn/a\nCombined:\tn/a\n';
    const features =
      'Features for eth0:\nrx-checksumming: on [fixed]\ntx-checksumming: off\n\ttx-checksum-ipv4: off [fixed]\ntcp-segmentation-offload: off\ngeneric-receive-offload: on\nlarge-receive-offload: off [fixed]\n';
    const speed =
      'Settings for p1:\n\tSupported ports: [ FIBRE ]\n\tSupported link modes:   10000baseT/Full\n\t                        25000baseCR/Full\n\tSpeed: 25000Mb/s\n\tDuplex: Full\n';
    const reading = read('ethtool -a PORT', pause + rings + queues + features + speed);
    expect(reading.unknown).toEqual([]);
    expect(told(reading)).toEqual(['nics.enp94s0f0.flowControl = receive']);
    expect(quietly(reading)).toEqual([
      'nics.eth0.offloads.receiveBuffers = 128',
      'nics.eth0.offloads.sendBuffers = 64',
      'nics.v0.offloads.receiveQueues = 1',
      'nics.eth0.offloads.checksum = false',
      'nics.eth0.offloads.largeSend = false',
      'nics.eth0.offloads.largeReceive = true',
      'nics.p1.speed = 25000000000',
    ]);
    expect(reading.covers(['nics', 'enp94s0f0', 'flowControl'])).toBe(true);
    expect(reading.covers(['nics', 'p1', 'flowControl'])).toBe(false);
  });

  it('of something else is an error', () => {
    expect(read('ethtool -a PORT', 'Cannot get device pause settings').errors).toHaveLength(1);
    expect(read('ethtool -a PORT', 'Pause parameters for p1:\nAutonegotiate: on\n').errors[0]!.line).toBe(1);
  });
});

const dcbOf = (object: string, text: string): Reading => read(`dcb -j ${object} show dev PORT`, text, 'p1');

/** As dcb/dcb_*.c of iproute2 6.1 print them (dcb-app(8): DSCP 0 to priority 0, 24 to 3, 48 to 6). */
describe('dcb -j', () => {
  it('has PFC, classes, applications, DCBX and buffers', () => {
    expect(
      told(dcbOf('pfc', '{"pfc_cap":8,"macsec_bypass":false,"delay":0,"prio_pfc":[false,false,false,true,false,false,false,false]}')),
    ).toEqual(['nics.p1.dcb.pfc = [3]']);
    const ets = dcbOf(
      'ets',
      '{"willing":true,"ets_cap":8,"cbs":false,"tc_bw":[50,0,0,50,0,0,0,0],"tc_tsa":["ets","strict","strict","ets","strict","strict","strict","strict"],"prio_tc":[0,0,0,3,0,0,0,7]}',
    );
    expect(told(ets)).toEqual(
      ['0.priorities = [0, 1, 2, 4, 5, 6]', '0.bandwidth = 50', '3.priorities = [3]', '3.bandwidth = 50'].map(
        (one) => `nics.p1.dcb.classes.${one}`,
      ),
    );
    expect(quietly(ets)).toEqual([
      'nics.p1.dcb.willing = true',
      'nics.p1.dcb.classes.7.priorities = [7]',
      'nics.p1.dcb.classes.7.strict = true',
    ]);
    const app = dcbOf(
      'app',
      '{"ethtype_prio":[[35078,3]],"default_prio":[0],"dscp_prio":[[0,0],[24,3],[48,6]],"stream_port_prio":[[3260,4]],"dgram_port_prio":[[4791,3," "]]}',
    );
    expect(told(app).toSorted()).toEqual(
      [
        ...['default = 0', 'fcoe = 3', 'iscsi = 4', 'roce-v2 = 3'].map((one) => `nics.p1.dcb.applications.${one}`),
        ...['0 = 0', '24 = 3', '48 = 6'].map((one) => `nics.p1.dcb.dscp.${one}`),
      ].toSorted(),
    );
    expect(quietly(dcbOf('dcbx', '{"host":true,"ieee":true}'))).toEqual(['nics.p1.dcb.dcbx = ieee', 'nics.p1.dcb.agents = [os]']);
    expect(told(dcbOf('dcbx', '{"lld_managed":true,"cee":true}'))).toEqual(['nics.p1.dcb.dcbx = cee']);
    expect(
      quietly(dcbOf('buffer', '{"prio_buffer":[0,0,0,1,0,0,0,0],"buffer_size":[20480,90000,0,0,0,0,0,0],"total_size":131072}')),
    ).toContain('nics.p1.dcb.buffers.1.reserved = 90000');
  });

  it('names what has a name for a number', () => {
    expect(dcbOf('app', '{"dscp_prio":[["AF31",3]]}').unknown[0]!.why).toContain('dcb -N');
  });
});

describe('outputs of Linux', () => {
  const OUTPUTS: readonly (readonly [string, string])[] = [
    ['ip -j -d address show', LINKS],
    ['ip -j -d link show', LINKS.replaceAll(/,"addr_info":\[[^\]]*\]/g, '')],
    ['ip -j route show', ROUTES],
    ['bridge -j vlan show', BRIDGE],
    ['tc -j qdisc show', QUEUES],
    ['/proc/net/vlan/INTERFACE', PROC_VLAN],
    ['mlnx_qos -i PORT', MLNX_QOS],
    ['ethtool -a PORT', 'Pause parameters for p1:\nAutonegotiate: off\nRX: on\nTX: on\n'],
    ['dcb -j pfc show dev PORT', '{"pfc_cap":8,"prio_pfc":[false,true]}'],
    ['commands', 'ip link add link p1 name p1.2 type vlan id 2\nip link set p1.2 up\n'],
  ];

  it.each(OUTPUTS)('are recognised: %s', (name, text) => {
    const best = linux.outputs.map((kind) => [kind.recognise(text), kind.name] as const).toSorted(([one], [other]) => other - one);
    expect(best[0]).toEqual([1, name]);
    expect(best[1]![0]).toBeLessThan(1);
  });

  it.each(linux.outputs.map(({ name }) => name))('are errors with a line where they are none, and never more than that: %s', (name) => {
    for (const text of ['', 'hello', '{', '[1,', '[5]', '{"a":{"b":[]}}', '\u0000\u0007', 'a'.repeat(20_000), '['.repeat(1000)]) {
      const reading = read(name, text, 'p1');
      for (const { line } of reading.errors) expect(line).toBeGreaterThan(0);
      if (text === 'hello' || text === '{' || text === '[1,') expect(reading.errors.length + reading.unknown.length).toBeGreaterThan(0);
    }
  });

  it('survive whatever is done to them', () => {
    for (let seed = 1; seed <= 600; seed += 1) {
      const rng = seededRng(seed);
      const [name, text] = OUTPUTS[rng.uint32() % OUTPUTS.length]!;
      const at = rng.uint32() % text.length;
      const changed = text.slice(0, at) + '{}[]":,0n\n a'[rng.uint32() % 12]! + text.slice(at + (rng.uint32() % 30));
      expect(() => read(name, changed, 'p1'), `seed ${seed}: ${name}`).not.toThrow();
    }
  });
});
