/**
 * What `render --as linux` makes of a declared host is typed into a kernel, and the kernel's own `ip -j`, `bridge -j` and `tc -j` are compared with the
 * declaration: no difference; then one thing is changed by hand, and exactly that is found. Every verification command prints what it should.
 */
import { expect, it } from 'vitest';
import { parseFabric } from '../../src/fabric/load.ts';
import { declaredNode } from '../../src/vendor/core/declared.ts';
import { differences } from '../../src/vendor/core/diff.ts';
import type { DeclaredNode, Reading } from '../../src/vendor/core/dialect.ts';
import { keyText, valueText } from '../../src/vendor/core/setting.ts';
import { linux } from '../../src/vendor/linux/index.ts';
import { generateHost } from '../../src/vendor/testing/generate-host.ts';

/** Runs shell text in a network of its own, of which nothing is left afterwards. */
export interface Kernel {
  run(text: string): Promise<string>;
  close(): Promise<void>;
}

interface Example {
  readonly title: string;
  readonly host: string;
  /** By hand, and what is found then: kind and key, with what the kernel has. */
  readonly change: string;
  readonly finds: readonly string[];
}

const EGRESS = Array.from({ length: 16 }, (_, priority) => `${priority}: 3`).join(', ');
const bondOf = (mode: string, more = ''): string => `
    nics: { p1: { mtu: 9000 }, p2: { mtu: 9000 }, p3: {} }
    teams: { bond0: { nics: [p1, p2], mode: ${mode}${more}, addresses: [192.0.2.7/24] } }`;

const EXAMPLES: readonly Example[] = [
  {
    title: 'a VLAN in whose tags all priorities are 3, as a guide for RoCE has it',
    host: `
    nics: { p9p1: { mtu: 4200, mac: '02:00:00:00:00:01', vlans: { 2: { addresses: [192.0.2.2/24], egress: { ${EGRESS} } } } } }`,
    change: 'ip link set dev p9p1.2 type vlan egress-qos-map 5:1',
    finds: ['differs nics.p9p1.vlans.2.egress.5 = 1'],
  },
  {
    title: 'VLANs of different MTUs, priorities both ways, addresses of both families, routes',
    host: `
    nics:
      p1: { mtu: 9000, addresses: [198.51.100.2/24, '2001:db8:1::2/64', '2001:db8:2::2/64', 198.51.100.3/24],
            vlans: { 10: { mtu: 1500, egress: { 0: 1, 6: 7 }, ingress: { 5: 2 } }, 4094: { addresses: [203.0.113.2/24] } } }
      p2: {}
    routes: [{ to: 0.0.0.0/0, via: 203.0.113.1 }, { to: 192.0.2.0/24, via: 198.51.100.1 }, { to: '::/0', via: '2001:db8:1::1' }, { to: 192.0.2.77/32, via: 198.51.100.1 }]`,
    change: 'ip link set dev p1.10 mtu 1400',
    finds: ['differs nics.p1.vlans.10.mtu = 1400'],
  },
  {
    title: 'an address too many',
    host: `
    nics: { p1: { addresses: [192.0.2.2/24] } }`,
    change: 'ip address add 192.0.2.9/24 dev p1',
    finds: ['differs nics.p1.addresses = [192.0.2.2/24, 192.0.2.9/24]'],
  },
  {
    title: 'a VLAN that somebody took away',
    host: `
    nics: { p1: { vlans: { 2: {}, 3: { egress: { 0: 3 } } } } }`,
    change: 'ip link del dev p1.3',
    finds: ['missing nics.p1.vlans.3.present', 'missing nics.p1.vlans.3.mtu', 'missing nics.p1.vlans.3.egress.0'],
  },
  {
    title: 'a route by another router',
    host: `
    nics: { p1: { addresses: [192.0.2.2/24] } }
    routes: [{ to: 0.0.0.0/0, via: 192.0.2.1 }]`,
    change: 'ip route replace default via 192.0.2.254',
    finds: ['differs routes = [0.0.0.0/0 via 192.0.2.254]'],
  },
  {
    title: 'a bond with LACP and a VLAN on it',
    host: bondOf('lacp', ', lacpRate: fast, lacpActive: false, hash: layer3+4, mtu: 9000, vlans: { 30: { egress: { 0: 4 } } }'),
    change: 'ip link set dev bond0 type bond xmit_hash_policy layer2+3',
    finds: ['differs teams.bond0.hash = layer2+3'],
  },
  {
    title: 'a bond of one active port and one that stands by',
    host: bondOf('active-backup', ', active: [p2], standby: [p1], failback: false, detection: link, notifySwitches: false'),
    change: 'ip link set dev bond0 type bond primary p1',
    finds: ['differs teams.bond0.active = [p1]', 'differs teams.bond0.standby = [p2]'],
  },
  {
    title: 'a static bond',
    host: bondOf('static', ', hash: layer2+3'),
    change: 'ip link set dev p3 down; ip link set dev p3 master bond0',
    finds: ['differs nics.p3.mtu = 9000', 'differs teams.bond0.nics = [p1, p2, p3]'],
  },
  {
    title: 'a bond in turns',
    host: bondOf('round-robin'),
    change: 'ip link set dev bond0 mtu 1500',
    finds: ['differs nics.p1.mtu = 1500', 'differs nics.p2.mtu = 1500'],
  },
  {
    title: 'a bond that sends by load',
    host: bondOf('transmit-balance', ', mac: "02:00:00:00:00:07"'),
    change: 'ip link set dev bond0 address 02:00:00:00:00:08',
    finds: ['differs teams.bond0.mac = 02:00:00:00:00:08'],
  },
  {
    title: 'a bond that sends and receives by load',
    host: bondOf('smart-balance'),
    change:
      'ip link set dev bond0 down; ip link set dev p2 nomaster; ip link del dev bond0; ip link add bond0 type bond mode balance-tlb miimon 100; ip link set dev p1 down; ip link set dev p1 master bond0; ip link set dev p2 down; ip link set dev p2 master bond0; ip link set dev bond0 mtu 9000; ip address add 192.0.2.7/24 dev bond0',
    finds: ['differs teams.bond0.mode = transmit-balance'],
  },
  {
    title: 'a bridge with VLANs, over a bond, and the machine in two of them',
    host: `
    nics: { p1: {}, p2: {}, p3: {} }
    teams: { bond0: { nics: [p1, p2], mode: lacp } }
    virtualSwitches:
      br0: { kind: bridge, uplinks: [bond0], portGroups: { storage: { vlan: 20 }, guests: { trunk: [100-110, 120] }, office: { vlan: 0 } } }
      br1: { kind: bridge, uplinks: [p3], mtu: 1400 }
    virtualNics:
      st0: { portGroup: storage, addresses: [192.0.2.8/24], mac: '02:00:00:00:00:20' }
      mgmt0: { portGroup: office, addresses: [198.51.100.8/24] }`,
    change: 'bridge vlan del dev bond0 vid 105',
    finds: ['differs virtualSwitches.br0.carried.bond0.tagged = 20,100-104,106-110,120'],
  },
];

const nodeOf = (host: string): DeclaredNode => {
  const node = declaredNode(parseFabric(`version: 1\nname: kernel\nhosts:\n  lin1:\n    os: linux${host}\n`, 'kernel.yaml'), 'lin1')!;
  return node;
};

const SHOW = 'ip -j -d address show; ip -j route show; ip -j -6 route show; bridge -j vlan show; tc -j qdisc show';
const view = (text: string): Reading =>
  linux.outputs.find(({ name }) => name === 'ip -j -d address show')!.read(text, { file: 'kernel', port: undefined });

/** What was refused is not asked for. */
function compare(node: DeclaredNode, text: string): string[] {
  const refused = new Set(linux.emit(node).unsaid.map(({ setting }) => keyText(setting.key)));
  const reading = view(text);
  expect(reading.errors).toEqual([]);
  expect(reading.unknown).toEqual([]);
  const said = { ...node, settings: node.settings.filter(({ key }) => !refused.has(keyText(key))) };
  return differences(said, reading).map((one) =>
    one.kind === 'missing' ? `missing ${one.key}` : `${one.kind} ${one.key} = ${valueText(one.found.value)}`,
  );
}

const portsOf = ({ fabric }: DeclaredNode): readonly string[] => fabric.hosts[0]!.machine.nics.map(({ name }) => name);

/** Texts that stand in the output, in their order. */
function holdsInOrder(output: string, texts: readonly string[]): boolean {
  let at = 0;
  return texts.every((text) => {
    const found = output.indexOf(text, at);
    at = found + text.length;
    return found !== -1;
  });
}

/** What neither a dummy nor a kernel without servers around it has. */
const NOT_HERE = [
  'device',
  'speed',
  'flowControl',
  'hostDcb',
  'nicDcb',
  'rdma',
  'offloads',
  'encapsulationOverhead',
  'sriov',
  'dhcp',
  'autoconfigure',
  'drivers',
  'openVswitch',
  'iscsi',
] as const;
const GENERATED = [1, 2, 3, 4, 5, 6, 7, 8];

/** In a `describe`: `open` gives a network for one example. */
export function itIsInTheKernel(open: (index: number) => Promise<Kernel>): void {
  it.each(EXAMPLES.map((example, index) => ({ ...example, index })))(
    '$title',
    async ({ host, change, finds, index }) => {
      const node = nodeOf(host);
      const rendering = linux.emit(node);
      const kernel = await open(index);
      try {
        // Ports that are there before anybody configures them.
        await kernel.run(
          portsOf(node)
            .map((name) => `ip link add ${name} type dummy`)
            .join('\n'),
        );
        await kernel.run(rendering.commands.map(({ text }) => text).join('\n'));
        expect(compare(node, await kernel.run(SHOW))).toEqual([]);
        const outputs = (await kernel.run(rendering.verification.map(({ command }) => `${command}; echo '=== end'`).join('\n'))).split(
          '=== end\n',
        );
        for (const [number, { command, expect: texts }] of rendering.verification.entries())
          expect(holdsInOrder(outputs[number]!, texts) ? '' : `${command} has no ${texts.join(' ... ')}:\n${outputs[number]}`).toBe('');
        await kernel.run(change);
        expect(compare(node, await kernel.run(SHOW))).toEqual(finds);
      } finally {
        await kernel.close();
      }
    },
    120_000,
  );

  it.each(GENERATED)(
    'is there as declared: host %i of the generator',
    async (seed) => {
      const { node, replay } = generateHost(seed, 'linux', { without: NOT_HERE });
      const kernel = await open(EXAMPLES.length + seed);
      try {
        await kernel.run(
          portsOf(node)
            .map((name) => `ip link add ${name} type dummy`)
            .join('\n'),
        );
        await kernel.run(
          linux
            .emit(node)
            .commands.map(({ text }) => text)
            .join('\n'),
        );
        expect(compare(node, await kernel.run(SHOW)), replay).toEqual([]);
      } finally {
        await kernel.close();
      }
    },
    120_000,
  );

  it("reads the texts of /proc and of ethtool as it reads the kernel's JSON", async () => {
    const node = nodeOf(`
    nics: { p1: { offloads: { largeSend: false, largeReceive: true }, vlans: { 7: { egress: { 0: 3, 5: 1 }, ingress: { 2: 4 } } } }, p2: {}, p3: {} }
    teams: { bond0: { nics: [p2, p3], mode: active-backup, active: [p3] } }`);
    const kernel = await open(EXAMPLES.length);
    const reads = (kind: string, text: string, port: string): string[] => {
      const reading = linux.outputs.find(({ name }) => name === kind)!.read(text, { file: 'kernel', port });
      expect(reading.unknown).toEqual([]);
      return differences(node, reading).map(({ key }) => key);
    };
    try {
      await kernel.run('ip link add p1 type veth peer name other; ip link add p2 type dummy; ip link add p3 type dummy');
      await kernel.run(
        linux
          .emit(node)
          .commands.map(({ text }) => text)
          .join('\n'),
      );
      const proc = async (): Promise<string> => kernel.run('cat /proc/net/vlan/p1.7');
      expect(reads('/proc/net/vlan/INTERFACE', await proc(), 'p1.7')).toEqual([]);
      expect(reads('/proc/net/bonding/INTERFACE', await kernel.run('cat /proc/net/bonding/bond0'), 'bond0')).toEqual([]);
      expect(reads('ethtool -k PORT', await kernel.run('ethtool -k p1'), 'p1')).toEqual([]);
      await kernel.run(
        'ip link set dev p1.7 type vlan egress-qos-map 0:6; ethtool -K p1 tso on; ip link set dev bond0 type bond primary p2',
      );
      expect(reads('/proc/net/vlan/INTERFACE', await proc(), 'p1.7')).toEqual(['nics.p1.vlans.7.egress.0']);
      expect(reads('/proc/net/bonding/INTERFACE', await kernel.run('cat /proc/net/bonding/bond0'), 'bond0')).toEqual([
        'teams.bond0.active',
      ]);
      expect(reads('ethtool -k PORT', await kernel.run('ethtool -k p1'), 'p1')).toEqual(['nics.p1.offloads.largeSend']);
    } finally {
      await kernel.close();
    }
  }, 120_000);
}
